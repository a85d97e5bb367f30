"""Folding a complete roster into the members known before. Pure, by columns: a roster may hold 100,000 people.

A member who vanished is kept, as removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from uptake.claude.roster import InviteRow, MemberRow
from uptake.lake import MEMBERS, sort

INVITE_WORDS = frozenset({"pending", "expired", "deleted"})


def told(members: Sequence[MemberRow]) -> pa.Table:
    """A page of the roster by columns: a tenth of the memory of its rows."""
    columns = {
        "member_id": [member.id for member in members],
        "email": [member.email for member in members],
        "name": [member.name for member in members],
        "claude_role": [member.role for member in members],
        "joined_at": [member.joined_at for member in members],
    }
    return pa.table({name: pa.array(values, MEMBERS.field(name).type) for name, values in columns.items()})


def fold(before: pa.Table, roster: pa.Table, now: datetime) -> pa.Table:
    """The members table after a complete, believed roster, as told by `told`.

    Invite rows stay, except for people now on the roster.
    """
    known, invites = _members(before), before.filter(pc.is_null(before["member_id"]))
    on_roster = _active(roster, known)
    gone = _removed(known.filter(pc.invert(pc.is_in(known["member_id"], on_roster["member_id"]))), now)
    waiting = invites.filter(pc.invert(pc.is_in(invites["email"], on_roster["email"])))
    return sort("members", pa.concat_tables([on_roster, gone, waiting]))


def fold_invites(before: pa.Table, invites: Iterable[InviteRow]) -> pa.Table:
    """The members table after a complete list of invites: the newest of an address, nobody who is on the roster."""
    members = _members(before)
    emails = set(members.filter(pc.equal(members["status"], "active"))["email"].to_pylist())
    newest: dict[str, InviteRow] = {}
    for invite in invites:
        other = newest.get(invite.email)
        if other is None or _later(invite, other):
            newest[invite.email] = invite
    rows = [invite for email, invite in newest.items() if email not in emails and invite.status in INVITE_WORDS]
    return sort("members", pa.concat_tables([members, _invited(rows)]))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a roster changed, in numbers of members: nobody is named."""

    joined: int
    removed: int
    returned: int
    readdressed: int  # another e-mail address, the same person

    @property
    def notes(self) -> list[str]:
        counted = (
            (self.removed, "no longer on the roster"),
            (self.returned, "back on the roster after having left it"),
            (self.readdressed, "known by another e-mail address now; each stays one person, with all that is held"),
        )
        return [f"{count} {'member is' if count == 1 else 'members are'} {what}." for count, what in counted if count]


def changes(before: pa.Table, after: pa.Table) -> Changes:
    """What a fold changed. Both are members tables; of a first roster everybody has joined."""
    was, now = _members(before), _members(after)
    at = pc.index_in(now["member_id"], was["member_id"].combine_chunks())
    then = was.take(at).select(["status", "email"])  # null where somebody was not known
    active, was_active = pc.equal(now["status"], "active"), pc.equal(then["status"], "active")
    return Changes(
        joined=_count(pc.and_(active, pc.is_null(then["status"]))),
        removed=_count(pc.and_(pc.invert(active), was_active)),
        returned=_count(pc.and_(active, pc.invert(was_active))),
        readdressed=_count(pc.not_equal(now["email"], then["email"])),
    )


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def active_ids(table: pa.Table) -> list[str]:
    """Ids of the members on the roster."""
    members = _members(table)
    ids: list[str] = members.filter(pc.equal(members["status"], "active"))["member_id"].to_pylist()
    return ids


def _members(table: pa.Table) -> pa.Table:
    return table.filter(pc.is_valid(table["member_id"]))


def _active(roster: pa.Table, known: pa.Table) -> pa.Table:
    """Those on the roster; what it does not tell of somebody stays as known before."""
    roster = _one_row_a_member(roster).combine_chunks()
    columns = {name: roster[name].combine_chunks() for name in roster.column_names}
    at = pc.index_in(columns["member_id"], known["member_id"])
    for name in ("email", "name", "claude_role", "joined_at"):
        columns[name] = pc.coalesce(columns[name], known[name].combine_chunks().take(at))
    return _table(columns | {"status": pa.repeat("active", roster.num_rows)}, roster.num_rows)


def _one_row_a_member(roster: pa.Table) -> pa.Table:
    """Of several rows of a member the last."""
    if pc.count_distinct(roster["member_id"]).as_py() == roster.num_rows:
        return roster
    last = {member_id: at for at, member_id in enumerate(roster["member_id"].to_pylist())}
    return roster.take(pa.array(last.values()))


def _removed(rows: pa.Table, now: datetime) -> pa.Table:
    """A member who was removed before keeps the time of it."""
    already = pc.equal(rows["status"], "removed")
    left_at = pc.if_else(already, rows["left_at"], pa.scalar(now, MEMBERS.field("left_at").type))
    columns = {name: rows[name] for name in MEMBERS.names}
    return _table(columns | {"status": pa.repeat("removed", len(rows)), "left_at": left_at}, len(rows))


def _invited(invites: Sequence[InviteRow]) -> pa.Table:
    told = {
        "email": [invite.email for invite in invites],
        "claude_role": [invite.role for invite in invites],
        "status": [invite.status for invite in invites],
        "invited_at": [invite.invited_at for invite in invites],
        "expires_at": [invite.expires_at for invite in invites],
    }
    return _table({name: pa.array(values, MEMBERS.field(name).type) for name, values in told.items()}, len(invites))


def _later(invite: InviteRow, other: InviteRow) -> bool:
    if invite.invited_at is None or other.invited_at is None:
        return other.invited_at is None
    return invite.invited_at > other.invited_at


def _table(columns: dict[str, pa.Array], rows: int) -> pa.Table:
    """The members table from the columns there are; the others are null."""
    filled = [columns.get(field.name, pa.nulls(rows, field.type)) for field in MEMBERS]
    return pa.table(dict(zip(MEMBERS.names, filled, strict=True)), schema=MEMBERS)
