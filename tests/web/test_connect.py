"""Connecting from the page: keys go in once and never come out, on errors least of all."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.fake import FakeClaude, Organisation
from uptake.records.models import AuditEntry, Connection

ADMIN = "sk-ant-api01-CANARYadmin0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
ANALYTICS = "sk-ant-api01-CANARYusage0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
KEYS = {"admin_key": ADMIN, "analytics_key": ANALYTICS}


@pytest.mark.parametrize("keys", [KEYS, {"admin_key": "CANARY no key", "analytics_key": ""}, {}])
def test_a_key_is_never_shown_again(
    keys: dict[str, str],
    signed_in: SignedIn,
    home: Settings,
    settings: DjangoSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = signed_in("ada@acme.example")
    with FakeClaude(Organisation(members=5, seed=1)) as stranger, caplog.at_level(logging.DEBUG):
        settings.UPTAKE = replace(home, claude_url=stranger.url)
        page = client.post("/integrations/connect/", {"name": "Acme & Söhne", **keys})
    words = page.content.decode()
    assert page.status_code == 400
    assert "Acme &amp; Söhne" in words  # the name stays, so that only the keys are typed again
    assert 'role="alert"' in words
    assert "CANARY" not in words
    assert "CANARY" not in caplog.text
    assert "CANARY" not in str(dict(client.session))
    assert "CANARY" not in str(list(AuditEntry.objects.values()))
    assert not Connection.objects.exists()


def test_the_form_asks_browsers_not_to_keep_keys(signed_in: SignedIn) -> None:
    words = signed_in("ivan@acme.example").get("/integrations/").content.decode()
    for field in ("admin_key", "analytics_key"):
        tag = words[words.index(f'<input id="{field}"') :].partition(">")[0]
        assert 'type="password"' in tag
        assert 'autocomplete="off"' in tag
        assert "value=" not in tag


def test_forms_need_their_token(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    client = signed_in("ada@acme.example", checks=True)
    for form in ("connect/", f"{connection.pk}/keys/", f"{connection.pk}/sync/", f"{connection.pk}/disconnect/"):
        refused = client.post(f"/integrations/{form}", KEYS)
        assert refused.status_code == 403
        assert "no longer valid" in refused.content.decode()
        assert "CANARY" not in refused.content.decode()


def test_an_auditor_looks_and_changes_nothing(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    client = signed_in("otto@acme.example")
    words = client.get("/integrations/").content.decode()
    assert "ends in 7Qx2" in words
    for button in ("Sync now", "Replace keys", "Disconnect"):
        assert button not in words
    for form in ("connect/", f"{connection.pk}/keys/", f"{connection.pk}/sync/", f"{connection.pk}/disconnect/"):
        assert client.post(f"/integrations/{form}", {**KEYS, "data": "erase"}).status_code == 403
    assert Connection.objects.get().state == "connected"


def test_only_a_company_admin_erases(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    address = f"/integrations/{connection.pk}/disconnect/"
    hana = signed_in("hana@acme.example")
    assert 'value="erase"' not in hana.get(address).content.decode()
    assert hana.post(address, {"data": "erase"}).status_code == 403
    assert Connection.objects.get().state == "connected"
    ada = signed_in("ada@acme.example")
    assert 'value="erase"' in ada.get(address).content.decode()
    done = ada.post(address, {"data": "erase"}, follow=True)
    assert not Connection.objects.exists()
    assert "erased" in done.content.decode()


def test_disconnecting_keeps_the_data_unless_told_otherwise(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    done = signed_in("hana@acme.example").post(f"/integrations/{connection.pk}/disconnect/", {}, follow=True)
    assert Connection.objects.get().state == "disconnected"
    assert "what was read stays" in done.content.decode()


def test_sync_now_is_asked_for_and_the_page_looks_until_it_starts(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    company.ran(connection, now.replace(year=now.year - 1))
    client = signed_in("ada@acme.example")
    page = client.post(f"/integrations/{connection.pk}/sync/", follow=True).content.decode()
    assert Connection.objects.get().sync_requested_at >= now
    assert f'hx-get="/integrations/{connection.pk}/progress/' in page
    company.ran(connection, Connection.objects.get().sync_requested_at)
    assert "/progress/" not in client.get("/integrations/").content.decode()


def test_a_refused_key_says_what_happened_and_what_to_do(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now, key_state="stopped")
    connection.keys.filter(slot="analytics").update(cause="Anthropic refused it on Tuesday.", hint="Ask the owner.")
    words = signed_in("ada@acme.example").get("/integrations/").content.decode()
    assert "Anthropic refused it on Tuesday." in words
    assert "Ask the owner." in words


@pytest.mark.parametrize("connection", ["nothing", "0" * 12])
def test_a_connection_that_is_not_there_is_not_found(connection: str, signed_in: SignedIn) -> None:
    assert signed_in("ada@acme.example").get(f"/integrations/{connection}/keys/").status_code == 404


def test_an_open_page_learns_of_trouble_within_a_minute(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    ada = signed_in("ada@acme.example")
    page = ada.get("/integrations/").content.decode()
    assert f'hx-get="/integrations/{connection.pk}/troubles/" hx-trigger="every 45s"' in page
    address = f"/integrations/{connection.pk}/troubles/"
    assert ada.get(address).content == b""
    connection.keys.filter(slot="admin").update(state="stopped", cause="Anthropic refused it.", hint="Ask the owner.")
    told = ada.get(address).content.decode()
    assert "Anthropic refused it." in told
    assert "Ask the owner." in told


def test_a_disconnected_one_is_connected_again_not_replaced(signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now, state="disconnected")
    connection.keys.all().delete()
    page = signed_in("ada@acme.example").get(f"/integrations/{connection.pk}/keys/").content.decode()
    assert "Connect Acme again" in page
    assert "Replace" not in page


def test_sealed_a_sync_is_refused_with_the_reason(signed_in: SignedIn, home: Settings, now: datetime) -> None:
    connection = company.connected(now=now)
    home.master_key_file.unlink()
    page = signed_in("ada@acme.example").post(f"/integrations/{connection.pk}/sync/")
    assert page.status_code == 400
    assert "master key file is missing" in page.content.decode()
    assert Connection.objects.get().sync_requested_at is None
