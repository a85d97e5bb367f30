"""The master key is rotated without loss: a death anywhere leaves one key that opens everything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from uptake.actions import handover, master_key
from uptake.actions.connections import connect
from uptake.actions.master_key import rotate, sealed
from uptake.actions.syncing import sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude
from uptake.records import masters
from uptake.records.models import AuditEntry, Connection, Installation, SealedKey
from uptake.records.vault import Sealed, Vault, open_all, open_vault, place_of
from uptake.sync.run import sync


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it, nothing is cleaned up."""


def opened(home: Settings) -> dict[str, Secret]:
    vault = open_vault(home.master_key_file)
    return {row.slot: vault.open(bytes(row.sealed), place_of(row)) for row in SealedKey.objects.all()}


def test_every_key_opens_with_the_new_one_and_none_with_the_old_one(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    token = handover.create(OPERATOR, name="Second", slot="analytics", now=now).split("/")[-2]
    handover.receive(home, token, Secret(fake.keys.analytics), now)
    before, text = opened(home), home.master_key_file.read_bytes()
    old = Vault(bytes.fromhex(text.decode()), Installation.objects.get().id)
    done = rotate(OPERATOR, home, now=now)
    assert done.keys == 3
    assert opened(home) == before
    assert home.master_key_file.read_bytes() != text
    assert home.master_key_file.stat().st_mode & 0o777 == 0o600
    assert Installation.objects.get().key_check.startswith(done.mark)
    with pytest.raises(Sealed):
        open_all(old)
    assert [path.name for path in home.home.glob("*master.key*")] == ["master.key"]
    assert [path.name for path in home.home.glob(".master.key*")] == []
    assert AuditEntry.objects.filter(action="master_key.rotate").count() == 1
    sync_now(OPERATOR, home, trigger="command")


def test_a_sync_that_waited_for_a_rotation_goes_on_with_the_new_key(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    before = open_vault(home.master_key_file)
    rotate(OPERATOR, home, now=now)
    assert sync(connected, home, before, trigger="command").outcome == "current"


@pytest.mark.parametrize("where", ["put_beside", "rewrap", "promote"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_death_at_each_step_loses_nothing(
    where: str, when: str, home: Settings, connected: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(home)
    room = master_key if where == "rewrap" else masters
    real = getattr(room, where)

    def dying(*args: object) -> None:
        if when == "after":
            real(*args)
        raise Killed

    monkeypatch.setattr(room, where, dying)
    with pytest.raises(Killed):
        rotate(OPERATOR, home, now=now)
    monkeypatch.undo()
    assert opened(home) == before
    assert sealed(home) is None
    rotate(OPERATOR, home, now=now)
    assert opened(home) == before
    assert [path.name for path in home.home.glob("*master.key*")] == ["master.key"]


def test_a_key_that_no_longer_opens_stops_the_rotation(home: Settings, connected: Connection, now: datetime) -> None:
    SealedKey.objects.filter(slot="admin").update(sealed=b"damaged")
    text = home.master_key_file.read_bytes()
    with pytest.raises(Sealed):
        rotate(OPERATOR, home, now=now)
    assert home.master_key_file.read_bytes() == text
    vault = open_vault(home.master_key_file)
    row = SealedKey.objects.get(slot="analytics")
    vault.open(bytes(row.sealed), place_of(row))


def test_only_the_operator_rotates(home: Settings, now: datetime) -> None:
    with pytest.raises(NotAllowed, match="rotate the master key"):
        rotate(Viewer("ada@acme.example", Role.COMPANY_ADMIN), home, now=now)


# --- sealed mode ---


@pytest.fixture(params=["missing", "wrong", "no key"])
def shut(request: pytest.FixtureRequest, home: Settings, connected: Connection) -> Path:
    path = home.master_key_file
    if request.param == "missing":
        path.unlink()
    else:
        path.write_text("0123456789abcdef" * 4 if request.param == "wrong" else "no key")
    return path


def test_sealed_the_data_are_readable_and_nothing_is_overwritten(
    shut: Path, home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    from uptake.actions.readiness import readiness
    from uptake.actions.state import connections

    text = shut.read_bytes() if shut.exists() else None
    kept = [bytes(row.sealed) for row in SealedKey.objects.all()]
    fake.clear_requests()
    key = Secret(fake.keys.both)
    with pytest.raises(Sealed):
        sync_now(OPERATOR, home, trigger="command")
    with pytest.raises(Sealed):
        connect(OPERATOR, home, name="Acme", admin_key=key, analytics_key=key, now=now)
    with pytest.raises(Sealed):
        rotate(OPERATOR, home, now=now)
    assert fake.requests == []
    assert connections(OPERATOR, home, now)[0].state == "connected"
    assert readiness(home)["master_key"] == "sealed"
    assert (shut.read_bytes() if shut.exists() else None) == text
    assert [bytes(row.sealed) for row in SealedKey.objects.all()] == kept
    trouble = sealed(home)
    assert trouble is not None
    assert Installation.objects.get().key_check[:8] in trouble.hint
    assert text is None or text.decode() not in str(trouble) or text == b"no key"


def test_looking_makes_no_master_key(home: Settings) -> None:
    assert sealed(home) is None
    assert not home.master_key_file.exists()
