"""SCIM as a source of the directory: read once it is quiet, beside the others, and held back where many would leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.scim.conftest import Program
from uptake.actions import directory, people, sources
from uptake.actions.directory_schedule import DirectorySchedule, due
from uptake.actions.people import Wanted
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.people.delivery import CSV, SCIM
from uptake.people.person import Person
from uptake.people.scim.kept import ENTERPRISE
from uptake.records.models import Account, DirectorySource

pytestmark = pytest.mark.django_db


def read(home: Settings, now: datetime) -> sources.Read:
    return sources.read(OPERATOR, home, SCIM, now, lambda _: None)


def by_email(home: Settings) -> dict[str, Person]:
    return {str(person.email): person for person in directory.held(home).people.values()}


def company(program: Program, count: int) -> list[str]:
    return [
        program.made(
            "Users", {"userName": f"p{n}@acme.example", "displayName": f"P {n}", ENTERPRISE: {"department": "Sales"}}
        )
        for n in range(count)
    ]


def test_users_become_people_with_managers_and_groups(program: Program, home: Settings, now: datetime) -> None:
    boss, one = company(program, 2)
    program.patch(f"Users/{one}", {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": boss})
    program.made("Groups", {"displayName": "Pilots", "members": [{"value": one}]})
    assert read(home, now).outcome == "current"
    held = by_email(home)
    person = held["p1@acme.example"]
    assert (person.name, person.department, person.groups) == ("P 1", "Sales", ("Pilots",))
    assert person.manager_id == held["p0@acme.example"].person_id
    program.patch(f"Users/{one}", {"op": "Remove", "path": f"{ENTERPRISE}:manager"})
    program.patch(f"Users/{one}", {"op": "Replace", "path": "userName", "value": "new@acme.example"})
    read(home, now)
    again = by_email(home)["new@acme.example"]
    assert (again.person_id, again.manager_id) == (person.person_id, None)
    assert "p1@acme.example" in again.emails
    program.patch(f"Users/{one}", {"op": "Replace", "path": "active", "value": "False"})
    read(home, now)
    assert not by_email(home)["new@acme.example"].listed
    assert by_email(home)["p0@acme.example"].listed


def test_it_stands_beside_the_other_sources(program: Program, home: Settings, now: datetime) -> None:
    text = "E-mail,Name,Department\np0@acme.example,Pia Zero,Marketing\n"
    people.import_csv(OPERATOR, home, text.encode(), Wanted(now.date()), now)
    company(program, 1)
    read(home, now)
    assert (by_email(home)["p0@acme.example"].name, by_email(home)["p0@acme.example"].sources) == (
        "Pia Zero",
        (CSV, SCIM),
    )
    people.order(OPERATOR, home, (SCIM, CSV, "fifteen_five", "claude_groups"), now)
    assert (by_email(home)["p0@acme.example"].name, by_email(home)["p0@acme.example"].department) == ("P 0", "Sales")


def test_many_who_leave_at_once_are_held_back_but_signed_out(program: Program, home: Settings, now: datetime) -> None:
    ids = company(program, 12)
    read(home, now)
    for n, one in enumerate(ids[:8]):
        Account.objects.create_user(f"p{n}@acme.example")
        program.patch(f"Users/{one}", {"op": "replace", "value": {"active": False}})
    assert not Account.objects.filter(is_active=True).exists()
    found = read(home, now)
    assert (found.outcome, sum(person.listed for person in by_email(home).values())) == ("held_back", 12)
    row = DirectorySource.objects.get(pk=SCIM)
    sources.accept(OPERATOR, SCIM, row.held_hash, now)
    assert read(home, now).outcome == "current"
    assert sum(person.listed for person in by_email(home).values()) == 4


def test_it_is_read_once_nothing_came_for_a_while(program: Program, home: Settings, now: datetime) -> None:
    row = DirectorySource.objects.get(pk=SCIM)
    assert not due(row, now)
    at = now + timedelta(minutes=1)
    DirectorySource.objects.filter(pk=SCIM).update(asked_at=at)
    row.refresh_from_db()
    assert not due(row, at + timedelta(seconds=10))
    assert due(row, at + timedelta(seconds=31))
    assert due(row, now + timedelta(minutes=5))  # it never falls quiet
    company(program, 1)
    schedule = DirectorySchedule(home)
    schedule.look(now + timedelta(seconds=5))
    assert by_email(home) == {}
    schedule.look(now + timedelta(minutes=2))
    assert list(by_email(home)) == ["p0@acme.example"]
