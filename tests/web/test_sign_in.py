"""Signing in by link and by password."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.web import company
from uptake.actions.accounts import create_sign_in_link
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.records.models import AuditEntry


@pytest.fixture
def visitor(db: None, home: Settings) -> Client:
    cache.clear()
    company.account("ada@acme.example", company.PASSWORD)
    company.account("emil@acme.example")
    return Client(headers={"host": "localhost"})


def link(now: datetime, email: str = "ada@acme.example") -> str:
    return create_sign_in_link(OPERATOR, email=email, now=now)


def test_a_link_is_used_by_its_button_and_only_once(visitor: Client, now: datetime) -> None:
    address = link(now)
    for _ in range(3):  # mail scanners open links; that must not use them up
        assert b"<button" in visitor.get(address).content
        assert visitor.head(address).status_code == 200
    assert visitor.post(address).headers["Location"] == "/"
    assert visitor.get("/what-we-read/").status_code == 200
    for method in ("post", "get"):
        again = getattr(Client(headers={"host": "localhost"}), method)(address)
        assert again.status_code == 410
        assert b"used up" in again.content
        assert b"<button" not in again.content
    assert AuditEntry.objects.filter(action="account.sign_in").count() == 1


def test_a_link_lasts_an_hour(visitor: Client, now: datetime) -> None:
    old = link(now - timedelta(minutes=61))
    assert visitor.get(old).status_code == visitor.post(old).status_code == 410


def test_everybody_starts_where_they_may(visitor: Client, now: datetime) -> None:
    assert visitor.post(link(now, "emil@acme.example")).headers["Location"] == "/my-data/"


def test_a_link_makes_a_new_session(visitor: Client, now: datetime) -> None:
    visitor.get("/accounts/login/")
    visitor.session["planted"] = True
    visitor.session.save()
    before = visitor.session.session_key
    visitor.post(link(now))
    assert visitor.session.session_key != before


def test_the_link_needs_the_forms_token(db: None, home: Settings, now: datetime) -> None:
    company.account("ada@acme.example")
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post(link(now)).status_code == 403


def test_a_password_signs_in_and_a_wrong_one_says_no_more_than_that(visitor: Client) -> None:
    wrong = visitor.post("/accounts/login/", {"login": "ada@acme.example", "password": "not this one at all"})
    unknown = visitor.post("/accounts/login/", {"login": "zoe@acme.example", "password": "not this one at all"})
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.content.count(b'role="alert"') == unknown.content.count(b'role="alert"') == 1
    right = visitor.post("/accounts/login/", {"login": "ada@acme.example", "password": company.PASSWORD})
    assert right.headers["Location"] == "/"


def test_the_password_is_not_shown_again(visitor: Client) -> None:
    page = visitor.post("/accounts/login/", {"login": "ada@acme.example", "password": "SeCrEt-not-this"})
    assert b"SeCrEt" not in page.content


def test_guessing_is_slowed_down(visitor: Client) -> None:
    for _ in range(5):
        visitor.post("/accounts/login/", {"login": "ada@acme.example", "password": "guess"})
    right = visitor.post("/accounts/login/", {"login": "ada@acme.example", "password": company.PASSWORD})
    assert right.status_code in {200, 429}
    assert visitor.get("/what-we-read/").status_code == 302
    cache.clear()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_elsewhere(visitor: Client, target: str) -> None:
    done = visitor.post(f"/accounts/login/?next={target}", {"login": "ada@acme.example", "password": company.PASSWORD})
    assert "evil" not in done.headers["Location"]
