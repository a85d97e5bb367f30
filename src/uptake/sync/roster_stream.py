"""The roster and the invites of a run: read whole, guarded, folded into the members known before."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta
from hashlib import sha256

import pyarrow as pa

from uptake.claude.answers import ClaudeError, Rejected, Wait
from uptake.claude.patience import Patience
from uptake.claude.roster import InviteRow
from uptake.lake import snapshot
from uptake.sync import members, words
from uptake.sync.fetch import FetchedList, Unbelievable, fetch_invites, fetch_roster
from uptake.sync.guards import Doubt, let_in, roster_doubt, rows_doubt
from uptake.sync.session import Session


class RosterStream:
    """Starts both lists at once; each is believed or not by itself."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ledger = session.ledger
        self._probed = False
        self._before = snapshot(session.lake, session.connection_id)

    def start(self) -> None:
        patience = Patience(self.session.waits.roster)
        self.session.submit(self._on_roster, fetch_roster, self.session.admin, patience)
        self.session.submit(self._on_invites, fetch_invites, self.session.admin, Patience(self.session.waits.invites))

    def _on_roster(self, future: Future[FetchedList[pa.Table]]) -> None:
        try:
            fetched = future.result()
        except Rejected as error:
            self._refused(error)
        except Unbelievable as error:
            self._hold(Doubt(error.words), "")
        except ClaudeError as error:
            self._failed(error)
        else:
            self._judge(fetched)

    def _judge(self, fetched: FetchedList[pa.Table]) -> None:
        now = self.session.clock()
        self.ledger.flaws.add(fetched.flaws)
        roster = pa.concat_tables(fetched.rows)
        ids = roster["member_id"].to_pylist()
        # An empty roster has no fingerprint: nobody, not even a person, can have it applied.
        fingerprint = sha256("\n".join(sorted(ids)).encode()).hexdigest() if ids else ""
        doubt = rows_doubt(len(ids), fetched.flaws.rejected_rows) or roster_doubt(members.active_ids(self._before), ids)
        if doubt and not let_in(doubt, self.ledger.earlier_hold("roster"), fingerprint, now):
            self._hold(doubt, fingerprint)
            return
        self.ledger.release("roster")
        after = members.fold(self._before, roster, now)
        for note in members.changes(self._before, after).notes:
            self.ledger.note(note)
        self._keep(after)
        self.ledger.stream_ok("roster", now)
        self.ledger.key_accepted("roster", now)

    def _hold(self, doubt: Doubt, fingerprint: str) -> None:
        now = self.session.clock()
        self.ledger.hold("roster", now.date(), doubt.reason, fingerprint, now)
        trouble = words.Trouble(doubt.reason, words.roster_way_out(doubt.settles_after, whole=bool(fingerprint)))
        self.ledger.stream_troubled("roster", trouble, "held_back")
        self.ledger.key_accepted("roster", now)

    def _refused(self, error: Rejected) -> None:
        """One rejection is a suspicion: ask once more with the smallest question before saying so."""
        if self._probed:
            self._stop(error)
            return
        self._probed = True
        self.session.submit(self._on_probe, self.session.admin.members, Patience(self.session.waits.probe), None, 1)

    def _on_probe(self, future: Future[object]) -> None:
        try:
            future.result()
        except Rejected as error:
            self._stop(error)
        except ClaudeError as error:
            self._failed(error)
        else:
            self.ledger.note(
                "Anthropic refused the Admin key once and accepted it right after; the roster was read again."
            )
            self.session.submit(self._on_roster, fetch_roster, self.session.admin, Patience(self.session.waits.roster))

    def _stop(self, error: Rejected) -> None:
        now = self.session.clock()
        trouble = words.key_refused("roster", error, self.ledger.refused_since("roster", now), None)
        self.ledger.stream_troubled("roster", trouble, "stopped")
        self.ledger.key_rejected("roster", trouble, now)

    def _failed(self, error: ClaudeError) -> None:
        now = self.session.clock()
        trouble = words.stream_failed("roster", error)
        self.ledger.stream_troubled("roster", trouble, not_before=wait_until(error, now))
        self.ledger.key_failed("roster", trouble, now)

    def _on_invites(self, future: Future[FetchedList[InviteRow]]) -> None:
        try:
            fetched = future.result()
        except Rejected as error:
            since = self.ledger.refused_since("invites", self.session.clock())
            trouble = words.key_refused("invites", error, since, None)
            self.ledger.stream_troubled("invites", trouble, "stopped")
        except ClaudeError as error:
            trouble = words.stream_failed("invites", error)
            self.ledger.stream_troubled("invites", trouble, not_before=wait_until(error, self.session.clock()))
        else:
            self.ledger.flaws.add(fetched.flaws)
            self._keep(members.fold_invites(self._before, fetched.rows))
            self.ledger.stream_ok("invites", self.session.clock())

    def _keep(self, table: pa.Table) -> None:
        """Write a snapshot if anything changed; the newest snapshot is the whole truth about members."""
        newest = self.session.lake.newest("members", self.session.connection_id)
        if newest is None or not table.equals(self._before):
            self.session.commit("members", self.session.clock().date(), table, pages=0)
        self._before = table


def wait_until(error: ClaudeError, now: datetime) -> datetime | None:
    """Until when the schedule leaves a stream alone because the vendor asked for it."""
    return now + timedelta(seconds=error.seconds) if isinstance(error, Wait) else None
