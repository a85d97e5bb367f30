"""The vault: a sealed key opens with its master key, in its own place, bit by bit as it was sealed, or not at all."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain.secret import Secret
from uptake.records import masters
from uptake.records.models import Connection, DirectorySource, HandOver, Installation, SealedKey
from uptake.records.vault import SEALING, Place, Sealed, Vault, open_all, open_vault, place_of, rewrap

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = Secret("sk-ant-api01-tulip-tulip-tulip-9876")
PLACE = Place("c1", "analytics", 3)
MASTER = bytes(range(32))
VAULT = Vault(MASTER, "installation")
SEALED = VAULT.seal(KEY, PLACE)


def require_shut(vault: Vault, sealed: bytes, place: Place) -> None:
    with pytest.raises(Sealed) as refusal:
        vault.open(sealed, place)
    assert refusal.value.hint
    assert "tulip" not in "".join(traceback.format_exception(refusal.value))


def test_what_was_sealed_opens_in_its_place() -> None:
    assert VAULT.open(SEALED, PLACE) == KEY
    assert Vault(MASTER, "installation").open(SEALED, PLACE) == KEY


def test_nothing_of_the_key_or_the_master_key_is_in_the_envelope() -> None:
    for secret in (b"tulip", b"sk-ant", MASTER, MASTER[:8], MASTER.hex().encode()):
        assert secret not in SEALED


def test_the_same_key_is_never_sealed_twice_alike() -> None:
    assert len({VAULT.seal(KEY, PLACE) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, connection="c2"),
        replace(PLACE, slot="admin"),
        replace(PLACE, version=2),
        replace(PLACE, version=4),
        replace(PLACE, connection=""),
        Place("c1/analytics", "3", 3),
    ],
)
def test_an_envelope_moved_to_another_place_does_not_open(place: Place) -> None:
    require_shut(VAULT, SEALED, place)


def test_an_envelope_does_not_open_in_another_installation_or_with_another_master_key() -> None:
    require_shut(Vault(MASTER, "another"), SEALED, PLACE)
    require_shut(Vault(bytes(32), "installation"), SEALED, PLACE)


def test_parts_of_two_envelopes_do_not_go_together() -> None:
    one = msgspec.msgpack.decode(SEALED)
    other = msgspec.msgpack.decode(VAULT.seal(Secret("sk-ant-api01-other"), PLACE))
    for part in ("wrapped", "sealed", "data_key_id"):
        require_shut(VAULT, msgspec.msgpack.encode(one | {part: other[part]}), PLACE)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_one_flipped_bit_anywhere_shuts_it(bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    require_shut(VAULT, bytes(damaged), PLACE)


def test_every_byte_of_it_counts() -> None:
    for at in range(len(SEALED)):
        require_shut(VAULT, SEALED[:at], PLACE)
        require_shut(VAULT, SEALED[:at] + bytes([SEALED[at] ^ 255]) + SEALED[at + 1 :], PLACE)
    require_shut(VAULT, SEALED + b"\0", PLACE)


def test_a_fingerprint_tells_keys_apart_and_needs_the_master_key() -> None:
    assert VAULT.fingerprint(KEY) == VAULT.fingerprint(Secret(KEY.expose()))
    assert VAULT.fingerprint(KEY) != VAULT.fingerprint(Secret("sk-ant-api01-other"))
    assert VAULT.fingerprint(KEY) != Vault(bytes(32), "installation").fingerprint(KEY)
    assert len(VAULT.fingerprint(KEY)) == 8


# --- the master key file ---


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "home" / "master.key"


def keep_key(vault: Vault) -> SealedKey:
    connection = Connection.objects.create(name="Claude", connected_at=NOW)
    return SealedKey.objects.create(
        connection=connection,
        slot="admin",
        version=1,
        sealed=vault.seal(KEY, Place(str(connection.pk), "admin", 1)),
        kind="enterprise",
        last_four="9876",
        fingerprint=vault.fingerprint(KEY),
        added_by="ada@example.com",
        added_at=NOW,
        state_since=NOW,
    )


@pytest.mark.django_db
def test_the_first_start_makes_a_master_key_that_only_the_owner_reads(master: Path) -> None:
    open_vault(master)
    assert master.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(master.read_text().strip())) == 32
    assert Installation.objects.count() == 1


@pytest.mark.django_db
def test_the_next_start_opens_what_this_one_sealed(master: Path) -> None:
    row = keep_key(open_vault(master))
    text = master.read_bytes()
    row.refresh_from_db()
    place = Place(str(row.connection_id), row.slot, row.version)
    assert open_vault(master).open(bytes(row.sealed), place) == KEY
    assert master.read_bytes() == text
    assert Installation.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("installed", [True, False])
def test_a_lost_master_key_is_never_made_anew_over_sealed_keys(master: Path, installed: bool) -> None:
    keep_key(open_vault(master))
    master.unlink()
    if not installed:
        Installation.objects.all().delete()
    with pytest.raises(Sealed, match="missing"):
        open_vault(master)
    assert not master.exists()


@pytest.mark.django_db
def test_where_nothing_is_sealed_a_lost_master_key_is_simply_made_anew(master: Path) -> None:
    open_vault(master)
    before = master.read_text()
    master.unlink()
    open_vault(master)
    assert master.read_text() != before
    assert Installation.objects.count() == 1


@pytest.mark.django_db
def test_another_master_key_is_told_from_the_right_one_and_nothing_is_overwritten(master: Path) -> None:
    keep_key(open_vault(master))
    before = list(SealedKey.objects.values_list("sealed", flat=True))
    right = master.read_bytes()
    wrong = b"0123456789abcdef" * 4
    master.write_bytes(wrong)
    with pytest.raises(Sealed) as refusal:
        open_vault(master)
    assert "not the one of this installation" in refusal.value.message
    assert wrong.decode() not in str(refusal.value)
    assert [bytes(sealed) for sealed in before] == [
        bytes(s) for s in SealedKey.objects.values_list("sealed", flat=True)
    ]
    master.write_bytes(right)
    open_vault(master)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"secret",
        b"0" * 64,
        b"ab" * 32,
        b"0123456789abcdef" * 3,
        b"0123456789abcdef" * 5,
        b"\xff\xfe" + bytes(range(30)),
        bytes(range(32)),
        "ä".encode() * 32,
    ],
)
def test_a_file_that_holds_no_key_is_refused_in_words_and_left_alone(master: Path, text: bytes) -> None:
    master.parent.mkdir()
    master.write_bytes(text)
    with pytest.raises(Sealed) as refusal:
        open_vault(master)
    assert "64 random hex digits" in refusal.value.message
    assert refusal.value.__cause__ is None
    assert master.read_bytes() == text
    assert Installation.objects.count() == 0


@pytest.mark.django_db
def test_a_master_key_that_cannot_be_read_says_so(master: Path) -> None:
    master.mkdir(parents=True)
    with pytest.raises(Sealed, match="cannot be read"):
        open_vault(master)


@pytest.mark.django_db
def test_a_master_key_made_by_hand_is_taken_as_it_is(master: Path) -> None:
    master.parent.mkdir()
    master.write_text("0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2 + "\r\n")
    assert open_vault(master).fingerprint(KEY) == open_vault(master).fingerprint(KEY)


def test_every_kind_of_row_that_holds_something_sealed_is_known() -> None:
    """A kind that is forgotten here would be lost by the next rotation."""
    kinds = {kind for kind in apps.get_models() if any(field.name == "sealed" for field in kind._meta.get_fields())}
    assert kinds == set(SEALING)


@pytest.mark.django_db
def test_all_of_it_is_sealed_anew(master: Path) -> None:
    old = open_vault(master)
    keep_key(old)
    source = DirectorySource(name="fifteen_five", rank=1, version=1)
    source.sealed = old.seal(KEY, place_of(source))
    source.save()
    link = HandOver(name="Acme", slot="admin", hash="x", created_at=NOW, expires_at=NOW)
    link.sealed = old.seal(KEY, place_of(link))
    link.save()
    DirectorySource.objects.create(name="csv", rank=2)
    new = Vault(bytes(reversed(MASTER)), Installation.objects.get().id)
    with transaction.atomic():
        assert rewrap(old, new) == 3
    assert open_all(new) == 3
    with pytest.raises(Sealed):
        open_all(old)


def first_start(path: str, said: object) -> None:
    """One of several first starts at the same moment: makes the master key, or takes the one that is there."""
    said.put(masters.make(Path(path)))  # type: ignore[attr-defined]


def test_first_starts_at_the_same_moment_make_one_master_key(master: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    said = spawn.Queue()
    starts = [spawn.Process(target=first_start, args=(str(master), said)) for _ in range(8)]
    for start in starts:
        start.start()
    keys = {said.get(timeout=20) for _ in starts}
    for start in starts:
        start.join(10)
    assert keys == {bytes.fromhex(master.read_text().strip())}
    assert [path.name for path in master.parent.iterdir()] == [master.name]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_death_while_the_master_key_is_made_leaves_all_of_it_or_nothing(
    when: str, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def dying(*args: object) -> None:
        if when == "after":
            real(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", dying)
    with pytest.raises(KeyboardInterrupt):
        masters.make(master)
    monkeypatch.undo()
    assert master.exists() == (when == "after")
    made = masters.make(master)
    assert masters.read(master) == made
