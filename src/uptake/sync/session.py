"""One run at work: its clients, its jobs and the one place where facts are committed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from uptake.claude.client import Claude
from uptake.lake import Entry, Kind, Lake, content_hash
from uptake.records.tombstones import Tombs
from uptake.sync.erased import without
from uptake.sync.ledger import Ledger, Progress
from uptake.sync.waits import Waits

IN_FLIGHT = 4
"""Requests under way at once. More would only queue at the limiter."""

Handler = Callable[["Future[Any]"], None]


class Superseded(Exception):
    """The connection was disconnected or a key replaced meanwhile: this run ends without another commit."""


@dataclass(slots=True)
class Session:
    """What the streams of one run share. Handlers run in the main thread, one at a time; fetches in the pool."""

    lake: Lake
    ledger: Ledger
    admin: Claude
    analytics: Claude
    pool: ThreadPoolExecutor
    clock: Callable[[], datetime]
    backfill_days: int
    waits: Waits
    report: Callable[[Progress], None]
    requests: Callable[[], int]
    tombs: Tombs = field(default_factory=Tombs)
    jobs: dict[Future[Any], Handler] = field(default_factory=dict)

    @property
    def connection_id(self) -> str:
        return str(self.ledger.connection.pk)

    def submit(self, handler: Handler, fetch: Callable[..., Any], *args: Any) -> None:
        """Fetch in the pool; the handler gets the finished future in the main thread."""
        self.jobs[self.pool.submit(fetch, *args)] = handler

    def work(self) -> None:
        """Until no job is left, or the run is no longer wanted (Superseded). A handler may submit further jobs."""
        while self.jobs:
            done, _ = wait(self.jobs, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                self.jobs.pop(future)(future)
            self.ledger.progress.requests = self.requests()
            self.report(self.ledger.progress)
            if self.ledger.tick() and not self.ledger.still_ours():
                raise Superseded

    def commit(self, kind: Kind, day: date, table: pa.Table, pages: int) -> Entry:
        """Put a day in place. The only call of `Lake.replace`. Raises Superseded, Problem."""
        if not self.ledger.still_ours():
            raise Superseded
        table = without(kind, table, self.tombs)
        entry = Entry(
            uptake_day=day,
            kind=kind,
            connection=self.connection_id,
            rows=table.num_rows,
            content_hash=content_hash(kind, self.connection_id, day, table),
            fetched_at=self.clock(),
            run=str(self.ledger.run.pk),
            key_version=self.ledger.key_version(kind),
            pages=pages,
        )
        if self.lake.replace(entry, table):
            self.ledger.progress.written += 1
        return entry
