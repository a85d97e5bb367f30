"""Acme in the lake and the records, written without a sync: enough facts for every page to have something to show."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from django.conf import settings as django_settings
from django.test import Client

from uptake.config import Settings
from uptake.domain.days import ONE_DAY, span
from uptake.domain.measures import COLUMNS
from uptake.lake import MEMBERS, USAGE, Entry, Kind, Lake, content_hash, sort, writer
from uptake.records.models import Account, Connection, Run, SealedKey, Stream
from uptake.records.vault import open_vault

PASSWORD = "a long enough pass phrase"
CAST = {
    "ada@acme.example": "company_admin",
    "hana@acme.example": "hr_admin",
    "ivan@acme.example": "it_admin",
    "mina@acme.example": "manager",
    "emil@acme.example": "employee",
    "otto@acme.example": "auditor",
}


def confirm(client: Client) -> None:
    """As if the password was given just now."""
    session = client.session
    session["confirmed_at"] = int(time.time())
    session.save()


def account(email: str, password: str | None = None) -> Account:
    return Account.objects.create_user(email, password, CAST[email])


def connected(name: str = "Acme", *, now: datetime, key_state: str = "ok", **values: object) -> Connection:
    """A connection with two keys and four healthy streams, in an installation that has its master key."""
    open_vault(django_settings.UPTAKE.master_key_file)
    connection = Connection.objects.create(name=name, connected_at=now - timedelta(days=40), **values)
    for slot in ("admin", "analytics"):
        SealedKey.objects.create(
            connection=connection, slot=slot, version=1, sealed=b"x", kind="enterprise", last_four="7Qx2",
            fingerprint="9b1c22d0", added_by="ada@acme.example", added_at=now - timedelta(days=40),
            state=key_state if slot == "analytics" else "ok", state_since=now, last_ok_at=now - timedelta(hours=2),
        )  # fmt: skip
    for stream in ("roster", "invites", "summaries", "usage"):
        Stream.objects.create(connection=connection, name=stream, last_ok_at=now - timedelta(hours=2))
    return connection


def ran(connection: Connection, started_at: datetime, outcome: str = "current", **values: object) -> Run:
    finished = None if outcome == "running" else started_at + timedelta(seconds=41)
    progress = {"phase": "days", "days_planned": 31, "days_done": 12, "requests": 34, "rows": 9120, "written": 31}
    return Run.objects.create(
        connection=connection, trigger="schedule", started_at=started_at, finished_at=finished, outcome=outcome,
        progress=progress, **values,
    )  # fmt: skip


def hold_company(
    settings: Settings, connection: str, first: date, last: date, members: int = 120, name: str = "Person"
) -> None:
    """A roster and usage from first to last: most people chat, some code, few at the weekend; it grows slowly."""
    chance = random.Random(7)
    lake = Lake(settings.lake, settings.aside)
    settings.lake.mkdir(parents=True, exist_ok=True)
    with writer(settings.lake):
        _hold(lake, "members", connection, last, _roster(members, first, name))
        for day in span(first, last):
            grown = 0.45 + 0.25 * ((day - first) / max(last - first, ONE_DAY))
            present = grown * (0.12 if day.weekday() > 4 else 1.0)
            rows = [_usage(n, chance) for n in range(members) if chance.random() < present * (1.15 - n / members)]
            _hold(lake, "usage", connection, day, pa.Table.from_pylist(rows, USAGE))


def _hold(lake: Lake, kind: Kind, connection: str, day: date, table: pa.Table) -> None:
    table = sort(kind, table)
    found = content_hash(kind, connection, day, table)
    entry = Entry(
        uptake_day=day, kind=kind, connection=connection, rows=table.num_rows, content_hash=found, run="run",
        fetched_at=datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=3), key_version=1, pages=1,
    )  # fmt: skip
    lake.replace(entry, table)


def _roster(members: int, first: date, name: str) -> pa.Table:
    joined = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=90)
    people = [
        {"member_id": f"user_{n:04}", "email": f"person{n}@acme.example", "name": f"{name} {n}", "claude_role": "user",
         "status": "active", "joined_at": joined}
        for n in range(members)
    ]  # fmt: skip
    return pa.Table.from_pylist(people, MEMBERS)


def _usage(number: int, chance: random.Random) -> dict[str, object]:
    row: dict[str, object] = {"member_id": f"user_{number:04}", "email": f"person{number}@acme.example"}
    row |= dict.fromkeys(column for column in COLUMNS if not column.startswith(("unified_", "tag_")))
    row |= {column: 0 for column in row if column not in {"member_id", "email"}}
    row["chat_messages"] = chance.randint(0, 30) if number % 5 else 0
    row["cowork_messages"] = chance.randint(1, 9) if number % 7 == 1 else 0
    row["office_word_messages"] = chance.randint(1, 4) if number % 6 == 2 else 0
    row["design_messages"] = chance.randint(1, 4) if number % 40 == 3 else 0
    if number % 4 == 0:
        sessions = chance.randint(1, 6)
        row |= {"code_sessions": sessions, "code_lines_added": 140 * sessions, "code_lines_removed": 60 * sessions}
        row |= {"code_commits": sessions, "code_pull_requests": sessions // 3}
        row |= {"code_edit_accepted": 9 * sessions, "code_edit_rejected": 2 * sessions}
        row |= {"code_write_accepted": 4 * sessions, "code_write_rejected": sessions}
    return row
