"""The ladder from seat to core as counts, and the states of use between its rungs. From released cells alone. Pure.

A state is the difference of two rungs that are shown, so it tells nothing they do not. Each rung is rounded by itself: a
state smaller than the threshold is only known to be so.
"""

from __future__ import annotations

from dataclasses import dataclass

from uptake.metrics.question import Cell, Row
from uptake.metrics.rounding import people

LADDER = ("ever_used", "seat_utilisation", "habitual_of_seats", "core_of_seats")
NAMES = ("Ever used", "Active in four weeks", "Habitual", "Core")
STATES = ("Core", "Habitual", "Occasional", "Dormant", "Never used")


@dataclass(frozen=True, slots=True)
class Rung:
    """`people` is None where `cell` says why; `of_before` is the share of the rung before it that is known."""

    name: str
    people: int | None
    of_before: float | None
    cell: Cell
    above: str = ""  # the rung it is a share of


@dataclass(frozen=True, slots=True)
class Part:
    """A state of use: where it begins and ends among the seats, and how many people that is; None: fewer than the threshold."""

    name: str
    start: int
    end: int
    people: int | None


def seats(row: Row) -> int | None:
    """All seat holders of the window's last day."""
    found = (row.cells[metric].denominator for metric in LADDER)
    return next((int(one) for one in found if one is not None), None)


def rungs(row: Row, coverage: Cell | None = None) -> tuple[Rung, ...]:
    """From employees, where that is known, to the core."""
    found: list[Rung] = []
    if coverage is not None and coverage.denominator is not None:
        found.append(Rung("Employees", int(coverage.denominator), None, coverage))
    held = seats(row)
    if held is not None:  # some of them are no employees: they are no share of the bar above
        found.append(Rung("Seat holders", held, None, Cell("value", held)))
    for metric, name in zip(LADDER, NAMES, strict=True):
        cell = row.cells[metric]
        known = None if cell.numerator is None else int(cell.numerator)
        before = next((one for one in reversed(found) if one.people is not None), None)
        share = min(1.0, known / before.people) if known is not None and before and before.people else None
        found.append(Rung(name, known, share, cell, before.name if before and share is not None else ""))
    return tuple(found)


def parts(row: Row, k: int) -> tuple[Part, ...]:
    """The states of use from the core up; nothing where use is not shown. What is not known yet is in the state around it."""
    held, used, active, habitual, core = (seats(row), *(_count(row.cells[metric]) for metric in LADDER))
    if held is None or used is None or active is None or habitual is None:
        return ()
    edges = [edge for edge in (core, habitual, active, used, held) if edge is not None]
    names = STATES if core is not None else STATES[1:]
    start, found = 0, []
    for name, edge in zip(names, edges, strict=True):
        end = max(edge, start)
        found.append(Part(name, start, end, _between(end - start, k)))
        start = end
    return tuple(found)


def _count(cell: Cell) -> int | None:
    return None if cell.numerator is None else int(cell.numerator)


def _between(size: int, k: int) -> int | None:
    """Two rounded counts that are equal leave fewer than k people between them, not nobody."""
    return size if k == 1 else people(size, k) or None
