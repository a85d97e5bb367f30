"""Usage and the vendor's own figures: learn the newest day, plan, fetch newest first, commit day by day.

The newest available day is always an answer of the API. A rejected key ends the stream at once: nothing that arrives
after the first rejection is committed, unless one probe shows the key is good after all.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from uptake.claude.answers import ClaudeError, CursorExpired, Rejected, TooEarly, TooRecent, Unavailable, Wait
from uptake.claude.patience import Patience
from uptake.claude.roster import SummaryRow
from uptake.domain.days import FLOOR_DAY, ONE_DAY, settling_since
from uptake.lake import SUMMARIES, Entry, sort
from uptake.records.privacy import in_force
from uptake.sync import words
from uptake.sync.fetch import FetchedDay, Unbelievable, fetch_day, fetch_summaries
from uptake.sync.judging import DayJudge
from uptake.sync.plan import Window, days_to_fetch, due_again, first_guess, summaries_from
from uptake.sync.roster_stream import wait_until
from uptake.sync.session import IN_FLIGHT, Session

_GUESSES = 10
_FAILED_DAYS = 3
_SUMMARY_DAYS = 31
_LAG_AT_MOST = 7


@dataclass(slots=True)
class _State:
    """Where the stream stands. `ended` is set once, with the reason it could not go on."""

    patience: Patience
    newest: date | None = None
    pending: deque[date] = field(default_factory=deque)
    under_way: set[date] = field(default_factory=set)
    guesses: int = 0
    failed_days: int = 0
    probed: bool = False
    epoch: int = 0  # counted up by a rejection: what was asked before is not kept, whenever it arrives
    trouble: ClaudeError | None = None


class UsageStream:
    """The analytics side of a run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ledger = session.ledger
        self.today = session.clock().date()
        self.held: dict[date, Entry] = session.lake.held("usage", session.connection_id)
        self.judge = DayJudge(session, self.held)
        self.state = _State(Patience(session.waits.usage))
        self._summaries_refused = False

    def start(self) -> None:
        held = self.session.lake.held("summaries", self.session.connection_id)
        first = summaries_from(max(held, default=None), held, self.session.backfill_days, self.today)
        self._ask_summaries(self._on_newest_summaries, first, None)

    # --- the vendor's own figures ---

    def _ask_summaries(self, handler: object, first: date, last: date | None) -> None:
        patience = Patience(self.session.waits.summaries)
        self.session.submit(handler, fetch_summaries, self.session.analytics, first, last, patience)  # type: ignore[arg-type]

    def _on_newest_summaries(self, future: Future[list[SummaryRow]]) -> None:
        newest = self._keep_summaries(future)
        watermark = self.ledger.stream("usage").newest_available
        self._ask_day(first_guess(newest, watermark, self.today))

    def _on_older_summaries(self, future: Future[list[SummaryRow]]) -> None:
        self._keep_summaries(future, older=True)

    def _keep_summaries(self, future: Future[list[SummaryRow]], *, older: bool = False) -> date | None:
        """Write the figures that are new or moved; returns the newest day among them."""
        now = self.session.clock()
        try:
            rows = future.result()
        except Rejected as error:
            self._summaries_refused = True
            self.ledger.stream_troubled("summaries", self._refusal(error), "stopped")
            return None
        except (TooEarly, TooRecent) as error:
            if not older:
                self.ledger.stream_troubled("summaries", words.stream_failed("summaries", error))
            return None
        except ClaudeError as error:
            trouble = words.stream_failed("summaries", error)
            self.ledger.stream_troubled("summaries", trouble, not_before=wait_until(error, now))
            return None
        for row in rows:
            table = pa.Table.from_pylist([row.counts], schema=SUMMARIES)
            self.session.commit("summaries", row.day, sort("summaries", table), pages=1)
        newest = max((row.day for row in rows), default=None)
        if not older:
            self.ledger.stream_ok("summaries", now, newest)
        return newest

    def _ask_older_summaries(self, first: date) -> None:
        """The vendor's figures for the rest of a long backfill, a month a request, where none are held yet."""
        if self.held and first >= min(self.held):
            return  # no longer backfill than before
        held = self.session.lake.held("summaries", self.session.connection_id)
        last = min(held, default=self.today) - ONE_DAY
        while held and last >= first and not self._summaries_refused:
            start = max(first, last - timedelta(days=_SUMMARY_DAYS - 1))
            self._ask_summaries(self._on_older_summaries, start, last)
            last = start - ONE_DAY

    # --- learning the newest day ---

    def _ask_day(self, day: date) -> None:
        self.state.under_way.add(day)
        args = (self.session.analytics, day, self.state.patience, self._on_rows)
        epoch = self.state.epoch
        self.session.submit(lambda future: self._on_answer(day, epoch, future), fetch_day, *args)

    def _on_answer(self, day: date, epoch: int, future: Future[FetchedDay]) -> None:
        if epoch != self.state.epoch:
            return
        handler = self._on_day if self.state.newest else self._on_guess
        handler(day, future)

    def _on_rows(self, rows: int) -> None:
        self.ledger.progress.rows += rows

    def _on_guess(self, day: date, future: Future[FetchedDay]) -> None:
        error = future.exception()
        if isinstance(error, TooRecent):
            self.state.under_way.discard(day)
            self.state.guesses += 1
            earlier = error.newest or day - ONE_DAY
            if self.state.guesses < _GUESSES and earlier >= FLOOR_DAY:
                self._ask_day(earlier)
            else:
                self._end(Unavailable("Anthropic named no day that it serves"))
            return
        if error is None or isinstance(error, Unbelievable):
            self._plan(day)
        self._on_day(day, future)

    def _plan(self, newest: date) -> None:
        """The newest day is known: plan the rest."""
        self.state.newest = newest
        self.judge.settled_before = settling_since(newest)
        if self.held and newest < max(self.held):
            through, now = words.day_text(max(self.held)), words.day_text(newest)
            self.ledger.note(f"Anthropic serves usage through {now} only; what was read through {through} is kept.")
        kept = in_force().person_days - _LAG_AT_MOST  # what is older would only be fetched to be removed again
        window = Window(newest, min(self.session.backfill_days, kept), self.ledger.connection.oldest_available)
        read_at = self.ledger.read_at({day: entry.fetched_at for day, entry in self.held.items()})
        again = self.ledger.held_back_days() | due_again(newest, read_at, self.session.clock())
        days = days_to_fetch(window, self.held, again)
        self.state.pending = deque(day for day in days if day not in self.state.under_way)
        self.ledger.days_planned(len(self.state.pending) + len(self.state.under_way))
        self._ask_older_summaries(window.first(self.held))

    # --- the days ---

    def _on_day(self, day: date, future: Future[FetchedDay]) -> None:
        self.state.under_way.discard(day)
        if self.state.trouble is not None:
            return  # the stream has ended
        try:
            self._take(future.result())
        except Rejected as error:
            self._refused(error, day)
        except TooEarly:
            self._floor(day)
        except TooRecent as error:
            self._withdrawn(day, error)
        except Unbelievable as error:
            self.judge.hold(day, error.words, "")
        except (Unavailable, Wait, CursorExpired) as error:
            self._end(error)
        except ClaudeError as error:
            self._failed_day(error)
        self._next()

    def _next(self) -> None:
        while self.state.pending and len(self.state.under_way) < IN_FLIGHT and self.state.trouble is None:
            self._ask_day(self.state.pending.popleft())
        if not self.state.pending and not self.state.under_way and self.state.newest and self.state.trouble is None:
            self._finish()

    def _take(self, fetched: FetchedDay) -> None:
        self.ledger.flaws.add(fetched.flaws)
        self.ledger.sent_unknown(fetched.day, fetched.unknown)
        self.ledger.progress.days_done += 1
        self.judge.take(fetched)

    def _floor(self, day: date) -> None:
        """The vendor does not serve this day or any before it: the backfill ends here, cleanly."""
        connection = self.ledger.connection
        if connection.oldest_available is None or day >= connection.oldest_available:
            connection.oldest_available = day + ONE_DAY
            connection.save(update_fields=["oldest_available"])
        self.state.pending = deque(other for other in self.state.pending if other > day)
        self.ledger.note(f"Anthropic serves no day before {words.day_text(connection.oldest_available)} here.")

    def _withdrawn(self, day: date, error: TooRecent) -> None:
        """A day before the newest one that is not served: what is held of it is kept."""
        if day in self.held:
            self.ledger.note(f"Anthropic no longer serves {words.day_text(day)}, which it served before. It is kept.")
        else:
            self._failed_day(error)

    def _failed_day(self, error: ClaudeError) -> None:
        """One unreadable day does not stop the others; several do."""
        self.state.failed_days += 1
        trouble = words.stream_failed("usage", error)
        self.ledger.stream_troubled("usage", trouble)
        if self.state.failed_days >= _FAILED_DAYS or self.state.newest is None:
            self._end(error)

    # --- how it ends ---

    def _refused(self, error: Rejected, day: date) -> None:
        """One rejection is a suspicion: ask once more with the smallest question before saying so.

        Summaries refused before are that confirmation already.
        """
        self.state.pending.extendleft(sorted({day, *self.state.under_way}))
        self.state.under_way.clear()
        self.state.epoch += 1
        self.state.patience.cancel()
        self.state.trouble = error
        if self.state.probed or self._summaries_refused:
            self._stop(error)
            return
        self.state.probed = True
        probe = self.session.analytics.usage
        self.session.submit(
            self._on_probe, probe, max(self.held, default=day), Patience(self.session.waits.probe), None, 1
        )

    def _on_probe(self, future: Future[object]) -> None:
        try:
            future.result()
        except Rejected as error:
            self._stop(error)
        except ClaudeError as error:
            self._end(error)
        else:
            self.ledger.note(
                "Anthropic refused the Analytics key once and accepted it right after; the day was read again."
            )
            self.state.trouble = None
            self.state.patience = Patience(self.session.waits.usage)
            self._next()

    def _stop(self, error: Rejected) -> None:
        trouble = self._refusal(error)
        self.ledger.stream_troubled("usage", trouble, "stopped")
        self.ledger.key_rejected("usage", trouble, self.session.clock())

    def _refusal(self, error: Rejected) -> words.Trouble:
        since = self.ledger.refused_since("usage", self.session.clock())
        return words.key_refused("usage", error, since, max(self.held, default=None))

    def _end(self, error: ClaudeError) -> None:
        """The stream cannot go on in this run; the days held stay, the rest is for the next run."""
        self.state.trouble = error
        self.state.patience.cancel()
        self.state.pending.clear()
        now = self.session.clock()
        trouble = words.stream_failed("usage", error)
        self.ledger.stream_troubled("usage", trouble, not_before=wait_until(error, now))
        self.ledger.key_failed("usage", trouble, now)

    def _finish(self) -> None:
        now = self.session.clock()
        self.ledger.key_accepted("usage", now)
        if self.state.failed_days:
            return
        if self.ledger.held_back_days():
            trouble = words.Trouble("Some days are held back.", "They are confirmed by a later sync or by a person.")
            self.ledger.stream_troubled("usage", trouble, "held_back")
            return
        self.ledger.stream_ok("usage", now, self.state.newest)
