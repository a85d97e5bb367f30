"""Days: UTC dates, the vendor's first day, windows of settling and backfill. Nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

FLOOR_DAY = date(2026, 1, 1)
"""No analytics exist before this day (Anthropic's documentation)."""

SETTLING_DAYS = 7
"""A served day still moves by a few percent; it is read again while it is one of the newest seven."""

ONE_DAY = timedelta(days=1)
EPOCH_MONDAY = date(2026, 1, 5)
"""Day 0 of the calendar integers: day_no, week_no = day_no // 7, tile_no = day_no // 28."""


def span(first: date, last: date) -> list[date]:
    """The days from first to last, both included; none if last is before first."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def newest_first(days: Iterator[date] | list[date] | set[date]) -> list[date]:
    return sorted(days, reverse=True)


def settling_since(newest: date) -> date:
    """The first day that may still be revised, when `newest` is the newest day served."""
    return max(FLOOR_DAY, newest - timedelta(days=SETTLING_DAYS - 1))


def day_no(day: date) -> int:
    return (day - EPOCH_MONDAY).days


def from_day_no(number: int) -> date:
    return EPOCH_MONDAY + timedelta(days=number)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
