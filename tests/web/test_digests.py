"""Digests as they arrive: what they say to whom, once each, whatever the mail server does. Real mail server on loopback."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django.fixtures import Settings as DjangoSettings

from tests.messages.listeners import MailServer
from tests.web import company
from uptake.actions import subscriptions
from uptake.actions.digests import preview, send_due, send_test
from uptake.actions.people import Wanted, import_csv
from uptake.config import Mail, Settings
from uptake.domain.access import OPERATOR, Role
from uptake.domain.digests import BACK_OFF, Cadence
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import Account, AuditEntry, Connection, Delivery, Subscription
from uptake.records.privacy import AccessPolicy
from uptake.web.digests import compose

ACME, SMALL, YOUNG = "acme00000000", "small0000000", "young0000000"
FIRST, SUNDAY = date(2026, 9, 7), date(2026, 11, 22)
BEFORE = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three companies' facts, held once for all that only read them: Acme, a small one, one that has just begun."""
    home = tmp_path_factory.mktemp("digests")
    settings = replace(django_settings.UPTAKE, home=home, lake=home / "lake")
    company.hold_company(settings, ACME, FIRST, SUNDAY)
    company.hold_company(settings, SMALL, FIRST, SUNDAY, members=40)
    company.hold_company(settings, YOUNG, SUNDAY - timedelta(days=6), SUNDAY)
    return home


def standing_on(folder: Path, house: Settings) -> Settings:
    return replace(house, home=folder, lake=folder / "lake")


@pytest.fixture
def house(db: None, home: Settings, settings: DjangoSettings, built: Path, post: MailServer) -> Settings:
    """Acme with eleven weeks held, and a mail server."""
    mail = Mail("127.0.0.1", post.port, "none", "", None, "uptake@acme.example")
    settings.UPTAKE = replace(standing_on(built, home), mail=mail, public_url="https://uptake.acme.example")
    company.connected(id=ACME, now=MONDAY)
    return settings.UPTAKE


def of_its_own(house: Settings, settings: DjangoSettings, folder: Path) -> Settings:
    """The same, in a folder that may be changed."""
    shutil.copytree(house.home, folder / "own")
    settings.UPTAKE = standing_on(folder / "own", house)
    return settings.UPTAKE


def reader(house: Settings, email: str = "hana@acme.example", cadence: str = "weekly") -> Account:
    account = company.account(email)
    subscriptions.choose(account.viewer, house, cadence, BEFORE)
    return account


def directory(house: Settings) -> None:
    """Mina is above sixty people."""
    lines = ["Employee ID,Name,E-mail,Manager,Department", "1,Ada Lovelace,ada@acme.example,,Board"]
    lines.append("2,Mina Murray,mina@acme.example,ada@acme.example,Sales")
    for number in range(100):
        above = "mina@acme.example" if number < 60 else "ada@acme.example"
        lines.append(f"{number + 10},Person {number},person{number}@acme.example,{above},Sales")
    import_csv(OPERATOR, house, "\n".join(lines).encode(), Wanted(on=FIRST - timedelta(days=60)), MONDAY)


def test_a_weekly_digest_is_one_mail_with_text_html_and_chart(house: Settings, post: MailServer) -> None:
    reader(house)
    assert send_due(house, compose, MONDAY) == 1
    (letter,) = post.letters
    mail, text, html = letter.mail, letter.text(), letter.text("text/html")
    assert (letter.to, mail["To"], mail["From"]) == (
        ["hana@acme.example"],
        "hana@acme.example",
        "uptake <uptake@acme.example>",
    )
    assert mail["Subject"] == "Claude at Acme, week from 16 Nov 2026"
    for fact in ("Reach: ", "Habit: ", "More than one surface: ", "the same people"):
        assert fact in text
    assert "used Claude in the week from 16 November" in text
    assert "Data through 22 Nov" in text
    assert "Groups of fewer than 5 people are never shown" in text
    assert letter.part("image/png").get_content().startswith(b"\x89PNG")
    assert letter.part("image/png")["Content-ID"] == "<chart>"
    assert 'src="cid:chart" alt="Chart: Active people over time.' in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://uptake.acme.example/report/2026-11/" in text
    assert "Person" not in text + html
    row = Delivery.objects.get()
    assert (row.state, row.tries, row.period) == ("sent", 1, "2026-W47")
    entry = AuditEntry.objects.get(action="digest.send")
    assert (entry.subject, entry.outcome, entry.details["period"]) == ("hana@acme.example", "sent", "2026-W47")


def test_it_goes_once_however_often_somebody_looks(house: Settings, post: MailServer) -> None:
    reader(house)
    assert [send_due(house, compose, MONDAY + timedelta(hours=hours)) for hours in range(4)] == [1, 0, 0, 0]
    assert len(post.letters) == 1


def test_what_was_over_when_somebody_subscribed_is_not_sent(house: Settings, post: MailServer) -> None:
    subscriptions.choose(company.account("hana@acme.example").viewer, house, "weekly", MONDAY - timedelta(hours=1))
    assert send_due(house, compose, MONDAY) == 0
    assert not Delivery.objects.exists()


def test_a_month_goes_out_by_itself(house: Settings, post: MailServer) -> None:
    account = company.account("hana@acme.example")
    subscriptions.choose(account.viewer, house, "monthly", datetime(2026, 10, 20, tzinfo=UTC))
    assert send_due(house, compose, datetime(2026, 11, 3, 9, tzinfo=UTC)) == 0  # a Tuesday
    assert send_due(house, compose, datetime(2026, 11, 9, 9, tzinfo=UTC)) == 1
    assert post.letters[0].mail["Subject"] == "Claude at Acme, October 2026"


def test_on_wednesday_it_says_which_days_are_missing(
    house: Settings, settings: DjangoSettings, post: MailServer, tmp_path: Path
) -> None:
    house = of_its_own(house, settings, tmp_path)
    for day in ("2026-11-18", "2026-11-22"):
        (folder,) = house.lake.glob(f"usage/connection={ACME}/day={day}")
        (folder / "day.parquet").unlink()
    reader(house)
    assert send_due(house, compose, MONDAY) == 0
    assert send_due(house, compose, WEDNESDAY) == 1
    assert "2 days of this week are not held: 18 Nov and 22 Nov." in post.letters[0].text()


def test_each_reader_has_what_they_may_see(
    house: Settings, settings: DjangoSettings, post: MailServer, tmp_path: Path
) -> None:
    house = of_its_own(house, settings, tmp_path)
    directory(house)
    for email in ("hana@acme.example", "mina@acme.example"):
        reader(house, email)
    assert send_due(house, compose, MONDAY) == 2
    texts = {letter.to[0]: letter.text() + letter.text("text/html") for letter in post.letters}
    whole, own = texts["hana@acme.example"], texts["mina@acme.example"]
    assert "Claude at Acme" in whole
    assert "Claude in your teams, week from 16 Nov 2026" in own
    assert "the team as it was then" in own
    assert not [name for name in ("Mina", "Murray", "Acme, week", "used Claude in the week") if name in own]
    assert "Mina" not in whole


def test_who_may_see_no_figure_has_no_digest(house: Settings, post: MailServer) -> None:
    for email in ("emil@acme.example", "otto@acme.example"):
        account = company.account(email)
        with pytest.raises(NotAllowed):
            subscriptions.choose(account.viewer, house, "weekly", BEFORE)
        with pytest.raises(NotAllowed):
            preview(account.viewer, house, compose, Cadence.WEEKLY, MONDAY)
        assert "Your role sees figures of no group" in subscriptions.mine(account.viewer, house).why
    mina = reader(house, "mina@acme.example")  # of whose teams nobody told
    assert send_due(house, compose, MONDAY) == 0
    assert Delivery.objects.get(subscription__account=mina).state == "not_sent"
    assert "names nobody who reports to this account" in Delivery.objects.get().words
    assert post.letters == []


@pytest.mark.parametrize("lost", ["role", "active"])
def test_whoever_lost_the_right_gets_nothing_and_it_is_said(house: Settings, post: MailServer, lost: str) -> None:
    account = reader(house)
    change = {"role": Role.EMPLOYEE.value} if lost == "role" else {"is_active": False}
    Account.objects.filter(pk=account.pk).update(**change)
    assert send_due(house, compose, MONDAY) == 0
    assert (Delivery.objects.get().state, post.letters) == ("not_sent", [])
    assert AuditEntry.objects.filter(action="digest.send", outcome="not sent").count() == 1
    assert send_due(house, compose, MONDAY + timedelta(hours=1)) == 0
    assert AuditEntry.objects.filter(action="digest.send").count() == 1


def test_the_threshold_withholds_in_a_mail_too(house: Settings, post: MailServer) -> None:
    AccessPolicy.objects.create(only=True, threshold=50)
    Connection.objects.all().delete()
    company.connected("Small", id=SMALL, now=MONDAY)
    reader(house)
    send_due(house, compose, MONDAY)
    text = post.letters[0].text()
    assert text.count("Withheld: too few people.") == 3
    assert "Groups of fewer than 50 people are never shown" in text
    assert "%" not in text.split("Overview:")[0]


def test_not_yet_is_said_in_words(house: Settings, post: MailServer) -> None:
    Connection.objects.all().delete()
    company.connected("Young", id=YOUNG, now=MONDAY)
    reader(house)
    send_due(house, compose, MONDAY)
    text = post.letters[0].text()
    assert "Habit: Not yet available" in text
    assert "Habit: 0" not in text


@pytest.mark.parametrize(
    ("behaves", "state", "again"),
    [
        ({"say": {"RCPT": "550 nobody"}}, "failed", True),
        ({"say": {".": "554 spam"}}, "failed", True),
        ({"say": {"CONNECT": "421 later"}}, "failed", True),
        ({"drop": "CONNECT"}, "failed", True),
        ({"drop": "."}, "unsure", False),
    ],
)
def test_what_the_server_did_decides_whether_it_is_tried_again(
    house: Settings, post: MailServer, behaves: dict[str, object], state: str, again: bool
) -> None:
    for name, value in behaves.items():
        setattr(post, name, value)
    reader(house)
    send_due(house, compose, MONDAY)
    row = Delivery.objects.get()
    assert (row.state, row.not_before is not None) == (state, again)
    assert row.words
    post.say, post.drop = {}, ""
    sent = len(post.letters)
    assert send_due(house, compose, MONDAY + timedelta(minutes=2)) == 0
    assert send_due(house, compose, MONDAY + BACK_OFF[0]) == int(again)
    assert len(post.letters) == sent + int(again)


def test_three_tries_and_then_it_is_said(house: Settings, post: MailServer) -> None:
    post.say = {"RCPT": "451 not now"}
    reader(house)
    moments = [MONDAY + timedelta(minutes=minutes) for minutes in range(0, 600, 10)]
    assert sum(send_due(house, compose, now) for now in moments) == 3
    row = Delivery.objects.get()
    assert (row.state, row.tries, row.not_before) == ("failed", 3, None)
    assert "451" in row.words


def test_unsubscribed_between_the_look_and_the_sending(house: Settings, post: MailServer) -> None:
    account = reader(house)

    def composed(*given: object) -> object:
        subscriptions.choose(account.viewer, house, "off", MONDAY)
        return compose(*given)  # type: ignore[arg-type]

    assert send_due(house, composed, MONDAY) == 0  # type: ignore[arg-type]
    assert post.letters == []


@pytest.mark.django_db(transaction=True)
def test_of_many_that_look_at_once_one_sends(house: Settings, post: MailServer) -> None:
    reader(house)
    together = threading.Barrier(4)

    def composed(*given: object) -> object:
        found = compose(*given)  # type: ignore[arg-type]
        together.wait(60)
        return found

    def look() -> None:
        try:
            send_due(house, composed, MONDAY)  # type: ignore[arg-type]
        finally:
            connections.close_all()

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for one in lookers:
        one.start()
    for one in lookers:
        one.join(120)
    assert (len(post.letters), Delivery.objects.get().state) == (1, "sent")


@pytest.mark.parametrize(
    "name", ["Acme\r\nBcc: evil@example.com", "<script>alert(1)</script>", "\u202eemca", "{% now %} {{ 7 }}", "A" * 110]
)
def test_hostile_names_stay_words(house: Settings, post: MailServer, name: str) -> None:
    Connection.objects.update(name=name)
    reader(house)
    send_due(house, compose, MONDAY)
    (letter,) = post.letters
    assert letter.to == ["hana@acme.example"]
    assert letter.mail["Bcc"] is None
    assert b"\nBcc" not in letter.raw
    html = letter.text("text/html")
    assert "<script" not in html
    assert "\u202e" not in str(letter.mail["Subject"]) + letter.text() + html
    assert len(str(letter.mail["Subject"])) < 200


def test_a_test_to_oneself_says_what_happened(house: Settings, post: MailServer) -> None:
    account = company.account("hana@acme.example")
    assert send_test(account.viewer, house, compose, Cadence.WEEKLY, MONDAY).outcome == "sent"
    post.say = {"RCPT": "550 nobody"}
    refused = send_test(account.viewer, house, compose, Cadence.WEEKLY, MONDAY)
    assert refused.words == "The mail server takes no mail for this address (550)."
    away = replace(house, mail=replace(house.mail, host="nowhere.invalid")) if house.mail else house
    unknown = send_test(account.viewer, away, compose, Cadence.WEEKLY, MONDAY)
    assert unknown.words == "The host nowhere.invalid is not known: its name cannot be found from here."
    with pytest.raises(Problem, match="not set up"):
        send_test(account.viewer, replace(house, mail=None), compose, Cadence.WEEKLY, MONDAY)
    assert not Subscription.objects.exists()


def test_the_password_of_the_mail_server_is_read_from_its_file(house: Settings, post: MailServer) -> None:
    assert house.mail is not None
    gone = replace(house, mail=replace(house.mail, user="uptake", password_file=house.home / "nothing"))
    account = reader(house)
    send_due(gone, compose, MONDAY)
    row = Delivery.objects.get(subscription__account=account)
    assert row.state == "failed"
    assert "UPTAKE_SMTP_PASSWORD_FILE" in row.words
