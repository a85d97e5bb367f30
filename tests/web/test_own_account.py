"""Your account: sessions that end by themselves and from elsewhere, the password asked for again, tokens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import accounts, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR, PERMISSIONS, Role
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import Account, ApiToken, AuditEntry, WebSession

ADA = "ada@acme.example"
NEW = "another long pass phrase"


@pytest.fixture(autouse=True)
def calm(db: None, home: Settings) -> None:
    cache.clear()


def browser(email: str = ADA, password: str = company.PASSWORD) -> Client:
    """Signed in by password, as people are."""
    client = Client(headers={"host": "localhost", "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def shift(length: timedelta, *columns: str) -> None:
    for session in WebSession.objects.all():
        for column in columns:
            setattr(session, column, getattr(session, column) - length)
        session.save()


def test_the_cookie_is_nowhere_in_the_database() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    cookie = client.cookies["uptake_session"].value
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names() if "session" in name]
        assert tables == ["records_websession"]
        cursor.execute("SELECT * FROM records_websession")
        assert cookie not in str(cursor.fetchall())
    assert client.get("/account/").status_code == 200
    stolen = Client(headers={"host": "localhost"})
    stolen.cookies["uptake_session"] = WebSession.objects.get().pk
    assert stolen.get("/account/").status_code == 302


def test_a_new_id_at_sign_in() -> None:
    company.account(ADA, company.PASSWORD)
    client = Client(headers={"host": "localhost"})
    client.cookies["uptake_session"] = "f" * 32  # planted by somebody who knows it
    client.post("/accounts/login/", {"login": ADA, "password": company.PASSWORD})
    assert client.cookies["uptake_session"].value != "f" * 32
    fixed = Client(headers={"host": "localhost"})
    fixed.cookies["uptake_session"] = "f" * 32
    assert fixed.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("columns", "length", "open_"),
    [
        (("seen_at",), timedelta(minutes=29), True),
        (("seen_at",), timedelta(minutes=31), False),
        (("began_at",), timedelta(hours=7, minutes=59), True),
        (("began_at",), timedelta(hours=8, minutes=1), False),
    ],
)
def test_a_session_ends_idle_and_in_any_case(columns: tuple[str, ...], length: timedelta, open_: bool) -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    shift(length, *columns)
    assert (client.get("/account/").status_code == 200) is open_
    assert WebSession.objects.exists() is open_


def test_use_keeps_a_session_but_not_beyond_eight_hours() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    for _ in range(16):
        shift(timedelta(minutes=29), "seen_at", "began_at")
        assert client.get("/what-we-read/").status_code == 200
    shift(timedelta(minutes=29), "seen_at", "began_at")
    assert client.get("/what-we-read/").status_code == 302


def test_a_session_is_ended_from_another() -> None:
    company.account(ADA, company.PASSWORD)
    here, there, third = browser(), browser(), browser()
    page = here.get("/account/").content.decode()
    assert page.count("Firefox on Linux") == 3
    one = re.findall(r'name="session" value="(\w+)"', page)[0]
    here.post("/account/sessions/end/", {"session": one})
    assert sorted(client.get("/account/").status_code for client in (here, there, third)) == [200, 200, 302]
    here.post("/account/sessions/end/")
    assert here.get("/account/").status_code == 200
    assert {there.get("/account/").status_code, third.get("/account/").status_code} == {302}
    assert AuditEntry.objects.filter(action="session.end").count() == 2


def test_nobody_ends_the_session_of_somebody_else() -> None:
    company.account(ADA, company.PASSWORD)
    company.account("emil@acme.example", company.PASSWORD)
    ada, emil = browser(), browser("emil@acme.example")
    of_ada = WebSession.objects.get(account__email=ADA).pk[:12]
    assert emil.post("/account/sessions/end/", {"session": of_ada}).status_code == 400
    assert ada.get("/account/").status_code == 200


def test_a_new_password_signs_out_everywhere_else() -> None:
    company.account(ADA, company.PASSWORD)
    here, there = browser(), browser()
    wrong = here.post("/account/password/", {"password": "not this one", "new": NEW, "again": NEW})
    assert wrong.status_code == 400
    done = here.post("/account/password/", {"password": company.PASSWORD, "new": NEW, "again": NEW})
    assert done.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert browser(password=NEW).get("/account/").status_code == 200
    assert browser(password=company.PASSWORD).get("/account/").status_code == 302


@pytest.mark.parametrize("weak", ["short", "password1234", "ada@acme.example", "aaaaaaaaaaa"])
def test_a_weak_password_is_refused(signed_in: SignedIn, weak: str) -> None:
    client = signed_in(ADA)
    assert client.post("/account/password/", {"new": weak, "again": weak}).status_code == 400
    assert not Account.objects.get().has_usable_password()


def test_what_matters_asks_for_the_password_again_and_leads_back() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    assert client.get("/integrations/connect/").status_code == 200  # the password was given just now
    session = client.session
    session["confirmed_at"] -= 301
    session.save()
    asked = client.get("/integrations/connect/")
    assert asked.headers["Location"] == "/account/confirm/?next=%2Fintegrations%2Fconnect%2F"
    assert client.post("/account/confirm/", {"password": "wrong", "next": "/integrations/connect/"}).status_code == 400
    assert client.get("/integrations/connect/").status_code == 302
    done = client.post("/account/confirm/", {"password": company.PASSWORD, "next": "/integrations/connect/"})
    assert done.headers["Location"] == "/integrations/connect/"
    assert client.get("/integrations/connect/").status_code == 200


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_confirming_never_leads_elsewhere(signed_in: SignedIn, away: str) -> None:
    client = signed_in(ADA)
    done = client.post("/account/confirm/", {"new": NEW, "again": NEW, "next": away})
    assert done.headers["Location"] == "/"


def test_a_form_that_was_open_for_long_changes_nothing(signed_in: SignedIn, now: datetime) -> None:
    company.connected(now=now)
    client = signed_in(ADA, confirmed=False)
    sent = client.post("/audit/export/", headers={"referer": "http://localhost/audit/?actor=x"})
    assert sent.headers["Location"] == "/account/confirm/?next=%2Faudit%2F%3Factor%3Dx"
    assert not AuditEntry.objects.filter(action="audit.export").exists()


def test_who_came_by_a_link_sets_a_password_first(now: datetime) -> None:
    company.account(ADA)
    client = Client(headers={"host": "localhost"})
    client.post(accounts.create_sign_in_link(OPERATOR, email=ADA, now=now))
    assert client.get("/what-we-read/").status_code == 200
    page = client.get("/integrations/connect/", follow=True).content.decode()
    assert "Set a password first" in page
    client.post("/account/confirm/", {"new": NEW, "again": NEW, "next": "/integrations/connect/"})
    assert client.get("/integrations/connect/").status_code == 200
    assert browser(password=NEW).get("/account/").status_code == 200
    assert AuditEntry.objects.filter(action="password.set", actor=ADA).count() == 1


def test_guessing_the_password_again_is_slowed_down() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    found = [
        client.post("/account/confirm/", {"password": f"guess number {number}"}).status_code for number in range(12)
    ]
    assert found[0] == 400
    assert found[-1] == 429


def test_sign_ins_are_written_down_and_those_refused_too() -> None:
    company.account(ADA, company.PASSWORD)
    browser(password="not this one at all")
    browser("a-password-typed-here@acme.example")
    browser()
    told = AuditEntry.objects.filter(action="account.sign_in").order_by("pk").values_list("actor", "outcome")
    assert list(told) == [(ADA, "refused"), (ADA, "done")]


def test_a_token_is_shown_once_and_is_no_more_than_it_is_for(signed_in: SignedIn, now: datetime) -> None:
    client = signed_in(ADA)
    made = client.post(
        "/account/tokens/", {"name": "Dashboard", "days": "30", "scope": ["measures.read"]}
    ).content.decode()
    token = re.findall(r'value="(uptake_[^"]+)"', made)[0]
    assert tokens.well_formed(token)
    assert token not in client.get("/account/").content.decode()
    assert token not in str(list(ApiToken.objects.values()))
    asked = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    assert asked.get("/api/v1/measures").status_code == 200
    assert asked.get("/api/v1/status").status_code == 403
    client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert asked.get("/api/v1/measures").status_code == 401
    assert ApiToken.objects.get().expires_at - now < timedelta(days=31)


def test_a_token_never_may_more_than_its_owner_may_now(now: datetime) -> None:
    ada = company.account(ADA)
    token = tokens.create(OPERATOR, email=ADA, now=now).expose()
    asked = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    assert asked.get("/api/v1/status").status_code == 200
    Account.objects.filter(pk=ada.pk).update(role="employee")
    assert asked.get("/api/v1/status").status_code == 403
    Account.objects.filter(pk=ada.pk).update(is_active=False)
    assert asked.get("/api/v1/measures").status_code == 401


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=-1), timedelta(days=366)])
def test_a_token_lasts_a_year_at_most(lasts: timedelta, now: datetime) -> None:
    company.account(ADA)
    with pytest.raises(Problem):
        tokens.create(OPERATOR, email=ADA, now=now, lasts=lasts)


def test_a_token_is_made_for_oneself_and_revoked_by_its_owner_or_a_company_admin(now: datetime) -> None:
    ada, ivan, otto = (company.account(f"{name}@acme.example").viewer for name in ("ada", "ivan", "otto"))
    with pytest.raises(NotAllowed):
        tokens.create(ada, email="ivan@acme.example", now=now)
    tokens.create(ivan, email="ivan@acme.example", now=now)
    row = ApiToken.objects.get()
    assert tokens.listed(otto, now) == ()
    with pytest.raises(Problem):
        tokens.revoke(otto, token=row.pk, now=now)
    assert [token.owner for token in tokens.listed(ada, now)] == ["ivan@acme.example"]
    tokens.revoke(ada, token=row.pk, now=now)
    assert tokens.listed(ivan, now)[0].state == "revoked"


@pytest.mark.parametrize("token", ["uptake_" + "x" * 49, "uptake_", "", "x" * 56, "uptake_" + "x" * 500])
def test_what_has_no_checksum_is_no_token(token: str) -> None:
    assert not tokens.well_formed(token)
    assert tokens.viewer_of_token(token, datetime.now(UTC)) is None


def test_scopes_are_actions() -> None:
    assert set(tokens.SCOPES) <= set(PERMISSIONS)
    assert all(PERMISSIONS[scope] <= set(Role) for scope in tokens.SCOPES)
