"""A small lake to ask, and the same figures worked out a second time from the raw rows, in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from uptake.domain.measures import COLUMNS
from uptake.lake import DIRECTORY, MEMBERS, USAGE, Entry, Kind, Lake, content_hash, sort
from uptake.metrics import ConnectionFacts, Facts
from uptake.people.chart import to_table
from uptake.people.matching import Key, Link
from uptake.people.person import Said

FIRST = date(2026, 9, 7)  # a Monday
Row = dict[str, Any]


@dataclass
class World:
    """A home with a lake, and everything written to it."""

    home: Path
    threshold: int = 5
    usage: dict[str, dict[date, list[Row]]] = field(default_factory=dict)
    rosters: dict[str, list[Row]] = field(default_factory=dict)
    connections: dict[str, ConnectionFacts] = field(default_factory=dict)
    charts: dict[date, list[Said]] = field(default_factory=dict)
    links: dict[Key, Link] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return Lake(self.home / "lake", self.home / "aside")

    @property
    def facts(self) -> Facts:
        return Facts(self.lake, self.home / "cache", tuple(self.connections.values()), self.threshold, self.links)

    def connect(self, connection: str, **known: Any) -> World:
        self.connections[connection] = ConnectionFacts(connection, connection.title(), **known)
        return self

    def day(self, connection: str, day: date, rows: Iterable[Row]) -> World:
        """One usage day; a row names a member `id` and the counts that are not null."""
        if connection not in self.connections:
            self.connect(connection)
        rows = [{"member_id": row["id"], "email": f"{row['id']}@example.com", **without_id(row)} for row in rows]
        self.usage.setdefault(connection, {})[day] = rows
        put(self.lake, "usage", connection, day, pa.Table.from_pylist(rows, schema=USAGE))
        return self

    def roster(self, connection: str, rows: Iterable[Row], day: date = FIRST) -> World:
        """The newest members snapshot; a row is {member_id, email, status, joined_at, left_at, expires_at}."""
        if connection not in self.connections:
            self.connect(connection)
        self.rosters[connection] = list(rows)
        put(self.lake, "members", connection, day, pa.Table.from_pylist(self.rosters[connection], schema=MEMBERS))
        return self

    def chart(self, monday: date, people: Iterable[Said]) -> World:
        """The company's org chart from a week on."""
        self.charts[monday] = list(people)
        put(self.lake, "people", DIRECTORY, monday, to_table(self.charts[monday]))
        return self


def without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


def put(lake: Lake, kind: Kind, connection: str, day: date, table: pa.Table) -> None:
    table = sort(kind, table)
    digest = content_hash(kind, connection, day, table)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    lake.replace(Entry(day, kind, connection, table.num_rows, digest, now, "test", 1, 1), table)


def member(number: int, joined: date = date(2026, 1, 2), left: date | None = None, **more: Any) -> Row:
    at = datetime.combine(joined, time(9), UTC)
    gone = datetime.combine(left, time(9), UTC) if left else None
    status = "removed" if left else "active"
    name = f"m{number}"
    return {
        "member_id": name,
        "email": f"{name}@example.com",
        "status": status,
        "joined_at": at,
        "left_at": gone,
    } | more


def invite(number: int, expires: date | None = None) -> Row:
    at = datetime.combine(expires, time(9), UTC) if expires else None
    return {"email": f"invited{number}@example.com", "status": "pending", "expires_at": at}


COUNTS = (
    "chat_messages", "unified_chat_messages", "cowork_messages", "unified_cowork_messages", "cowork_sessions",
    "office_word_messages", "design_messages", "science_messages", "tag_active_messages", "code_sessions",
    "code_lines_added", "code_lines_removed", "code_commits", "code_pull_requests", "code_edit_accepted",
    "code_edit_rejected", "code_write_accepted", "code_write_rejected", "code_multi_edit_accepted",
    "code_multi_edit_rejected", "web_searches", "cowork_dispatch_turns", "chat_shared_conversations_viewed",
)  # fmt: skip
assert set(COUNTS) <= set(COLUMNS)


def random_world(home: Path, seed: int, people: int = 60, days: int = 40, threshold: int = 1) -> World:
    """People who come and go, invites, unlisted people, missing days, nulls, days without anybody."""
    rnd = random.Random(seed)
    world = World(home, threshold)
    used = rnd.sample(COUNTS, rnd.randint(4, len(COUNTS)))
    for connection in ["one", "two"][: rnd.randint(1, 2)]:
        keen = [rnd.random() ** 2 for _ in range(people)]
        for number in range(days):
            if rnd.random() < 0.04:
                continue
            quiet = 0.0 if rnd.random() < 0.03 else rnd.choice([1.0, 1.0, 0.1])
            rows = [
                {"id": f"m{who}"} | {name: rnd.choice([0, 0, None, rnd.randint(1, 9)]) for name in used}
                for who in range(people)
                if rnd.random() < keen[who] * quiet
            ]
            world.day(connection, FIRST + timedelta(days=number), rows)
        world.roster(connection, _roster(rnd, people, days))
    return world


def _roster(rnd: random.Random, people: int, days: int) -> list[Row]:
    rows = []
    for number in range(people + 5):
        if rnd.random() < 0.1:
            continue  # unlisted, where they use Claude
        joined = FIRST + timedelta(days=rnd.randint(-40, days)) if rnd.random() < 0.3 else date(2026, 1, 2)
        left = joined + timedelta(days=rnd.randint(1, 60)) if rnd.random() < 0.1 else None
        by_email = {"member_id": f"console{number}"} if rnd.random() < 0.1 else {}
        rows.append(member(number, joined, left, **by_email))
    return rows + [invite(number, rnd.choice([None, FIRST, date(2027, 1, 1)])) for number in range(rnd.randint(0, 9))]


_COUNT_OF = {
    "chat": "chat_messages",
    "cowork": "cowork_messages",
    "office": "office_word_messages",
    "claude_code": "code_sessions",
}
_TOOLS = ("edit", "write", "multi_edit", "notebook_edit")


def leaky_world(home: Path, seed: int, threshold: int, days: int) -> World:
    """Few people, few surfaces, habits, empty days, leavers and people without a seat: as leaky as can be."""
    rnd = random.Random(seed)
    world = World(home, threshold)
    for connection in ("one", "two")[: rnd.randint(1, 2)]:
        people = rnd.choice([3, 6, 9, 14, 25])
        used = rnd.sample(sorted(_COUNT_OF.items()), rnd.randint(1, 4))
        keen = [rnd.choice([0.0, 0.02, 0.3, 0.9, 1.0]) for _ in range(people)]
        closed = {number for number in range(days) if rnd.random() < rnd.choice([0.0, 0.2, 0.7])}
        for number in range(days):
            if rnd.random() < 0.03:
                continue
            who = [] if number in closed else [p for p in range(people) if rnd.random() < keen[p]]
            rows = [
                {"id": f"m{p}"} | {column: rnd.choice([0, 1, 2, 30]) for _, column in used} | _decisions(rnd)
                for p in who
            ]
            world.day(connection, FIRST + timedelta(days=number), rows)
        left = [FIRST + timedelta(days=rnd.randint(1, days)) if rnd.random() < 0.1 else None for _ in range(people + 3)]
        seats = [member(p, left=left[p]) for p in range(people + rnd.randint(-2, 3))]
        world.roster(connection, seats + [invite(number) for number in range(rnd.randint(0, 7))])
    return world


def _decisions(rnd: random.Random) -> dict[str, int]:
    tools = [tool for tool in _TOOLS if rnd.random() < 0.15]
    return {f"code_{tool}_{word}": rnd.randint(0, 3) for tool in tools for word in ("accepted", "rejected")}


@dataclass(frozen=True)
class Plain:
    """One connection's figures from its raw rows, straight from the definitions."""

    usage: dict[date, list[Row]]
    roster: list[Row]
    anchor: date | None = None

    def active(self, first: date, last: date, surface: str | None = None) -> set[str]:
        return {
            row["member_id"]
            for day, rows in self.usage.items()
            if first <= day <= last
            for row in rows
            if (surface in active_on(row) if surface else active_on(row))
        }

    def seats(self, day: date) -> list[Row]:
        return [
            row
            for row in self.roster
            if row.get("member_id")
            and row["joined_at"].date() <= day
            and (row["left_at"] is None or day < row["left_at"].date())
        ]

    def seat_of(self, member_id: str) -> str | None:
        ids = {row.get("member_id") for row in self.roster}
        if member_id in ids:
            return member_id
        emails = {row["email"]: row["member_id"] for row in self.roster if row.get("member_id")}
        return emails.get(f"{member_id}@example.com")

    def reached(self, day: date) -> int:
        using = {self.seat_of(who) for who in self.active(day - timedelta(days=27), day)}
        return len(using & {row["member_id"] for row in self.seats(day)})

    def never_used(self) -> int:
        newest = max(self.usage)
        using = {self.seat_of(who) for who in self.active(min(self.usage), newest)}
        return sum(
            row["member_id"] not in using and row["joined_at"].date() <= newest - timedelta(days=13)
            for row in self.seats(newest)
        )

    def total(self, first: date, last: date, columns: Iterable[str]) -> int | None:
        """None where nothing was reported, or where all that was reported is zero and a day is not."""
        total, unreported = 0, False
        for day, rows in self.usage.items():
            if first <= day <= last:
                values = [row[name] for row in rows for name in columns if row.get(name) is not None]
                total += sum(values)
                unreported |= bool(rows) and not values
        return total if total or not unreported else None

    def decisions(self, first: date, last: date, tools: Iterable[str]) -> tuple[int, int]:
        accepted = rejected = 0
        for day, rows in self.usage.items():
            for row in rows if first <= day <= last else ():
                for tool in tools:
                    yes, no = row.get(f"code_{tool}_accepted"), row.get(f"code_{tool}_rejected")
                    if yes is not None and no is not None:
                        accepted, rejected = accepted + yes, rejected + no
        return accepted, accepted + rejected


def active_on(row: Row) -> set[str]:
    """The surfaces of a member-day, from the definition in words."""

    def some(*names: str) -> bool:
        return any((row.get(name) or 0) > 0 for name in names)

    tools = [
        f"code_{tool}_{word}"
        for tool in ("edit", "multi_edit", "write", "notebook_edit")
        for word in ("accepted", "rejected")
    ]
    work = ["code_sessions", "code_commits", "code_pull_requests", "code_lines_added", "code_lines_removed", *tools]
    cowork = ["cowork_messages", "unified_cowork_messages", "cowork_sessions", "unified_cowork_sessions"]
    office = [f"office_{app}_messages" for app in ("excel", "outlook", "powerpoint", "word")]
    rules = {
        "chat": some("chat_messages", "unified_chat_messages"),
        "claude_code": some(*work),
        "cowork": some(*cowork),
        "office": some(*office),
        "design": some("design_messages", "design_sessions"),
        "science": some("science_messages", "science_sessions"),
        "slack": some("tag_active_messages"),
    }
    return {surface for surface, active in rules.items() if active}
