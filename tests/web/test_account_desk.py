"""Accounts as a Company Admin keeps them: who may less is out at once, somebody always stays who can keep them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import account_desk, accounts, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import Account, ApiToken, AuditEntry, SignInLink, WebSession

ADA, HANA, IVAN, EMIL = (f"{name}@acme.example" for name in ("ada", "hana", "ivan", "emil"))


@pytest.fixture(autouse=True)
def calm(db: None, home: Settings) -> None:
    cache.clear()


def visitor() -> Client:
    return Client(headers={"host": "localhost"})


def of(email: str) -> Account:
    return Account.objects.get(email=email)


def at(email: str, what: str = "") -> str:
    return f"/accounts/{of(email).pk}/{what}/" if what else f"/accounts/{of(email).pk}/"


def made(page: str) -> str:
    return re.findall(r'value="http://localhost(/sign-in/[^"]+)"', page)[0]


def entry(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def test_an_account_is_made_with_a_link_that_is_shown_once(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    page = ada.post("/accounts/new/", {"email": " New@Acme.example ", "role": "hr_admin"}).content.decode()
    link = made(page)
    assert link not in ada.get(at("new@acme.example")).content.decode()
    assert (of("new@acme.example").role, of("new@acme.example").has_usable_password()) == ("hr_admin", False)
    new = visitor()
    new.post(link)
    assert new.get("/what-we-read/").status_code == 200
    assert entry("account.create").actor == entry("link.create").actor == ADA


@pytest.mark.parametrize(
    "form", [{"email": "", "role": "employee"}, {"email": "x@y.z", "role": "god"}, {"email": EMIL, "role": "employee"}]
)
def test_what_makes_no_account_says_why_and_makes_none(signed_in: SignedIn, form: dict[str, str]) -> None:
    company.account(EMIL)
    answer = signed_in(ADA).post("/accounts/new/", form)
    assert answer.status_code == 400
    assert b'role="alert"' in answer.content
    assert Account.objects.count() == 2
    assert not AuditEntry.objects.exists()


def test_the_list_says_how_each_stands(signed_in: SignedIn, now: datetime) -> None:
    ada = signed_in(ADA)
    signed_in(HANA)
    signed_in(EMIL)
    Authenticator.objects.create(user=of(HANA), type="webauthn", data={"name": "x"})
    Authenticator.objects.create(user=of(EMIL), type="recovery_codes", data={})
    Account.objects.filter(email=EMIL).update(is_active=False)
    tokens.create(OPERATOR, email=HANA, now=now)
    lines = {line.email: line for line in account_desk.listed(of(ADA).viewer, now).lines}
    assert [(line.has_factor, line.sessions, line.tokens, line.active) for line in lines.values()] == [
        (False, 1, 0, True),
        (False, 1, 0, False),
        (True, 1, 1, True),
    ]
    page = ada.get("/accounts/?q=HANA").content.decode()
    assert HANA in page
    assert EMIL not in page
    assert EMIL in ada.get("/accounts/?role=employee").content.decode()
    assert "No account is like that" in ada.get("/accounts/?q=%00nobody&role=x&page=99999999999").content.decode()


def test_many_accounts_have_pages(signed_in: SignedIn) -> None:
    Account.objects.bulk_create(Account(email=f"p{n:03}@acme.example", role="employee") for n in range(120))
    ada = signed_in(ADA)
    page = ada.get("/accounts/?q=acme&page=2").content.decode()
    assert "121 accounts found" in page
    assert "p049@acme.example" in page
    assert "p100@acme.example" not in page
    assert "Page 2 of 3" in page


@pytest.mark.parametrize(("role", "stays"), [("it_admin", False), ("employee", False), ("company_admin", True)])
def test_who_loses_a_right_is_out_at_once(signed_in: SignedIn, now: datetime, role: str, stays: bool) -> None:
    ada, hana = signed_in(ADA), signed_in(HANA)
    token = tokens.create(OPERATOR, email=HANA, now=now).expose()
    program = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    link = accounts.create_sign_in_link(OPERATOR, email=HANA, now=now)
    assert ada.post(at(HANA, "role"), {"role": role}).status_code == 302
    assert of(HANA).role == role
    assert (hana.get("/what-we-read/").status_code == 200) is stays
    assert (program.get("/api/v1/measures").status_code == 200) is stays
    assert (visitor().get(link).status_code == 200) is stays
    assert entry("account.role").details["after"] == role


def test_a_deactivated_account_is_out_at_once_and_may_come_back(signed_in: SignedIn, now: datetime) -> None:
    ada, hana = signed_in(ADA), signed_in(HANA)
    token = tokens.create(OPERATOR, email=HANA, now=now).expose()
    program = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    ada.post(at(HANA, "deactivate"))
    assert hana.get("/what-we-read/").status_code == 302
    assert program.get("/api/v1/measures").status_code == 401
    assert not WebSession.objects.filter(account=of(HANA)).exists()
    assert ada.post(at(HANA, "link")).status_code == 400  # no way in while it is deactivated
    ada.post(at(HANA, "activate"))
    assert of(HANA).is_active
    assert program.get("/api/v1/measures").status_code == 401
    assert entry("account.deactivate").details == {"sessions_ended": 1, "tokens_revoked": 1}


def test_a_new_link_ends_those_before(signed_in: SignedIn, now: datetime) -> None:
    ada = signed_in(ADA)
    company.account(HANA)
    first = made(ada.post(at(HANA, "link")).content.decode())
    second = made(ada.post(at(HANA, "link")).content.decode())
    assert (visitor().get(first).status_code, visitor().get(second).status_code) == (410, 200)
    assert SignInLink.objects.count() == 1


def test_who_forgot_the_password_sets_a_new_one_by_a_link(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    company.account(HANA, company.PASSWORD)
    hana = visitor()
    hana.post("/accounts/login/", {"login": HANA, "password": company.PASSWORD})
    ada.post(at(HANA, "forget-password"))
    assert hana.get("/what-we-read/").status_code == 302
    assert hana.post("/accounts/login/", {"login": HANA, "password": company.PASSWORD}).status_code == 200
    hana.post(made(ada.post(at(HANA, "link")).content.decode()))
    form = {"new": "another long pass phrase", "again": "another long pass phrase", "next": "/account/"}
    assert hana.post("/account/confirm/", form).status_code == 302
    assert of(HANA).has_usable_password()
    assert ada.post(at(somebody_without(), "forget-password")).status_code == 400


def somebody_without() -> str:
    return company.account(IVAN).email


def test_who_lost_the_second_factor_gets_in_again(signed_in: SignedIn) -> None:
    ada, hana = signed_in(ADA), signed_in(HANA)
    Authenticator.objects.create(user=of(HANA), type="webauthn", data={"name": "x"})
    Authenticator.objects.create(user=of(HANA), type="recovery_codes", data={})
    ada.post(at(HANA, "forget-factors"))
    assert not Authenticator.objects.exists()
    assert hana.get("/what-we-read/").status_code == 302
    assert ada.post(at(HANA, "forget-factors")).status_code == 400
    assert entry("account.forget_factors").details["kinds"] == "passkey"


def test_somebody_is_signed_out_everywhere(signed_in: SignedIn, now: datetime) -> None:
    ada, hana = signed_in(ADA), signed_in(HANA)
    tokens.create(OPERATOR, email=HANA, now=now)
    ada.post(at(HANA, "end-sessions"))
    assert hana.get("/what-we-read/").status_code == 302
    assert ada.get("/what-we-read/").status_code == 200
    assert not ApiToken.objects.exclude(revoked_at=None).exists()


@pytest.mark.parametrize(
    "what", ["link", "role", "deactivate", "activate", "end-sessions", "forget-factors", "forget-password"]
)
def test_nobody_changes_the_own_account_here(signed_in: SignedIn, what: str) -> None:
    ada = signed_in(ADA)
    company.account(HANA)
    Account.objects.filter(email=HANA).update(role="company_admin")
    assert ada.post(at(ADA, what), {"role": "employee"}).status_code == 403
    assert (of(ADA).role, of(ADA).is_active) == ("company_admin", True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("host", [True, False])
def test_the_last_company_admin_stays(host: bool, now: datetime) -> None:
    ada = company.account(ADA)
    viewer = OPERATOR if host else Viewer("x@acme.example", Role.COMPANY_ADMIN, account_id=999)
    for change in (
        lambda: account_desk.deactivate(viewer, account=ada.pk, now=now),
        lambda: account_desk.change_role(viewer, account=ada.pk, role="employee", now=now),
    ):
        with pytest.raises(Problem, match="last Company Admin" if host else "no Company Admin any more"):
            change()
    company.account(HANA)
    Account.objects.filter(email=HANA).update(role="company_admin", is_active=False)  # a deactivated one does not count
    with pytest.raises(Problem):
        account_desk.deactivate(OPERATOR, account=ada.pk, now=now)
    assert of(ADA).is_active


def test_who_was_one_until_just_now_changes_nothing_any_more(signed_in: SignedIn, now: datetime) -> None:
    ada, hana, ivan = (company.account(email) for email in (ADA, HANA, IVAN))
    Account.objects.filter(email=HANA).update(role="company_admin")
    before = Account.objects.get(email=HANA).viewer  # a request of hers is under way
    account_desk.change_role(ada.viewer, account=hana.pk, role="employee", now=now)
    with pytest.raises(NotAllowed):
        account_desk.deactivate(before, account=ivan.pk, now=now)
    assert of(IVAN).is_active


def test_an_account_that_is_not_there(signed_in: SignedIn) -> None:
    ada = signed_in(ADA)
    for number in (0, 999_999, 10**30):
        assert ada.get(f"/accounts/{number}/").status_code == 404
        assert ada.post(f"/accounts/{number}/deactivate/").status_code == 400
