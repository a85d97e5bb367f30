"""Invites of a made-up organisation: those who join were invited before, and some who were never come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from uptake.fake.people import People, made_up_ids

_DAY = 86_400
_LASTS = 14 * _DAY
_ACCEPTED_SHOWN = 60 * _DAY
_NEVER_COME_SHARE = 0.012
_YEAR = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite as the vendor tells it."""

    id: str
    email: str
    role: str
    status: str  # pending, accepted, expired
    invited_at: datetime
    expires_at: datetime
    accepted_at: datetime | None


class Invites:
    """All invites ever sent; which exist and how they stand depends on the time."""

    def __init__(self, crew: People, rng: np.random.Generator) -> None:
        joiners = np.flatnonzero((crew.joined >= _YEAR) & ~crew.unmatched)
        lost = 2 + round(len(crew) * _NEVER_COME_SHARE)
        self._emails = [crew.emails[row] for row in joiners.tolist()]
        self._emails += [f"guest.{number}@elsewhere.example" for number in range(lost)]
        early = rng.integers(2 * 3_600, 12 * _DAY, len(joiners))
        sent = _YEAR + rng.integers(0, 700 * _DAY, lost)
        self._invited = np.concatenate((crew.joined[joiners] - early, sent))
        self._accepted = np.concatenate((crew.joined[joiners], np.full(lost, 1 << 62)))
        self._ids = made_up_ids("invite_01", len(self._emails), rng)

    def at(self, at: datetime) -> list[Invite]:
        """Invites that exist at that time, newest first. Accepted ones fade after two months."""
        now = int(at.timestamp())
        there = (self._invited <= now) & (now < np.minimum(self._accepted, now + 1) + _ACCEPTED_SHOWN)
        rows = np.flatnonzero(there)
        return [self._invite(int(row), now) for row in rows[np.argsort(-self._invited[rows], kind="stable")]]

    def pending(self, second: int) -> int:
        """How many are pending at that time (epoch seconds)."""
        return int(((self._invited <= second) & (second < self._accepted) & (second < self._invited + _LASTS)).sum())

    def _invite(self, row: int, now: int) -> Invite:
        invited = datetime.fromtimestamp(int(self._invited[row]), UTC)
        accepted = int(self._accepted[row])
        expires = invited + timedelta(seconds=_LASTS)
        status = "accepted" if accepted <= now else "pending" if now < int(self._invited[row]) + _LASTS else "expired"
        taken = datetime.fromtimestamp(accepted, UTC) if accepted <= now else None
        return Invite(self._ids[row], self._emails[row], "user", status, invited, expires, taken)
