"""sync.run: now, on request, or by the clock. Requests are coalesced in the records, so any process may take them up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import takewhile

import structlog
from django.db import transaction

from uptake.actions import erasures, retention
from uptake.actions.disconnects import finish_interrupted
from uptake.actions.rounds import Rounds, Stopping
from uptake.config import Settings
from uptake.domain.access import SCHEDULE, Viewer, require
from uptake.domain.problems import Busy, Problem
from uptake.records import audit
from uptake.records.models import Connection
from uptake.records.vault import open_vault, trouble
from uptake.sync.ledger import Progress
from uptake.sync.run import RunResult, sync
from uptake.sync.schedule import Standing, due

log = structlog.get_logger("uptake.sync")

Report = Callable[[str, Progress], None]

_LOOK_BACK = 8  # runs that count for how long to wait after failures


def sync_now(
    viewer: Viewer, settings: Settings, *, trigger: str, report: Report = lambda _name, _progress: None
) -> list[RunResult]:
    """Sync every connection, one after the other. Raises NotAllowed, Busy or Problem; none connected is a Problem."""
    require(viewer, "sync.run")
    finish_interrupted(settings, datetime.now(UTC))
    connected = list(Connection.objects.filter(state="connected").order_by("connected_at"))
    if not connected:
        raise Problem("There is no connection to sync.", "Connect Claude first: `uptake connect claude --help`.")
    return [_sync_one(viewer, settings, connection, trigger, report) for connection in connected]


def _sync_one(viewer: Viewer, settings: Settings, connection: Connection, trigger: str, report: Report) -> RunResult:
    vault = open_vault(settings.master_key_file)
    result = sync(
        connection, settings, vault, trigger=trigger, report=lambda progress: report(connection.name, progress)
    )
    audit.record(viewer, "sync.run", connection.name, datetime.now(UTC), outcome=result.outcome, run=result.run_id)
    return result


def request_sync(viewer: Viewer, settings: Settings, *, name: str) -> None:
    """Ask for a sync soon. Asking again before it starts changes nothing. Raises NotAllowed, Sealed or Problem."""
    require(viewer, "sync.run")
    if sealed := trouble(settings.master_key_file):
        raise sealed
    now = datetime.now(UTC)
    with transaction.atomic():
        if not Connection.objects.filter(name=name, state="connected").update(sync_requested_at=now):
            raise Problem(f"There is no connected connection named {name!r}.", "Nothing was started.")
        audit.record(viewer, "sync.run", name, now, outcome="asked for")


class Scheduler(Rounds):
    """Syncs what is due. One thread of `uptake serve`, or all of `uptake worker`."""

    name = "scheduler"

    def __init__(self, settings: Settings, after_sync: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._settings = settings
        self._after_sync = after_sync
        self._was_shut = False
        self._jitter = random.uniform(-0.1, 0.1)  # noqa: S311

    def _still_wanted(self, _name: str, _progress: Progress) -> None:
        # Called about twice a second by a sync under way: this is where it learns that the process ends.
        if self.stopped.is_set():
            raise Stopping

    def look(self, now: datetime) -> None:
        """Sync every connection that is due at `now`; none while the master key does not open their keys."""
        if self._shut():
            return
        finish_interrupted(self._settings, now)
        erasures.finish_interrupted(self._settings, now)
        self._keep_house(now)
        for connection in self._due(now):
            try:
                trigger = "web" if _asked_for(connection) else "schedule"
                result = _sync_one(SCHEDULE, self._settings, connection, trigger, self._still_wanted)
                log.info("sync ended", connection=connection.pk, outcome=result.outcome, rows=result.progress.rows)
                self._after_sync()
            except Busy:
                return  # whoever syncs now does our work
            except Problem as problem:
                log.warning("sync failed", connection=connection.pk, problem=problem.message)
                Connection.objects.filter(pk=connection.pk).update(sync_requested_at=None)

    def _keep_house(self, now: datetime) -> None:
        """Once a day: what is older than the policy keeps goes."""
        if not retention.due(now):
            return
        try:
            gone = retention.apply(SCHEDULE, self._settings, now=now)
            if any(gone.values()):
                log.info("retention", **gone)
        except Busy:
            return  # the next look is soon enough
        except Problem as problem:
            log.warning("the retention could not remove everything", problem=problem.message)

    def _shut(self) -> bool:
        """Whether the vault is sealed; said once in the log, not every two seconds."""
        sealed = trouble(self._settings.master_key_file)
        if sealed is not None and not self._was_shut:
            log.warning("sealed: no sync until the master key is back", problem=sealed.message)
        self._was_shut = sealed is not None
        return self._was_shut

    def _due(self, now: datetime) -> Iterable[Connection]:
        for connection in Connection.objects.filter(state="connected").prefetch_related("keys", "streams"):
            if due(_standing(connection), now, self._settings.sync_hours, self._jitter):
                yield connection


def _asked_for(connection: Connection) -> bool:
    """Whether somebody asked for this sync: it tries what the schedule leaves alone."""
    run = connection.runs.first()
    asked = connection.sync_requested_at
    return asked is not None and (run is None or asked > run.started_at)


def _standing(connection: Connection) -> Standing:
    recent = list(connection.runs.all()[:_LOOK_BACK])
    run = recent[0] if recent else None
    failed = list(takewhile(lambda run: run.outcome in {"failed", "interrupted", "partly"}, recent))
    waits = [stream.not_before for stream in connection.streams.all() if stream.not_before]
    suspects = [key.rejected_at for key in connection.keys.all() if key.state == "suspect" and key.rejected_at]
    return Standing(
        last_started_at=run.started_at if run else None,
        requested_at=connection.sync_requested_at,
        not_before=max(waits, default=None),
        suspect_since=max(suspects, default=None),
        stopped=any(key.state == "stopped" for key in connection.keys.all()),
        failed_in_a_row=len(failed),
    )
