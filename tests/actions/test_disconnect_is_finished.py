"""A disconnect that died half-way is finished by whoever comes next; it never stays half done and never starts anew."""

from __future__ import annotations

from datetime import datetime

import pytest

from uptake.actions import disconnects
from uptake.actions.connections import connect
from uptake.actions.disconnects import disconnect, finish_interrupted
from uptake.actions.syncing import Scheduler, sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude
from uptake.records.models import AuditEntry, Connection, SealedKey


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.fixture
def synced(home: Settings, connected: Connection) -> Connection:
    sync_now(OPERATOR, home, trigger="command")
    return connected


def die_at(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(disconnects, step, dying)


@pytest.mark.parametrize("step", ["_finish", "_erase_facts", "_erase_records"])
def test_an_erase_that_died_is_finished(
    step: str, home: Settings, synced: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        die_at(step, patched)
        with pytest.raises(Killed):
            disconnect(OPERATOR, home, name="Acme", erase=True, now=now)
    assert Connection.objects.get().state == "disconnected"
    Scheduler(home).look(now)
    assert not Connection.objects.exists()
    assert not SealedKey.objects.exists()
    assert not list(home.lake.glob("*/connection=*"))
    entry = AuditEntry.objects.get(action="connection.erase")
    assert entry.actor == "schedule"
    assert finish_interrupted(home, now) == []


def test_keeping_that_died_destroys_the_keys_and_keeps_the_days(
    home: Settings, synced: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = sorted(home.lake.glob("usage/*/day=*"))
    with monkeypatch.context() as patched:
        die_at("_finish", patched)
        with pytest.raises(Killed):
            disconnect(OPERATOR, home, name="Acme", erase=False, now=now)
    finish_interrupted(home, now)
    assert not SealedKey.objects.exists()
    assert sorted(home.lake.glob("usage/*/day=*")) == held
    assert Connection.objects.get().leaving == ""


def test_while_an_erase_is_unfinished_nobody_connects_over_it(
    home: Settings, fake: FakeClaude, synced: Connection, now: datetime
) -> None:
    Connection.objects.update(leaving="erase", state="disconnected")
    with pytest.raises(Problem, match="are being erased"):
        connect(
            OPERATOR,
            home,
            name="Acme",
            admin_key=Secret(fake.keys.members),
            analytics_key=Secret(fake.keys.analytics),
            now=now,
        )
    assert disconnect(OPERATOR, home, name="Acme", erase=False, now=now).erased  # what was begun is not taken back
