"""Passkeys and codes in a real browser, by Chromium's own software authenticator; the pages that keep accounts."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHAPES, Open, Served, Watched
from tests.web import authenticator

PASSWORD = "a long enough pass phrase"


def named(served: Served) -> Served:
    """The same installation under a name: browsers make no passkeys for a bare address."""
    return Served(served.house, served.address.replace("127.0.0.1", "localhost"))


def key_for(page: Page) -> None:
    """A security key that is unlocked and touched by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def by_password(watched: Watched, served: Served, email: str) -> None:
    watched.open(served.address + "/accounts/login/")
    watched.page.get_by_label("E-mail").fill(email)
    watched.page.get_by_label("Password").fill(PASSWORD)
    watched.page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(watched: Watched, served: Served) -> None:
    watched.open(served.address + "/accounts/logout/")
    watched.page.locator("main").get_by_role("button", name="Sign out").click()
    watched.page.wait_for_url(re.compile(r"/accounts/login/"))


@pytest.mark.parametrize(
    ("width", "scheme", "email"), [(*SHAPES[0], "otto@acme.example"), (*SHAPES[1], "mina@acme.example")]
)
def test_a_passkey_from_its_making_to_its_end(empty: Served, width: int, scheme: str, email: str, browse: Open) -> None:
    served, watched = named(empty), browse(width, scheme)
    page = watched.page
    key_for(page)
    watched.sign_in(served, email)
    watched.open(served.address + "/account/second-factor/passkey/")
    watched.expect_sound()
    page.get_by_label("Name, to know it again").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert len(re.findall(r"\d{4} \d{4}", page.get_by_label("Recovery codes").input_value())) == 10
    watched.expect_sound()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("row", name="Work laptop")).to_be_visible()
    watched.expect_sound()

    sign_out(watched, served)
    watched.expect_sound()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    sign_out(watched, served)
    by_password(watched, served, email)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    watched.expect_sound()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)

    watched.open(served.address + "/account/confirm/?next=/account/")
    watched.expect_sound()
    page.get_by_role("button", name="Confirm with a passkey").click()
    page.wait_for_url(re.compile(r"/account/$"))
    page.get_by_role("row", name="Work laptop").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The second factor is removed.")).to_be_visible()
    expect(page.get_by_role("row", name="Recovery codes")).to_have_count(0)
    watched.expect_sound()


def test_an_app_reads_the_picture_and_its_codes_let_in(empty: Served, browse: Open) -> None:
    watched = browse(390, "dark")
    page = watched.page
    watched.sign_in(empty, "emil@acme.example")
    watched.open(empty.address + "/account/second-factor/app/")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert page.locator(".qr").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    watched.expect_sound()
    page.get_by_label("Code of six digits").fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("alert")).to_be_focused()
    watched.expect_sound("400")
    secret = page.locator(".spelled").inner_text().replace(" ", "")
    page.get_by_label("Code of six digits").fill(authenticator.totp(secret, time.time()))
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    sign_out(watched, empty)
    by_password(watched, empty, "emil@acme.example")
    page.get_by_label("Code of your authenticator app").fill(authenticator.totp(secret, time.time() + 30))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    watched.open(empty.address + "/account/confirm/?next=/account/")
    watched.expect_sound("400")


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_the_pages_that_keep_accounts_are_sound(empty: Served, width: int, scheme: str, browse: Open) -> None:
    watched = browse(width, scheme)
    page = watched.page
    watched.sign_in(empty)
    watched.open(empty.address + "/accounts/")
    watched.expect_sound()
    page.get_by_role("link", name="Make an account").click()
    watched.expect_sound()
    page.get_by_label("E-mail").fill("no address")
    page.locator("form").filter(has=page.get_by_label("E-mail")).evaluate("one => { one.noValidate = true }")
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_role("alert")).to_be_focused()
    watched.expect_sound("400")
    page.get_by_label("E-mail").fill(f"new-{width}@acme.example")
    page.get_by_label("Role").select_option(label="IT Admin")
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_label("Sign-in link")).to_have_value(re.compile(r"/sign-in/\S{20,}/$"))
    watched.expect_sound("400")
    page.get_by_role("button", name="Deactivate account").click()
    expect(page.get_by_text("The account is deactivated")).to_be_visible()
    expect(page.get_by_role("button", name="Activate account")).to_be_visible()
    watched.expect_sound("400")
