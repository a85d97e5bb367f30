"""Which rows an answer has: the days, weeks, four weeks, surfaces or the one window a question means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from uptake.domain.days import FLOOR_DAY, day_no, from_day_no, monday, span
from uptake.domain.problems import Problem
from uptake.metrics.activity import SURFACES
from uptake.metrics.freshness import Calendar
from uptake.metrics.question import By, Question
from uptake.metrics.windows import TRAILING

_FOUR_WEEKS = timedelta(days=TRAILING - 1)


@dataclass(frozen=True, slots=True)
class Span:
    """One row: its key and its days, both included. `surface` is its place in SURFACES."""

    key: str | None
    since: date
    until: date
    surface: int | None = None
    by: By | None = None
    compare: bool = False
    asked: date | None = None  # the last day asked for, where the row's own window ends earlier

    @property
    def latest(self) -> date:
        return self.asked or self.until


def spans(question: Question, trailing_only: bool, days: Calendar, anchor: date | None, today: date) -> list[Span]:
    """The rows of a question, oldest first. Raises Problem where the days make no sense.

    Weeks are always whole: a week cut by `since` or `until` would be another window, and their difference a new figure.
    """
    since, until = limits(question, trailing_only, days, anchor, today)
    by = question.by
    if by == "day":
        return [Span(day.isoformat(), day, day, by=by) for day in span(since, until)]
    if by == "week":
        mondays = span(monday(since), until)[::7]
        return [Span(day.isoformat(), day, day + timedelta(days=6), by=by) for day in mondays]
    if by == "28d":
        opens = from_day_no(day_no(since) // TRAILING * TRAILING)
        return [
            Span(day.isoformat(), day, day + _FOUR_WEEKS, None, by, question.compare)
            for day in span(opens, until)[::TRAILING]
        ]
    if by == "surface":
        asked = min(question.until or days.through or today, today)
        return [Span(name, until - _FOUR_WEEKS, until, place, by, asked=asked) for place, name in enumerate(SURFACES)]
    return [Span(None, since, until, by=by, compare=question.compare)]


def limits(
    question: Question, trailing_only: bool, days: Calendar, anchor: date | None, today: date
) -> tuple[date, date]:
    """The first and last day meant: what is held where nothing is said, never after today or before the vendor's first.

    Surfaces are counted in windows that do not overlap: the 28 days to `anchor`, to the 28th day before it, and so on.
    """
    since, until = question.since, question.until
    if since is not None and until is not None and since > until:
        raise Problem(f"The first day, {since}, is after the last, {until}.", "Swap them, or leave one out.")
    if since is not None and since > today:
        raise Problem(f"{since} is in the future.", "Ask for days up to today.")
    last = min(until or days.through or today, today)
    if until is None and since is not None:
        last = max(last, since)
    last = max(last, FLOOR_DAY)
    if question.by == "surface" and anchor is not None:
        last = min(last, anchor)
        last -= timedelta(days=(last - anchor).days % TRAILING)
    if trailing_only or question.by == "surface":
        return last - _FOUR_WEEKS, last
    return min(max(since or days.first or last, FLOOR_DAY), last), last
