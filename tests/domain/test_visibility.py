"""The visibility policy: every policy × role × relation, written out; the preset cannot be weakened bit by bit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from uptake.domain.access import Role
from uptake.domain.problems import Refused
from uptake.domain.visibility import STRICT, Named, Policy, Relation, at_least_as_strict, checked, sees_named

C, H, I, M, E, A = Role  # noqa: E741

SEEN: dict[Named, set[tuple[Role, Relation]]] = {
    Named.NOBODY: set(),
    Named.HR: {(C, Relation.REPORT), (C, Relation.OTHER), (H, Relation.REPORT), (H, Relation.OTHER)},
    Named.MANAGERS: {
        (C, Relation.REPORT), (C, Relation.OTHER), (H, Relation.REPORT), (H, Relation.OTHER), (M, Relation.REPORT),
    },
}  # fmt: skip


@pytest.mark.parametrize(("named", "role", "relation"), list(product(Named, Role, Relation)))
def test_who_sees_a_named_person(named: Named, role: Role, relation: Relation) -> None:
    expected = relation is Relation.SELF or (role, relation) in SEEN[named]
    assert sees_named(Policy(named=named), role, relation) is expected


def test_nobody_sees_another_person_unless_somebody_decides_so() -> None:
    assert Policy().named is Named.NOBODY


@pytest.mark.parametrize(
    "weaker",
    [
        {"named": Named.HR}, {"named": Named.MANAGERS}, {"threshold": 9}, {"person_exports": True}, {"person_days": 185},
        {"runs": 185},
    ],
)  # fmt: skip
def test_the_preset_is_not_weakened_while_it_is_on(weaker: dict[str, object]) -> None:
    with pytest.raises(Refused):
        checked(replace(STRICT, **weaker))  # type: ignore[arg-type]
    assert not at_least_as_strict(replace(STRICT, **weaker), STRICT)  # type: ignore[arg-type]


@pytest.mark.parametrize("stricter", [{"threshold": 12}, {"person_days": 35}, {}])
def test_it_may_be_stricter(stricter: dict[str, int]) -> None:
    assert checked(replace(STRICT, **stricter)) == replace(STRICT, **stricter)


@pytest.mark.parametrize(
    "out", [{"threshold": 4}, {"threshold": 51}, {"threshold": 0}, {"person_days": 34}, {"runs": 5000}, {"audit": 30}]
)
def test_numbers_have_limits(out: dict[str, int]) -> None:
    with pytest.raises(Refused):
        checked(replace(Policy(), **out))
