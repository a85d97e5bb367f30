"""Erasing a person: 0 bytes left in lake, cache and records, nobody brought back by the next sync or import."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as database

import proof
from tests.promises.scan import Scanner
from uptake import metrics
from uptake.actions import erasures, people
from uptake.actions.accounts import create_account
from uptake.actions.readmissions import readmit
from uptake.actions.syncing import sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.lake import Lake, members
from uptake.records import tombstones
from uptake.records.models import Account, AuditEntry, Connection, MemberLink, Tombstone
from uptake.records.vault import Sealed, open_vault

CSV = "employee id,name,email,manager\n1,{name},{email},\n2,Berta Boss,berta@else.example,{email}\n"


@pytest.fixture
def home(home: Settings, settings: object) -> Settings:
    settings.UPTAKE = home  # type: ignore[attr-defined]
    return home


@pytest.fixture
def synced(home: Settings, connected: Connection) -> Connection:
    sync_now(OPERATOR, home, trigger="command")
    return connected


def somebody(home: Settings, connection: Connection, now: datetime) -> tuple[str, str, str]:
    """The member with usage on the most days held: id, address, name."""
    lake = Lake(home.lake, home.aside)
    days = Counter(member_id for day in days_of(lake, connection) for member_id in day)
    known = [one for one in members(lake, connection.pk, now) if one.member_id and one.email and one.name]
    found = max(known, key=lambda one: days[one.member_id])
    assert found.member_id and found.email and found.name and days[found.member_id]
    return found.member_id, found.email, found.name


def days_of(lake: Lake, connection: Connection) -> list[list[str]]:
    """The member ids of each day held."""
    held = lake.held("usage", connection.pk)
    return [lake.read("usage", connection.pk, day)["member_id"].to_pylist() for day in held]


def left_of(home: Settings, *texts: str) -> tuple[list[object], int]:
    """What a look through every byte finds: every file of the home, and the records as text."""
    scanner = Scanner({text: text for text in texts})
    found = scanner.look_through(home.home)
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += scanner.look(repr(cursor.fetchall()).encode(), table)
    return [*found], scanner.bytes_looked_at


def bring(home: Settings, name: str, email: str, now: datetime) -> None:
    body = CSV.format(name=name, email=email).encode()
    people.import_csv(OPERATOR, home, body, people.Wanted(on=now.date()), now)


def test_no_byte_of_a_person_is_left_and_nothing_brings_them_back(
    home: Settings, synced: Connection, now: datetime
) -> None:
    member_id, email, name = somebody(home, synced, now)
    bring(home, name, email, now)
    MemberLink.objects.create(connection=synced, member_id=member_id, email=email, made_by="ada", made_at=now)
    home.aside.mkdir(exist_ok=True)
    (home.aside / "usage.damaged").write_text(f"{member_id} {email}")
    facts = metrics.current_facts(home)
    metrics.warm(facts, OPERATOR, now.date())  # the cache holds them too
    days = sum(member_id in day for day in days_of(Lake(home.lake, home.aside), synced))
    before, _ = left_of(home, member_id, email, name)
    assert {one.name for one in before} == {member_id, email, name}  # type: ignore[attr-defined]

    receipt = erasures.erase(OPERATOR, home, who=email, now=now)
    found, looked_at = left_of(home, member_id, email, name)
    proof.figures("erasure of a person", bytes_looked_at=looked_at, found=len(found))
    assert found == []
    assert receipt.counts["usage"] == days
    assert (receipt.counts["members"] > 0, receipt.counts["people"], receipt.counts["links"]) == (True, 1, 1)

    for _ in range(2):
        assert [result.outcome for result in sync_now(OPERATOR, home, trigger="command")] == ["current"]
    bring(home, name, email, now)
    assert left_of(home, member_id, email, name)[0] == []
    assert members(Lake(home.lake, home.aside), synced.pk, now)  # the others are there


def test_days_that_are_fetched_anew_lack_the_person_too(home: Settings, synced: Connection, now: datetime) -> None:
    member_id, email, name = somebody(home, synced, now)
    erasures.erase(OPERATOR, home, who=member_id, now=now)
    shutil.rmtree(home.lake / "usage")
    shutil.rmtree(home.lake / "members")
    sync_now(OPERATOR, home, trigger="command")
    assert Lake(home.lake, home.aside).held("usage", synced.pk)
    assert left_of(home, member_id, email, name)[0] == []


@pytest.mark.parametrize("by", ["email", "member"])
def test_who_comes_back_is_readmitted_and_only_new_readings_bring_them(
    home: Settings, synced: Connection, now: datetime, by: str
) -> None:
    member_id, email, name = somebody(home, synced, now)
    erasures.erase(OPERATOR, home, who=email, now=now)
    with pytest.raises(Problem, match="Nobody of this address or id was erased"):
        readmit(OPERATOR, home, who="somebody@else.example", now=now)
    assert readmit(OPERATOR, home, who=f" {email.upper()} " if by == "email" else member_id, now=now) >= 2
    assert left_of(home, member_id, email, name)[0] == []
    assert not Tombstone.objects.exists()
    told = AuditEntry.objects.filter(action="person.readmit").values_list("outcome", "subject")
    assert list(told) == [("done", "one person")]

    sync_now(OPERATOR, home, trigger="command")
    assert {one.name for one in left_of(home, member_id, email, name)[0]} == {member_id, email, name}  # type: ignore[attr-defined]
    with pytest.raises(Problem, match="readmitted already"):
        readmit(OPERATOR, home, who=email, now=now)


def test_nobody_is_readmitted_while_they_are_being_erased(home: Settings, synced: Connection, now: datetime) -> None:
    _, email, _ = somebody(home, synced, now)
    erasures.erase(OPERATOR, home, who=email, now=now)
    Tombstone.objects.update(swept_at=None)
    with pytest.raises(Problem, match="just being erased"):
        readmit(OPERATOR, home, who=email, now=now)
    assert Tombstone.objects.exists()


def test_an_erasure_that_died_is_finished(
    home: Settings, synced: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_id, email, name = somebody(home, synced, now)
    rewritten = []

    def dies(lake: Lake, *_: object) -> bool:
        rewritten.append(lake)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            erasures.erase(OPERATOR, home, who=email, now=now)
    assert Tombstone.objects.filter(swept_at=None).exists()
    assert erasures.finish_interrupted(home, now + timedelta(minutes=1)) == []  # might still be under way
    assert len(erasures.finish_interrupted(home, now + timedelta(minutes=3))) == 1
    assert left_of(home, member_id, email, name)[0] == []
    told = AuditEntry.objects.filter(action="person.erase").order_by("pk").values_list("outcome", flat=True)
    assert list(told) == ["begun", "done"]


def test_an_account_goes_with_the_person_and_the_receipt_says_what_the_audit_keeps(
    home: Settings, synced: Connection, now: datetime
) -> None:
    _, email, _ = somebody(home, synced, now)
    create_account(OPERATOR, email=email, role="employee", password=None, now=now)
    receipt = erasures.erase(OPERATOR, home, who=email, now=now)
    assert receipt.counts["accounts"] == 1
    assert not Account.objects.exists()


def test_the_last_company_admin_stays(home: Settings, synced: Connection, now: datetime) -> None:
    create_account(OPERATOR, email="ada@acme.example", role="company_admin", password=None, now=now)
    with pytest.raises(Problem, match="last Company Admin"):
        erasures.erase(OPERATOR, home, who="ada@acme.example", now=now)
    assert not Tombstone.objects.exists()


@pytest.mark.parametrize("who", ["zoe@nowhere.example", "user_nobody", "", "@"])
def test_nobody_is_erased_by_a_wrong_name(home: Settings, synced: Connection, now: datetime, who: str) -> None:
    before = Lake(home.lake, home.aside).version()
    with pytest.raises(Problem):
        erasures.erase(OPERATOR, home, who=who, now=now)
    assert Lake(home.lake, home.aside).version() == before


def test_whoever_has_the_address_after_somebody_else_is_not_kept_out(
    home: Settings, synced: Connection, now: datetime
) -> None:
    _, email, _ = somebody(home, synced, now)
    erasures.erase(OPERATOR, home, who=email, now=now)
    tombs = tombstones.known(home.master_key_file)
    assert tombs.holds("email", email)
    assert not tombs.holds("member", "user_of_somebody_new")


def test_without_the_master_key_nothing_is_taken_in_that_might_be_somebody_erased(
    home: Settings, synced: Connection, now: datetime
) -> None:
    _, email, _ = somebody(home, synced, now)
    erasures.erase(OPERATOR, home, who=email, now=now)
    synced.keys.all().delete()  # nothing else needs the master key
    away = replace(home, master_key_file=Path(home.home) / "another.key")
    with pytest.raises(Sealed):
        open_vault(away.master_key_file)
    with pytest.raises(Sealed):
        tombstones.known(away.master_key_file)
