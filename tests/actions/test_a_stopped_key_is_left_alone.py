"""A key refused for a day is no longer asked by the schedule; the other key goes on, and somebody's wish tries it again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from uptake.actions.state import as_json, connections
from uptake.actions.syncing import Scheduler, request_sync, sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.fake import FakeClaude
from uptake.records.models import Connection, Run

DAY = timedelta(days=1)


@pytest.fixture
def stopped(home: Settings, fake: FakeClaude, connected: Connection, now: datetime) -> Connection:
    sync_now(OPERATOR, home, trigger="command")
    fake.revoke(fake.keys.analytics)
    sync_now(OPERATOR, home, trigger="command")
    connected.keys.filter(slot="analytics").update(
        state="stopped", state_since=now - 2 * DAY, rejected_at=now - 2 * DAY
    )
    Connection.objects.update(sync_requested_at=None)
    Run.objects.update(started_at=now - DAY)
    fake.clear_requests()
    return connected


def asked(fake: FakeClaude) -> set[str]:
    return {request.path.rpartition("/organizations/")[2] for request in fake.requests}


def test_the_schedule_leaves_it_alone_and_the_roster_goes_on(
    home: Settings, fake: FakeClaude, stopped: Connection, now: datetime
) -> None:
    Scheduler(home).look(now)
    assert asked(fake) == {"users", "invites"}
    run = Run.objects.first()
    assert run is not None
    assert (run.trigger, run.outcome) == ("schedule", "stopped")
    assert "Sync now tries it once more" in " ".join(run.notes)


def test_sync_now_tries_it_and_a_good_key_heals(
    home: Settings, fake: FakeClaude, stopped: Connection, now: datetime
) -> None:
    fake.restore(fake.keys.analytics)
    request_sync(OPERATOR, home, name="Acme")
    Scheduler(home).look(now)
    assert "analytics/users" in asked(fake)
    assert Run.objects.first().outcome == "current"  # type: ignore[union-attr]
    assert stopped.keys.get(slot="analytics").state == "ok"
    assert stopped.keys.get(slot="analytics").cause_class == ""


def test_a_lost_key_is_told_with_its_class_its_last_good_day_and_what_to_do(
    home: Settings, fake: FakeClaude, stopped: Connection, now: datetime
) -> None:
    (told,) = as_json(connections(OPERATOR, home, now))["connections"]
    key = told["keys"]["analytics"]
    assert (key["state"], key["cause"]) == ("stopped", "not_accepted")
    assert "Usage through" in key["hint"]
    assert "Ask the Primary Owner for a key with read:analytics" in key["hint"]
    assert told["keys"]["admin"]["cause"] == ""
