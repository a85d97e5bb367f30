"""The calendar of a made-up organisation: weekdays, holidays by place, launches of surfaces."""

from __future__ import annotations

from datetime import date

import numpy as np

from uptake.fake.people import LOCATIONS, Floats

_WEEKDAYS = (0.97, 1.05, 1.05, 1.0, 0.85, 0.10, 0.08)
_HOLIDAY = 0.07
_YEAR_END = 0.35
_EVERYWHERE = frozenset({(1, 1), (12, 25), (12, 26)})
_BY_PLACE: dict[str, frozenset[tuple[int, int]]] = {
    "Berlin": frozenset({(5, 1), (10, 3), (12, 24), (12, 31)}),
    "London": frozenset({(5, 4), (8, 31), (12, 28)}),
    "New York": frozenset({(7, 3), (9, 7), (11, 26)}),
    "Bengaluru": frozenset({(1, 26), (8, 15), (10, 2)}),
    "São Paulo": frozenset({(4, 21), (9, 7), (11, 20)}),
}

DESIGN_DAY = date(2026, 6, 1)
WORD_AND_OUTLOOK_DAY = date(2026, 6, 15)
PLUGINS_DAY = date(2026, 7, 1)
SCIENCE_DAY = date(2026, 7, 6)
SLACK_DAY = date(2026, 7, 13)
ARTIFACTS_DAY = date(2026, 8, 17)
"""From this day on artifacts of Claude Code and Cowork are counted; before it they read zero (vendor's documentation)."""
UNIFIED_DAY = date(2026, 10, 5)
"""From this day on some members have chat and Cowork unified, and every row carries the block."""


def rhythm(day: date) -> Floats:
    """How much of a usual workday this day is, at each location."""
    factors = [_WEEKDAYS[day.weekday()] * _holiday(day, place) for place in LOCATIONS]
    return np.array(factors, dtype=np.float32)


def _holiday(day: date, place: str) -> float:
    at = (day.month, day.day)
    if at in _EVERYWHERE or at in _BY_PLACE[place]:
        return _HOLIDAY
    return _YEAR_END if at >= (12, 24) or at == (1, 2) else 1.0


def launched(day: date, launch: date, days: int = 60) -> float:
    """How far a surface has spread since its launch: 0 before it, 1 after `days`."""
    return min(1.0, max(0.0, ((day - launch).days + 1) / days))
