"""Looking as another role: the pages are that role's, nothing can be changed, and what is written down names who looks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company, everybody
from tests.web.conftest import SignedIn
from tests.web.matrix import ROUTES
from tests.web.test_teams import MEMBERS, directory
from uptake import metrics
from uptake.actions import people, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.days import ONE_DAY
from uptake.records.models import Account, AuditEntry

LOOKS = [("ada@acme.example", role) for role in Role if role is not Role.COMPANY_ADMIN]
LOOKS += [("hana@acme.example", role) for role in (Role.IT_ADMIN, Role.MANAGER, Role.EMPLOYEE)]
OPEN_TO_SEND = {"view_as_stop", "account_logout"}


def look(client: Client, role: str, tree: str = "") -> Client:
    answer = client.post("/view-as/", {"role": role, "tree": tree})
    assert answer.status_code == 302, answer.content
    return client


@pytest.fixture
def at(db: None, home: Settings, now: datetime) -> str:
    cache.clear()
    return everybody.connection(now).pk


@pytest.fixture
def peopled(db: None, home: Settings, now: datetime) -> Settings:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 62 * ONE_DAY, through, members=MEMBERS)
    people.import_csv(OPERATOR, home, directory(), people.Wanted(on=through - timedelta(days=62)), now)
    return home


def tree_of(settings: Settings, email: str) -> str:
    facts = metrics.current_facts(settings)
    return metrics.own_tree(facts, Viewer(email, Role.MANAGER)) or ""


@pytest.mark.parametrize(("email", "role"), LOOKS)
def test_every_page_answers_as_it_does_to_that_role(email: str, role: Role, at: str) -> None:
    own = everybody.signed_in(next(one for one, is_ in company.CAST.items() if is_ == role))
    looking = look(everybody.signed_in(email), role)
    found = {}
    for route, (method, address, _) in ROUTES.items():
        if method == "GET" and route != "account_logout":
            found[route] = [client.get(address.format(id=at)).status_code for client in (looking, own)]
    assert {route: both for route, both in found.items() if both[0] != both[1]} == {}
    assert len(found) > 50


@pytest.mark.parametrize(("email", "role"), LOOKS[:1] + LOOKS[-1:])
def test_nothing_is_changed_or_sent_meanwhile(email: str, role: Role, at: str) -> None:
    looking = look(everybody.signed_in(email), role)
    before = AuditEntry.objects.count()
    for route, (_, address, _) in ROUTES.items():
        if route in OPEN_TO_SEND:
            continue
        for method in ("POST", "PUT", "DELETE"):
            for headers in ({}, {"hx-request": "true"}):
                answer = looking.generic(method, address.format(id=at), headers=headers)
                assert answer.status_code == 403, (route, method)
                assert "You are looking as" in answer.content.decode(), route
    assert AuditEntry.objects.count() == before


def test_a_team_is_seen_as_its_manager_sees_it(peopled: Settings, signed_in: SignedIn) -> None:
    tree = tree_of(peopled, "mina@acme.example")
    mina, ada = signed_in("mina@acme.example"), look(signed_in("ada@acme.example"), "manager", tree)
    for path in (
        f"/figures/team-headlines.csv?team={tree}",
        "/figures/teams.csv",
        f"/figures/team-reach.csv?team={tree}",
    ):
        assert figures(ada, path) == figures(mina, path) != ""
    page = ada.get("/teams/").content.decode()
    assert f'name="within" value="{tree}"' in page and "Engineering" not in page
    assert "the team of <bdi>Mina Moss</bdi>" in page and "Stop looking as Manager" in page
    assert 'href="/surfaces/"' not in page and ada.get("/").status_code == 403
    assert ada.get("/figures/headlines/").status_code == 403
    assert ada.get("/figures/team-headlines/?team=department:engineering").status_code in {200, 403}
    assert "Engineering" not in ada.get("/figures/team-headlines/?team=department:engineering").content.decode()


def figures(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+", "just now", answer.content.decode())


def test_as_a_manager_without_a_team_nobody_is_ones_own(peopled: Settings, signed_in: SignedIn) -> None:
    ada = signed_in("ada@acme.example")
    for tree in ("", "tree:nobody", "department:sales"):
        refused = ada.post("/view-as/", {"role": "manager", "tree": tree})
        assert refused.status_code == 400 and "whose team" in refused.content.decode()
    assert ada.post("/view-as/", {"role": "nobody"}).status_code == 400
    assert "Looking as" not in ada.get("/").content.decode()


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("hana@acme.example", "company_admin"),
        ("hana@acme.example", "auditor"),
        ("hana@acme.example", "hr_admin"),
        ("ada@acme.example", "company_admin"),
        ("ivan@acme.example", "employee"),
        ("mina@acme.example", "employee"),
    ],
)
def test_nobody_looks_as_who_sees_more(email: str, role: str, peopled: Settings, signed_in: SignedIn) -> None:
    client = signed_in(email)
    assert client.post("/view-as/", {"role": role}).status_code == 403
    assert "Looking as" not in client.get("/policy/").content.decode()


def test_it_is_written_down_under_the_own_name_and_ends(peopled: Settings, signed_in: SignedIn, now: datetime) -> None:
    ada = look(signed_in("ada@acme.example"), "hr_admin")
    assert ada.get("/seats/list/").status_code == 200
    assert ada.get("/accounts/").status_code == 403
    assert ada.post("/view-as/stop/").status_code == 302
    assert ada.get("/accounts/").status_code == 200
    found = AuditEntry.objects.filter(actor="ada@acme.example").order_by("pk").values_list("action", "role", "details")
    assert list(found) == [
        ("view_as.start", "company_admin", {}),
        ("seats.view", "company_admin", {"shown": 50, "looking_as": "hr_admin"}),
        ("view_as.stop", "company_admin", {"looking_as": "hr_admin"}),
    ]
    look(ada, "employee")
    ada.post("/accounts/logout/")
    again = Client(headers={"host": "localhost"})
    again.force_login(Account.objects.get(email="ada@acme.example"), backend=everybody.BACKEND)
    assert "Looking as" not in again.get("/").content.decode()


def test_who_loses_the_role_meanwhile_sees_no_more_than_before(peopled: Settings, signed_in: SignedIn) -> None:
    ada = look(signed_in("ada@acme.example"), "hr_admin")
    Account.objects.filter(email="ada@acme.example").update(role="employee")
    assert ada.get("/").status_code == 403 and ada.get("/seats/list/").status_code == 403
    assert ada.post("/view-as/stop/").status_code == 302
    assert ada.get("/").status_code == 403


def test_a_token_of_the_account_is_not_touched(peopled: Settings, signed_in: SignedIn, now: datetime) -> None:
    ada = look(signed_in("ada@acme.example"), "employee")
    token = tokens.create(OPERATOR, email="ada@acme.example", now=now).expose()
    assert ada.get("/api/v1/answer?metric=members").status_code == 401  # a session is no token
    answer = ada.get("/api/v1/answer?metric=members", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert ada.get("/").status_code == 403


def test_a_second_factor_that_is_wanted_stays_wanted(
    peopled: Settings, signed_in: SignedIn, settings: DjangoSettings
) -> None:
    """It is the account's role that wants it, not the role looked as."""
    ada = look(signed_in("ada@acme.example"), "employee")
    settings.UPTAKE = replace(peopled, admins_need_second_factor=True)
    assert ada.get("/help/").headers.get("Location", "").startswith("/account/")
