"""Managers by REST: their own tree and nothing beside it, as on the pages; the oracle of random org charts asks here too."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import msgspec
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.http import urlencode

import proof
from metrics import test_managers_see_their_tree as trees
from tests.api.conftest import Program
from tests.api.test_programs import API, refusal
from tests.web import company
from tests.web.test_teams import directory
from uptake import metrics
from uptake.actions import export_jobs, people, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Viewer
from uptake.metrics import Answer, Facts, Question
from uptake.records.models import Account, Connection
from uptake.records.privacy import AccessPolicy

MINA = "mina@acme.example"


class Rest:
    """The way of a program: each manager with a token, made for asking and nothing else."""

    def __init__(self, world: trees.World, now: datetime) -> None:
        self.world, self.now = world, now
        self.clients: dict[str, Client] = {}
        self.statuses: list[int] = []

    def client(self, email: str) -> Client:
        if email not in self.clients:
            Account.objects.create_user(email, None, "manager")
            scopes = ("teams.view", "numbers.ask_own_team")
            token = tokens.create(OPERATOR, email=email, now=self.now, scopes=scopes).expose()
            self.clients[email] = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
        return self.clients[email]

    def ask(self, facts: Facts, viewer: Viewer, question: Question) -> Answer | None:
        said = msgspec.to_builtins(question)
        told = {name: value for name, value in said.items() if value not in (None, False)}
        asked = urlencode({"metric": told.pop("metrics"), **told}, doseq=True)
        explained = self.client(viewer.name).get(f"{API}/explain?{asked}")
        answer = self.client(viewer.name).get(f"{API}/answer?{asked}")
        self.statuses += [answer.status_code]
        assert explained.status_code == answer.status_code in {200, 400, 403}
        return msgspec.convert(answer.json(), Answer) if answer.status_code == 200 else None

    def choose(self, facts: Facts, viewer: Viewer) -> set[str]:
        AccessPolicy.objects.update_or_create(only=True, defaults={"threshold": self.world.threshold})
        teams = self.client(viewer.name).get(f"{API}/teams?limit=1000").json()
        assert teams["next"] is None
        return {one["id"] for one in teams["items"]}


def by_rest(home: Settings, now: datetime, seeds: range) -> tuple[int, int, int]:
    """The random charts through the door of the API: charts, answers, refusals."""
    cache.clear()
    world = trees.company(home.home)
    Connection.objects.create(id="one", name="One", connected_at=now)
    rest = Rest(world, now)
    counts = [trees.check(world, seed, rest.ask, rest.choose) for seed in seeds]
    return len(counts), sum(answered for answered, _ in counts), sum(refused for _, refused in counts)


@pytest.mark.django_db
def test_no_manager_is_told_of_anybody_outside(home: Settings, now: datetime) -> None:
    _, answered, refused = by_rest(home, now, range(3))
    assert answered > 8 and refused > 30


@pytest.mark.full
@pytest.mark.django_db
def test_no_manager_of_many_companies_is_told_of_anybody_outside(home: Settings, now: datetime) -> None:
    charts, answered, refused = by_rest(home, now, range(2_000, 2_000 + proof.FULL.charts // 20))
    proof.figures("org charts by REST", charts=charts, answered=answered, refused=refused, outside=0)


@pytest.fixture
def tree(acme: Connection, home: Settings, now: datetime) -> str:
    """Mina leads a part of Sales."""
    last = now.date() - timedelta(days=3)
    people.import_csv(OPERATOR, home, directory(), people.Wanted(on=last - timedelta(days=40)), now)
    found = metrics.own_tree(metrics.current_facts(home), Account.objects.get(email=MINA).viewer)
    assert found
    return found


def test_what_to_ask_is_said(program: Program, tree: str) -> None:
    mina = program(MINA)
    for path in ("/answer?metric=members", "/explain?metric=members", "/answer/file?metric=members"):
        assert f"team={tree}" in str(refusal(mina.get(API + path), 403)["detail"])
        assert f"team={tree}" in str(refusal(mina.get(API + path, headers={"if-none-match": "*"}), 403)["detail"])
    found = mina.get(f"{API}/answer?metric=eligible_reach&by=28d&team={tree}")
    assert found.status_code == 200
    tag = found.headers["ETag"]
    again = mina.get(f"{API}/answer?metric=eligible_reach&by=28d&team={tree}", headers={"if-none-match": tag})
    assert again.status_code == 304


def test_who_leads_nobody_is_told_so(program: Program, acme: Connection) -> None:
    told = refusal(program(MINA).get(f"{API}/answer?metric=members&team=tree:any"), 403)
    assert "nobody reports to you" in str(told["title"])
    assert program(MINA).get(f"{API}/teams").json() == {"items": [], "next": None}


def test_the_teams_there_are_to_ask_about(program: Program, tree: str) -> None:
    hana, mina = program("hana@acme.example"), program(MINA)
    whole = hana.get(f"{API}/teams?limit=1000").json()["items"]
    assert {one["kind"] for one in whole} >= {"department", "tree"}
    assert all(one["small"] == (one["people"] == "fewer than 5") for one in whole)
    assert any(one["small"] for one in whole) and not all(one["small"] for one in whole)
    found, after = [], ""
    while after is not None:
        part = hana.get(f"{API}/teams?limit=2{after and f'&cursor={after}'}").json()
        found, after = found + part["items"], part["next"]
    assert found == whole
    departments = hana.get(f"{API}/teams?kind=department").json()["items"]
    assert departments == [one for one in whole if one["kind"] == "department"]
    assert [one["id"] for one in mina.get(f"{API}/teams").json()["items"]] == [tree]
    assert refusal(hana.get(f"{API}/teams?kind=role"), 422)


def test_a_token_is_for_what_it_was_made_for(program: Program, tree: str) -> None:
    narrow = program(MINA, "measures.read")
    for path, scope in ((f"/answer?metric=members&team={tree}", "numbers.ask_own_team"), ("/teams", "teams.view")):
        assert scope in str(refusal(narrow.get(API + path), 403)["detail"])
    assert "numbers.ask " in str(
        refusal(program("hana@acme.example", "measures.read").get(f"{API}/answer?metric=members"), 403)["detail"]
    )


def test_files_of_ones_own_tree_as_long_as_it_is(program: Program, tree: str, home: Settings, now: datetime) -> None:
    mina = program(MINA)
    wanted = {"what": "figures", "format": "csv", "metric": ["eligible_reach"], "by": "28d", "team": tree}
    assert mina.get(f"{API}/answer/file?metric=eligible_reach&by=28d&team={tree}").status_code == 200
    refusal(mina.post(f"{API}/exports", wanted | {"team": None}, content_type="application/json"), 403)
    place = mina.post(f"{API}/exports", wanted, content_type="application/json").headers["Location"]
    export_jobs.work(home, now)
    assert tree.encode() in b"".join(mina.get(f"{place}/file").streaming_content)  # type: ignore[arg-type]
    Account.objects.filter(email=MINA).update(email="mina.moss@acme.example")  # whom the directory does not know
    refusal(mina.get(f"{place}/file"), 403)
    export_jobs.tidy(home, now)
    assert json.loads(mina.get(place).content)["state"] == "gone"


def test_a_manager_makes_a_token_on_their_own_page(acme: Connection) -> None:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(Account.objects.get(email=MINA), backend="allauth.account.auth_backends.AuthenticationBackend")
    company.confirm(browser)
    page = browser.get("/account/").content.decode()
    assert 'value="numbers.ask_own_team"' in page and 'value="numbers.ask"' not in page
