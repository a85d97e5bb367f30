"""When a digest is due, and of which days: pure rules. A week ends on Sunday, a month with its last day, in UTC."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from uptake.domain.days import ONE_DAY, monday, span

_FROM_HOUR = 6
"""UTC: nobody's phone tells of it at night in Europe, and it is there when America gets up."""
_WEDNESDAY = 2
_LATEST_OF_MONTH = 15
BACK_OFF = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MOST_TRIES = len(BACK_OFF)


class Cadence(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Period:
    """The days a digest is about, both included. `key` names it: 2026-W47 or 2026-11."""

    cadence: Cadence
    key: str
    since: date
    until: date

    def missing(self, held: Collection[date]) -> tuple[date, ...]:
        """The days of it that are not held, oldest first."""
        return tuple(day for day in span(self.since, self.until) if day not in held)


def week_before(today: date) -> Period:
    """The newest week that is over."""
    first = monday(today) - timedelta(days=7)
    year, week, _ = first.isocalendar()
    return Period(Cadence.WEEKLY, f"{year}-W{week:02}", first, first + timedelta(days=6))


def month_before(today: date) -> Period:
    """The newest month that is over."""
    return month_of(today.replace(day=1) - ONE_DAY)


def month_of(day: date) -> Period:
    """The month that a day is in."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - ONE_DAY
    return Period(Cadence.MONTHLY, f"{first:%Y-%m}", first, last)


def newest(cadence: Cadence, today: date) -> Period | None:
    """The newest period that is over; None for whoever wants none."""
    return {Cadence.WEEKLY: week_before, Cadence.MONTHLY: month_before}[cadence](today) if cadence != "off" else None


def due(cadence: Cadence, now: datetime, held: Collection[date]) -> Period | None:
    """The period whose digest goes out now: once its days are all held, or when waiting any longer helps nobody.

    A week from Monday on, at the latest on Wednesday; a month on a Monday, at the latest on the first after the 15th. A
    day that went by while nothing ran is made up for on the next one (a week's) or the next Monday (a month's).
    """
    period = newest(cadence, now.date())
    if period is None or now.hour < _FROM_HOUR:
        return None
    late = now.weekday() >= _WEDNESDAY if cadence == Cadence.WEEKLY else now.day >= _LATEST_OF_MONTH
    right_day = cadence == Cadence.WEEKLY or now.weekday() == 0
    return period if right_day and (late or not period.missing(held)) else None


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries that failed; None: no more."""
    return now + BACK_OFF[tries - 1] if tries < MOST_TRIES else None
