"""Reads the directory's sources by the clock, or when somebody asked: a thread of its own, for a source may take minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from uptake.actions import scim_directory, sources
from uptake.actions.rounds import Rounds, Stopping
from uptake.config import Settings
from uptake.domain.access import SCHEDULE
from uptake.domain.problems import Problem
from uptake.people.delivery import CSV, SCIM
from uptake.records.models import DirectorySource
from uptake.records.vault import trouble

log = structlog.get_logger("uptake.people")

_INTERVALS = {
    "ok": timedelta(hours=12),
    "failing": timedelta(minutes=20),
    "held_back": timedelta(hours=12),
    "stopped": timedelta(hours=6),
}


def due(row: DirectorySource, now: datetime) -> bool:
    """Whether to read a source now. Somebody's request comes before any wait."""
    if row.tried_at is None or (row.asked_at is not None and row.asked_at > row.tried_at):
        return row.name != SCIM or _settled(row, now)
    if row.not_before is not None and now < row.not_before:
        return False
    return now - row.tried_at >= _INTERVALS.get(row.state, _INTERVALS["ok"])


def _settled(row: DirectorySource, now: datetime) -> bool:
    """Whether what was sent may be whole: an identity provider sends a company one by one."""
    quiet = row.asked_at is None or now - row.asked_at >= scim_directory.QUIET
    return quiet or (row.tried_at is not None and now - row.tried_at >= scim_directory.LONGEST)


class DirectorySchedule(Rounds):
    """Trouble with one source never keeps the others from being read."""

    name = "directory"

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

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
        if self.stopped.wait(seconds):
            raise Stopping
