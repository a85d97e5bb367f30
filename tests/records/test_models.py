"""The records: what must be there once is there once, and passwords and roles are kept as they should be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db import connection as database

from uptake.domain.access import Role
from uptake.records.models import Account, Connection, HeldBack, Run, SealedKey, Stream, new_id

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def claude() -> Connection:
    return Connection.objects.create(name="Claude", connected_at=NOW)


def key(claude: Connection, slot: str) -> SealedKey:
    return SealedKey.objects.create(connection=claude, slot=slot, version=1, sealed=b"x", added_at=NOW, state_since=NOW)


def test_the_migrations_are_what_the_models_say() -> None:
    call_command("makemigrations", "records", check=True, dry_run=True, verbosity=0)


def test_ids_are_plain_words_fit_for_a_folder_and_never_the_same() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(len(one) == 12 and one.isalnum() for one in ids)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Connection, {"name": "Claude", "connected_at": NOW}),
        (SealedKey, {"slot": "admin", "version": 2, "sealed": b"y", "added_at": NOW, "state_since": NOW}),
        (Stream, {"name": "usage"}),
        (HeldBack, {"stream": "usage", "day": date(2026, 11, 18), "since": NOW, "seen_at": NOW}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_may_be_there_once_is_refused_twice(claude: Connection, model: Any, values: dict[str, Any]) -> None:
    if model is not Connection:
        values = values | {"connection": claude}
        model.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


def test_two_connections_may_each_have_both_keys(claude: Connection) -> None:
    other = Connection.objects.create(name="Subsidiary", connected_at=NOW)
    for owner in (claude, other):
        for slot in ("admin", "analytics"):
            key(owner, slot)
    assert SealedKey.objects.count() == 4


def test_with_a_connection_go_its_keys_streams_runs_and_holds(claude: Connection) -> None:
    key(claude, "admin")
    Stream.objects.create(connection=claude, name="usage")
    Run.objects.create(connection=claude, trigger="command", started_at=NOW)
    HeldBack.objects.create(connection=claude, stream="usage", day=date(2026, 11, 18), since=NOW, seen_at=NOW)
    claude.delete()
    assert not any(model.objects.exists() for model in (SealedKey, Stream, Run, HeldBack))


def test_the_newest_run_comes_first(claude: Connection) -> None:
    for hour in (1, 3, 2):
        Run.objects.create(connection=claude, trigger="schedule", started_at=NOW.replace(hour=hour))
    assert [run.started_at.hour for run in claude.runs.all()] == [3, 2, 1]


def test_an_account_is_found_by_its_address_however_it_is_typed() -> None:
    made = Account.objects.create_user(" Ada@Example.COM ", "a long enough password", Role.COMPANY_ADMIN.value)
    assert made.email == "ada@example.com"
    assert Account.objects.get_by_natural_key("ADA@example.com ").pk == made.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create_user("ADA@EXAMPLE.com")


def test_a_password_is_kept_as_argon2_and_none_opens_nothing() -> None:
    ada = Account.objects.create_user("ada@example.com", "a long enough password")
    assert ada.password.startswith("argon2$argon2id$")
    assert ada.check_password("a long enough password")
    assert not Account.objects.create_user("hana@example.com").has_usable_password()


def test_a_new_account_has_the_least_role_and_is_a_viewer_by_it() -> None:
    viewer = Account.objects.create_user("emil@example.com").viewer
    assert (viewer.name, viewer.role, viewer.on_host) == ("emil@example.com", Role.EMPLOYEE, False)


def test_deleted_records_are_overwritten_on_disk() -> None:
    if database.vendor != "sqlite":
        pytest.skip("only SQLite keeps deleted rows in its own file")
    with database.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("secure_delete", "synchronous", "foreign_keys")
        }
    assert found == {"secure_delete": 1, "synchronous": 2, "foreign_keys": 1}
