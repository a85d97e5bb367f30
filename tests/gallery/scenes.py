"""The states of an installation that only the gallery shows. Run inside the installation, as its operator."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

from tests.browser.scene import LONG, NOW, SETTINGS, THROUGH, empty, healthy, link, troubled
from tests.web import company
from tests.web.authenticator import SECRET
from uptake.actions import visibility
from uptake.actions.people import Wanted, import_csv
from uptake.domain.access import OPERATOR
from uptake.domain.days import ONE_DAY
from uptake.domain.visibility import Named
from uptake.fake import Organisation
from uptake.fake.directory import Directory, to_csv
from uptake.records.models import Account, Connection

__all__ = ["empty", "healthy", "link", "troubled"]
HEAD = ("Employee ID", "Name", "E-mail", "Manager", "Department", "Location", "Job title", "Groups")
LONG_PERSON = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maria-Magdalena Hubertine von und zu"
ARABIC, HEBREW = "محمد عبد الرحمن الحسيني", "מחלקת פיתוח ומחקר מתקדם"


def beside_the_demo(members: int, seed: int) -> None:
    """Accounts of the other roles: who manages some tens of people, and one of them."""
    from allauth.mfa.totp.internal.auth import TOTP

    empty()
    people = Directory(Organisation(members=members, seed=seed)).at(datetime.now(UTC))
    manager = _manager({one.number: one.manager for one in people})
    by_number = {one.number: one for one in people}
    report = next(one for one in people if one.manager == manager and not one.contractor)
    for role, email in (("manager", by_number[manager].email), ("employee", report.email)):
        Account.objects.create_user(email, company.PASSWORD, role)
        print(role, email)
    TOTP.activate(Account.objects.get(email="otto@acme.example"), SECRET)


def _manager(above: dict[int, int | None]) -> int:
    below: Counter[int] = Counter()
    for number in above:
        below.update(_chain(above, number))
    return min(below, key=lambda number: abs(below[number] - 45))


def _chain(above: dict[int, int | None], number: int) -> list[int]:
    lead = above.get(number)
    return [] if lead is None else [lead, *_chain(above, lead)]


def connecting() -> None:
    """Connected a moment ago: the first sync runs and no day is held."""
    empty()
    connection = company.connected(now=NOW)
    connection.streams.update(last_ok_at=None)
    run = company.ran(connection, NOW - timedelta(seconds=20), "running")
    run.progress = {"phase": "starting", "days_planned": 31, "days_done": 0, "requests": 4, "rows": 0, "written": 0}
    run.save()


def first_day() -> None:
    """Some days are held, the newest first; the first sync goes on."""
    empty()
    connection = company.connected(now=NOW)
    Connection.objects.update(connected_at=NOW - timedelta(minutes=4))
    company.hold_company(SETTINGS, connection.pk, THROUGH - 2 * ONE_DAY, THROUGH)
    connection.streams.filter(name="usage").update(newest_available=THROUGH)
    company.ran(connection, NOW - timedelta(seconds=50), "running")


def one_member() -> None:
    _standing("Acme", 1)


def one_team() -> None:
    _standing("Acme", 60)
    _directory([("Marketing", 60)], "Person")


def four_hundred_teams() -> None:
    _standing("Acme", 2_000, days=35)
    _directory([(f"Department {n:03}", 5 if n % 3 else 9) for n in range(400)], "Person")


def longest_name() -> None:
    _standing(LONG, 60, name=LONG_PERSON)
    _directory([(LONG, 30), (f"{LONG} Zweigstelle Süd", 30)], LONG_PERSON, LONG)


def right_to_left() -> None:
    _standing(f"شركة {ARABIC}", 60, name=ARABIC)
    _directory([(HEBREW, 30), ("المبيعات", 30)], ARABIC, "תל אביב-יפו")


def withheld() -> None:
    """Four people: nothing that tells of fewer than five may be shown."""
    _standing("Acme", 4)
    _directory([("Marketing", 4)], "Person")


def by_name() -> None:
    """HR may look at one person; the policy says so."""
    healthy()
    _directory([("Marketing", 60), ("Sales", 60)], "Person")
    policy = visibility.standing(OPERATOR).policy
    visibility.change(OPERATOR, wanted=replace(policy, named=Named.HR), now=NOW)


def sealed() -> None:
    """The records are there, the master key is not."""
    healthy()
    SETTINGS.master_key_file.unlink()


def disconnected() -> None:
    healthy()
    connection = Connection.objects.get()
    connection.keys.all().delete()
    Connection.objects.update(state="disconnected", disconnected_at=NOW)


def _standing(organisation: str, members: int, name: str = "Person", days: int = 90) -> Connection:
    empty()
    connection = company.connected(organisation, now=NOW)
    company.hold_company(SETTINGS, connection.pk, THROUGH - (days - 1) * ONE_DAY, THROUGH, members, name)
    connection.streams.filter(name="usage").update(newest_available=THROUGH)
    company.ran(connection, NOW - timedelta(hours=2))
    return connection


def _directory(teams: list[tuple[str, int]], name: str, location: str = "Berlin") -> None:
    """A directory by CSV: person n works where her place in the list says; the first of all is above everybody."""
    file = StringIO()
    lines = csv.writer(file)
    lines.writerow(HEAD)
    number = 0
    for team, size in teams:
        for _ in range(size):
            above = "person0@acme.example" if number else ""
            named = (f"E{number}", f"{name} {number}", f"person{number}@acme.example", above)
            lines.writerow((*named, team, location, "Specialist", f"Group {team}"))
            number += 1
    import_csv(OPERATOR, SETTINGS, file.getvalue().encode(), Wanted(on=THROUGH - 60 * ONE_DAY), NOW)


def print_directory(members: int, seed: int) -> None:
    """The made-up company's directory as its people department exports it."""
    print(to_csv(Directory(Organisation(members=members, seed=seed)).at(datetime.now(UTC))))
