"""A random life of an installation: faults, ticks of the clock, keys, revisions, rosters, damage, disconnect, erase.

The model is short: what the vendor ever told of a day, which keys are good, and what was held before. After every sync
the invariants of the lake, the roster, the status and the wire are checked; once the trouble is over all converges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from faults.conftest import Flat, by_member
from uptake.actions.connections import connect
from uptake.actions.disconnects import disconnect
from uptake.domain.access import OPERATOR
from uptake.domain.days import SETTLING_DAYS
from uptake.domain.members import removals_allowed
from uptake.domain.problems import Busy, Problem
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude, Organisation
from uptake.fake.fault_canaries import MARK
from uptake.fake.organisation import Member, UsageDay
from uptake.fake.presence import SETTLED, revision
from uptake.lake import Lake, dayfile, writer
from uptake.records.models import AuditEntry, Connection

Rows = dict[str, dict[str, Any]]

TROUBLE = (
    "down", "storm-500", "storm-529", "usage-500", "roster-500", "roster-404", "roster-page-2-500", "invites-403",
    "summaries-404", "limited-long", "reset", "cut", "revoked", "revoked-midway", "forbidden", "analytics-404",
    "stray-401", "cursor-410", "lag-2", "lag-4", "too-recent-old-words", "too-recent-silent", "too-recent-hostile",
    "redirect", "html-once", "invalid-json", "truncated-json", "gzip", "circle", "endless-empty", "empty-roster",
    "half-roster", "endless-roster", "value-object", "null-block", "text-block", "value-not-a-number", "no-users", "twins",
    "unequal-twins", "hostile-names", "content", "canaries", "canary-errors",
)  # fmt: skip
"""Faults that neither wait in real time nor tell a lie about people that could be true."""

LIES = ("empty-roster", "half-roster", "unequal-twins", "no-users", "canaries", "revoked-midway")
"""Some of them again: what a guard or a brake must stop, more often than mere noise."""

MOST_AWAY = 8
REQUESTS_WITH_TROUBLE = 400
LISTS = 5
"""Roster, invites, the vendor's own figures and one guess at the newest day; one to spare for older figures."""


class Company(Organisation):
    """The made-up company with edits: days that are told anew, people who are away."""

    def __init__(self) -> None:
        super().__init__(members=30, seed=17)
        self.start_anew()

    def start_anew(self) -> None:
        self.bumps: dict[date, int] = defaultdict(int)
        self.away: set[str] = set()
        self._told: dict[tuple[date, int], UsageDay] = {}
        self._rows: dict[tuple[date, int, int], Rows] = {}

    def usage(self, day: date, as_of: datetime | None = None) -> UsageDay:
        number = revision(day, as_of.date()) if as_of else SETTLED
        if (day, number) not in self._told:
            self._told[day, number] = super().usage(day, as_of)
        told = self._told[day, number]
        matrix = np.where(told.matrix >= 0, told.matrix + self.bumps.get(day, 0), told.matrix)
        return UsageDay(day, told.ids, told.emails, matrix)

    def rows(self, day: date, at: datetime) -> Rows:
        """What is told of a day at that time, by member."""
        mark = (day, revision(day, at.date()), self.bumps.get(day, 0))
        if mark not in self._rows:
            self._rows[mark] = by_member(self.truth(day, as_of=at))
        return self._rows[mark]

    def roster(self, at: datetime) -> list[Member]:
        return [member for member in super().roster(at) if member.id not in self.away]


class Life(RuleBasedStateMachine):
    """One installation. `open_flat` gives a new one: an empty home, empty records, a server of its own."""

    open_flat: Callable[[], Flat]
    steps = 0
    syncs = 0

    @initialize()
    def begin(self) -> None:
        self.flat = self.open_flat()
        self.company = self.flat.company
        self.fake: FakeClaude = self.flat.fake
        self.told: dict[str, list[Rows]] = defaultdict(list)  # everything the vendor ever told of a day
        self.before: dict[str, Rows] = {}  # what was held after the last sync
        self.read: dict[str, Rows] = {}  # content hash to rows
        self.removed: set[str] = set()
        self.revoked: set[str] = set()
        self.connected = True
        self.changes = 1  # of the connection, each with an audit entry
        self.outcome = ""

    # --- what happens ---

    @rule(name=st.one_of(st.none(), st.sampled_from(TROUBLE), st.sampled_from(LIES)), at_once=st.booleans())
    def trouble(self, name: str | None, at_once: bool) -> None:
        self.fake.fault = name
        if at_once and self.connected:
            self.sync()

    @rule(hours=st.sampled_from([0.05, 1.1, 7, 20, 60]))
    def tick(self, hours: float) -> None:
        self.flat.clock.forward(hours=hours)

    @rule(back=st.integers(1, 8), more=st.integers(1, 40))
    def revise(self, back: int, more: int) -> None:
        self.company.bumps[self.flat.clock().date() - timedelta(days=back)] += more

    @rule(number=st.integers(0, 29))
    def leave_or_return(self, number: int) -> None:
        member = self.company.crew.ids[number]
        if member in self.company.away or len(self.company.away) >= MOST_AWAY:
            self.company.away.discard(member)
        else:
            self.company.away.add(member)
        self.flat.clock.forward(minutes=2)

    @rule(key=st.sampled_from(["members", "analytics"]), good=st.booleans())
    def key(self, key: str, good: bool) -> None:
        (self.fake.restore if good else self.fake.revoke)(getattr(self.fake.keys, key))
        (self.revoked.discard if good else self.revoked.add)(key)

    @precondition(lambda self: self.fake.fault is None)
    @rule(pair=st.sampled_from([("members", "analytics"), ("both", "both"), ("foreign_members", "foreign_analytics")]))
    def swap_keys(self, pair: tuple[str, str]) -> None:
        """Good keys replace the others, also those of a connection that was ended; anything else changes nothing."""
        if "foreign_members" in pair and not Connection.objects.exists():
            return  # after an erasure any one organisation may be the first
        versions = self._versions()
        secrets = [Secret(getattr(self.fake.keys, name)) for name in pair]
        at = self.flat.clock()
        good = not {"foreign_members", *self.revoked} & set(pair)
        try:
            connect(OPERATOR, self.flat.settings, name="Claude", admin_key=secrets[0], analytics_key=secrets[1], now=at)
        except Problem:
            assert not good
            assert self._versions() == versions
        else:
            assert good
            self.connected = True
            self.changes += 1

    @precondition(lambda self: self.connected)
    @rule()
    def sync(self) -> None:
        self.flat.clock.forward(seconds=1)  # no two runs begin at the same moment: the last one must be told apart
        asked = self._note_what_is_told()
        self.fake.clear_requests()
        result = self.flat.sync()
        self.outcome = result.outcome
        type(self).syncs += 1
        self._check_facts()
        self._check_roster()
        self._check_status()
        self._check_requests(asked)

    @precondition(lambda self: self.connected)
    @rule()
    def sync_while_another_writes(self) -> None:
        held = self._held()
        with writer(self.flat.settings.lake), suppress(Busy):
            self.flat.sync()
            raise AssertionError("a second writer got in")
        assert self._held() == held

    @precondition(lambda self: self.connected and self.before)
    @rule(which=st.integers(0, 99), at=st.integers(0, 10**6))
    def damage(self, which: int, at: int) -> None:
        """A flipped bit and a leftover: the next sync sets the day aside and fetches it again."""
        files = sorted(self.flat.settings.lake.glob("usage/*/*/day.parquet"))
        path = files[which % len(files)]
        body = bytearray(path.read_bytes())
        body[at % len(body)] ^= 1 << at % 8
        path.write_bytes(body)
        path.with_name(".day.parquet.dead.tmp").write_bytes(b"left over")
        self.before.pop(path.parent.name.removeprefix("day="), None)

    @precondition(lambda self: self.connected)
    @rule(erase=st.booleans())
    def end(self, erase: bool) -> None:
        disconnect(OPERATOR, self.flat.settings, name="Claude", erase=erase, now=self.flat.clock())
        self.connected = False
        self.changes += 1
        if erase:
            self.before, self.removed = {}, set()
            emails = {email.lower().encode() for email in self.company.crew.emails}
            assert not [path for path in self._files() if any(mark in path.read_bytes().lower() for mark in emails)]

    @rule()
    def heal(self) -> None:
        """All trouble is over: two syncs, or the time that confirming a held-back answer takes, and all is true."""
        self.fake.fault = None
        for key in list(self.revoked):
            self.key(key, good=True)
        if not self.connected:
            self.swap_keys(("members", "analytics"))
        self.flat.clock.forward(minutes=2)
        for _ in range(2):
            self.sync()
        if self.outcome != "current":
            view = self.flat.view()
            assert view.roster_held_back or view.held_back, (self.outcome, view)
            for _ in range(2):
                self.flat.clock.forward(hours=7)
                self.sync()
        assert self.outcome == "current"
        self._check_truth()

    # --- what must hold ---

    def _check_facts(self) -> None:
        """I1, I2, I3, I14: each day is whole and was told so once; none is lost; nobody is in it twice; seals hold."""
        for path in self.flat.settings.lake.glob("*/*/*/day.parquet"):
            dayfile.verify(path.read_bytes())
        assert not list(self.flat.settings.lake.glob("*/*/*/.*.tmp"))
        held = self._held()
        assert set(self.before) <= set(held)
        for day, rows in held.items():
            if rows != self.before.get(day):
                assert any(_tells(rows, version) for version in reversed(self.told[day])), day
        self.before = held

    def _check_roster(self) -> None:
        """I11: what vanishes at once stays within the brake, or was answered twice."""
        people = self.flat.members()
        removed = {str(member.member_id) for member in people if member.status == "removed"}
        known = sum(member.status in {"active", "removed"} for member in people)
        assert len(removed - self.removed) <= max(removals_allowed(known), int(known * 0.3))
        ids = [member.member_id for member in people if member.member_id]
        assert len(ids) == len(set(ids))
        self.removed = removed

    def _check_status(self) -> None:
        """I10: the status says what is so."""
        view = self.flat.view()
        assert view.healthy == (self.outcome == "current"), (self.outcome, view)
        days = {date.fromisoformat(day) for day in self.before}
        assert view.days_held == len(days)
        assert view.data_through == max(days, default=None)
        assert not days & set(view.missing)
        if self.outcome == "current":
            assert not view.missing

    def _check_requests(self, planned: int) -> None:
        """I7, I9: only GET, only what is listed; without trouble not one more than the plan needs."""
        asked = self.fake.requests
        assert {request.method for request in asked} <= {"GET"}
        assert len(asked) <= REQUESTS_WITH_TROUBLE
        if self.fake.fault is None and not self.revoked and self.outcome == "current":
            assert len(asked) <= planned, [request.path for request in asked]

    def _check_truth(self) -> None:
        """I4, I13: the days that may still move and the roster are the vendor's, to the last count."""
        now = self.flat.clock()
        for back in range(1, SETTLING_DAYS + 1):
            day = now.date() - timedelta(days=back)
            assert self.before[day.isoformat()] == self.company.rows(day, now), day
        active = {member.member_id for member in self.flat.members() if member.status == "active"}
        assert active == {member.id for member in self.company.roster(self.flat.clock())}

    @invariant()
    def changes_are_audited(self) -> None:
        """I12: each change of the connection has exactly one entry."""
        type(self).steps += 1
        if hasattr(self, "changes"):
            words = ("connection.connect", "connection.disconnect", "connection.erase")
            entries = AuditEntry.objects.filter(action__in=words).exclude(outcome="refused")
            assert entries.count() == self.changes

    def teardown(self) -> None:
        """I5, I6, I14: no content, no key in any byte of the home; every file whole."""
        if not hasattr(self, "flat"):
            return
        keys = [getattr(self.fake.keys, name) for name in ("members", "analytics", "both", "foreign_members")]
        marks = [MARK.encode(), *(key[-40:-4].encode() for key in keys)]
        assert not [path for path in self._files() if any(mark in path.read_bytes() for mark in marks)]
        self.fake.close()

    # --- the model's own looks ---

    def _held(self) -> dict[str, Rows]:
        """All days held; what has the same hash was read before."""
        connection = str(Connection.objects.get().pk)
        lake = Lake(self.flat.settings.lake, self.flat.settings.aside)
        held = {}
        for day, entry in lake.held("usage", connection).items():
            if entry.content_hash not in self.read:
                rows = lake.read("usage", connection, day).to_pylist()
                self.read[entry.content_hash] = by_member(rows)
                assert len(rows) == len(self.read[entry.content_hash]) == entry.rows
            held[day.isoformat()] = self.read[entry.content_hash]
        return held

    def _files(self) -> list[Any]:
        return [path for path in self.flat.settings.home.rglob("*") if path.is_file()]

    def _versions(self) -> list[tuple[str, int]]:
        connection = Connection.objects.filter(name="Claude").first()
        return sorted(connection.keys.values_list("slot", "version")) if connection else []

    def _note_what_is_told(self) -> int:
        """What the vendor tells now of every day this sync may read; how many requests that takes at most."""
        today = self.flat.clock().date()
        oldest = min([*map(date.fromisoformat, self.before), today - timedelta(days=SETTLING_DAYS + 5)])
        days = [oldest + timedelta(days=number) for number in range((today - oldest).days)]
        for day in days:
            rows = self.company.rows(day, self.flat.clock())
            if rows not in self.told[day.isoformat()]:
                self.told[day.isoformat()].append(rows)
        return LISTS + len(days)


def _tells(rows: Rows, version: Rows) -> bool:
    """The same people, and no count that was not told; a count that could not be read is null."""
    return set(rows) == set(version) and all(
        value is None or value == version[member][column]
        for member, counts in rows.items()
        for column, value in counts.items()
    )
