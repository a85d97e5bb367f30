"""My data for everybody; one person by name only where the policy opens them; every look written down and seen by them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime

import pyarrow as pa
import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import identities, people, visibility
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.days import ONE_DAY
from uptake.domain.visibility import Named, Policy
from uptake.lake import MEMBERS, USAGE, Entry, Lake, charts, content_hash, sort
from uptake.people.person import Person
from uptake.records.models import Account, AuditEntry, Tombstone

ADA = Viewer("ada@acme.example", Role.COMPANY_ADMIN, account_id=1)
DIRECTORY = (
    "employee id,name,email,manager\n1,Mina Manager,mina@acme.example,\n2,Emil Employee,person5@acme.example,1\n"
    "3,Other Person,person6@acme.example,\n4,Deep Report,person7@acme.example,2\n"
)


@pytest.fixture
def acme(home: Settings, db: None, now: datetime) -> Settings:
    connection = company.connected(now=now)
    last = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, last - 9 * ONE_DAY, last, members=12)
    people.import_csv(OPERATOR, home, DIRECTORY.encode(), people.Wanted(on=now.date()), now)
    return home


@pytest.fixture
def person5(acme: Settings) -> Client:
    account = Account.objects.create_user("person5@acme.example", None, "employee")
    client = Client(headers={"host": "localhost"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    company.confirm(client)
    return client


def held(client: Client) -> dict[str, list[dict[str, object]]]:
    found = json.loads(client.post("/my-data/download/", {"format": "json"}).content)
    return {part["part"]: part["rows"] for part in found["held"]}


def id_of(acme: Settings, email: str) -> str:
    return next(person.person_id for person in everybody(acme).values() if email in person.emails)


def everybody(acme: Settings) -> dict[str, Person]:
    from uptake.actions import directory

    return dict(directory.held(acme).people)


def of_lake(acme: Settings, member_id: str) -> int:
    lake = Lake(acme.lake, acme.aside)
    [connection] = [name for name in lake.connections() if name != "directory"]
    return sum(
        member_id in lake.read("usage", connection, day)["member_id"].to_pylist()
        for day in lake.held("usage", connection)
    )


def test_everything_held_about_oneself_and_nothing_about_others(person5: Client, acme: Settings) -> None:
    mine = held(person5)
    assert {row["member_id"] for row in mine["usage"]} == {"user_0005"}
    assert len(mine["usage"]) == of_lake(acme, "user_0005") > 0
    assert [row["name"] for row in mine["directory"]] == ["Emil Employee"]
    assert [row["name"] for row in mine["roster"]] == ["Person 5"]
    page = person5.get("/my-data/").content.decode()
    assert "Emil Employee" in page
    assert "person6@acme.example" not in page + json.dumps(mine)


def test_every_column_about_a_person_is_told(person5: Client, acme: Settings) -> None:
    """Whatever a kind of file can hold about a person comes out where it holds it."""
    mine = held(person5)
    lake = Lake(acme.lake, acme.aside)
    week = max(charts(lake))
    rows = lake.read("people", "directory", week).to_pylist()
    row = next(row for row in rows if row["email"] == "person5@acme.example")
    assert {name for name, value in row.items() if value not in (None, "")} <= set(mine["directory"][0])
    assert set(mine["usage"][0]) - {"day", "connection"} <= set(USAGE.names)
    assert set(mine["roster"][0]) - {"since", "connection"} <= set(MEMBERS.names)


def test_the_file_for_spreadsheets_says_the_same(person5: Client) -> None:
    text = person5.post("/my-data/download/", {"format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["part"] for row in rows} >= {"account", "directory", "roster", "usage"}
    told = {(row["field"], row["value"]) for row in rows if row["part"] == "usage"}
    assert ("member_id", "user_0005") in told


def test_an_address_that_another_member_had_before_tells_nothing_of_them(
    person5: Client, acme: Settings, now: datetime
) -> None:
    """The one before had the same address under another id: that history is not the new holder's."""
    lake = Lake(acme.lake, acme.aside)
    [connection] = [name for name in lake.connections() if name != "directory"]
    [(day, entry)] = lake.held("members", connection).items()
    rows = lake.read("members", connection, day).to_pylist()
    old = {
        **rows[0],
        "member_id": "user_before",
        "email": "person5@acme.example",
        "name": "Before",
        "status": "removed",
    }
    replaced(lake, entry, pa.Table.from_pylist([*rows, old], MEMBERS))
    assert "user_before" not in json.dumps(held(person5))


def replaced(lake: Lake, entry: Entry, table: pa.Table) -> None:
    import msgspec

    table = sort("members", table)
    found = content_hash("members", entry.connection, entry.day, table)
    lake.replace(msgspec.structs.replace(entry, rows=table.num_rows, content_hash=found), table)


@pytest.mark.parametrize(
    ("named", "seen"),
    [
        (Named.NOBODY, {}),
        (Named.HR, {"ada": "567", "hana": "567"}),
        (Named.MANAGERS, {"ada": "567", "hana": "567", "mina": "57"}),
    ],
)
def test_a_person_is_opened_by_the_policy_alone(
    acme: Settings, signed_in: SignedIn, now: datetime, named: Named, seen: dict[str, str]
) -> None:
    if named is not Named.NOBODY:
        visibility.change(ADA, wanted=Policy(named=named), now=now)
    absent = signed_in("ada@acme.example").get("/people/person/nobody/")
    assert absent.status_code == 404
    for email in company.CAST:
        client = signed_in(email) if email != "ada@acme.example" else again(email)
        for number in "567":
            answer = client.get(f"/people/person/{id_of(acme, f'person{number}@acme.example')}/")
            name = email.partition("@")[0]
            opened = number in seen.get(name, "")
            assert (answer.status_code == 200) is opened, (email, number)
            if not opened and Role(company.CAST[email]) in {Role.COMPANY_ADMIN, Role.HR_ADMIN, Role.MANAGER}:
                assert answer.status_code == 404
            assert opened or b"user_000" not in answer.content
    looks = AuditEntry.objects.filter(action="person.view").count()
    assert looks == sum(map(len, seen.values()))


def again(email: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(Account.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_somebody_hidden_and_nobody_look_the_same(acme: Settings, signed_in: SignedIn) -> None:
    ada = signed_in("ada@acme.example")
    hidden = ada.get(f"/people/person/{id_of(acme, 'person5@acme.example')}/")
    absent = ada.get("/people/person/nobody/")
    without_token = [re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", page.content) for page in (hidden, absent)]
    assert without_token[0] == without_token[1]
    assert hidden.headers.items() >= {"Cache-Control": "no-store"}.items()


def test_a_manager_finds_the_whole_tree_below_and_nobody_else(
    acme: Settings, signed_in: SignedIn, now: datetime
) -> None:
    mina = signed_in("mina@acme.example")
    assert b"/people/person/" not in mina.get("/my-data/").content
    visibility.change(ADA, wanted=Policy(named=Named.MANAGERS), now=now)
    page = mina.get("/my-data/").content.decode()
    assert set(re.findall(r"/people/person/(\w+)/", page)) == {
        id_of(acme, "person5@acme.example"), id_of(acme, "person7@acme.example"),
    }  # fmt: skip


def test_who_was_looked_at_sees_who_looked(acme: Settings, person5: Client, signed_in: SignedIn, now: datetime) -> None:
    visibility.change(ADA, wanted=Policy(named=Named.HR), now=now)
    signed_in("hana@acme.example").get(f"/people/person/{id_of(acme, 'person5@acme.example')}/")
    looks = [(row["by"], row["what"], row["of"]) for row in held(person5)["looks"]]
    assert ("hana@acme.example", "person.view", "you") in looks
    assert ("operator on the host", "people.import", "everybody") in looks


def test_my_data_stay_open_under_the_works_council_preset(person5: Client, signed_in: SignedIn) -> None:
    signed_in("ada@acme.example").post("/policy/set/", {"preset": "strict"})
    assert person5.get("/my-data/").status_code == 200
    assert held(person5)["usage"]


def test_a_person_is_erased_by_page_and_the_receipt_counts(acme: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    unlike = hana.post("/people/erase/", {"who": "person5@acme.example", "again": "person6@acme.example"})
    assert unlike.status_code == 400
    assert not Tombstone.objects.exists()
    done = hana.post("/people/erase/", {"who": "person5@acme.example", "again": "person5@acme.example"})
    assert "The person is erased" in done.content.decode()
    nobody = hana.post("/people/readmit/", {"who": "person6@acme.example"})
    assert (nobody.status_code, "Nobody of this address" in nobody.content.decode()) == (400, True)
    back = hana.post("/people/readmit/", {"who": "person5@acme.example"}, follow=True)
    assert "held again from the next sync" in back.content.decode()
    assert of_lake(acme, "user_0005") == 0
    assert of_lake(acme, "user_0006") > 0


def test_who_is_in_nobodys_directory_sees_that_nothing_is_held(signed_in: SignedIn, acme: Settings) -> None:
    mine = held(signed_in("otto@acme.example"))
    assert (mine["usage"], mine["roster"], mine["directory"]) == ([], [], [])
    assert mine["account"][0]["email"] == "otto@acme.example"


_SAID = {
    "link": None,
    "alias": "employee id,name,email,aliases\n9,Hana,hana@acme.example,person6@acme.example\n",
    "id": "employee id,name,email,claude id\n9,Hana,hana@acme.example,user_0006\n",
}


@pytest.mark.parametrize("how", _SAID)
def test_nobody_becomes_somebody_else_by_what_is_said_of_them(
    how: str, acme: Settings, signed_in: SignedIn, now: datetime
) -> None:
    """HR may say who is who; it must not open to HR, as their own, what the policy hides."""
    hana = signed_in("hana@acme.example")
    viewer = Viewer("hana@acme.example", Role.HR_ADMIN)
    text = _SAID[how] or "employee id,name,email\n9,Hana,hana@acme.example\n"
    people.import_csv(viewer, acme, text.encode(), people.Wanted(on=now.date(), whole=False), now)
    if how == "link":
        [connection] = [name for name in Lake(acme.lake, acme.aside).connections() if name != "directory"]
        herself = id_of(acme, "hana@acme.example")
        identities.link(viewer, acme, connection=connection, member_id="user_0006", person_id=herself, now=now)
    found = held(hana)
    assert "Hana" in str(found["directory"])
    assert found.get("usage", []) == []
    assert found.get("roster", []) == []


def test_who_is_said_to_be_somebody_sees_who_said_so(acme: Settings, person5: Client, now: datetime) -> None:
    [connection] = [name for name in Lake(acme.lake, acme.aside).connections() if name != "directory"]
    member = next(one for one in identities.members(acme) if one.email == "person5@acme.example")
    other = id_of(acme, "person6@acme.example")
    identities.link(ADA, acme, connection=connection, member_id=member.member_id, person_id=other, now=now)
    assert "ada@acme.example" in str(held(person5)["looks"])
