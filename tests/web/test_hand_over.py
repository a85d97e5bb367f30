"""The pages of hand-over links: made by those who connect, used without an account, gone without a trace of the key."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.fake import FakeClaude, Organisation
from uptake.records.models import AuditEntry, HandOver
from uptake.site.logs import redact

HR = "hana@acme.example"


@pytest.fixture
def fake(home: Settings, settings: DjangoSettings) -> Iterator[FakeClaude]:
    with FakeClaude(Organisation(members=30, seed=3), requests_per_minute=None) as server:
        settings.UPTAKE = replace(home, claude_url=server.url, requests_per_minute=60_000)
        yield server


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"host": "localhost"})


def made(client: Client, slot: str = "analytics") -> str:
    page = client.post("/integrations/hand-over/", {"name": "Acme", "slot": slot})
    found = re.search(r'value="http://localhost(/hand-over/[^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def test_a_link_is_shown_once_and_kept_nowhere(signed_in: SignedIn, fake: FakeClaude) -> None:
    client = signed_in(HR)
    token = made(client).split("/")[2]
    page = client.get("/integrations/hand-over/").content.decode()
    assert token not in page
    assert "Withdraw" in page
    assert token not in str(dict(client.session))
    assert token not in str(list(HandOver.objects.values()))
    assert redact(f"GET /hand-over/{token}/ 200") == "GET /hand-over/***/ 200"
    for mangled in ("/hand-over//", "/hand-over/ ", "/hand-over/%20", "/Hand-Over/", "/Sign-In/", "next=%2Fsign-in%2F"):
        assert redact(f"Gone: {mangled}{token}/") == f"Gone: {mangled}***/"


def test_the_receiver_needs_no_account_and_is_told_which_key(
    signed_in: SignedIn, visitor: Client, fake: FakeClaude
) -> None:
    address = made(signed_in(HR))
    for _ in range(3):  # mail scanners open links
        page = visitor.get(address)
        words = page.content.decode()
        assert page.status_code == 200
    for told in ("Analytics key", "read:analytics", "Primary Owner", "Organization settings › API", HR):
        assert told in words
    tag = words[words.index('<input id="key"') :].partition(">")[0]
    assert 'type="password"' in tag
    assert "value=" not in tag
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"


def test_the_key_is_taken_and_never_shown(
    signed_in: SignedIn, visitor: Client, fake: FakeClaude, caplog: pytest.LogCaptureFixture
) -> None:
    hana = signed_in(HR)
    address = made(hana)
    key = fake.keys.analytics
    with caplog.at_level(logging.DEBUG):
        refused = visitor.post(address, {"key": fake.keys.members})
        done = visitor.post(address, {"key": f" “{key}”\n"})
    assert refused.status_code == 400
    assert "read:analytics" in refused.content.decode()
    assert (done.status_code, "waits until the other key" in done.content.decode()) == (200, True)
    everything = [refused.content.decode(), done.content.decode(), caplog.text, str(list(AuditEntry.objects.values()))]
    everything += [hana.get(path).content.decode() for path in ("/integrations/hand-over/", "/integrations/")]
    assert not [text for text in everything if key in text or fake.keys.members in text]
    assert "waits, sealed" in everything[-1]


@pytest.mark.parametrize("how", ["used", "withdrawn", "expired", "never"])
def test_a_link_that_is_no_good_is_gone(
    how: str, signed_in: SignedIn, visitor: Client, fake: FakeClaude, now: datetime
) -> None:
    hana = signed_in(HR)
    address = made(hana)
    if how == "used":
        visitor.post(address, {"key": fake.keys.analytics})
    elif how == "withdrawn":
        hana.post(f"/integrations/hand-over/{HandOver.objects.get().pk}/withdraw/")
    elif how == "expired":
        HandOver.objects.update(expires_at=now)
    else:
        address = "/hand-over/" + "A" * 32 + "/"
    fake.clear_requests()
    for page in (visitor.get(address), visitor.post(address, {"key": fake.keys.both})):
        assert page.status_code == 410
        assert "used up" in page.content.decode()
        assert "<form" not in page.content.decode()
    assert fake.requests == []


def test_forms_need_their_token(signed_in: SignedIn, fake: FakeClaude) -> None:
    address = made(signed_in(HR))
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post(address, {"key": fake.keys.analytics}).status_code == 403
    assert HandOver.objects.get().used_at is None


def test_connecting_with_a_key_that_was_handed_over(signed_in: SignedIn, visitor: Client, fake: FakeClaude) -> None:
    hana = signed_in(HR)
    visitor.post(made(hana), {"key": fake.keys.analytics})
    done = hana.post("/integrations/connect/", {"name": "Acme", "admin_key": fake.keys.members, "analytics_key": ""})
    assert done.status_code == 302
    assert company.Connection.objects.get().keys.count() == 2


# --- what is said on pasting, and one key replaced ---


def test_a_pasted_key_is_told_at_once(signed_in: SignedIn, fake: FakeClaude) -> None:
    hana = signed_in(HR)
    words = hana.post("/integrations/check-key/admin/", {"admin_key": fake.keys.analytics}).content.decode()
    assert "Claude Enterprise key" in words
    assert "cannot read the roster and invites: that needs read:members" in words
    assert "place of the Analytics key" in words
    unknown = hana.post(
        "/integrations/check-key/admin/", {"admin_key": "sk-ant-api03-" + "a" * 40}, headers={"hx-request": "true"}
    )
    assert unknown.status_code == 400
    assert "calling Claude&#x27;s models" in unknown.content.decode()
    assert hana.post("/integrations/check-key/both/", {}).status_code == 404


def test_one_field_replaces_one_key(signed_in: SignedIn, fake: FakeClaude) -> None:
    hana = signed_in(HR)
    keys = {"admin_key": fake.keys.members, "analytics_key": fake.keys.analytics}
    hana.post("/integrations/connect/", {"name": "Acme", **keys})
    connection = company.Connection.objects.get()
    address = f"/integrations/{connection.pk}/keys/"
    assert "No key was given" in hana.post(address, {}).content.decode()
    done = hana.post(address, {"analytics_key": fake.keys.both}, follow=True)
    assert "The Analytics key was replaced: Acme." in done.content.decode()
    assert dict(connection.keys.values_list("slot", "version")) == {"admin": 1, "analytics": 2}


def test_sealed_is_said_on_every_page_to_those_it_concerns(signed_in: SignedIn, home: Settings, now: datetime) -> None:
    company.connected(now=now)
    home.master_key_file.unlink()
    ada = signed_in("ada@acme.example")
    for path in ("/integrations/", "/what-we-read/"):
        assert "<strong>Sealed.</strong>" in ada.get(path).content.decode()
    assert "Sealed" not in signed_in("emil@acme.example").get("/what-we-read/").content.decode()
    ready = Client(headers={"host": "localhost"}).get("/readyz")
    assert (ready.status_code, ready.json()["master_key"]) == (503, "sealed")
    assert not home.master_key_file.exists()
