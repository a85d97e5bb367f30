"""Every answer carries the strict headers, and no page needs an exception from them."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.web.headers import HEADERS, headers_of

PAGES = (
    "/",
    "/integrations/",
    "/integrations/connect/",
    "/integrations/{id}/progress/",
    "/integrations/{id}/keys/",
    "/integrations/{id}/disconnect/",
    "/what-we-read/",
    "/accounts/logout/",
    "/accounts/inactive/",
    "/sign-in/some-token/",
    "/hand-over/some-token/",
    "/integrations/hand-over/",
    "/nothing/here/",
    "/livez",
    "/readyz",
    "/metrics",
    "/static/uptake/tokens.css",
    "/figures/headlines/",
    "/figures/active-over-time/",
    "/figures/surfaces/",
    "/figures/messages/",
    "/figures/claude-code/",
)


class Inline(HTMLParser):
    """Collects what the content policy forbids: inline scripts and styles, handlers, other origins."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [name for name in given if name == "style" or name.startswith(("on", "hx-on", "hx-vals"))]
        self.found += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        for name in ("src", "href", "action"):
            if re.match(r"(?:[a-z]+:)?//|javascript:|data:", given.get(name) or ""):
                self.found.append(f"{name}={given[name]}")


@pytest.mark.parametrize("address", PAGES)
def test_headers_and_no_inline_anything(address: str, signed_in: SignedIn, home: Settings, now: datetime) -> None:
    connection = company.connected(now=now)
    if address.startswith(("/figures/", "/integrations/")):
        through = now.date() - 3 * company.ONE_DAY
        company.hold_company(home, connection.pk, through - 10 * company.ONE_DAY, through, members=30)
    response = signed_in("ada@acme.example").get(address.format(id=connection.pk))
    body = b"".join(response) if response.streaming else response.content
    assert {name: response.headers[name] for name in HEADERS} == headers_of(address)
    assert response.headers["Cache-Control"] == "no-store" or address.startswith("/static/")
    if response.headers["Content-Type"].startswith("text/html"):
        seen = Inline()
        seen.feed(body.decode())
        assert seen.found == []


@pytest.mark.parametrize("address", ["/sign-in/some-token/", "/hand-over/some-token/"])
def test_an_address_that_is_a_secret_is_sent_nowhere(address: str, db: None) -> None:
    response = Client(headers={"host": "localhost"}).get(address)
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert "some-token" not in response.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", ""])
def test_another_host_name_is_refused_without_a_page_of_ours(host: str, db: None) -> None:
    response = Client(headers={"host": host}).get("/accounts/login/")
    assert response.status_code == 400
    assert b"<html" not in response.content
    assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_signing_out_clears_what_the_browser_kept(signed_in: SignedIn) -> None:
    response = signed_in("ada@acme.example").post("/accounts/logout/")
    assert response.status_code == 302
    assert "storage" in response.headers["Clear-Site-Data"]
