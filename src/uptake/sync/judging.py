"""One day's answer: believed and put in place with what it moved, or held back. The only way usage gets into the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa

from uptake.domain.days import FLOOR_DAY
from uptake.domain.measures import COLUMNS
from uptake.lake import Damaged, Entry, content_hash
from uptake.sync import guards, moves, words
from uptake.sync.fetch import FetchedDay
from uptake.sync.guards import Doubt
from uptake.sync.session import Session

_NEAR = timedelta(days=7)
_AT_ONCE = 27
"""Columns of the version before that are in memory at once: a day of a large organisation is read in four parts."""

_KEPT = "{day} came with fewer usable values than it is held with; it had settled, so the version before stays."


class DayJudge:
    """Judges the days of one run against what the lake holds of them."""

    def __init__(self, session: Session, held: dict[date, Entry]) -> None:
        self._session = session
        self._ledger = session.ledger
        self._held = held
        self.settled_before = FLOOR_DAY  # known once the newest day is

    def take(self, fetched: FetchedDay) -> None:
        """Put a day in place, or hold it back. Raises Superseded, Problem."""
        now = self._session.clock()
        day, table = fetched.day, fetched.table
        digest = content_hash("usage", self._session.connection_id, day, table)
        before = self._held.get(day)
        if before is not None and before.content_hash == digest:
            self._ledger.checked(day, now)
        else:
            doubt = self._doubt(fetched, before)
            earlier = self._ledger.earlier_hold("usage", day)
            if doubt is not None and not guards.let_in(doubt, earlier, digest, now):
                self.hold(day, doubt.reason, digest)
                return
            then = self._before(day, before) if before else None
            if then is not None and day < self.settled_before and moves.silent(table) > then.silent:
                self._ledger.checked(day, now)
                self._ledger.note(_KEPT.format(day=words.day_text(day)))
                return
            if before is not None:
                self._ledger.checked(day, before.fetched_at)
            self._ledger.moved(day, moves.since(then.totals if then else None, table), now)
        self._held[day] = self._session.commit("usage", day, table, fetched.pages)
        self._ledger.release("usage", day)

    def hold(self, day: date, reason: str, digest: str) -> None:
        """Keep the version before. Without a digest there is no whole answer that somebody could accept."""
        self._ledger.hold("usage", day, f"{words.day_text(day)}: {reason}", digest, self._session.clock())

    def _doubt(self, fetched: FetchedDay, before: Entry | None) -> Doubt | None:
        rows = fetched.table.num_rows
        return (
            guards.rows_doubt(rows, fetched.flaws.rejected_rows)
            or guards.day_doubt(before.rows if before else None, rows)
            or guards.drift_doubt(self._vanished(fetched, before))
        )

    def _vanished(self, fetched: FetchedDay, before: Entry | None) -> list[str]:
        """Counts that no row tells now, though nearly every row told them in the version before.

        Counts that may be null are judged only against many rows of the same day. A day that was not held is compared
        with the nearest day before it.
        """
        table = fetched.table
        silent = [name for name in COLUMNS if table[name].null_count == table.num_rows] if table.num_rows else []
        other = before or self._neighbour(fetched.day)
        if before is None or before.rows < guards.ROWS_TO_JUDGE:
            silent = [name for name in silent if name in moves.ALWAYS_TOLD]
        if other is None or not silent:
            return []
        told = self._read(other.day, silent)
        return guards.vanished(told.num_rows, {name: told[name].null_count for name in told.column_names})

    def _neighbour(self, day: date) -> Entry | None:
        nearest = max((other for other in self._held if day - _NEAR <= other < day), default=None)
        return self._held[nearest] if nearest else None

    def _before(self, day: date, before: Entry) -> moves.Shown:
        """What a day held tells in total, read a part of its columns at a time."""
        found: moves.Totals = {}
        silent = 0
        for start in range(0, len(COLUMNS), _AT_ONCE):
            part = self._read(day, COLUMNS[start : start + _AT_ONCE])
            found |= moves.totals(part)
            silent += moves.silent(part)
        return moves.Shown(found | {moves.MEMBERS: before.rows}, silent)

    def _read(self, day: date, columns: Sequence[str]) -> pa.Table:
        """Columns of a day held; no rows where its file was damaged meanwhile: the next run sets it aside."""
        try:
            return self._session.lake.read("usage", self._session.connection_id, day, columns=list(columns))
        except (Damaged, FileNotFoundError):
            return pa.table({name: pa.array([], pa.int32()) for name in columns})
