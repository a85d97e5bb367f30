"""The visibility policy: set by a Company Admin, locked behind two by the preset, obeyed by figures, files and retention."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from tests.web.everybody import signed_in as another
from uptake import metrics
from uptake.actions import retention, visibility
from uptake.config import Settings
from uptake.domain.access import OPERATOR, SCHEDULE, Role, Viewer
from uptake.domain.days import ONE_DAY
from uptake.domain.problems import NotAllowed
from uptake.domain.visibility import STRICT, Policy
from uptake.lake import Lake
from uptake.records import audit
from uptake.records.models import AuditEntry, Run
from uptake.records.privacy import in_force
from uptake.records.vault import open_vault

ADA = "ada@acme.example"
FORM = {"named": "hr", "threshold": "8", "person_exports": "on", "person_days": "396", "runs": "396", "audit": "396"}


def set_policy(client: Client, **values: str | None) -> int:
    form = {name: value for name, value in {**FORM, **values}.items() if value is not None}
    return int(client.post("/policy/set/", form).status_code)


def test_a_change_is_in_force_at_once_and_written_down(signed_in: SignedIn) -> None:
    assert set_policy(signed_in(ADA)) == 302
    assert (in_force().named, in_force().threshold) == ("hr", 8)
    entry = AuditEntry.objects.get(action="policy.set")
    assert entry.details == {"named": "nobody → hr", "threshold": "5 → 8"}
    assert metrics.current_facts(django_settings.UPTAKE).threshold == 8


def test_everybody_reads_it_and_only_a_company_admin_sets_it(signed_in: SignedIn) -> None:
    emil = signed_in("emil@acme.example")
    page = emil.get("/policy/").content.decode()
    assert "Aggregate only" in page
    assert "Put in force" not in page
    assert set_policy(emil) == 403
    assert in_force() == Policy()


@pytest.mark.parametrize(
    "bad", [{"threshold": "4"}, {"threshold": "x"}, {"named": "all"}, {"person_days": "1"}, {"runs": None}]
)
def test_what_makes_no_sense_changes_nothing(signed_in: SignedIn, bad: dict[str, str | None]) -> None:
    assert set_policy(signed_in(ADA), **bad) == 400
    assert in_force() == Policy()


def test_the_preset_takes_two_people_to_be_left(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    ada.post("/policy/set/", {"preset": "strict"})
    assert in_force() == STRICT
    assert set_policy(ada) == 302
    assert in_force() == STRICT  # proposed only
    assert ada.post("/policy/confirm/", {"answer": "accept"}).status_code == 403
    assert in_force() == STRICT
    boss = another("boss@acme.example")
    assert "waits for a second Company Admin" in boss.get("/policy/").content.decode()
    boss.post("/policy/confirm/", {"answer": "accept"})
    assert (in_force().strict, in_force().named) == (False, "hr")
    told = (
        AuditEntry.objects.filter(action__startswith="policy.").order_by("pk").values_list("action", "actor", "outcome")
    )
    assert list(told) == [
        ("policy.set", ADA, "done"), ("policy.set", ADA, "proposed"), ("policy.confirm", "boss@acme.example", "done"),
    ]  # fmt: skip


def test_a_proposal_is_turned_down_by_anybody_who_sets_policies(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    ada.post("/policy/set/", {"preset": "strict"})
    set_policy(ada)
    ada.post("/policy/confirm/", {"answer": "turn down"})
    boss = another("boss@acme.example")
    assert boss.post("/policy/confirm/", {"answer": "accept"}).status_code == 400
    assert in_force() == STRICT


def test_the_preset_stops_files_about_persons(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    assert ada.post("/people/directory.csv").status_code == 200
    ada.post("/policy/set/", {"preset": "strict"})
    assert ada.post("/people/directory.csv").status_code == 403
    with pytest.raises(NotAllowed):
        visibility.require_person_exports()


def test_what_is_too_old_goes_and_is_written_down(home: Settings, db: None, now: datetime) -> None:
    connection = company.connected(now=now)
    last = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, last - 60 * ONE_DAY, last, members=12)
    for days in (1, 50, 100):
        company.ran(connection, now - timedelta(days=days))
    home.aside.mkdir()
    for name, age in (("old", 8), ("new", 6)):
        (home.aside / name).write_text("x")
        os.utime(home.aside / name, (now.timestamp(), (now - timedelta(days=age)).timestamp()))
    ada = Viewer(ADA, Role.COMPANY_ADMIN, account_id=1)
    visibility.change(ada, wanted=Policy(person_days=40, runs=60), now=now)
    assert retention.due(now)
    gone = retention.apply(SCHEDULE, home, now=now)
    held = Lake(home.lake, home.aside).held("usage", connection.pk)
    assert min(held) == now.date() - 40 * ONE_DAY
    assert gone["person_days"] == 61 - len(held)
    assert (gone["runs"], gone["set_aside"], [path.name for path in home.aside.iterdir()]) == (1, 1, ["new"])
    assert Run.objects.count() == 2
    assert AuditEntry.objects.get(action="retention.apply").details["person_days"] == gone["person_days"]
    assert not retention.due(now + timedelta(hours=23))
    assert retention.due(now + timedelta(hours=24))
    again = retention.apply(SCHEDULE, home, now=now)
    assert not any(again.values())


def test_the_newest_roster_and_run_stay_however_old(home: Settings, db: None, now: datetime) -> None:
    connection = company.connected(now=now)
    long_ago = now.date() - 500 * ONE_DAY
    company.hold_company(home, connection.pk, long_ago, long_ago, members=12)
    company.ran(connection, now - timedelta(days=500))
    retention.apply(SCHEDULE, home, now=now)
    lake = Lake(home.lake, home.aside)
    assert (len(lake.held("usage", connection.pk)), len(lake.held("members", connection.pk))) == (0, 1)
    assert Run.objects.count() == 1


def test_the_audit_is_taken_from_its_beginning_and_stays_whole(home: Settings, db: None) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(0, 500, 10):
        audit.record(OPERATOR, "sync.run", f"day {day}", start + timedelta(days=day))
    now = start + timedelta(days=500)
    retention.apply(SCHEDULE, home, now=now)
    assert AuditEntry.objects.order_by("pk")[0].subject == "day 110"
    verdict = audit.verify(open_vault(home.master_key_file))
    assert (verdict.intact, verdict.first) == (True, 12)
    retention.apply(SCHEDULE, home, now=now + timedelta(days=20))
    assert audit.verify(open_vault(home.master_key_file)).intact
    audit.take(16)  # more than was said
    assert not audit.verify(open_vault(home.master_key_file)).intact
