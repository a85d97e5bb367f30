"""The audit's chain: whatever is edited, removed, moved or put in is found; and an act without its entry does not happen."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings as DjangoSettings

import proof
from uptake.domain.access import OPERATOR, PERMISSIONS, Role, Viewer
from uptake.records import audit, masters
from uptake.records.models import AuditEnd, AuditEntry, Installation, SealedKey
from uptake.records.trail import Kept
from uptake.records.vault import Vault, open_vault, rewrap

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRIES = 30
TABLE = "records_auditentry"
COLUMNS = ("id", "at", "actor", "role", "action", "subject", "outcome", "about", "details", "key", "seal")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: DjangoSettings) -> None:
    settings.UPTAKE = replace(settings.UPTAKE, home=tmp_path, master_key_file=tmp_path / "master.key")


@pytest.fixture
def written() -> Vault:
    chance = random.Random(5)
    for number in range(ENTRIES):
        who = Viewer(f"somebody{number % 4}@acme.example", chance.choice(list(Role)), account_id=number)
        person = f"user_{number}" if number % 3 == 0 else ""
        action = chance.choice(sorted(PERMISSIONS))
        audit.record(who, action, f"Acme {number % 5}", NOW + timedelta(minutes=number), person, days=number)
    return vault()


def vault() -> Vault:
    return open_vault(django_settings.UPTAKE.master_key_file)


Rows = list[dict[str, object]]
Tamper = Callable[[random.Random, Rows], Rows]


def edited(chance: random.Random, rows: Rows) -> Rows:
    row = chance.choice(rows)
    column = chance.choice([name for name in COLUMNS if name != "id"])
    other = chance.choice(rows)[column]
    row[column] = other if other != row[column] else changed(chance, column, row[column])
    return rows


def changed(chance: random.Random, column: str, value: object) -> object:
    if column == "at":
        return str(value).replace("2026", "2025")
    if column == "key":
        return chance.choice([0, 2, 7])
    if column == "details":
        return json.dumps({"days": chance.randint(100, 999)})
    return f"{value}x" if chance.random() < 0.5 else str(value)[1:] or "x"


def removed(chance: random.Random, rows: Rows) -> Rows:
    first = chance.randrange(len(rows))
    last = min(len(rows), first + chance.choice([1, 1, 2, 5, 40]))
    return rows[:first] + rows[last:]


def removed_and_closed_up(chance: random.Random, rows: Rows) -> Rows:
    left = removed(chance, rows)
    return [row | {"id": number} for number, row in enumerate(left, start=1)]


def swapped(chance: random.Random, rows: Rows) -> Rows:
    one, two = chance.sample(range(len(rows)), 2)
    rows[one], rows[two] = rows[two] | {"id": rows[one]["id"]}, rows[one] | {"id": rows[two]["id"]}
    return rows


def shuffled(chance: random.Random, rows: Rows) -> Rows:
    order = rows[:]
    while order == rows:
        chance.shuffle(order)
    return [row | {"id": number} for number, row in enumerate(order, start=1)]


def put_in(chance: random.Random, rows: Rows) -> Rows:
    at = chance.randrange(len(rows) + 1)
    grown = [*rows[:at], chance.choice(rows), *rows[at:]]
    return [row | {"id": number} for number, row in enumerate(grown, start=1)]


def unkeyed_over(chance: random.Random, rows: Rows) -> Rows:
    """An entry changed and sealed without a key, as if it were of a time when the master key was away."""
    row = chance.choice(rows)
    row |= {"key": 0, "actor": "nobody@acme.example"}
    before = str(rows[int(str(row["id"])) - 2]["seal"]) if row["id"] != 1 else ""
    fields = {name: row[name] for name in COLUMNS if name not in {"seal", "details", "at"}}
    entry = AuditEntry(
        **fields, details=json.loads(str(row["details"])), at=datetime.fromisoformat(f"{row['at']}+00:00")
    )
    row["seal"] = audit.seal_of(entry, before, audit._NO_KEY)
    return rows


TAMPERS: tuple[Tamper, ...] = (
    edited, edited, edited, removed, removed_and_closed_up, swapped, shuffled, put_in, unkeyed_over,
)  # fmt: skip


def read() -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE} ORDER BY id")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def write(rows: Rows) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
        marks = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(
            f"INSERT INTO {TABLE} VALUES ({marks})", [tuple(row[name] for name in COLUMNS) for row in rows]
        )


def tamper(number: int) -> bool:
    """Whether the tampering of that number was found."""
    chance = random.Random(number)
    rows = read()
    after = TAMPERS[number % len(TAMPERS)](chance, [dict(row) for row in rows])
    assert after != rows, number
    with transaction.atomic():
        write(after)
        found = not audit.verify(vault()).intact
        transaction.set_rollback(True)
    return found


def tampers(count: int) -> Iterator[bool]:
    return map(tamper, range(count))


def test_the_columns_here_are_all_there_are() -> None:
    assert set(COLUMNS) == {field.column for field in AuditEntry._meta.concrete_fields}


def test_a_chain_that_nobody_touched_is_intact(written: Vault) -> None:
    verdict = audit.verify(written)
    assert (verdict.entries, verdict.first, verdict.last, verdict.faults) == (ENTRIES, 1, ENTRIES, ())
    assert verdict.notes == ()


def test_tampering_is_found(written: Vault) -> None:
    assert all(tampers(270))


@pytest.mark.full
def test_ten_thousand_tamperings_are_found(written: Vault) -> None:
    found = list(tampers(10_000))
    proof.figures("audit tamperings", tried=len(found), found=sum(found))
    assert all(found)


def test_one_change_is_one_fault_and_named_by_its_number(written: Vault) -> None:
    rows = read()
    rows[11]["actor"] = "nobody"
    write(rows)
    assert [fault.number for fault in audit.verify(written).faults] == [12]


def test_a_chain_cut_short_with_its_end_set_back_is_found_by_what_was_noted_outside(written: Vault) -> None:
    noted = audit.verify(written)
    rows = read()[:-3]
    write(rows)
    assert not audit.verify(written).intact
    AuditEnd.objects.update(number=len(rows), seal=rows[-1]["seal"])
    assert audit.verify(written).intact  # nothing inside can tell
    assert not audit.verify(written, anchor=(noted.last, noted.seal)).intact


def test_it_stays_whole_under_a_new_master_key(written: Vault) -> None:
    path = django_settings.UPTAKE.master_key_file
    place, master = masters.put_beside(path)
    new = Vault(master, Installation.objects.get().id)
    with transaction.atomic():
        rewrap(written, new)
        audit.record(OPERATOR, "master_key.rotate", "master key", NOW, "", new)
    masters.promote(path, place)
    audit.record(OPERATOR, "sync.run", "Acme", NOW)
    verdict = audit.verify(vault())
    assert (verdict.entries, verdict.faults, verdict.lost, verdict.unkeyed) == (ENTRIES + 2, (), 0, 0)


def test_while_sealed_entries_are_chained_and_said_to_be_without_a_key(written: Vault) -> None:
    hold_a_key(written)
    path = django_settings.UPTAKE.master_key_file
    path.rename(path.with_suffix(".away"))
    audit.record(OPERATOR, "account.sign_in", "ada@acme.example", NOW)
    with pytest.raises(masters.Sealed):
        audit.record(OPERATOR, "member.history", "Acme", NOW, "user_0001")
    path.with_suffix(".away").rename(path)
    audit.record(OPERATOR, "sync.run", "Acme", NOW)
    verdict = audit.verify(written)
    assert (verdict.entries, verdict.faults, verdict.unkeyed) == (ENTRIES + 2, (), 1)
    assert len(verdict.notes) == 1


def test_a_master_key_that_was_lost_is_told_and_the_chain_goes_on(written: Vault) -> None:
    django_settings.UPTAKE.master_key_file.unlink()
    audit.record(OPERATOR, "sync.run", "Acme", NOW)
    verdict = audit.verify(vault())
    assert (verdict.entries, verdict.faults, verdict.lost) == (ENTRIES + 1, (), ENTRIES)


def hold_a_key(vault: Vault) -> None:
    from uptake.records.models import Connection

    held = Connection.objects.create(name="Acme", connected_at=NOW)
    SealedKey.objects.create(
        connection=held, slot="admin", version=1, sealed=b"x", kind="enterprise", last_four="7Qx2", fingerprint="1",
        added_by="ada", added_at=NOW, state_since=NOW,
    )  # fmt: skip


def test_a_person_is_a_mark_that_only_the_key_makes(written: Vault) -> None:
    audit.record(OPERATOR, "member.history", "Acme", NOW, " Emil@Acme.example ")
    audit.record(OPERATOR, "member.history", "Acme", NOW, "emil@acme.example")
    one, two = AuditEntry.objects.order_by("-pk")[:2]
    assert one.about == two.about != ""
    assert "emil" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("change", ["save", "delete", "update", "remove"])
def test_our_own_code_cannot_change_an_entry(written: Vault, change: str) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    acts = {
        "save": entry.save, "delete": entry.delete,
        "update": lambda: AuditEntry.objects.update(actor="x"), "remove": lambda: AuditEntry.objects.all().delete(),
    }  # fmt: skip
    with pytest.raises(Kept):
        acts[change]()
    assert audit.verify(written).intact


def test_an_act_whose_entry_cannot_be_written_does_not_happen(written: Vault) -> None:
    from uptake.actions.accounts import create_account
    from uptake.records.models import Account

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TRIGGER full BEFORE INSERT ON {TABLE} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(DatabaseError):
        create_account(OPERATOR, email="emil@acme.example", role="employee", password=None, now=NOW)
    assert not Account.objects.exists()
