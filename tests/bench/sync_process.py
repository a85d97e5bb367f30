"""A whole `uptake sync` as a user starts it, against the made-up organisation in another process.

CPU includes the start of the program; requests are those the other side saw.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.company import SEED, Company
from tests.bench.processes import Spent, measured
from tests.bench.report import Figure, Section, figures
from tests.house import UPTAKE, House
from uptake.fake import Organisation
from uptake.lake import Lake

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Sync:
    """What one sync took, beside what it needs."""

    spent: Spent
    member_days: int
    requests: int
    needed: int


def measure(members: int = 100_000, days: int = 3, day_rows: int = 100_000) -> Section:
    """A first sync of an organisation of `members`, and of one so large that each day has about `day_rows` rows."""
    first = first_sync(members, days)
    found = [*_figures(first, f"{members:,} members × {days} days", f"{first.member_days:,} rows")]
    if day_rows:
        larger = first_sync(_members_for(day_rows), days)
        found += _figures(larger, f"{day_rows:,} rows a day × {days} days", f"{larger.member_days:,} rows")
    notes = (
        "A row is a member with activity on the day. CPU is user and system time of `uptake sync` from its start to its "
        "end, roster and invites included; the made-up organisation runs in a process of its own.",
        "Requests needed: each page of the roster and of the invites, one for the vendor's own figures, and each page of "
        "each day.",
    )
    return Section("sync", "A first sync, whole", (figures(found),), notes)


def first_sync(members: int, days: int) -> Sync:
    """Connect, then measure the first sync. The keys' check at `connect` is not counted."""
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder, Company(members) as company:
        house = House(Path(folder) / "home", company.url, {"UPTAKE_BACKFILL_DAYS": str(days)})
        connected = house.connect(company.admin_key, company.analytics_key)
        assert connected.returncode == 0, connected.stderr
        company.requests()
        spent = measured([*UPTAKE, "sync"], house.environment())
        assert spent.code == 0
        seen = company.requests()
        rows = _rows_by_day(house)
    return Sync(spent, sum(rows), sum(seen.values()), _needed(members, rows))


def _figures(sync: Sync, size: str, rows: str) -> list[Figure]:
    return [
        Figure(f"{size} ({rows}): CPU a member-day", 1e6 * sync.spent.cpu / sync.member_days, "µs"),
        Figure(f"{size}: peak memory", sync.spent.peak_mb, "MB", 400),
        Figure(f"{size}: requests made ({sync.needed} needed)", sync.requests, "", sync.needed),
    ]


def _rows_by_day(house: House) -> list[int]:
    lake = Lake(house.home / "lake", house.home / "aside")
    (connection,) = lake.connections()
    return [entry.rows for entry in lake.held("usage", connection).values()]


def _needed(members: int, rows: list[int]) -> int:
    """The fewest requests that a first sync can do with."""
    now, organisation = datetime.now(UTC), Organisation(members=members, seed=SEED)
    lists = [len(organisation.roster(now)), len(organisation.invites(now)), *rows]
    return sum(max(1, math.ceil(length / PAGE)) for length in lists) + 1


def _members_for(rows: int) -> int:
    """How large an organisation is that has about so many rows on its busiest days."""
    sample = 20_000
    told = Organisation(members=sample, seed=SEED).usage(datetime.now(UTC).date())
    return 1000 * round(rows * sample / len(told.ids) / 1000)
