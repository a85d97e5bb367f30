"""Claude's own groups as a source: only where switched on, only for people who are known, and nobody comes or goes by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from uptake.actions import connections, directory, people, sources, syncing
from uptake.actions.claude_groups import switch_on
from uptake.actions.directory_schedule import DirectorySchedule
from uptake.claude import groups
from uptake.claude.answers import Unreadable
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude, Organisation
from uptake.fake.directory import Directory, to_csv
from uptake.people.delivery import CLAUDE_GROUPS, CSV, FIFTEEN_FIVE, SCIM
from uptake.records.models import DirectorySource, Run

pytestmark = pytest.mark.django_db(transaction=True)

COMPANY = Organisation(members=40, seed=9)


@pytest.fixture
def fake() -> Iterator[FakeClaude]:
    with FakeClaude(COMPANY, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def ours(home: Settings, fake: FakeClaude, now: datetime) -> Settings:
    """A connected, synced installation with the made-up company's directory."""
    ready = replace(home, claude_url=fake.url, requests_per_minute=600_000.0, backfill_days=1)
    keys = {"admin_key": Secret(fake.keys.both), "analytics_key": Secret(fake.keys.analytics)}
    connections.connect(OPERATOR, ready, name="Acme", now=now, **keys)
    syncing.sync_now(OPERATOR, ready, trigger="command")
    people.import_csv(OPERATOR, ready, to_csv(Directory(COMPANY).at(now)).encode(), people.Wanted(now.date()), now)
    fake.clear_requests()
    return ready


def asked(fake: FakeClaude) -> set[str]:
    return {request.path.rpartition("organizations/")[2].split("/")[0] for request in fake.requests}


def test_groups_are_read_only_after_somebody_switched_it_on(ours: Settings, fake: FakeClaude, now: datetime) -> None:
    schedule = DirectorySchedule(ours)
    schedule.look(now)
    assert asked(fake) == set()
    before = dict(directory.held(ours).people)
    switch_on(OPERATOR, now)
    schedule.look(datetime.now(UTC))
    assert asked(fake) == {"rbac_groups"}
    after = directory.held(ours).people
    assert after.keys() == before.keys()
    row = DirectorySource.objects.get(pk=CLAUDE_GROUPS)
    assert (row.state, row.cause) == ("ok", "")
    named = {group.name: {member.email.lower() for member in group.members} for group in COMPANY.groups(now)}
    engineers = [person for person in after.values() if "Engineering" in person.groups]
    assert engineers
    assert all(set(person.emails) & named["Engineering"] for person in engineers)
    champions = [one for one in before.values() if one.groups]
    assert all(set(one.groups) <= set(after[one.person_id].groups) for one in champions)


def test_whoever_leaves_has_left_whatever_the_groups_say(ours: Settings, now: datetime) -> None:
    switch_on(OPERATOR, now)
    people.order(OPERATOR, ours, (CLAUDE_GROUPS, CSV, FIFTEEN_FIVE, SCIM), now)
    sources.read(OPERATOR, ours, CLAUDE_GROUPS, now, lambda _: None)
    fewer = to_csv(Directory(COMPANY).at(now)[:-1])
    gone = people.import_csv(OPERATOR, ours, fewer.encode(), people.Wanted(now.date()), now)
    assert len(gone.plan.left) == 1


def test_a_key_that_does_not_open_groups_says_which_scope(ours: Settings, fake: FakeClaude, now: datetime) -> None:
    connections.replace_key(OPERATOR, ours, name="Acme", slot="admin", key=Secret(fake.keys.members), now=now)
    switch_on(OPERATOR, now)
    before = dict(directory.held(ours).people)
    found = sources.read(OPERATOR, ours, CLAUDE_GROUPS, now, lambda _: None)
    assert found.outcome == "stopped"
    assert "read:rbac_groups" in found.words
    assert dict(directory.held(ours).people) == before


def test_it_takes_a_connection_and_the_right(home: Settings, now: datetime) -> None:
    with pytest.raises(Problem, match="no groups to read"):
        switch_on(OPERATOR, now)
    with pytest.raises(NotAllowed):
        switch_on(Viewer("emil", Role.EMPLOYEE), now)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": 5}', b'{"data": [' + b"[" * 3000])
def test_what_is_no_list_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        groups.page(body)


def test_odd_groups_are_left_out() -> None:
    body = (
        b'{"data": [5, {"id": "../x", "name": "A"}, {"id": "g1", "name": "\\u202eB "}, {"id": "g2"}], "next_page": ""}'
    )
    found = groups.page(body)
    assert [(group.id, group.name) for group in found.groups] == [("g1", "B")]
    assert found.next_page is None


def test_a_sync_says_when_it_sets_a_damaged_chart_aside(ours: Settings, now: datetime) -> None:
    (path,) = ours.lake.glob("people/*/*/day.parquet")
    path.write_bytes(path.read_bytes()[:-40])
    syncing.sync_now(OPERATOR, ours, trigger="command")
    notes = " ".join(Run.objects.first().notes)  # type: ignore[union-attr]
    assert "import that again" in notes
    assert not path.exists()
    assert directory.held(ours).people == {}
