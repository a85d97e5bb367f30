"""How the days are packed into cache files: closed months, and the weeks of the last 35 days. Pure.

A chunk's name is the hash of what it was made from, so a file with the right name is the right file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from uptake.domain.days import monday

RECENT_DAYS = 35
FORMAT = 1
"""Part of every name: raise it when what a cache file holds changes."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Days of one connection that share a cache file: (day, content hash), oldest first."""

    connection: str
    period: str  # "2026-09" for a month, "2026-11-02" for the week from that Monday
    days: tuple[tuple[date, str], ...]

    @property
    def name(self) -> str:
        return (
            named(f"{self.connection}-{self.period}", *(f"{day} {content}" for day, content in self.days)) + ".duckdb"
        )

    def without(self, days: frozenset[date]) -> Chunk:
        return Chunk(self.connection, self.period, tuple(known for known in self.days if known[0] not in days))


def chunks(connection: str, held: Mapping[date, str]) -> list[Chunk]:
    """The chunks of a connection's days (day to content hash), oldest first."""
    if not held:
        return []
    closed_before = monday(max(held) - timedelta(days=RECENT_DAYS - 1))
    periods: dict[str, list[tuple[date, str]]] = {}
    for day in sorted(held):
        period = f"{day:%Y-%m}" if day < closed_before else monday(day).isoformat()
        periods.setdefault(period, []).append((day, held[day]))
    return [Chunk(connection, period, tuple(days)) for period, days in periods.items()]


def named(stem: str, *made_from: str) -> str:
    """A file name, without its ending, that stands for exactly what the file is made from."""
    digest = hashlib.sha256("\0".join((str(FORMAT), *made_from)).encode()).hexdigest()[:20]
    return f"{stem}-{digest}"
