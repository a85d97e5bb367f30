"""Made-up facts: tables in the lake's shape and their ledger entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pyarrow as pa

from uptake.domain.measures import COLUMNS
from uptake.lake import MEMBERS, SUMMARIES, USAGE, Entry, Kind, content_hash, sort

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMAIL = "ada.lovelace@example.com"
SCHEMAS = {"usage": USAGE, "members": MEMBERS, "summaries": SUMMARIES}


def usage(*rows: tuple[str, str | None, int | None]) -> pa.Table:
    """Rows of member id, e-mail and one count, which is put into every third measure."""
    made = [
        {"member_id": member_id, "email": email} | {name: count for name in COLUMNS[::3]}
        for member_id, email, count in rows
    ]
    return sort("usage", pa.Table.from_pylist(made, schema=USAGE))


def many(rows: int, count: int = 7) -> pa.Table:
    return usage(*((f"user_{n:05d}", f"person{n}@example.com", count + n) for n in range(rows)))


def members(rows: Iterable[dict[str, object]]) -> pa.Table:
    return sort("members", pa.Table.from_pylist([dict.fromkeys(MEMBERS.names) | row for row in rows], schema=MEMBERS))


def entry(table: pa.Table, kind: Kind = "usage", connection: str = "c1", day: date = DAY, run: str = "run1") -> Entry:
    return Entry(
        uptake_day=day,
        kind=kind,
        connection=connection,
        rows=table.num_rows,
        content_hash=content_hash(kind, connection, day, table),
        fetched_at=NOW,
        run=run,
        key_version=3,
        pages=1,
    )
