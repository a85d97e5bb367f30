"""Kaplan-Meier: how soon people start, counting those who have not started yet for as long as they could be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Step = tuple[int, int, int]
"""(days, people with the event on it, people seen until it: events and those lost from sight)."""


def curve(steps: Iterable[Step]) -> list[tuple[int, float]]:
    """(days, share still without the event) after each day with one; 1 before the first."""
    ordered = sorted(steps)
    at_risk, left, found = sum(gone for _, _, gone in ordered), 1.0, []
    for day, events, gone in ordered:
        left *= 1 - events / at_risk
        at_risk -= gone
        found.append((day, left))
    return found


def started_by(steps: Sequence[Step], day: int) -> float | None:
    """The share with the event by the day; None where nobody was seen for so long."""
    known = curve(steps)
    if not known or (known[-1][0] < day and known[-1][1] > 0):
        return None
    return 1 - next((left for at, left in reversed(known) if at <= day), 1.0)


def median(steps: Sequence[Step]) -> int | None:
    """The first day by which half have had the event; None where it was not reached."""
    return next((day for day, left in curve(steps) if left <= 0.5 + 1e-9), None)


def seen(steps: Iterable[Step]) -> int:
    return sum(gone for _, _, gone in steps)
