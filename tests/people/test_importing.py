"""A CSV file into the directory: looked at first, applied whole or not at all, by week, audited."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from tests.people.cast import MONDAY
from tests.web import company
from uptake.actions import directory, people
from uptake.actions.people import Wanted
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.days import monday
from uptake.domain.problems import NotAllowed, Refused
from uptake.lake import Lake, charts, writer
from uptake.people.person import Person
from uptake.people.sources import ORDER
from uptake.records.models import AuditEntry, Connection, DirectorySource

pytestmark = pytest.mark.django_db

HEAD = "Employee ID,Name,E-mail,Manager,Department\n"
FILE = HEAD + "1,Ada,ada@acme.example,,Board\n2,Mina,mina@acme.example,1,Sales\n3,Emil,emil@acme.example,2,Sales\n"


def bring(home: Settings, now: datetime, text: str, on: date | None = None, **more: object) -> people.Preview:
    wanted = Wanted(on or now.date(), **more)  # type: ignore[arg-type]
    return people.import_csv(OPERATOR, home, text.encode(), wanted, now)


def people_of(home: Settings) -> dict[str, Person]:
    return {person.shown: person for person in directory.held(home).people.values()}


def test_a_preview_changes_nothing(home: Settings, now: datetime) -> None:
    seen = people.preview(OPERATOR, home, FILE.encode(), Wanted(now.date()))
    assert (len(seen.plan.created), seen.people_unmatched) == (3, 3)
    assert not home.lake.exists()
    assert not AuditEntry.objects.exists()


def test_an_import_is_held_by_week_and_audited(home: Settings, now: datetime) -> None:
    bring(home, now, FILE)
    assert list(charts(Lake(home.lake, home.aside))) == [monday(now.date())]
    assert people_of(home)["Emil"].manager_id == people_of(home)["Mina"].person_id
    entry = AuditEntry.objects.get(action="people.import")
    assert entry.details == {"created": 3, "changed": 0, "left": 0, "left_out": 0}
    assert DirectorySource.objects.get(pk="csv").people == 3


def test_a_week_keeps_its_teams_and_a_week_without_change_has_no_file(home: Settings, now: datetime) -> None:
    bring(home, now, FILE, date(2026, 1, 6))
    bring(home, now, FILE, date(2026, 2, 3))
    bring(home, now, FILE.replace("2,Sales", "2,Support"), date(2026, 3, 3))
    lake = Lake(home.lake, home.aside)
    assert list(charts(lake)) == [date(2026, 1, 5), date(2026, 3, 2)]
    assert people_of(home)["Emil"].department == "Support"
    with pytest.raises(Refused, match="before that"):
        bring(home, now, FILE, date(2026, 2, 3))
    assert len(charts(lake)) == 2


def test_a_large_loss_is_refused_until_somebody_says_it_is_meant(home: Settings, now: datetime) -> None:
    many = HEAD + "".join(f"{n},P{n},p{n}@acme.example,,Sales\n" for n in range(40))
    few = "\n".join(many.splitlines()[:20]) + "\n"
    bring(home, now, many)
    with pytest.raises(Refused, match="21 of 40 people would leave"):
        bring(home, now, few)
    assert sum(person.listed for person in people_of(home).values()) == 40
    bring(home, now, few, accept_loss=True)
    assert sum(person.listed for person in people_of(home).values()) == 19
    assert bring(home, now, few, whole=False).plan.left == ()


def test_what_was_looked_at_is_what_is_applied(home: Settings, now: datetime) -> None:
    bring(home, now, FILE)
    seen = people.preview(OPERATOR, home, FILE.replace("Emil", "Emilio").encode(), Wanted(now.date()))
    bring(home, now, FILE.replace("Mina", "Minna"))
    body = FILE.replace("Emil", "Emilio").encode()
    with pytest.raises(Refused, match="somebody else"):
        people.import_csv(OPERATOR, home, body, Wanted(now.date()), now, seen=seen.mark)
    assert "Emilio" not in people_of(home)


def test_columns_somebody_corrected_are_known_the_next_time(home: Settings, now: datetime) -> None:
    text = FILE.replace("Manager", "Who to ask")
    bring(home, now, text, corrections={"manager": "Who to ask"})
    assert people_of(home)["Emil"].manager_id
    again = people.preview(OPERATOR, home, text.encode(), Wanted(now.date()))
    assert again.mapping["manager"] == 3


def test_an_export_imports_again_and_changes_nothing(home: Settings, now: datetime) -> None:
    bring(home, now, FILE.replace("Board", '"=HYPERLINK(""http://x"")"').replace("Ada", "-Ada"))
    text = people.export_csv(OPERATOR, home, now)
    assert "'=HYPERLINK" in text
    assert "'-Ada" in text
    again = people.preview(OPERATOR, home, text.encode(), Wanted(now.date()))
    assert (again.plan.same, again.plan.anything, again.plan.findings) == (3, False, ())


def test_precedence_is_said_and_holds_from_now_on(home: Settings, now: datetime) -> None:
    bring(home, now, FILE)
    people.order(OPERATOR, home, tuple(reversed(ORDER)), now)
    assert {said.rank for said in directory.held(home).said} == {len(ORDER)}
    with pytest.raises(Refused):
        people.order(OPERATOR, home, ["csv"], now)


def test_members_are_matched_in_the_preview(home: Settings, now: datetime) -> None:
    connection = company.connected(now=now)
    company.hold_company(home, connection.pk, MONDAY, MONDAY + timedelta(days=1), members=10)
    text = HEAD + "".join(f"{n},P{n},person{n}@acme.example,,Sales\n" for n in range(4, 14))
    seen = people.preview(OPERATOR, home, text.encode(), Wanted(now.date()))
    assert (seen.members, seen.members_unmatched, seen.people_unmatched) == (10, 4, 4)


@pytest.mark.parametrize("role", [Role.IT_ADMIN, Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR])
def test_others_may_not(role: Role, home: Settings, now: datetime) -> None:
    viewer = Viewer("somebody", role)
    for act in (
        lambda: people.preview(viewer, home, FILE.encode(), Wanted(now.date())),
        lambda: people.import_csv(viewer, home, FILE.encode(), Wanted(now.date()), now),
        lambda: people.export_csv(viewer, home, now),
        lambda: people.order(viewer, home, ORDER, now),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not home.lake.exists()


def test_a_chart_that_is_damaged_is_not_guessed(home: Settings, now: datetime, tmp_path: Path) -> None:
    bring(home, now, FILE)
    (path,) = home.lake.glob("people/*/*/day.parquet")
    body = bytearray(path.read_bytes())
    body[40] ^= 1
    path.write_bytes(body)
    directory._read.cache_clear()
    with pytest.raises(Exception, match="damaged"):
        directory.held(home)


@pytest.mark.django_db(transaction=True)
def test_an_import_goes_before_a_sync_which_goes_on_afterwards(home: Settings, now: datetime) -> None:
    connection = company.connected(now=now)
    began, ended = threading.Event(), threading.Event()

    def sync() -> None:
        """Holds the lock until it is told to end, as a run does that looks at its connection's epoch."""
        with writer(home.lake):
            began.set()
            while not Connection.objects.filter(epoch__gt=connection.epoch).exists():
                ended.wait(0.05)
        connections.close_all()

    running = threading.Thread(target=sync)
    running.start()
    began.wait(10)
    bring(home, now, FILE)
    running.join(10)
    connection.refresh_from_db()
    assert connection.sync_requested_at == now
    assert len(people_of(home)) == 3
