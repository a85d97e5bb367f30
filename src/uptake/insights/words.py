"""How figures and days read in a sentence of a finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

_BANDS = (5, 10, 20, 50, 100, 250, 500, 1000, 5000)


def day(value: date) -> str:
    """19 Nov"""
    return f"{value.day} {value:%b}"


def days(found: Sequence[date]) -> str:
    """5 Nov, 7 Nov to 9 Nov"""
    runs: list[list[date]] = []
    for one in sorted(found):
        if runs and one - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(day(run[0]) if len(run) == 1 else f"{day(run[0])} to {day(run[-1])}" for run in runs)


def band(people: int) -> str:
    """How many people, no finer than anybody who works there knows: 20 to 49."""
    low = max((step for step in _BANDS if step <= people), default=0)
    high = next((step for step in _BANDS if step > people), None)
    return f"{low:,} to {high - 1:,}" if high else f"{low:,} and more"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
