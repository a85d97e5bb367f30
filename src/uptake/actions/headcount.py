"""How many members there are of each status, told without reading every day again.

The roster file tells all but the unlisted. Those are found day by day, each day once while its content stays; what was
found is kept in the cache, which may be deleted at any time.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from uptake.actions.views import MemberCounts
from uptake.domain.days import FLOOR_DAY
from uptake.domain.members import invite_status
from uptake.lake import Damaged, Entry, Lake, snapshot

_FOLDER = "strangers"  # a folder of its own: the files beside it are swept by those who made them
_one_at_a_time = threading.Lock()


class _Stranger(msgspec.Struct):
    """Somebody in usage whom the roster did not know then: on which days (a bit each), and the newest e-mail."""

    days: bytes = b""
    email: str | None = None

    @property
    def bits(self) -> int:
        return int.from_bytes(self.days, "little")

    def mark(self, bits: int) -> None:
        self.days = bits.to_bytes((bits.bit_length() + 7) // 8, "little")


class _Seen(msgspec.Struct):
    """The days looked through, each with the content it had, and the strangers on them."""

    days: dict[str, str] = msgspec.field(default_factory=dict)
    strangers: dict[str, _Stranger] = msgspec.field(default_factory=dict)


class _Roster(msgspec.Struct, frozen=True):
    """What a roster snapshot tells, once read."""

    active: int
    removed: int
    invites: tuple[tuple[str, datetime | None], ...]  # status and expiry
    ids: pa.Array
    emails: pa.Array


def member_counts(lake: Lake, cache: Path, connection: str, held: dict[date, Entry], now: datetime) -> MemberCounts:
    """Members by status, as `export members` lists them. `held` are the days of usage."""
    newest = lake.newest("members", connection)
    roster = _roster(lake, connection, newest.content_hash if newest else "")
    invites = [invite_status(status, expires_at, now) for status, expires_at in roster.invites]
    return MemberCounts(
        active=roster.active,
        removed=roster.removed,
        invited=invites.count("invited"),
        invite_expired=invites.count("invite_expired"),
        unlisted=len(unlisted(lake, cache, connection, held)),
    )


def unlisted(lake: Lake, cache: Path, connection: str, held: dict[date, Entry]) -> dict[str, str | None]:
    """Member id and newest address of everybody who was seen in usage and is on no roster."""
    newest = lake.newest("members", connection)
    roster = _roster(lake, connection, newest.content_hash if newest else "")
    return _strangers(lake, cache, connection, held, roster)


_rosters: dict[str, tuple[str, _Roster]] = {}


def _roster(lake: Lake, connection: str, content_hash: str) -> _Roster:
    known = _rosters.get(connection)
    if known is not None and known[0] == content_hash:
        return known[1]
    table = snapshot(lake, connection)
    roster = _read_roster(table)
    if table.num_rows:  # none may also mean that the file is damaged: that is not to be remembered
        _rosters[connection] = (content_hash, roster)
    return roster


def _read_roster(table: pa.Table) -> _Roster:
    members = table.filter(pc.is_valid(table["member_id"]))
    invites = table.filter(pc.is_null(table["member_id"])).select(["status", "expires_at"])
    active = pc.sum(pc.equal(members["status"], "active")).as_py() or 0
    return _Roster(
        active=active,
        removed=members.num_rows - active,
        invites=tuple((str(row["status"]), row["expires_at"]) for row in invites.to_pylist()),
        ids=members["member_id"].combine_chunks(),
        emails=members["email"].drop_null().combine_chunks(),
    )


def _strangers(
    lake: Lake, cache: Path, connection: str, held: dict[date, Entry], roster: _Roster
) -> dict[str, str | None]:
    path = cache / _FOLDER / f"{connection}.msgpack"
    with _one_at_a_time:
        seen = _load(str(path))
        gone = {date.fromisoformat(day) for day in seen.days} - set(held)
        news = {day: entry for day, entry in held.items() if seen.days.get(day.isoformat()) != entry.content_hash}
        _forget(seen, gone | {day for day in news if day.isoformat() in seen.days})
        for day, entry in news.items():
            _look_through(lake, connection, day, entry, roster, seen)
        _drop_listed(seen, roster)
        if (gone or news) and lake.newest("usage", connection):  # not of a connection that was erased meanwhile
            _save(path, seen)
        return {member_id: stranger.email for member_id, stranger in seen.strangers.items()}


def _forget(seen: _Seen, days: set[date]) -> None:
    """Days that are gone, or say something else now: who was seen on no other day was not seen."""
    bits = sum(_bit(day) for day in days)
    for day in days:
        del seen.days[day.isoformat()]
    for member_id, stranger in list(seen.strangers.items()) if bits else ():
        stranger.mark(stranger.bits & ~bits)
        if not stranger.days:
            del seen.strangers[member_id]


def _bit(day: date) -> int:
    return 1 << (day - FLOOR_DAY).days


def _look_through(lake: Lake, connection: str, day: date, entry: Entry, roster: _Roster, seen: _Seen) -> None:
    try:
        usage = lake.read("usage", connection, day, columns=["member_id", "email"])
    except (Damaged, FileNotFoundError):
        return  # replaced or set aside meanwhile: looked through the next time
    listed = pc.or_(
        pc.is_in(usage["member_id"], roster.ids),
        pc.fill_null(pc.is_in(usage["email"], roster.emails), fill_value=False),
    )
    rows = usage.filter(pc.invert(listed))
    for member_id, email in zip(rows["member_id"].to_pylist(), rows["email"].to_pylist(), strict=True):
        stranger = seen.strangers.setdefault(member_id, _Stranger())
        stranger.email = email or stranger.email
        stranger.mark(stranger.bits | _bit(day))
    seen.days[day.isoformat()] = entry.content_hash


def _drop_listed(seen: _Seen, roster: _Roster) -> None:
    """Strangers whom the roster knows by now are none. A roster forgets nobody, so they never become any again."""
    ids = pa.array(list(seen.strangers), pa.string())
    emails = pa.array([stranger.email for stranger in seen.strangers.values()], pa.string())
    listed = pc.or_(pc.is_in(ids, roster.ids), pc.fill_null(pc.is_in(emails, roster.emails), fill_value=False))
    for member_id in ids.filter(listed).to_pylist():
        del seen.strangers[member_id]


@lru_cache(maxsize=64)
def _load(path: str) -> _Seen:
    """What this process knows of a connection; at first what the cache holds of it."""
    try:
        return msgspec.msgpack.decode(Path(path).read_bytes(), type=_Seen)
    except (OSError, msgspec.MsgspecError):
        return _Seen()


def _save(path: Path, seen: _Seen) -> None:
    """Keep it for the next process; where the disk does not take it, it is found out again."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_bytes(msgspec.msgpack.encode(seen))
        temporary.rename(path)
