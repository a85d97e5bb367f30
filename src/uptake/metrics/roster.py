"""Seats and invites from the newest members snapshot, and which person of the usage rows holds which seat."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.days import EPOCH_MONDAY
from uptake.metrics.windows import ALWAYS, NEVER, Numbers, Seats

_EPOCH = (EPOCH_MONDAY - date(1970, 1, 1)).days
"""Arrow counts days from 1970; we count them from our Monday."""

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Roster:
    """The seats ever known, present ones first, and the pending invites by the day they expire."""

    ids: pa.Array
    emails: pa.Array
    joined: Numbers
    left: Numbers
    roles: pa.Array  # role in Claude; `unknown` where none is known
    months: pa.Array  # 2026-09, the month of joining; `unknown`
    invites: tuple[tuple[int, int, int], ...]  # (first day number on which it is expired, day invited, invites)

    def changes(self) -> list[tuple[int, int]]:
        """(day number, change of the number of seats), oldest first: their running sum is the seats held."""
        change: Counter[int] = Counter(self.joined.tolist())
        change.subtract(self.left.tolist())
        return sorted(change.items())

    def seats(self, ids: pa.Array, emails: pa.Array) -> Seats:
        """The seats, with the seat of every person: by id, then by normalised e-mail; a present seat goes first."""
        by_id = pc.index_in(ids, value_set=self.ids)
        by_email = pc.index_in(_normal(emails), value_set=_normal(self.emails), skip_nulls=True)
        of_person = pc.fill_null(pc.coalesce(by_id, by_email), -1).to_numpy(zero_copy_only=False)
        return Seats(self.joined, self.left, of_person.astype(np.int32))


def roster(snapshot: pa.Table) -> Roster:
    """The roster of a members snapshot (the columns of lake.MEMBERS)."""
    known = snapshot.filter(pc.is_valid(snapshot["member_id"]))
    present = pc.equal(known["status"], "active")
    known = pa.concat_tables([known.filter(present), known.filter(pc.invert(present))]).combine_chunks()
    left = _day_numbers(known["left_at"], missing=NEVER)  # gone, but unknown since when: not counted on any day
    left[np.asarray(pc.equal(known["status"], "active").to_numpy(), dtype=bool)] = ALWAYS
    joined = np.minimum(_day_numbers(known["joined_at"], missing=NEVER), left)
    roles = pc.fill_null(_array(known["claude_role"]), UNKNOWN)
    months = pc.fill_null(pc.strftime(_array(known["joined_at"]), format="%Y-%m"), UNKNOWN)
    return Roster(
        ids=_array(known["member_id"]),
        emails=_array(known["email"]),
        joined=joined,
        left=left,
        roles=roles,
        months=months,
        invites=_invites(snapshot),
    )


def _invites(snapshot: pa.Table) -> tuple[tuple[int, int, int], ...]:
    pending = snapshot.filter(pc.and_(pc.is_null(snapshot["member_id"]), pc.equal(snapshot["status"], "pending")))
    expires = _day_numbers(pending["expires_at"], missing=ALWAYS)
    invited = _day_numbers(pending["invited_at"], missing=ALWAYS)  # unknown since when: not old
    # An invite counts through the day on which it expires: figures are about days, not about the hour they are asked.
    counted = Counter(zip(expires.tolist(), invited.tolist(), strict=True))
    return tuple(sorted((day + 1, since, invites) for (day, since), invites in counted.items()))


def _day_numbers(times: pa.ChunkedArray, missing: int) -> Numbers:
    days = pc.floor_temporal(times, unit="day").cast(pa.int64())
    micros = pc.fill_null(days, -1).to_numpy().astype(np.int64)
    numbers = np.where(micros < 0, missing, micros // 86_400_000_000 - _EPOCH)
    return numbers.astype(np.int32)


def _normal(emails: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_trim_whitespace(emails))


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
