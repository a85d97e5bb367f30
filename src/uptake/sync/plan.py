"""The plan: which days to ask for. Pure. It follows from the days held and the days that may still be revised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from uptake.domain.days import FLOOR_DAY, ONE_DAY, newest_first, settling_since, span

LONGEST_LAG = timedelta(days=4)
"""The longest lag known in the field. Summaries older than that do not tell what usage is available."""

NIGHTLY_DAYS = 14
WEEKLY_DAYS = 31
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """What is known before planning: the newest day the vendor serves, the backfill setting, the vendor's own floor."""

    newest: date
    backfill_days: int
    oldest_available: date | None = None

    def first(self, held: Collection[date]) -> date:
        """The first day wanted: the backfill's, or the oldest held if that lies further back; never below the floor.

        A newest day that retreats does not make the backfill reach further back.
        """
        backfill = max([self.newest, *held]) - timedelta(days=min(self.backfill_days, 10_000) - 1)
        first = min([backfill, *held])
        return max(FLOOR_DAY, first, self.oldest_available or FLOOR_DAY)


def days_to_fetch(window: Window, held: Collection[date], again: Collection[date] = ()) -> list[date]:
    """Missing days, days still settling and those to be read `again` (held back, or due), newest first; nothing else."""
    since = settling_since(window.newest)
    days = span(window.first(held), window.newest)
    return newest_first([day for day in days if day not in held or day >= since or day in again])


def due_again(newest: date, read_at: Mapping[date, datetime], now: datetime) -> set[date]:
    """Days that settled but may still move: 14 days back once a UTC day, 31 days back once a week.

    `read_at` is when each day held was last read. A day whose last reading came before it had settled is due
    however old it is: this machine slept meanwhile.
    """
    return {day for day, at in read_at.items() if day <= newest and _due(day, (newest - day).days, at, now)}


def _due(day: date, age: int, read_at: datetime, now: datetime) -> bool:
    # A reading in the future tells of a clock that was wrong: it counts as none.
    if age < NIGHTLY_DAYS:
        return read_at.date() != now.date()
    if age < WEEKLY_DAYS:
        return not timedelta() <= now - read_at < _A_WEEK
    return read_at.date() < day + timedelta(days=NIGHTLY_DAYS)


def missing_days(window: Window, held: Collection[date]) -> list[date]:
    """The days of the window that are not held, oldest first."""
    return [day for day in span(window.first(held), window.newest) if day not in held]


def first_guess(summaries_newest: date | None, watermark: date | None, today: date) -> date:
    """The day to ask usage for first. What an endpoint itself said comes before any assumption about lag.

    Where neither summaries nor an earlier answer tell, yesterday: a 400 then names the newest day.
    """
    known = max((day for day in (summaries_newest, watermark) if day is not None), default=None)
    if known is None or known < today - LONGEST_LAG:
        return today - ONE_DAY
    return min(known, today - ONE_DAY)


def summaries_from(newest_held: date | None, held: Collection[date], backfill_days: int, today: date) -> date:
    """The first day to ask the vendor's own figures for, at most 31 days back (the endpoint's longest range)."""
    farthest = max(FLOOR_DAY, today - timedelta(days=31))
    if newest_held is None or len(held) < min(backfill_days, 24):
        return farthest
    return max(farthest, settling_since(newest_held))
