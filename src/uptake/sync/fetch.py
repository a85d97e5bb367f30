"""Fetching: all pages of one stream or one day, whole or not at all. Nothing here writes anything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from uptake.claude import roster, sieve
from uptake.claude.answers import ClaudeError, CursorExpired, Reply, Unavailable, Unreadable
from uptake.claude.client import Claude
from uptake.claude.names import unknown_fields
from uptake.claude.patience import Patience
from uptake.claude.roster import InviteRow, ListPage, SummaryRow
from uptake.claude.sieve import Flaws, UsagePage
from uptake.lake import USAGE, sort
from uptake.sync.members import told

RESTARTS = 3
REREADS = 2
EMPTY_PAGES = 20
"""A page without rows is not the end of a list; a file of them is."""
MAX_PAGES = 1_000
"""A million members on one day. An endless list is caught earlier, by a page that starts as another did."""

Page = TypeVar("Page")
Row = TypeVar("Row")


class Unbelievable(ClaudeError):
    """Complete or endless, but contradicting itself: to be held back with the version before kept."""


class Contradiction(Unbelievable):
    """The pages tell two things of one member. A list that changed while it was read does so too: read once more."""


@dataclass(frozen=True, slots=True)
class FetchedDay:
    """All pages of one day as one sorted table in the lake's shape."""

    day: date
    table: pa.Table
    pages: int
    flaws: Flaws
    organization_id: str
    unknown: frozenset[str] = frozenset()  # names of fields that we do not read


@dataclass(frozen=True, slots=True)
class FetchedList(Generic[Row]):
    """All pages of the roster or of the invites."""

    rows: list[Row]
    flaws: Flaws
    organization_id: str


class _Packed:
    """The pages of a day that is still arriving, compressed: a sixth of the memory, times the days in flight."""

    def __init__(self) -> None:
        self.count = 0
        self._sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        self._writer = pa.ipc.new_stream(self._sink, USAGE, options=options)

    def add(self, page: pa.RecordBatch) -> None:
        self._writer.write_batch(page)
        self.count += 1

    def table(self) -> pa.Table:
        """All of them as one table. Nothing can be added afterwards."""
        self._writer.close()
        return pa.ipc.open_stream(self._sink.getvalue()).read_all()


@dataclass(slots=True)
class _Pages:
    packed: _Packed = field(default_factory=_Packed)
    flaws: Flaws = field(default_factory=Flaws)
    organization_id: str = ""
    unknown: set[str] = field(default_factory=set)
    absent: list[dict[str, int]] = field(default_factory=list)  # of each page that has rows

    def add(self, page: UsagePage) -> None:
        self.packed.add(page.rows)
        self.flaws.add(page.flaws)
        if page.rows.num_rows:
            self.absent.append(page.absent)

    def missing_in_part(self) -> int:
        """Values of blocks that some pages have and others do not. A block that a whole day lacks was not offered yet."""
        blocks = {name for page in self.absent for name in page}
        partly = {name for name in blocks if any(name not in page for page in self.absent)}
        return sum(count for page in self.absent for name, count in page.items() if name in partly)


_one_at_a_time = threading.Lock()
"""Days that arrive together are put together one after the other: each is three times as large while it is sorted."""


def fetch_day(claude: Claude, day: date, patience: Patience, progress: Callable[[int], None]) -> FetchedDay:
    """Every page of a day. A dead cursor starts the day again; two members that differ are read once more.

    `progress` is told the rows of each page. Raises ClaudeError; nothing of a broken day is given out.
    """
    contradictions = 0
    for _ in range(RESTARTS + 1):
        try:
            pages = _usage_pages(claude, day, patience, progress)
            with _one_at_a_time:
                table, pages.flaws.duplicates = _without_duplicates(pages.packed.table())
                table = sort("usage", table)
        except CursorExpired:
            continue
        except Contradiction:
            contradictions += 1
            if contradictions > 1:
                raise
            continue
        return FetchedDay(day, table, pages.packed.count, pages.flaws, pages.organization_id, frozenset(pages.unknown))
    raise Unavailable("the vendor's cursor expired again and again")


def _usage_pages(claude: Claude, day: date, patience: Patience, progress: Callable[[int], None]) -> _Pages:
    pages = _Pages()
    cursor: str | None = None
    cursors: set[str] = set()
    starts: set[str] = set()
    empty = 0
    while True:
        reply, page = _readable(lambda: claude.usage(day, patience, cursor), sieve.usage_page, patience)  # noqa: B023
        patience.progress()
        progress(page.rows.num_rows)
        pages.add(page)
        pages.unknown |= unknown_fields(reply.body, page.rows.num_rows)
        pages.organization_id = reply.organization_id or pages.organization_id
        cursor = page.next_page
        if cursor is None:
            pages.flaws.missing_values += pages.missing_in_part()
            return pages
        _require_new(cursor, cursors, "the list of pages goes round in a circle")
        empty = 0 if page.rows.num_rows else empty + 1
        if page.rows.num_rows:
            _require_new(page.rows.column(0)[0].as_py(), starts, "the same page came again under another cursor")
        if pages.packed.count >= MAX_PAGES or empty >= EMPTY_PAGES:
            raise Unbelievable("the list of pages does not end")


def _require_new(mark: str, seen: set[str], words: str) -> None:
    if mark in seen:
        raise Unbelievable(words)
    seen.add(mark)


def _readable(ask: Callable[[], Reply], read: Callable[[bytes], Page], patience: Patience) -> tuple[Reply, Page]:
    """Ask and decode; an answer that cannot be read is asked for again, twice."""
    for reread in range(REREADS + 1):
        try:
            reply = ask()
            return reply, read(reply.body)
        except Unreadable:
            if reread == REREADS or not patience.sleep(min(0.5, patience.left())):
                raise
    raise AssertionError("unreachable")


def _without_duplicates(table: pa.Table) -> tuple[pa.Table, int]:
    """One row a member. Equal twins are dropped and counted; differing ones raise Unbelievable."""
    ids = table.column("member_id").combine_chunks() if table.num_rows else table.column("member_id")
    if pc.count_distinct(ids).as_py() == table.num_rows:
        return table, 0
    first: dict[str, int] = {}
    for index, member_id in enumerate(ids.to_pylist()):
        if member_id not in first:
            first[member_id] = index
        elif table.slice(index, 1).to_pylist() != table.slice(first[member_id], 1).to_pylist():
            raise Contradiction("one member came twice with different counts")
    return table.take(pa.array(first.values())), table.num_rows - len(first)


def fetch_roster(claude: Claude, patience: Patience) -> FetchedList[pa.Table]:
    """The whole roster, a table a page. Raises ClaudeError; a part of a roster is never given out."""
    return _fetch_list(claude.members, _members_page, patience)


def _members_page(body: bytes) -> ListPage[pa.Table]:
    page = roster.members_page(body)
    return ListPage([told(page.rows)], page.next_id, page.flaws)


def fetch_invites(claude: Claude, patience: Patience) -> FetchedList[InviteRow]:
    """All invites. Raises ClaudeError."""
    return _fetch_list(claude.invites, roster.invites_page, patience)


def _fetch_list(
    ask: Callable[[Patience, str | None], Reply], read: Callable[[bytes], ListPage[Row]], patience: Patience
) -> FetchedList[Row]:
    rows: list[Row] = []
    flaws = Flaws()
    after: str | None = None
    seen: set[str] = set()
    while True:
        reply, page = _readable(lambda: ask(patience, after), read, patience)  # noqa: B023
        patience.progress()
        rows.extend(page.rows)
        flaws.add(page.flaws)
        after = page.next_id
        if after is None:
            return FetchedList(rows, flaws, reply.organization_id)
        _require_new(after, seen, "the list goes round in a circle")
        if len(seen) >= MAX_PAGES:
            raise Unbelievable("the list does not end")


def fetch_summaries(claude: Claude, first: date, last: date | None, patience: Patience) -> list[SummaryRow]:
    """The vendor's own figures, one row a day. Raises ClaudeError."""
    _, rows = _readable(lambda: claude.summaries(first, last, patience), roster.summaries, patience)
    patience.progress()
    return rows
