"""How the days are packed into cache files: closed tiles of four weeks, and the weeks of the last 35 days. Pure.

A chunk's name is the hash of what it was made from, so a file with the right name is the right file. No week is ever
cut in two: what is kept of a member's week is one row of one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from uptake.domain.days import day_no, from_day_no, monday

RECENT_DAYS = 35
TILE_DAYS = 28
"""Fixed four weeks, counted from our Monday: 28 days always hold 20 weekdays."""

FORMAT = 3
"""Part of every name: raise it when what a cache file holds changes."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Days of one connection that share a cache file: (day, content hash), oldest first."""

    connection: str
    period: str  # "2026-11-02" for the week from that Monday, "2026-11-02-4w" for the tile
    days: tuple[tuple[date, str], ...]

    @property
    def name(self) -> str:
        return (
            named(f"{self.connection}-{self.period}", *(f"{day} {content}" for day, content in self.days)) + ".duckdb"
        )

    @property
    def weeks(self) -> tuple[int, int]:
        """The first and last week number of its days; it has some."""
        return day_no(self.days[0][0]) // 7, day_no(self.days[-1][0]) // 7

    def without(self, days: frozenset[date]) -> Chunk:
        return Chunk(self.connection, self.period, tuple(known for known in self.days if known[0] not in days))


def chunks(connection: str, held: Mapping[date, str]) -> list[Chunk]:
    """The chunks of a connection's days (day to content hash), oldest first."""
    if not held:
        return []
    closed_before = monday(max(held) - timedelta(days=RECENT_DAYS - 1))
    periods: dict[str, list[tuple[date, str]]] = {}
    for day in sorted(held):
        period = f"{_tile(day)}-4w" if day < closed_before else monday(day).isoformat()
        periods.setdefault(period, []).append((day, held[day]))
    return [Chunk(connection, period, tuple(days)) for period, days in periods.items()]


def _tile(day: date) -> date:
    """The Monday of the fixed four weeks that hold the day."""
    return from_day_no(day_no(day) // TILE_DAYS * TILE_DAYS)


def named(stem: str, *made_from: str) -> str:
    """A file name, without its ending, that stands for exactly what the file is made from."""
    digest = hashlib.sha256("\0".join((str(FORMAT), *made_from)).encode()).hexdigest()[:20]
    return f"{stem}-{digest}"
