"""How dates, durations and numbers read on a page. Pure: the clock is an argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

DASH = "–"  # not collected; not yet available stays blank


def day(value: date) -> str:
    """19 Nov"""
    return f"{value.day} {value:%b}"


def day_and_year(value: date) -> str:
    """19 Nov 2026"""
    return f"{value.day} {value:%b %Y}"


def weekday(value: date) -> str:
    """Thu 19 Nov 2026"""
    return f"{value:%a} {day_and_year(value)}"


def moment(value: datetime) -> str:
    """19 Nov 2026, 14:02 UTC"""
    return f"{day_and_year(value.date())}, {value:%H:%M} UTC"


def number(value: float) -> str:
    """1,240 for counts; one decimal for anything that is not whole."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(share: float) -> str:
    """52 % of 0.52; never 0 % or 100 % for something in between."""
    points = share * 100
    if 0 < points < 1:
        return "< 1 %"
    if 99 < points < 100:
        return "> 99 %"
    return f"{points:.0f} %"


def plural(count: int, one: str, many: str = "") -> str:
    """1 day, 2 days."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def people(count: int) -> str:
    """1 person, 2 people."""
    return plural(count, "person", "people")


def duration(length: timedelta) -> str:
    """In words, in the largest unit that fits: 2 hours, 3 days."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return plural(round(seconds / size), unit)
    return plural(max(seconds, 0), "second")


def ago(value: datetime, now: datetime) -> str:
    """2 hours ago; "just now" below ten seconds; "in 2 hours" for what is to come."""
    passed = now - value
    if passed < timedelta(seconds=-10):
        return f"in {duration(-passed)}"
    return "just now" if passed < timedelta(seconds=10) else f"{duration(passed)} ago"


def listed(parts: list[str] | tuple[str, ...]) -> str:
    """a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def money(amount: Decimal) -> str:
    """An amount in whole units, as budgets have it."""
    return f"{amount:,.0f}"
