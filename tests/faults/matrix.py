"""The fault matrix as one table: a row a fault, its injection, what is expected, and the cases that are really played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Ground = Literal["flat", "house", "site"]
"""Where a case is played: within this process against the made-up organisation, by commands of their own, or in a
home that is killed at a chosen call."""


@dataclass(frozen=True)
class Case:
    """One way to inject a fault. `run` gets its ground and asserts the expectation; `skip` says why it cannot here."""

    name: str
    run: Callable[[Any], None]
    ground: Ground = "flat"
    everyday: bool = False
    skip: str = ""


@dataclass(frozen=True)
class Row:
    """One fault of the matrix. It passes where all its cases do."""

    id: str
    fault: str
    injection: str
    expected: str
    cases: tuple[Case, ...]


def rows() -> tuple[Row, ...]:
    """F01 to F76, in order."""
    from faults import (
        matrix_clock,
        matrix_data,
        matrix_disk,
        matrix_paging,
        matrix_process,
        matrix_roster,
        matrix_status,
        matrix_transport,
    )

    parts = (
        matrix_transport, matrix_status, matrix_paging, matrix_data, matrix_roster, matrix_process, matrix_disk, matrix_clock,
    )  # fmt: skip
    return tuple(row for part in parts for row in part.ROWS)
