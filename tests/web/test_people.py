"""People by its pages: a file is looked at, corrected, applied or thrown away; members are matched and marked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import directory, uploads
from uptake.config import Settings
from uptake.domain.days import monday
from uptake.fake import Organisation
from uptake.fake.fifteen_five import FakeFifteenFive
from uptake.records.models import AuditEntry, MemberLink

HEAD = "Employee ID,Name,E-mail,Boss,Department\n"
ROWS = "".join(f"{n},Person {n},person{n}@acme.example,{'' if n == 1 else 1},Sales\n" for n in range(1, 8))
EVIL = '"><script>alert(1)</script>'


def upload(client: Client, text: str) -> str:
    file = SimpleUploadedFile("people.csv", text.encode(), "text/csv")
    response = client.post("/people/upload/", {"file": file})
    assert response.status_code == 302
    return str(response["Location"])


def form(page: str) -> dict[str, str]:
    """What the form that decides would send."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def test_a_file_is_looked_at_corrected_and_applied(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + ROWS)
    first = ada.get(address).content.decode()
    assert "What this file would change" in first
    assert not directory.held(home).people

    corrected = ada.get(address, {"column.email": "E-mail", "column.manager": "Boss", "column.name": "Name",
                                  "column.employee_id": "Employee ID", "column.department": ""}).content.decode()  # fmt: skip
    done = ada.post(address, form(corrected) | {"act": "apply"}, follow=True)
    assert "7 created" in done.content.decode()
    people = directory.held(home).people.values()
    assert sum(person.manager_id is not None for person in people) == 6
    assert {person.department for person in people} == {None}  # the column was said not to be in the file
    assert ada.get(address).status_code == 400
    assert not list(home.temp.glob("people-*"))


def test_a_file_is_thrown_away(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + ROWS)
    ada.post(address, {"act": "discard"})
    assert not list(home.temp.glob("people-*"))
    assert not directory.held(home).people


def test_somebody_elses_file_is_not_shown(signed_in: SignedIn, home: Settings) -> None:
    address = upload(signed_in("ada@acme.example"), HEAD + ROWS)
    assert signed_in("hana@acme.example").get(address).status_code == 400


@pytest.mark.parametrize("token", ["../../records", "0" * 32, "x"])
def test_a_made_up_token_opens_nothing(token: str, signed_in: SignedIn, home: Settings) -> None:
    assert signed_in("ada@acme.example").get(f"/people/import/{token}/").status_code in {400, 404}


def test_a_file_that_nobody_confirms_is_gone_after_a_day(signed_in: SignedIn, home: Settings, now: datetime) -> None:
    upload(signed_in("ada@acme.example"), HEAD + ROWS)
    uploads.tidy(home, now + timedelta(hours=23))
    assert list(home.temp.glob("people-*"))
    uploads.tidy(home, now + timedelta(hours=25))
    assert not list(home.temp.glob("people-*"))


def test_a_file_that_cannot_be_read_says_so_and_lets_choose(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    page = ada.get(upload(ada, "Who,Where\nAda,Berlin\n"))
    assert page.status_code == 400
    assert "people cannot be told apart" in page.content.decode()
    assert "<option>Who</option>" in page.content.decode()
    assert ada.get(upload(ada, "PK\x03\x04")).status_code == 400


def test_a_large_loss_needs_its_tick(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + ROWS)
    ada.post(address, form(ada.get(address).content.decode()) | {"act": "apply"})
    address = upload(ada, HEAD + "1,Person 1,person1@acme.example,,Sales\n")
    sent = form(ada.get(address).content.decode()) | {"act": "apply"}
    refused = ada.post(address, sent, follow=True).content.decode()
    assert "would leave" in refused
    assert sum(person.listed for person in directory.held(home).people.values()) == 7
    ada.post(address, sent | {"accept_losses": "1"})
    assert sum(person.listed for person in directory.held(home).people.values()) == 1


def test_hostile_names_stay_text(signed_in: SignedIn, home: Settings, now: datetime) -> None:
    ada = signed_in("ada@acme.example")
    cell = '"' + EVIL.replace('"', '""') + '"'
    address = upload(ada, f"{HEAD.strip()},{cell}\n1,{cell},a@acme.example,nobody,{cell},{cell}\n")
    page = ada.get(address).content.decode()
    ada.post(address, form(page) | {"act": "apply"})
    everything = page + "".join(ada.get(f"/people/{part}").content.decode() for part in ("", "matches/", "teams/"))
    assert "<script>alert" not in everything
    assert "&lt;script&gt;alert" in everything


def test_the_list_is_searched_and_paged(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    rows = "".join(f"{n},Name {n:03},p{n}@acme.example,,{'Legal' if n > 90 else 'Sales'}\n" for n in range(120))
    address = upload(ada, HEAD + rows)
    ada.post(address, form(ada.get(address).content.decode()) | {"act": "apply"})
    assert "Page 2 of 3" in ada.get("/people/?page=2").content.decode()
    assert "29 people found" in ada.get("/people/?q=legal").content.decode()
    assert "1 person found" in ada.get("/people/?q=name+004").content.decode()
    assert ada.get("/people/?page=999&q=%00").status_code == 200
    assert ada.get("/people/?page=" + "9" * 5000).status_code == 200


def test_the_download_is_audited_and_does_not_run(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + "1,=1+1,a@acme.example,,Sales\n")
    ada.post(address, form(ada.get(address).content.decode()) | {"act": "apply"})
    file = ada.post("/people/directory.csv").content.decode()
    assert "'=1+1" in file
    assert AuditEntry.objects.filter(action="people.export").count() == 1


@pytest.fixture
def matched(signed_in: SignedIn, home: Settings, now: datetime) -> tuple[Client, str]:
    """Ten members; the directory knows seven of them and one under another address."""
    connection = company.connected(now=now)
    day = monday(now.date()) - timedelta(days=7)
    company.hold_company(home, connection.pk, day, day, members=10)
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + ROWS + "9,Eighth,person8@elsewhere.example,1,Sales\n")
    ada.post(address, form(ada.get(address).content.decode()) | {"act": "apply"})
    return ada, str(connection.pk)


def test_who_is_who_is_said_kept_and_taken_back(matched: tuple[Client, str], home: Settings, now: datetime) -> None:
    ada, connection = matched
    page = ada.get("/people/matches/").content.decode()
    assert "7 of 10 members" in page
    assert "same address at another domain" in page
    person = next(one.person_id for one in directory.held(home).people.values() if one.name == "Eighth")
    who = {"connection": connection, "member": "user_0008"}
    ada.post("/people/matches/say/", who | {"act": f"person:{person}"})
    assert "8 of 10 members" in ada.get("/people/matches/").content.decode()

    company.hold_company(home, connection, date(2026, 6, 1), date(2026, 6, 1), members=10)  # a later sync
    said = MemberLink.objects.get()
    assert (said.person_id, said.made_by) == (person, "ada@acme.example")
    assert "8 of 10 members" in ada.get("/people/matches/").content.decode()

    ada.post("/people/matches/take-back/", {"link": said.pk})
    assert "7 of 10 members" in ada.get("/people/matches/").content.decode()
    words = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert words == ["people.import", "people.link", "people.unlink"]
    assert "user_0008" not in str(list(AuditEntry.objects.values()))


def test_typed_nobody_and_marks(matched: tuple[Client, str], home: Settings) -> None:
    ada, connection = matched
    typed = {"connection": connection, "member": "user_0009", "act": "typed"}
    assert ada.post("/people/matches/say/", typed | {"typed": "no@acme.example"}).status_code == 400
    ada.post("/people/matches/say/", typed | {"typed": "person7@acme.example"})
    ada.post("/people/matches/say/", {"connection": connection, "member": "user_0000", "act": "nobody"})
    ada.post("/people/matches/mark/", {"connection": connection, "member": "user_0008", "population": "service"})
    page = ada.get("/people/matches/").content.decode()
    assert "8 of 10 members" in page
    assert "Every member has a person" in page
    assert (
        ada.post(
            "/people/matches/mark/", {"connection": connection, "member": "user_0008", "population": "boss"}
        ).status_code
        == 400
    )
    ada.post("/people/matches/mark/", {"connection": connection, "member": "user_0008", "population": ""})
    assert MemberLink.objects.filter(member_id="user_0008").count() == 0
    assert ada.post("/people/matches/say/", {"connection": "x", "member": "y", "act": "nobody"}).status_code == 400


def test_it_may_look_but_not_change(signed_in: SignedIn, home: Settings, tmp_path: Path) -> None:
    ivan = signed_in("ivan@acme.example")
    page = ivan.get("/people/").content.decode()
    assert "Bring a CSV file" not in page
    assert ivan.post("/people/matches/say/", {"act": "nobody"}).status_code == 403


def test_the_order_of_the_sources_is_changed(signed_in: SignedIn, home: Settings) -> None:
    ada = signed_in("ada@acme.example")
    ada.post("/people/order/", {"up": "fifteen_five"})
    page = ada.get("/people/").content.decode()
    assert page.index("1 · 15Five") < page.index("2 · CSV file")


def test_fifteen_five_is_connected_by_its_page_and_its_key_is_shown_nowhere(
    signed_in: SignedIn, home: Settings, settings: DjangoSettings
) -> None:
    ada = signed_in("ada@acme.example")
    with FakeFifteenFive(Organisation(members=40, seed=5), per_second=None) as fake:
        settings.UPTAKE = replace(home, fifteen_five_url=fake.url)
        wrong = ada.post("/people/fifteen-five/", {"key": "q" * 32})
        assert wrong.status_code == 400
        assert "does not accept this key" in wrong.content.decode()
        page = ada.post("/people/fifteen-five/", {"key": fake.key}, follow=True).content.decode()
        assert "15Five accepted the key" in page
        assert f"key ends in {fake.key[-4:]}" in page
        assert fake.key not in page + wrong.content.decode()
        assert ada.post("/people/sources/read/", {"source": "fifteen_five"}).status_code == 302
        assert ada.post("/people/sources/accept/", {"source": "fifteen_five", "mark": ""}).status_code == 400
        ada.post("/people/sources/disconnect/")
        assert ada.post("/people/sources/read/", {"source": "fifteen_five"}).status_code == 400


def test_a_large_file_says_how_far_it_is(signed_in: SignedIn, home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uptake.web.people._LARGE", 100)
    ada = signed_in("ada@acme.example")
    address = upload(ada, HEAD + ROWS)
    assert "Reading the file" in ada.get(address).content.decode()
    assert ada.get(f"{address}progress/").content == b"waiting for its turn"
    for page in (ada.get(address, headers={"hx-request": "true"}), ada.get(f"{address}?now=1")):
        assert "What this file would change" in page.content.decode()
