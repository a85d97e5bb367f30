"""A made-up Claude organisation: who is in it, who did what on which day, and what is told of it when.

Everything follows from the number of members and the seed; nothing is kept but a few days that were asked for last.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from uptake.domain.measures import COLUMNS
from uptake.fake import encode
from uptake.fake.counts import Draw, Matrix, counts
from uptake.fake.invites import Invite, Invites
from uptake.fake.people import DEPARTMENTS, LOCATIONS, ROLES, made_up_ids, people
from uptake.fake.presence import SETTLED, Picked, Presence, revision
from uptake.fake.summaries import Summaries
from uptake.fake.traits import traits

_KEPT_DAYS = 6
_MOVING_SHARE = 0.05
_MOVED_BY = 0.2
_CONSOLE_ROLES = ("developer", "user", "claude_code_user", "billing", "admin")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster, as the vendor spells it."""

    id: str
    email: str
    name: str
    role: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """An RBAC group with the ids and addresses of its members."""

    id: str
    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class UsageDay:
    """One day as one revision tells it: rows sorted by e-mail."""

    day: date
    ids: list[str]
    emails: list[str]
    matrix: Matrix

    def rows(self, start: int, stop: int) -> list[bytes]:
        """Rows as JSON, from start to stop."""
        part = slice(start, stop)
        return encode.encode_rows(self.ids[part], self.emails[part], self.matrix[part], self.day.isoformat())


class Organisation:
    """Deterministic by `members` and `seed`. Safe to use from several threads."""

    def __init__(self, members: int, seed: int, domain: str = "halden") -> None:
        rng = np.random.default_rng([seed, members])
        self.seed = seed
        self.id = made_up_ids("org_01", 1, rng)[0]
        self.name = "Halden Works"
        self.crew = people(members, rng)
        self.crew.emails[:] = [
            email.replace("halden", domain).replace("Halden", domain.title()) for email in self.crew.emails
        ]
        self._traits = traits(self.crew, rng)
        self._presence = Presence(self.crew, self._traits, seed)
        self._invites = Invites(self.crew, np.random.default_rng([seed, members, 2]))
        self._summaries = Summaries(self.crew, self._presence, self._invites)
        self._console_ids = made_up_ids("user_02", len(self.crew), np.random.default_rng([seed, members, 3]))
        self._lock = threading.Lock()
        self._days: OrderedDict[tuple[date, int], UsageDay] = OrderedDict()

    def truth(self, day: date, as_of: datetime | None = None) -> list[dict[str, Any]]:
        """What /analytics/users tells of a day, sorted by e-mail: member_id, email and all columns, None where null.

        `as_of` picks the revision served then; None is the settled one.
        """
        told = self.usage(day, as_of)
        rows = told.matrix.tolist()
        return [
            {"member_id": member_id, "email": email}
            | {column: value if value >= 0 else None for column, value in zip(COLUMNS, row, strict=True)}
            for member_id, email, row in zip(told.ids, told.emails, rows, strict=True)
        ]

    def usage(self, day: date, as_of: datetime | None = None) -> UsageDay:
        """One day as told on `as_of`."""
        number = SETTLED if as_of is None else revision(day, as_of.date())
        with self._lock:
            if (day, number) not in self._days:
                self._days[day, number] = self._draw(day, number)
                while len(self._days) > _KEPT_DAYS:
                    self._days.popitem(last=False)
            self._days.move_to_end((day, number))
            return self._days[day, number]

    def _draw(self, day: date, number: int) -> UsageDay:
        settled = self._presence.bits(day)
        rows = np.flatnonzero(settled)
        rng = np.random.default_rng([self.seed, day.toordinal(), 5])
        matrix = counts(Draw(day, rows, settled[rows], self._traits, rng))
        if number < SETTLED:
            # The first telling of a day lacks a few people and some of what others did late.
            moving = rng.random(len(rows)) < _MOVING_SHARE
            early = matrix - np.where(matrix > 0, (matrix * _MOVED_BY * (SETTLED - number)).astype(np.int32), 0)
            matrix = np.where(moving[:, None], early, matrix)
            known = self._presence.bits(day, number)[rows] > 0
            rows, matrix = rows[known], matrix[known]
        return UsageDay(day, *self._who(rows), matrix)

    def _who(self, rows: Picked) -> tuple[list[str], list[str]]:
        picked = rows.tolist()
        return [self.crew.ids[row] for row in picked], [self.crew.emails[row] for row in picked]

    def roster(self, at: datetime) -> list[Member]:
        """Who is on the roster, newest first."""
        return [self._member(row) for row in self._on_roster(at)]

    def console_roster(self, at: datetime) -> list[Member]:
        """Another product's roster: engineers of the same company, with other ids and the same addresses."""
        engineers = [row for row in self._on_roster(at) if self.crew.department[row] == 0]
        return [
            Member(
                self._console_ids[row],
                self.crew.emails[row],
                self.crew.names[row],
                _CONSOLE_ROLES[row % len(_CONSOLE_ROLES)],
                _moment(self.crew.joined[row]),
            )
            for row in engineers
        ]

    def _on_roster(self, at: datetime) -> list[int]:
        crew, second = self.crew, int(at.timestamp())
        there = np.flatnonzero((crew.joined <= second) & (second < crew.left) & ~crew.unmatched)
        return [int(row) for row in there[np.argsort(-crew.joined[there], kind="stable")]]

    def _member(self, row: int) -> Member:
        crew = self.crew
        role = ROLES[int(crew.role[row])]
        return Member(crew.ids[row], crew.emails[row], crew.names[row], role, _moment(crew.joined[row]))

    def invites(self, at: datetime) -> list[Invite]:
        """Invites that exist at that time, newest first."""
        return self._invites.at(at)

    def groups(self, at: datetime) -> list[Group]:
        """One group a department and a location."""
        rows = self._on_roster(at)
        named = [(name, self.crew.department, number) for number, name in enumerate(DEPARTMENTS)]
        named += [(name, self.crew.location, number) for number, name in enumerate(LOCATIONS)]
        ids = made_up_ids("rbac_group_01", len(named), np.random.default_rng([self.seed, 6]))
        return [
            Group(group_id, name, tuple(self._member(row) for row in rows if of[row] == number))
            for group_id, (name, of, number) in zip(ids, named, strict=True)
        ]

    def summary(self, day: date, as_of: datetime | None = None) -> dict[str, Any]:
        """The vendor's own figures of a day."""
        return self._summaries.of(day, SETTLED if as_of is None else revision(day, as_of.date()))


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(int(second), UTC)
