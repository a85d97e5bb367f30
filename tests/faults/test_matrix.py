"""The fault matrix, row by row: each case is played, its expectation checked, healed, and checked again."""

from __future__ import annotations

import pytest

from faults.matrix import Case, Row, rows


def _cases() -> list[object]:
    return [
        pytest.param(row, case, id=f"{row.id}-{case.name}", marks=_marks(case)) for row in rows() for case in row.cases
    ]


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    marks = [] if case.everyday else [pytest.mark.full]
    return [*marks, pytest.mark.django_db] if case.ground == "flat" else marks


@pytest.mark.parametrize(("row", "case"), _cases())
def test_a_fault_of_the_matrix(row: Row, case: Case, request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(("fault", [row.id, case.name]))
    if case.skip:
        pytest.skip(case.skip)
    case.run(request.getfixturevalue(case.ground))
