"""Settings › Notifications: channels whose address nobody sees again, one's own digest, and the link that ends it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.messages.listeners import Hook, MailServer
from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import channels, erasures, master_key, persondata, retention, subscriptions
from uptake.actions.digests import send_due
from uptake.config import Mail, Settings
from uptake.domain.access import OPERATOR, SCHEDULE, Role
from uptake.domain.problems import NotAllowed
from uptake.domain.secret import Secret
from uptake.messages.shape import Message
from uptake.records.models import Account, AuditEntry, Channel, Delivery, SealedKey, Subscription
from uptake.records.vault import open_vault, place_of

BEFORE = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
CANARY = "tulip-tulip-4711-x9Zq"


def words(*_: object) -> Message:
    """A digest whose text is hostile wherever somebody else could have written it."""
    hostile = 'R&D <!channel> <https://evil.example|here> [here](https://evil.example) <at>all</at> "quoted"'
    return Message(
        "Claude at Acme", "text", "<p>html</p>", f"12 people used Claude.\n• {hostile}", b"\x89PNG not really"
    )


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as place:
        yield place


@pytest.fixture
def house(db: None, home: Settings, settings: DjangoSettings, hook: Hook) -> Settings:
    """Acme with a week held, webhooks allowed to one place."""
    settings.UPTAKE = replace(home, webhook_hosts=(hook.host,), public_url="https://uptake.acme.example")
    connection = company.connected(now=MONDAY)
    company.hold_company(settings.UPTAKE, connection.pk, BEFORE.date() - timedelta(days=4), MONDAY.date(), members=12)
    return settings.UPTAKE


def channel(house: Settings, hook: Hook, email: str = "ada@acme.example") -> Channel:
    owner = Account.objects.filter(email=email).first() or company.account(email)
    address = Secret(f"json://{hook.host}/hooks/{CANARY}")
    pk = channels.add(owner.viewer, house, name="#leaders", address=address, cadence="weekly", now=BEFORE)
    return Channel.objects.get(pk=pk)


def test_a_channel_gets_one_message_with_the_chart(house: Settings, hook: Hook) -> None:
    row = channel(house, hook)
    assert [send_due(house, words, MONDAY + timedelta(hours=hours)) for hours in range(3)] == [1, 0, 0]
    (post,) = hook.posts
    assert post.path == f"/hooks/{CANARY}"
    assert post.json["title"] == "Claude at Acme"
    assert post.json["message"].startswith("12 people used Claude.")
    assert [one["mimetype"] for one in post.json["attachments"]] == ["image/png"]
    assert (row.deliveries.get().state, row.deliveries.get().period) == ("sent", "2026-W47")
    assert AuditEntry.objects.get(action="digest.send").subject == f"channel {row.pk}"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "refused it (404): the address was withdrawn there"),
        (500, "refused it (500)"),
        (302, "redirects are not followed"),
    ],
)
def test_a_refusal_is_told_in_words(house: Settings, hook: Hook, status: int, said: str) -> None:
    row = channel(house, hook)
    with Hook() as elsewhere:
        hook.status, hook.to = status, f"http://{elsewhere.host}/inside" if status == 302 else ""
        found = channels.test(row.owner.viewer, house, channel=row.pk, now=MONDAY)
        assert elsewhere.posts == []
    assert found.outcome == "refused"
    assert said in found.words
    assert CANARY not in found.words


def test_a_place_that_is_away_is_tried_again_and_one_that_breaks_off_is_not(house: Settings, hook: Hook) -> None:
    row = channel(house, hook)
    hook.cut = True
    assert channels.test(row.owner.viewer, house, channel=row.pk, now=MONDAY).outcome == "unsure"
    hook.__exit__()
    away = channels.test(row.owner.viewer, house, channel=row.pk, now=MONDAY)
    assert (away.outcome, away.words) == ("not_reached", f"{hook.host} cannot be reached from here.")


def test_a_host_that_nobody_knows(house: Settings) -> None:
    named = replace(house, webhook_hosts=("nowhere.invalid",))
    ada = company.account("ada@acme.example").viewer
    pk = channels.add(ada, named, name="x", address=Secret("jsons://nowhere.invalid/a"), cadence="weekly", now=BEFORE)
    found = channels.test(ada, named, channel=pk, now=MONDAY)
    assert found.words == "The host nowhere.invalid is not known: its name cannot be found from here."


def test_a_host_taken_off_the_list_gets_nothing(house: Settings, hook: Hook) -> None:
    row = channel(house, hook)
    send_due(replace(house, webhook_hosts=()), words, MONDAY)
    assert hook.posts == []
    assert "not there" not in row.deliveries.get().words
    assert row.deliveries.get().state == "failed"


@pytest.mark.parametrize("lost", ["role", "active"])
def test_an_owner_who_lost_the_right_ends_it_and_it_is_said(
    house: Settings, hook: Hook, signed_in: SignedIn, lost: str
) -> None:
    row = channel(house, hook, "hana@acme.example")
    change = {"role": Role.MANAGER.value} if lost == "role" else {"is_active": False}
    Account.objects.filter(email="hana@acme.example").update(**change)
    assert send_due(house, words, MONDAY) == 0
    assert (hook.posts, row.deliveries.get().state) == ([], "not_sent")
    assert AuditEntry.objects.filter(action="digest.send", outcome="not sent").count() == 1
    assert b"Nothing is sent:" in signed_in("ada@acme.example").get("/notifications/").content


def test_the_address_is_nowhere_in_clear(
    house: Settings,
    hook: Hook,
    signed_in: SignedIn,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = signed_in("ada@acme.example")
    address = f"json://{hook.host}/hooks/{CANARY}"
    asked = {"name": "#leaders", "cadence": "weekly", "address": address}
    assert ada.post("/notifications/channel/", asked).status_code == 302
    refused = ada.post("/notifications/channel/", asked | {"address": f"exec://{CANARY}"})
    assert (refused.status_code, CANARY.encode() in refused.content) == (400, False)
    Channel.objects.update(since=BEFORE)
    row = Channel.objects.get()
    shown = []
    for status in (200, 404, 302):
        hook.status = status
        shown.append(ada.post(f"/notifications/channels/{row.pk}/test/", follow=True).content)
        send_due(house, words, MONDAY + timedelta(minutes=10 * len(shown)))
    shown += [ada.get(path).content for path in ("/notifications/", "/my-data/", "/audit/", "/notifications/channel/")]
    account = Account.objects.get(email="ada@acme.example")
    shown.append(persondata.download(account.viewer, house, format="json", now=MONDAY).encode())
    shown.append(json.dumps([entry.details | {"s": entry.subject} for entry in AuditEntry.objects.all()]).encode())
    shown.append((caplog.text + "".join(capfd.readouterr())).encode())
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f"SELECT * FROM {table}")
            shown += [repr(row).encode() for row in cursor.fetchall()]
    shown += [path.read_bytes() for path in house.home.rglob("*") if path.is_file()]
    assert len(hook.posts) > 3
    assert [number for number, text in enumerate(shown) if CANARY.encode() in text] == []
    assert b"x9Zq" in ada.get("/notifications/").content  # the last four are for people to tell it by


def test_a_rotation_seals_addresses_anew(house: Settings, hook: Hook) -> None:
    SealedKey.objects.all().delete()  # the company's are made up
    row = channel(house, hook)
    before, mark = bytes(row.sealed), row.fingerprint
    assert master_key.rotate(OPERATOR, house, now=MONDAY).keys >= 1
    row.refresh_from_db()
    vault = open_vault(house.master_key_file)
    opened = vault.open(bytes(row.sealed), place_of(row))
    assert (opened.expose().endswith(CANARY), vault.fingerprint(opened)) == (True, row.fingerprint)
    assert (bytes(row.sealed), row.fingerprint) != (before, mark)
    assert send_due(house, words, MONDAY) == 1


def test_while_sealed_digests_wait(house: Settings, hook: Hook, signed_in: SignedIn) -> None:
    row = channel(house, hook)
    kept = house.master_key_file.read_bytes()
    house.master_key_file.unlink()
    assert send_due(house, words, MONDAY) == 0
    assert (hook.posts, row.deliveries.get().state) == ([], "due")
    ada = Client(headers={"host": "localhost"})
    ada.force_login(row.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "digests wait" in ada.get("/notifications/").content.decode()
    house.master_key_file.write_bytes(kept)
    assert send_due(house, words, MONDAY) == 1


def test_without_mail_and_channels_nothing_is_ever_looked_at(house: Settings, hook: Hook) -> None:
    account = company.account("hana@acme.example")
    Subscription.objects.create(account=account, cadence="weekly", since=BEFORE)

    def never(*_: object) -> Message:
        raise AssertionError

    assert send_due(replace(house, mail=None), never, MONDAY) == 0
    assert not Delivery.objects.exists()


def test_erasing_an_owner_takes_channel_and_digests_along(house: Settings, hook: Hook) -> None:
    channel(house, hook, "hana@acme.example")
    company.account("ada@acme.example")
    send_due(house, words, MONDAY)
    found = erasures.erase(OPERATOR, house, who="hana@acme.example", now=MONDAY)
    assert found.counts["channels"] == 1
    assert not Channel.objects.exists()
    assert not Delivery.objects.exists()


def test_what_was_sent_is_forgotten_after_a_while(house: Settings, hook: Hook) -> None:
    channel(house, hook)
    send_due(house, words, MONDAY)
    later = MONDAY + timedelta(days=91)
    assert retention.apply(SCHEDULE, house, now=later)["digests"] == 1


# One's own digest, and the link that ends it


@pytest.fixture
def mailed(house: Settings, settings: DjangoSettings) -> Iterator[MailServer]:
    with MailServer() as post:
        mail = Mail("127.0.0.1", post.port, "none", "", None, "uptake@acme.example")
        settings.UPTAKE = replace(settings.UPTAKE, mail=mail)
        yield post


def ending(email: str) -> str:
    return f"/unsubscribe/{Subscription.objects.get(account__email=email).token}/"


def test_the_link_of_a_mail_ends_it_without_signing_in(mailed: MailServer, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    hana.post("/notifications/mine/", {"cadence": "weekly"})
    link, anybody = ending("hana@acme.example"), Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert anybody.get(link).status_code == 200
    assert Subscription.objects.get().cadence == "weekly"  # whoever scans mails opens links
    done = anybody.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (done.status_code, Subscription.objects.get().cadence) == (200, "off")
    assert anybody.post(link).status_code == 200  # again, and nothing more happens
    assert AuditEntry.objects.filter(action="digest.unsubscribe").count() == 1
    assert anybody.get("/notifications/").status_code == 302  # it signs nobody in
    assert hana.get("/notifications/").status_code == 200


def test_a_link_of_before_ends_nothing_that_was_chosen_anew(mailed: MailServer, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    hana.post("/notifications/mine/", {"cadence": "weekly"})
    old = ending("hana@acme.example")
    hana.post("/notifications/mine/", {"cadence": "off"})
    hana.post("/notifications/mine/", {"cadence": "monthly"})
    assert Client(headers={"host": "localhost"}).post(old).status_code == 410
    assert Subscription.objects.get().cadence == "monthly"


def test_a_made_up_link_ends_nothing(mailed: MailServer, signed_in: SignedIn) -> None:
    for email in ("hana@acme.example", "ada@acme.example"):
        signed_in(email).post("/notifications/mine/", {"cadence": "weekly"})
    one, other = (Subscription.objects.get(account__email=email) for email in ("hana@acme.example", "ada@acme.example"))
    number, mark, signature = one.token.split("-")
    forged = [
        f"{other.pk}-{mark}-{signature}", f"{number}-{other.mark}-{signature}", f"{number}-{mark}-{'0' * 64}",
        f"{number}-{mark}-", f"{number}-{mark}", number, "-", "--", f"{number}-{mark}-{signature}0", "9" * 40, "½-a-b",
        "-1-a-b",
        f"{number}-{mark}-{signature[:-1]}é",
    ]  # fmt: skip
    anybody = Client(headers={"host": "localhost"})
    assert {anybody.post(f"/unsubscribe/{token}/").status_code for token in forged} == {410}
    assert set(Subscription.objects.values_list("cadence", flat=True)) == {"weekly"}


def test_the_page_says_what_is_on_and_refuses_what_may_not_be(mailed: MailServer, signed_in: SignedIn) -> None:
    emil, hana = signed_in("emil@acme.example"), signed_in("hana@acme.example")
    assert "Your role sees figures of no group" in emil.get("/notifications/").content.decode()
    assert b"Channels" not in emil.get("/notifications/").content
    assert emil.post("/notifications/mine/", {"cadence": "weekly"}).status_code == 403
    assert hana.post("/notifications/mine/", {"cadence": "daily"}).status_code == 400
    assert b"every month" in hana.post("/notifications/mine/", {"cadence": "monthly"}, follow=True).content
    with pytest.raises(NotAllowed):
        channels.listed(Account.objects.get(email="emil@acme.example").viewer)


def test_the_preview_is_what_is_sent(mailed: MailServer, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    hana.post("/notifications/mine/", {"cadence": "weekly"})
    shown = hana.get("/notifications/preview/mail/?cadence=weekly")
    assert hana.post("/notifications/test/", {"cadence": "weekly"}, follow=True).status_code == 200
    html = mailed.letters[0].text("text/html")
    picture = shown.content.decode().split('src="')[1].split('"')[0]
    assert shown.content.decode().replace(picture, "cid:chart").split() == html.split()
    assert picture.startswith("data:image/png;base64,")
    assert "unsafe" not in shown.headers["Content-Security-Policy"]
    assert mailed.letters[0].mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        str(mailed.letters[0].mail["List-Unsubscribe"]).strip()
        == f"<https://uptake.acme.example{ending('hana@acme.example')}>"
    )


def test_a_report_is_a_page_and_a_file_and_a_file_is_written_down(house: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    month = f"{datetime.now(UTC):%Y-%m}"
    page = hana.get("/report/2026-11/")
    if month != "2026-11":
        pytest.skip("the company's facts are of November 2026")
    assert page.status_code == 200
    assert b"November 2026" in page.content
    file = hana.get("/report/2026-11/file/")
    text = file.content.decode()
    assert file.headers["Content-Disposition"] == 'attachment; filename="uptake-2026-11.html"'
    assert not [mark for mark in ("<script", "<link", "url(h", "@import", 'src="', 'href="http') if mark in text]
    assert AuditEntry.objects.get(action="numbers.export").subject == "report 2026-11"
    for wrong in ("2026-13", "2026-1", "2030-01", "2026-01", "nothing", "../../etc"):
        assert hana.get(f"/report/{wrong}/").status_code == 404


def test_subscriptions_stand_in_my_data(mailed: MailServer, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    hana.post("/notifications/mine/", {"cadence": "weekly"})
    assert "Digests sent to you" in hana.get("/my-data/").content.decode()
    assert "weekly" in hana.get("/my-data/").content.decode()
    assert subscriptions.mine(Account.objects.get().viewer, replace(mailed_settings(), mail=None)).why


def mailed_settings() -> Settings:
    from django.conf import settings as django_settings

    found: Settings = django_settings.UPTAKE
    return found
