"""However often somebody asks for a sync, one is enough: those who ask while one runs get one more together."""

from __future__ import annotations

from datetime import UTC, datetime

from faults.conftest import Flat
from uptake.actions.syncing import Scheduler, request_sync
from uptake.domain.access import OPERATOR
from uptake.records.models import Run


def ask_fifty_times(flat: Flat) -> None:
    for _ in range(50):
        request_sync(OPERATOR, flat.settings, name="Claude")


def test_fifty_asks_make_one_run_and_fifty_more_another(flat: Flat) -> None:
    asked_during_the_run: list[bool] = []

    class Asking(Scheduler):
        """Is asked fifty times while its first sync is under way."""

        def _still_wanted(self, *progress: object) -> None:
            if not asked_during_the_run:
                asked_during_the_run.append(True)
                ask_fifty_times(flat)

    scheduler = Asking(flat.settings)
    ask_fifty_times(flat)
    scheduler.look(datetime.now(UTC))
    assert (asked_during_the_run, Run.objects.count()) == ([True], 1)
    for _ in range(3):
        scheduler.look(datetime.now(UTC))
    assert Run.objects.count() == 2
    assert set(Run.objects.values_list("outcome", "trigger")) == {("current", "web")}
