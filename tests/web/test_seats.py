"""Seats: the totals, the list by name with its bands and nothing more, the question to who holds one, the files."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from tests.web.test_my_data import held, of_lake
from uptake.actions import disconnects, erasures, people, retention, visibility
from uptake.config import Settings
from uptake.domain.access import OPERATOR, SCHEDULE, Role, Viewer
from uptake.domain.days import ONE_DAY, span
from uptake.domain.visibility import STRICT
from uptake.lake import MEMBERS, USAGE, Lake, content_hash, sort, writer
from uptake.records.models import Account, AuditEntry, Connection, SeatQuestion

ADA = Viewer("ada@acme.example", Role.COMPANY_ADMIN, account_id=1)
MEMBERS_HELD = 12
SILENT = {4: 35, 5: 70, 6: None, 7: None}
"""Members by the days since their last use; None: never used. Everybody else used it on every day."""
JOINED_LATELY = 8


ID = "acme00seats0"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy-five days of twelve members: who joined after the first day held, who fell silent when, stands above."""
    root = tmp_path_factory.mktemp("seats") / "lake"
    now = datetime.now(UTC)
    last = now.date() - 3 * ONE_DAY
    first = last - 74 * ONE_DAY
    lake, chance = Lake(root, root.parent / "aside"), random.Random(7)
    root.mkdir()
    roster = company._roster(MEMBERS_HELD, first, "Person").to_pylist()
    for number, since in ((6, first + 10 * ONE_DAY), (JOINED_LATELY, last - 5 * ONE_DAY)):
        roster[number]["joined_at"] = datetime(since.year, since.month, since.day, tzinfo=UTC)
    invites = [invite("fresh@acme.example", now, 20), invite("old@acme.example", now, -1)]
    with writer(root):
        company._hold(lake, "members", ID, last, pa.Table.from_pylist([*roster, *invites], MEMBERS))
        for day in span(first, last):
            rows = [
                company._usage(number, chance) | {"chat_messages": 3}
                for number in range(MEMBERS_HELD)
                if used(number, (last - day).days)
            ]
            company._hold(lake, "usage", ID, day, pa.Table.from_pylist(rows, USAGE))
    return root


@pytest.fixture
def acme(written: Path, home: Settings, db: None, now: datetime) -> Connection:
    shutil.copytree(written, home.lake)
    return company.connected(now=now, id=ID)


def used(number: int, back: int) -> bool:
    if number == JOINED_LATELY:
        return back < 3
    return number not in SILENT or (SILENT[number] is not None and back >= (SILENT[number] or 0))


def invite(email: str, now: datetime, days: int) -> dict[str, object]:
    return {
        "email": email,
        "status": "pending",
        "invited_at": now - timedelta(days=5),
        "expires_at": now + days * ONE_DAY,
    }


def rows(page: str) -> dict[str, list[str]]:
    """Every line of the list: its name, and the words of the other cells."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page, re.DOTALL)
    cells = [[re.sub(r"<[^>]+>", " ", cell) for cell in re.split(r"</t[hd]>", row)] for row in found]
    return {" ".join(row[0].split()): [" ".join(cell.split()) for cell in row[1:] if cell.strip()] for row in cells}


def use_of(page: str) -> dict[str, str]:
    return {name.split()[-1]: cells[1] for name, cells in rows(page).items()}


def ask(client: Client, connection: Connection, number: int) -> str:
    answer = client.post("/seats/ask/", {"connection": connection.pk, "member": f"user_{number:04}"})
    return str(answer.headers.get("Location", answer.status_code))


def test_each_seat_has_its_status_and_its_band_and_nothing_more(acme: Connection, signed_in: SignedIn) -> None:
    page = signed_in("ivan@acme.example").get("/seats/list/").content.decode()
    assert use_of(page) == {
        **{f"person{n}@acme.example": "used lately" for n in (0, 1, 2, 3, 9, 10, 11)},
        "person4@acme.example": "idle for 4 to 8 weeks",
        "person5@acme.example": "idle for longer",
        "person6@acme.example": "never used",
        "person7@acme.example": "idle for longer",  # held before the first day: whether ever used is unknown
        "person8@acme.example": "new",
        "fresh@acme.example": "–",
        "old@acme.example": "–",
    }
    shown = rows(page)
    assert [cells[0] for name, cells in shown.items() if "fresh" in name or "old@" in name] == [
        "invited",
        "invite expired",
    ]
    names = [name.casefold() for name in shown]
    assert names == sorted(names)
    assert {len(cells) for cells in shown.values()} <= {2, 3}
    assert {text for text in re.findall(r"(?<!value=\")user_\d+", page)} == set()


def test_a_look_is_written_down_and_who_is_listed_sees_it(acme: Connection, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    hana.get("/seats/list/")
    hana.get("/seats/list/?q=nobody-like-this")
    assert AuditEntry.objects.filter(action="seats.view").count() == 1
    assert "seats.view" in {row["what"] for row in held(own("person5@acme.example"))["looks"]}
    assert "nobody-like-this" not in str(list(AuditEntry.objects.values()))


def own(email: str) -> Client:
    account = Account.objects.create_user(email, None, "employee")
    client = Client(headers={"host": "localhost"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_list_is_searched_and_paged_by_name(home: Settings, now: datetime, signed_in: SignedIn) -> None:
    connection = company.connected(now=now)
    company.hold_company(home, connection.pk, now.date() - 9 * ONE_DAY, now.date() - 3 * ONE_DAY, members=120)
    ada = signed_in("ada@acme.example")
    assert "Page 1 of 3" in ada.get("/seats/list/").content.decode()
    last = ada.get("/seats/list/?page=3").content.decode()
    assert len(rows(last)) == 20
    assert "1 seat found" in ada.get("/seats/list/?q=person117").content.decode()
    assert set(use_of(ada.get("/seats/list/").content.decode()).values()) <= {"used lately", "not known yet"}
    assert ada.get("/seats/list/?page=99&q=%00&show=x").status_code == 200


def test_on_leave_and_gone_are_counted_not_listed(
    acme: Connection, home: Settings, signed_in: SignedIn, now: datetime
) -> None:
    text = (
        "employee id,name,email,on leave,end date,employee type\n1,Leaving,person4@acme.example,yes,,\n"
        f"2,Gone,person5@acme.example,,{now.date() - 9 * ONE_DAY},\n3,Carl,person6@acme.example,,,contractor\n"
    )
    people.import_csv(OPERATOR, home, text.encode(), people.Wanted(on=now.date()), now)
    page = signed_in("ada@acme.example").get("/seats/list/").content.decode()
    assert "person4@acme.example" not in page
    assert "person5@acme.example" not in page
    assert "1 person on leave" in page
    assert "1 person who left the company and still holds a seat" in page
    assert "contractor" in page


def test_the_question_is_polite_noted_and_answered(acme: Connection, signed_in: SignedIn, home: Settings) -> None:
    ivan = signed_in("ivan@acme.example")
    address = ask(ivan, acme, 4)
    page = ivan.get(address).content.decode()
    assert "Hello Person 4," in page
    assert "a seat for Claude at Acme" in page
    assert 'href="mailto:person4@acme.example?subject=Your%20seat%20for%20Claude&amp;body=Hello%20Person%204' in page
    assert ask(ivan, acme, 4) == address  # asked twice is one question
    assert ivan.post(address, {"outcome": "gives_back"}, follow=True).status_code == 200
    assert "gives it back" in rows(ivan.get("/seats/list/").content.decode())["Person 4 person4@acme.example"][2]
    assert ivan.post(address, {"outcome": "fired"}).status_code == 400
    mine = held(own("person4@acme.example"))
    assert [(row["by"], row["answer"]) for row in mine["seat"]] == [("ivan@acme.example", "gives it back")]
    assert ("seats.ask", "you") in {(row["what"], row["of"]) for row in mine["looks"]}
    assert "user_0004" not in str(list(AuditEntry.objects.values("subject", "details")))


@pytest.mark.parametrize("number", [0, JOINED_LATELY, 99])
def test_nobody_is_asked_about_a_seat_in_use_or_new(number: int, acme: Connection, signed_in: SignedIn) -> None:
    assert ask(signed_in("ivan@acme.example"), acme, number) == "400"
    assert not SeatQuestion.objects.exists()


def test_use_after_the_question_is_said_as_a_word_and_kept_nowhere(
    acme: Connection, signed_in: SignedIn, now: datetime
) -> None:
    row = {"connection": acme, "asked_by": "ivan@acme.example", "asked_at": now - timedelta(days=20)}
    for number in (0, 5):
        SeatQuestion.objects.create(member_id=f"user_{number:04}", email=f"person{number}@acme.example", **row)
    shown = rows(signed_in("ivan@acme.example").get("/seats/list/").content.decode())
    assert shown["Person 0 person0@acme.example"][2].startswith("uses it since")
    assert shown["Person 5 person5@acme.example"][2].startswith("no answer yet")
    assert set(SeatQuestion.objects.values_list("outcome", flat=True)) == {""}


def test_under_the_works_council_preset_only_who_holds_a_seat_is_shown(
    acme: Connection, signed_in: SignedIn, now: datetime
) -> None:
    ivan, ada = signed_in("ivan@acme.example"), signed_in("ada@acme.example")
    address = ask(ivan, acme, 4)
    assert "Download the list" in ada.get("/seats/list/").content.decode()
    visibility.change(ADA, wanted=STRICT, now=now)
    page = ada.get("/seats/list/?show=idle").content.decode()
    assert not any(
        word in page for word in ("idle for", "used lately", "never used", "Ask the holder", "Download the list")
    )
    assert [cells[0] for cells in rows(ada.get("/seats/list/").content.decode()).values()].count(
        "active"
    ) == MEMBERS_HELD
    assert ask(ivan, acme, 5) == "403"
    assert ivan.get(address).status_code == 403
    assert ada.post("/seats/list.csv").status_code == 403
    assert "status alone" in ada.get("/policy/").content.decode()


def test_erasing_a_person_and_a_connection_takes_the_questions(
    acme: Connection, signed_in: SignedIn, home: Settings, now: datetime
) -> None:
    ivan = signed_in("ivan@acme.example")
    for number in (4, 5):
        ask(ivan, acme, number)
    receipt = erasures.erase(OPERATOR, home, who="person4@acme.example", now=now)
    assert receipt.counts["seat_questions"] == 1
    assert of_lake(home, "user_0004") == 0
    assert "person4@acme.example" not in ivan.get("/seats/list/").content.decode()
    gone = disconnects.disconnect(OPERATOR, home, name="Acme", erase=True, now=now)
    assert gone.counts["seat_questions"] == 1
    assert not SeatQuestion.objects.exists()


def test_questions_go_with_the_retention(acme: Connection, home: Settings, now: datetime) -> None:
    for days in (395, 397):
        SeatQuestion.objects.create(
            connection=acme, member_id=f"m{days}", asked_by="x", asked_at=now - timedelta(days=days)
        )
    retention.apply(SCHEDULE, home, now=now)
    assert list(SeatQuestion.objects.values_list("member_id", flat=True)) == ["m395"]


def test_without_a_roster_nothing_is_said_of_seats(home: Settings, signed_in: SignedIn, now: datetime) -> None:
    ada = signed_in("ada@acme.example")
    assert "No roster is held yet" in ada.get("/seats/list/").content.decode()
    assert "No Claude organisation is connected" in ada.get("/seats/").content.decode()
    assert not AuditEntry.objects.filter(action="seats.view").exists()


def test_the_totals_say_what_they_show_and_keep_back_what_is_of_few(acme: Connection, signed_in: SignedIn) -> None:
    ada = signed_in("ada@acme.example")
    page = ada.get("/seats/").content.decode()
    assert '<a href="/seats/" aria-current="page">' in page
    said = {
        name: ada.get(f"/figures/{name}/").content.decode()
        for name in re.findall(r"/figures/(seats[\w-]*|idle-seats)/", page)
    }
    assert set(said) == {"seats-headlines", "idle-seats", "seats-used", "seats-held", "seats-reported"}
    assert all(re.search(r'class="sentence">[A-Z0-9]', one) and "CSV" in one for one in said.values())
    assert "12 seats are assigned" in said["seats-headlines"]
    assert "withheld" in said["seats-headlines"]  # of twelve two were never used


def test_the_totals_for_the_renewal(acme: Connection, signed_in: SignedIn) -> None:
    ada = signed_in("ada@acme.example")
    plain = file(ada.get("/seats/renewal.csv").content)
    priced = file(ada.get("/seats/renewal.csv?price=39,90").content)
    assert len(plain[0]) == 5
    assert {row["figure"]: row["cost at 39.90 a seat"] for row in priced}["Seat holders"] == "478.80"
    never = next(row for row in priced if row["figure"] == "Seats never used")
    assert (never["value"], never["cost at 39.90 a seat"]) == ("", "")
    assert never["note"].startswith("withheld")
    assert ada.get("/seats/renewal.csv?price==1+1").status_code == 400
    assert AuditEntry.objects.filter(action="numbers.export").count() == 2


def test_a_price_that_is_kept_multiplies_numbers_of_seats_alone(acme: Connection, signed_in: SignedIn) -> None:
    ada, emil = signed_in("ada@acme.example"), signed_in("emil@acme.example")
    assert ada.post("/seats/price/", {"amount": "39,90", "currency": "eur", "per": "month"}).status_code == 302
    page = ada.get("/seats/").content.decode()
    assert "At 39.90 EUR a seat a month" in page and "479 EUR" in page  # 12 seats
    assert page.count("Withheld: too few people</span>") >= 1  # too few never used: neither their number nor their cost
    told = file(ada.get("/seats/renewal.csv").content)
    column = "cost at 39.90 EUR a seat a month"
    assert {row["figure"]: row[column] for row in told}["Seat holders"] == "478.80"
    assert next(row for row in told if row["figure"] == "Seats never used")[column] == ""
    assert next(row for row in told if row["figure"] == "Seat utilisation")[column] == ""
    for wrong in (
        {"amount": "x"},
        {"amount": "-1"},
        {"amount": "1", "currency": "€"},
        {"amount": "1", "currency": "EUR"},
    ):
        assert ada.post("/seats/price/", {"per": "decade"} | wrong).status_code == 400
    assert "At 39.90 EUR a seat a month" in ada.get("/seats/").content.decode()
    assert emil.post("/seats/price/", {"amount": "1", "currency": "EUR", "per": "year"}).status_code == 403
    assert ada.post("/seats/price/", {"amount": ""}).status_code == 302
    assert "EUR a seat" not in ada.get("/seats/").content.decode()
    found = AuditEntry.objects.filter(action="seats.price").order_by("pk").values_list("outcome", "details")
    assert list(found) == [("kept", {}), ("removed", {})]


def test_the_list_as_a_file_is_audited_and_does_not_run(
    acme: Connection, home: Settings, signed_in: SignedIn, now: datetime
) -> None:
    lake = Lake(home.lake, home.aside)
    [(day, entry)] = lake.held("members", acme.pk).items()
    found = lake.read("members", acme.pk, day).to_pylist()
    found[0]["name"] = "=1+1"
    table = sort("members", pa.Table.from_pylist(found, MEMBERS))
    hashed = content_hash("members", acme.pk, day, table)
    lake.replace(msgspec.structs.replace(entry, content_hash=hashed), table)
    lines = file(signed_in("ada@acme.example").post("/seats/list.csv").content)
    assert "'=1+1" in {row["name"] for row in lines}
    assert {"idle for 4 to 8 weeks", "never used", "new"} <= {row["use"] for row in lines}
    assert AuditEntry.objects.get(action="seats.export").details == {"rows": MEMBERS_HELD + 2}


def file(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
