"""The thread of `uptake serve` or `uptake worker` that makes the files asked for."""

from __future__ import annotations

from datetime import datetime

from uptake.actions import export_jobs
from uptake.actions.rounds import Rounds
from uptake.config import Settings


class ExportRounds(Rounds):
    name = "exports"

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def look(self, now: datetime) -> None:
        export_jobs.work(self._settings, now)
