"""Reads the directory's sources by the clock, or when somebody asked: a thread of its own, for a source may take minutes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError, close_old_connections

from uptake.actions import sources
from uptake.config import Settings
from uptake.domain.access import SCHEDULE
from uptake.domain.problems import Problem
from uptake.people.delivery import CSV
from uptake.records.models import DirectorySource
from uptake.records.vault import trouble

log = structlog.get_logger("uptake.people")

_LOOK_EVERY = 2.0
_INTERVALS = {
    "ok": timedelta(hours=12),
    "failing": timedelta(minutes=20),
    "held_back": timedelta(hours=12),
    "stopped": timedelta(hours=6),
}


class _Stopping(BaseException):
    """The process is told to end while a source is being read."""


def due(row: DirectorySource, now: datetime) -> bool:
    """Whether to read a source now. Somebody's request comes before any wait."""
    if row.tried_at is None or (row.asked_at is not None and row.asked_at > row.tried_at):
        return True
    if row.not_before is not None and now < row.not_before:
        return False
    return now - row.tried_at >= _INTERVALS.get(row.state, _INTERVALS["ok"])


class DirectorySchedule:
    """Looks every two seconds. Trouble with one source or with the database never ends it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self.run, name="directory", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until stopped."""
        while not self._stop.wait(_LOOK_EVERY):
            try:
                self.look(datetime.now(UTC))
            except DatabaseError:
                log.warning("the database did not answer; the directory's schedule waits")
            except _Stopping:
                return
            except Exception:
                log.exception("reading a source of the directory ended unexpectedly; the schedule goes on")
            finally:
                close_old_connections()

    def look(self, now: datetime) -> None:
        """Read every source that is due at `now`; none while the master key does not open their keys."""
        rows = [row for row in DirectorySource.objects.filter(enabled=True).exclude(pk=CSV) if due(row, now)]
        if not rows or trouble(self._settings.master_key_file) is not None:
            return
        for row in rows:
            # Several processes may look at once: whoever moves the mark reads.
            if not DirectorySource.objects.filter(pk=row.pk, tried_at=row.tried_at).update(tried_at=now):
                continue
            try:
                found = sources.read(SCHEDULE, self._settings, row.name, now, self._sleep)
                log.info("source read", source=row.name, outcome=found.outcome)
            except Problem as problem:
                log.warning("source not read", source=row.name, problem=problem.message)

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _Stopping
