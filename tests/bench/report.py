"""What a section of the benchmarks gives back: tables of text, notes, and figures with what they are to reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a head. The first column is the name of the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its name for --only, its title, tables, and sentences that say how it was measured."""

    name: str
    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and the most (or, with `at_least`, the least) it may be; `limit` None: told for comparison."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def reached(self) -> bool | None:
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> tuple[str, str, str, str]:
        to_reach = "" if self.limit is None else f"{'≥' if self.at_least else '≤'} {amount(self.limit, self.unit)}"
        mark = {None: "", True: "yes", False: "**no**"}[self.reached]
        return self.what, amount(self.value, self.unit), to_reach, mark


def figures(found: Iterable[Figure]) -> Table:
    """Figures as a table."""
    return Table(("figure", "measured", "to reach", "reached"), tuple(figure.row() for figure in found))


def amount(value: float, unit: str) -> str:
    """A number with about three digits and its unit: 12,345 rows · 7.65 µs."""
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()
