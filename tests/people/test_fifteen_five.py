"""15Five as a source: both forms of the header, pages, waits, losses; the key goes to one host; faults leave all as it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from uptake.actions import directory, roll, sources
from uptake.actions.directory_schedule import DirectorySchedule, due
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem, Refused
from uptake.domain.secret import Secret
from uptake.fake import Organisation
from uptake.fake.directory import Directory
from uptake.fake.fifteen_five import FAULTS, FakeFifteenFive
from uptake.people.delivery import FIFTEEN_FIVE
from uptake.people.fifteen_five import Busy, FifteenFive, clean_key
from uptake.people.from_fifteen_five import Detail, told
from uptake.records.models import AuditEntry, DirectorySource
from uptake.records.vault import open_vault, place_of

pytestmark = pytest.mark.django_db

COMPANY = Organisation(members=60, seed=5)


def no_wait(_seconds: float) -> None:
    """Tests do not wait; what was asked for is what counts."""


@pytest.fixture
def fake() -> Iterator[FakeFifteenFive]:
    with FakeFifteenFive(COMPANY, per_second=None) as server:
        yield server


@pytest.fixture
def ours(home: Settings, fake: FakeFifteenFive) -> Settings:
    return replace(home, fifteen_five_url=fake.url)


def connect(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    sources.connect_fifteen_five(OPERATOR, ours, Secret(fake.key), now, no_wait)


def read(ours: Settings, now: datetime) -> sources.Read:
    return sources.read(OPERATOR, ours, FIFTEEN_FIVE, now, no_wait)


@pytest.mark.parametrize(("forms", "kept"), [("bearer", "bearer"), ("bare", "bare"), ("both", "bearer")])
def test_the_form_of_the_header_that_is_accepted_is_kept(
    forms: str, kept: str, ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    fake.forms = forms  # type: ignore[assignment]
    connect(ours, fake, now)
    assert DirectorySource.objects.get(pk=FIFTEEN_FIVE).header_form == kept
    fake.requests.clear()
    assert read(ours, now).outcome == "current"
    assert {seen.form for seen in fake.requests} == {kept}


def test_everybody_arrives_with_manager_department_and_groups(
    ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    connect(ours, fake, now)
    read(ours, now)
    hr = {one.email: one for one in Directory(COMPANY).at(now)}
    found = {person.email: person for person in directory.held(ours).people.values()}
    assert found.keys() == hr.keys()
    for email, person in found.items():
        manager = directory.held(ours).people.get(person.manager_id or "")
        expected = next((one.email for one in hr.values() if one.number == hr[str(email)].manager), None)
        assert (manager.email if manager else None) == expected
        assert (person.department, person.title) == (hr[str(email)].department, hr[str(email)].title)
        assert person.groups == hr[str(email)].groups


def test_only_what_is_listed_is_asked_and_only_read(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    connect(ours, fake, now)
    read(ours, now)
    assert {seen.method for seen in fake.requests} == {"GET"}
    assert {seen.path.split("/")[3] for seen in fake.requests} == {"user", "group"}
    assert all(seen.status == 200 for seen in fake.requests)


def test_details_are_asked_for_once_and_not_at_all_where_the_list_has_them(
    ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    connect(ours, fake, now)
    read(ours, now)
    before = {person.person_id: person for person in directory.held(ours).people.values()}
    fake.requests.clear()
    read(ours, now + timedelta(minutes=5))
    assert not [seen for seen in fake.requests if seen.path.count("/") > 4]
    assert dict(directory.held(ours).people) == before
    fake.details_in_list = True
    fake.requests.clear()
    read(ours, now + timedelta(minutes=9))
    assert len(fake.requests) <= 3


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_leave_the_directory_as_it_was_or_are_waited_for(
    fault: str, ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    connect(ours, fake, now)
    read(ours, now)
    before = dict(directory.held(ours).people)
    fake.fault = fault
    found = read(ours, now)
    state = DirectorySource.objects.get(pk=FIFTEEN_FIVE)
    assert dict(directory.held(ours).people) == before
    expected = {"few": "held_back", "empty": "held_back", "forbidden": "stopped", "busy": "current",
                "busy-without-word": "current", "odd-rows": "current"}.get(fault, "failed")  # fmt: skip
    assert found.outcome == expected
    assert bool(state.cause and state.hint) == (expected != "current")
    fake.fault = None
    assert read(ours, now).outcome == "current"
    assert DirectorySource.objects.get(pk=FIFTEEN_FIVE).state == "ok"


def test_a_loss_that_is_meant_is_accepted_as_it_was_seen(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    connect(ours, fake, now)
    read(ours, now)
    fake.fault = "few"
    read(ours, now)
    held = DirectorySource.objects.get(pk=FIFTEEN_FIVE)
    with pytest.raises(Problem):
        sources.accept(OPERATOR, FIFTEEN_FIVE, "another", now)
    sources.accept(OPERATOR, FIFTEEN_FIVE, held.held_hash, now)
    fake.fault = "empty"
    assert read(ours, now).outcome == "held_back"  # what was accepted was another loss
    fake.fault = "few"
    assert read(ours, now).outcome == "current"
    people = directory.held(ours).people.values()
    assert sum(person.listed for person in people) == len(people) // 2


@pytest.mark.parametrize(
    "key",
    ["", "short", "x" * 30, "y" * 33, "z" * 31 + "é", "a b" * 11],
    ids=["none", "short", "scim", "long", "letter", "two"],
)
def test_what_is_no_key_is_refused_without_a_question(
    key: str, ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    with pytest.raises(Refused) as refusal:
        sources.connect_fifteen_five(OPERATOR, ours, Secret(key), now, no_wait)
    assert not key or key not in str(refusal.value)
    assert fake.requests == []


def test_a_wrong_key_is_refused_and_nothing_is_stored(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    with pytest.raises(Refused, match="does not accept"):
        sources.connect_fifteen_five(OPERATOR, ours, Secret("q" * 32), now, no_wait)
    assert not DirectorySource.objects.exclude(sealed=None).exists()


def test_the_key_is_sealed_and_shown_nowhere(
    ours: Settings, fake: FakeFifteenFive, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connect(ours, fake, now)
    read(ours, now)
    row = DirectorySource.objects.get(pk=FIFTEEN_FIVE)
    assert fake.key.encode() not in bytes(row.sealed or b"")
    assert open_vault(ours.master_key_file).open(bytes(row.sealed or b""), place_of(row)) == Secret(fake.key)
    assert row.last_four == fake.key[-4:]
    assert fake.key not in caplog.text + repr(clean_key(Secret(fake.key))) + str(list(AuditEntry.objects.values()))
    assert fake.key not in repr(FifteenFive(fake.url, Secret(fake.key)))
    files = [path.read_bytes() for path in ours.home.rglob("*") if path.is_file()]
    assert not any(fake.key.encode() in body for body in files)


def test_the_key_goes_to_no_other_address(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    connect(ours, fake, now)
    with FakeFifteenFive(COMPANY, per_second=None) as other:
        found = read(replace(ours, fifteen_five_url=other.url), now)
        assert other.requests == []
    assert found.outcome == "stopped"


def test_a_disconnect_destroys_the_key_and_keeps_the_people(
    ours: Settings, fake: FakeFifteenFive, now: datetime
) -> None:
    connect(ours, fake, now)
    read(ours, now)
    sources.disconnect(OPERATOR, FIFTEEN_FIVE, now)
    row = DirectorySource.objects.get(pk=FIFTEEN_FIVE)
    assert (row.sealed, row.last_four, row.enabled) == (None, "", False)
    assert directory.held(ours).people
    with pytest.raises(Problem, match="not connected"):
        read(ours, now)


def test_five_a_second_is_kept(fake: FakeFifteenFive) -> None:
    with FakeFifteenFive(COMPANY, per_second=5) as strict:
        client = FifteenFive(strict.url, Secret(strict.key))
        for _ in range(7):
            client.user(70_000)
        client.close()
        assert {seen.status for seen in strict.requests} <= {200, 404}


def test_a_wait_that_is_too_long_is_not_waited_for(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    client = FifteenFive(fake.url, Secret(fake.key), sleep=no_wait)
    fake._rate = 0
    with pytest.raises(Busy):
        list(client.users())


def test_people_told_twice_and_unknown_managers() -> None:
    users = [
        {"id": 1, "email": "A@x.example", "first_name": "Ada", "reviewer_id": 9, "company_groups_ids": [5, "x"]}
    ] * 2
    found = told(users, [{"id": 5, "name": "Pilot", "group_type_name": None}, {"id": "6"}], lambda _: Detail())
    assert len(found.people) == 1
    assert (found.people[0].manager, found.people[0].groups, found.people[0].email) == (
        "user 9",
        ("Pilot",),
        "a@x.example",
    )


def test_the_schedule_reads_what_is_due(ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    connect(ours, fake, now)
    schedule = DirectorySchedule(ours)
    schedule._sleep = no_wait  # type: ignore[method-assign]
    schedule.look(now)
    row = DirectorySource.objects.get(pk=FIFTEEN_FIVE)
    assert (row.state, row.people) == ("ok", len(directory.held(ours).people))
    assert not due(row, now + timedelta(hours=11))
    assert due(row, now + timedelta(hours=13))
    sources.request(OPERATOR, FIFTEEN_FIVE, now + timedelta(minutes=1))
    row.refresh_from_db()
    assert due(row, now + timedelta(minutes=2))
    view = next(view for view in roll.sources() if view.name == FIFTEEN_FIVE)
    assert (view.state, view.connected, view.last_four) == ("ok", True, fake.key[-4:])


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR])
def test_others_may_not(role: Role, ours: Settings, fake: FakeFifteenFive, now: datetime) -> None:
    viewer = Viewer("somebody", role)
    for act in (
        lambda: sources.connect_fifteen_five(viewer, ours, Secret(fake.key), now, no_wait),
        lambda: sources.disconnect(viewer, FIFTEEN_FIVE, now),
        lambda: sources.request(viewer, FIFTEEN_FIVE, now),
        lambda: sources.accept(viewer, FIFTEEN_FIVE, "x", now),
        lambda: sources.read(viewer, ours, FIFTEEN_FIVE, now, no_wait),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert fake.requests == []
