"""Folding a complete roster into the members known before. Pure. A member who vanished is kept, as removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from uptake.claude.roster import InviteRow, MemberRow
from uptake.lake import MEMBERS, sort

INVITE_WORDS = frozenset({"pending", "expired", "deleted"})

Known = dict[str, Any]
"""A row of the members table: the columns of lake.MEMBERS."""


def fold(before: pa.Table, members: Sequence[MemberRow], now: datetime) -> pa.Table:
    """The members table after a complete, believed roster. Invite rows stay, except for people now on the roster."""
    known = {row["member_id"]: row for row in before.to_pylist() if row["member_id"] is not None}
    on_roster = [_active(member, known.get(member.id)) for member in _distinct(members)]
    ids = {row["member_id"] for row in on_roster}
    gone = [_removed(row, now) for member_id, row in known.items() if member_id not in ids]
    emails = {row["email"] for row in on_roster}
    invites = [row for row in before.to_pylist() if row["member_id"] is None and row["email"] not in emails]
    return _table([*on_roster, *gone, *invites])


def fold_invites(before: pa.Table, invites: Iterable[InviteRow]) -> pa.Table:
    """The members table after a complete list of invites: the newest of an address, nobody who is on the roster."""
    members = [row for row in before.to_pylist() if row["member_id"] is not None]
    emails = {row["email"] for row in members if row["status"] == "active"}
    newest: dict[str, InviteRow] = {}
    for invite in invites:
        other = newest.get(invite.email)
        if other is None or _later(invite, other):
            newest[invite.email] = invite
    rows = [
        _invited(invite) for email, invite in newest.items() if email not in emails and invite.status in INVITE_WORDS
    ]
    return _table([*members, *rows])


def active_ids(table: pa.Table) -> list[str]:
    """Ids of the members on the roster."""
    return [row["member_id"] for row in table.select(["member_id", "status"]).to_pylist() if row["status"] == "active"]


def _distinct(members: Sequence[MemberRow]) -> Iterable[MemberRow]:
    return {member.id: member for member in members}.values()


def _active(member: MemberRow, before: Known | None) -> Known:
    before = before or {}
    return _row(
        member_id=member.id,
        email=member.email or before.get("email"),
        name=member.name or before.get("name"),
        claude_role=member.role or before.get("claude_role"),
        status="active",
        joined_at=member.joined_at or before.get("joined_at"),
    )


def _removed(row: Known, now: datetime) -> Known:
    return row if row["status"] == "removed" else {**row, "status": "removed", "left_at": now}


def _invited(invite: InviteRow) -> Known:
    return _row(
        email=invite.email,
        claude_role=invite.role,
        status=invite.status,
        invited_at=invite.invited_at,
        expires_at=invite.expires_at,
    )


def _later(invite: InviteRow, other: InviteRow) -> bool:
    if invite.invited_at is None or other.invited_at is None:
        return other.invited_at is None
    return invite.invited_at > other.invited_at


def _row(**values: object) -> Known:
    return dict.fromkeys(MEMBERS.names) | values


def _table(rows: list[Known]) -> pa.Table:
    return sort("members", pa.Table.from_pylist(rows, schema=MEMBERS))
