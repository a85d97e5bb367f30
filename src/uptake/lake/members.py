"""Members as they stand now: the newest snapshot, invites judged by the clock, and people seen in usage only."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.members import Status, invite_status
from uptake.lake.dayfile import Damaged
from uptake.lake.schema import MEMBERS
from uptake.lake.store import Lake


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `export members`. `member_id` is None for somebody who is only invited."""

    connection: str
    member_id: str | None
    name: str | None
    email: str | None
    claude_role: str | None
    status: Status
    joined_at: datetime | None
    left_at: datetime | None


def snapshot(lake: Lake, connection: str) -> pa.Table:
    """The newest members snapshot; no rows where none is held."""
    newest = lake.newest("members", connection)
    try:
        return lake.read("members", connection, newest.day) if newest else MEMBERS.empty_table()
    except (Damaged, FileNotFoundError):
        return MEMBERS.empty_table()


def members(lake: Lake, connection: str, now: datetime) -> list[Member]:
    """Everybody known: on the roster, invited, removed, and unlisted (in usage, never in a roster)."""
    table = snapshot(lake, connection)
    return _listed(connection, table, now) + unlisted(lake, connection, table)


def listed(lake: Lake, connection: str, now: datetime) -> list[Member]:
    """Those of them whom the newest snapshot knows."""
    return _listed(connection, snapshot(lake, connection), now)


def _listed(connection: str, table: pa.Table, now: datetime) -> list[Member]:
    known = [_member(connection, row, now) for row in table.to_pylist()]
    return [member for member in known if member is not None]


def unlisted(lake: Lake, connection: str, table: pa.Table) -> list[Member]:
    """People whose id, and whose e-mail, no roster ever had. Their newest e-mail stands for them."""
    roster = table.filter(pc.is_valid(table["member_id"]))
    ids, emails = roster["member_id"].combine_chunks(), roster["email"].drop_null().combine_chunks()
    found: dict[str, str | None] = {}
    for day in lake.held("usage", connection):
        try:
            usage = lake.read("usage", connection, day, columns=["member_id", "email"])
        except (Damaged, FileNotFoundError):
            continue
        stranger = pc.invert(pc.is_in(usage["member_id"], ids))
        known_email = pc.fill_null(pc.is_in(usage["email"], emails), fill_value=False)
        rows = usage.filter(pc.and_(stranger, pc.invert(known_email)))
        for member_id, email in zip(rows["member_id"].to_pylist(), rows["email"].to_pylist(), strict=True):
            found[member_id] = email or found.get(member_id)
    return [
        Member(connection, member_id, None, email, None, "unlisted", None, None) for member_id, email in found.items()
    ]


def _member(connection: str, row: dict[str, object], now: datetime) -> Member | None:
    status = _status(row, now)
    if status is None:
        return None
    fields = {name: row[name] for name in ("member_id", "name", "email", "claude_role", "joined_at", "left_at")}
    return Member(connection=connection, status=status, **fields)  # type: ignore[arg-type]


def _status(row: dict[str, object], now: datetime) -> Status | None:
    if row["member_id"] is not None:
        return "active" if row["status"] == "active" else "removed"
    expires = row["expires_at"]
    return invite_status(str(row["status"]), expires if isinstance(expires, datetime) else None, now)
