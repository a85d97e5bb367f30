"""Who leaves loses sign-in, sessions and tokens at once; administrators only by SCIM's own link, the last one never."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError
from pytest_django.fixtures import Settings as DjangoSettings

from tests.scim.conftest import Program, bearing
from tests.web.conftest import SignedIn
from uptake.actions import erasures, scim_directory, scim_groups, scim_tokens, sources, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.people.delivery import SCIM
from uptake.records import audit
from uptake.records.models import Account, ApiToken, AuditEntry, ScimLink, ScimToken, ScimUser, WebSession
from uptake.records.vault import open_vault

pytestmark = pytest.mark.django_db

OFF = {"op": "Replace", "path": "active", "value": "False"}
ON = {"op": "Replace", "path": "active", "value": "True"}
ADA = Viewer("ada@acme.example", Role.COMPANY_ADMIN)


def user(program: Program, name: str, **more: object) -> str:
    return program.made("Users", {"userName": f"{name}@acme.example", "displayName": name.title(), **more})


def account(name: str) -> Account:
    return Account.objects.get(email=f"{name}@acme.example")


@pytest.fixture
def making(home: Settings, settings: DjangoSettings) -> None:
    settings.UPTAKE = replace(home, scim_accounts=True)


@pytest.mark.parametrize("how", ["patch", "put", "delete"])
def test_who_leaves_is_out_within_a_second(program: Program, signed_in: SignedIn, now: datetime, how: str) -> None:
    browser = signed_in("emil@acme.example")
    token = tokens.create(OPERATOR, email="emil@acme.example", now=now).expose()
    emil = user(program, "emil")
    assert browser.get("/my-data/").status_code == 200
    assert bearing(token).get("/api/v1/measures").status_code == 200
    started = time.monotonic()
    if how == "delete":
        program.ask("DELETE", f"Users/{emil}")
    elif how == "put":
        program.ask("PUT", f"Users/{emil}", {"userName": "emil@acme.example", "active": False})
    else:
        program.patch(f"Users/{emil}", OFF)
    assert browser.get("/my-data/").status_code == 302
    assert bearing(token).get("/api/v1/measures").status_code == 401
    assert time.monotonic() - started < 1
    assert not account("emil").is_active
    assert not WebSession.objects.filter(account=account("emil")).exists()
    assert not ApiToken.objects.filter(revoked_at=None).exists()


def test_who_comes_back_signs_in_again_and_what_was_ended_stays_ended(program: Program, now: datetime) -> None:
    Account.objects.create_user("emil@acme.example")
    emil = user(program, "emil")
    program.patch(f"Users/{emil}", OFF)
    assert not account("emil").is_active
    program.patch(f"Users/{emil}", ON)
    assert account("emil").is_active
    program.ask("DELETE", f"Users/{emil}")
    assert not account("emil").is_active
    user(program, "emil")  # made anew, as a provider does for somebody hired again
    assert account("emil").is_active


def test_what_people_ended_scim_does_not_bring_back(program: Program) -> None:
    Account.objects.create_user("emil@acme.example")
    emil = user(program, "emil")
    Account.objects.update(is_active=False)
    program.patch(f"Users/{emil}", OFF)
    program.patch(f"Users/{emil}", ON)
    assert not account("emil").is_active


@pytest.mark.parametrize("role", ["company_admin", "hr_admin", "it_admin", "auditor"])
def test_an_address_alone_ends_nobody_with_power(program: Program, role: str) -> None:
    Account.objects.create_user("ada@acme.example", None, role)
    ada = user(program, "ada")
    assert program.patch(f"Users/{ada}", OFF)[0] == 200
    assert account("ada").is_active
    assert not ScimLink.objects.exists()


def test_accounts_are_made_only_where_a_setting_says_so(program: Program) -> None:
    user(program, "emil")
    assert not Account.objects.exists()


def test_an_account_that_scim_made_is_an_employee_s_without_a_password(program: Program, making: None) -> None:
    user(program, "emil")
    assert account("emil").role == "employee"
    assert not account("emil").has_usable_password()
    user(program, "gone", active=False)
    assert Account.objects.count() == 1


def test_the_last_company_admin_stays(program: Program, making: None) -> None:
    ada = user(program, "ada")
    Account.objects.update(role="company_admin")  # given by people, to an account that SCIM made
    for status, answer in (
        program.patch(f"Users/{ada}", OFF),
        program.ask("PUT", f"Users/{ada}", {"userName": "ada@acme.example", "active": "false"}),
        program.ask("DELETE", f"Users/{ada}"),
    ):
        assert status == 409
        assert "last Company Admin" in answer["detail"]
    assert account("ada").is_active
    assert ScimUser.objects.get(pk=ada).active
    Account.objects.create_user("otto@acme.example", None, "company_admin")
    assert program.patch(f"Users/{ada}", OFF)[0] == 200
    assert not account("ada").is_active
    assert program.patch(f"Users/{ada}", ON)[0] == 200
    assert not account("ada").is_active  # whoever had power is brought back by people


def test_a_group_gives_the_role_that_a_company_admin_said(program: Program, making: None, now: datetime) -> None:
    emil, mina = user(program, "emil"), user(program, "mina")
    people = program.made("Groups", {"displayName": "People team", "members": [{"value": emil}]})
    assert account("emil").role == "employee"
    scim_groups.map_group(ADA, group_id=people, role="hr_admin", now=now)
    assert account("emil").role == "hr_admin"
    program.patch(f"Groups/{people}", {"op": "add", "path": "members", "value": [{"value": mina}]})
    assert account("mina").role == "hr_admin"
    Account.objects.filter(email="mina@acme.example").update(role="company_admin")
    program.patch(f"Groups/{people}", {"op": "remove", "path": "members"})
    assert (account("emil").role, account("mina").role) == ("employee", "company_admin")
    program.patch(f"Groups/{people}", {"op": "add", "path": "members", "value": [{"value": emil}]})
    program.patch(f"Users/{emil}", OFF)
    assert (account("emil").role, account("emil").is_active) == ("employee", False)


def test_no_group_gives_company_admin(program: Program, making: None, now: datetime) -> None:
    emil = user(program, "emil", roles=[{"value": "company_admin"}], userType="Company Admin")
    group = program.made(
        "Groups", {"displayName": "company_admin", "role": "company_admin", "members": [{"value": emil}]}
    )
    for role in ("company_admin", "owner"):
        with pytest.raises(Problem):
            scim_groups.map_group(ADA, group_id=group, role=role, now=now)
    with pytest.raises(NotAllowed):
        scim_groups.map_group(Viewer("ivan", Role.IT_ADMIN), group_id=group, role="it_admin", now=now)
    scim_groups.ScimGroup.objects.update(role="company_admin")  # even if it stood in the records
    program.patch(
        f"Groups/{group}",
        {"op": "remove", "path": "members"},
        {"op": "add", "path": "members", "value": [{"value": emil}]},
    )
    assert account("emil").role == "employee"


def test_every_change_has_its_entry_and_none_without(
    program: Program, making: None, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    emil = user(program, "emil")
    program.patch(f"Users/{emil}", OFF)
    program.patch(f"Users/{emil}", OFF)  # nothing changes, nothing is written
    acts = list(
        AuditEntry.objects.filter(action="scim.provision").order_by("pk").values_list("subject", "details__act")
    )
    assert acts == [
        (f"SCIM user {emil}", "created"), ("emil@acme.example", "made"),
        (f"SCIM user {emil}", "deactivated"), ("emil@acme.example", "ended"),
    ]  # fmt: skip
    entry = AuditEntry.objects.filter(action="scim.provision").latest("pk")
    assert entry.actor.startswith("SCIM token Entra …")
    assert entry.about
    assert audit.verify(open_vault(home.master_key_file)).intact

    def broken(*_: object, **__: object) -> None:
        raise DatabaseError("the audit is full")

    monkeypatch.setattr(audit, "record", broken)
    assert program.patch(f"Users/{emil}", ON)[0] == 503
    assert not ScimUser.objects.get(pk=emil).active
    assert not account("emil").is_active


def test_who_was_erased_is_taken_out_and_not_taken_in_again(program: Program, home: Settings, now: datetime) -> None:
    emil = user(program, "emil")
    sources.read(OPERATOR, home, SCIM, now, lambda _: None)
    erasures.erase(OPERATOR, home, who="emil@acme.example", now=now)
    assert not ScimUser.objects.exists()
    assert program.ask("GET", f"Users/{emil}")[0] == 404
    status, answer = program.ask("POST", "Users", {"userName": "x", "emails": [{"value": "Emil@acme.example"}]})
    assert (status, "erased" in answer["detail"]) == (403, True)
    other = user(program, "zoe")
    assert program.patch(f"Users/{other}", {"op": "add", "path": "emails", "value": "emil@acme.example"})[0] == 403


def test_what_is_held_is_part_of_one_s_own_data(program: Program, signed_in: SignedIn) -> None:
    user(program, "emil", title="Analyst")
    page = signed_in("emil@acme.example").get("/my-data/").content.decode()
    assert "Sent by the identity provider" in page
    assert "Analyst" in page
    assert scim_directory.held_of({"nobody@acme.example"}) == ()


def test_the_master_key_away_keeps_nobody_in(program: Program, home: Settings) -> None:
    Account.objects.create_user("emil@acme.example")
    emil = user(program, "emil")
    home.master_key_file.unlink()
    assert program.patch(f"Users/{emil}", OFF)[0] == 200
    assert not account("emil").is_active


def test_tokens(token: str, program: Program, home: Settings, now: datetime) -> None:
    assert token not in repr(list(ScimToken.objects.values()))
    late = scim_tokens.connect(OPERATOR, name="", lasts=timedelta(days=30), now=now - timedelta(days=31)).expose()
    scim_tokens.connect(OPERATOR, name="second", lasts=None, now=now)  # two at once, while one is exchanged
    states = {one.state for one in scim_tokens.listed(OPERATOR, now)}
    assert states == {"in force", "expired"}
    assert program.ask("GET", "Users")[0] == 200
    assert bearing(late).get("/scim/v2/Users").status_code == 401
    first = ScimToken.objects.get(name="Entra")
    scim_tokens.revoke(OPERATOR, token=first.pk, now=now)
    assert program.ask("GET", "Users")[0] == 401
    with pytest.raises(Problem):
        scim_tokens.revoke(OPERATOR, token=first.pk, now=now)
    last = scim_tokens.connect(OPERATOR, name="", lasts=None, now=now).expose()
    sources.disconnect(OPERATOR, SCIM, now)
    assert bearing(last).get("/scim/v2/Users").status_code == 401
    assert not ScimToken.objects.filter(revoked_at=None).exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {
        "scim.connect",
        "scim.revoke",
        "people.disconnect",
    }
