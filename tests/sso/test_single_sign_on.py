"""Who is let in, as whom and in which role, when a provider's word holds: linking, expecting, groups, confirming, closing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sso.conftest import Oidc, Saml, browser, come, entry, everything, linked, told
from sso.saml_idp import ISSUER, Said, signed
from sso.test_forged_saml import post
from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import single_sign_on
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.records.models import Account, AuditEntry, ExpectedIdentity, SignInIdentity

ADA = "ada@acme.example"
RULES = 'roles = [{ group = "hr", role = "hr_admin" }, { group = "it", role = "it_admin" }]'


def test_only_issuer_and_subject_count(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client, page = come(oidc, email="another@acme.example")
    assert page.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(ada.pk)
    _, page = come(oidc, sub="somebody-else", email=ADA)
    assert page.status_code == 400
    assert not SignInIdentity.objects.filter(subject="somebody-else").exists()


def test_the_same_subject_of_another_issuer_is_somebody_else(oidc: Oidc, ada: Account) -> None:
    linked(ada, "https://another.example")
    linked(ada, oidc.idp.url, kind="saml")
    assert come(oidc)[1].status_code == 400


def test_the_audit_names_provider_and_a_mark_of_the_subject(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    come(oidc)
    found = entry("account.sign_in")
    mark = single_sign_on.subject_mark(oidc.settings.UPTAKE_SSO.providers[0], "00u1ada")
    assert (found.actor, found.outcome, found.details["by"]) == (ADA, "done", f"oidc:acme:{mark}")
    assert "00u1ada" not in str(list(AuditEntry.objects.values()))


def test_an_address_links_only_where_the_file_says_so_and_only_once(oidc: Oidc, ada: Account) -> None:
    assert come(oidc)[1].status_code == 400
    oidc.set_up("link_by_email = true")
    assert come(oidc)[1].headers["Location"] == "/"
    assert SignInIdentity.objects.get().account == ada
    assert entry("identity.link").details["by"] == "address"
    _, page = come(oidc, sub="the-next-holder-of-the-address")
    assert page.status_code == 400
    assert SignInIdentity.objects.count() == 1


def test_who_is_expected_is_linked_at_their_next_sign_in(oidc: Oidc, ada: Account, signed_in: SignedIn) -> None:
    company.account("emil@acme.example")
    admin = Client(headers={"host": "localhost"})
    admin.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    company.confirm(admin)
    admin.post("/account/identities/expect/", {"email": "Emil@acme.example", "provider": "acme"})
    client, page = come(oidc, sub="00u3emil", email="emil@acme.example")
    assert page.status_code == 302
    assert client.get("/what-we-read/").status_code == 200
    assert not ExpectedIdentity.objects.exists()
    assert entry("identity.expect").actor == ADA
    assert come(oidc, sub="another", email="emil@acme.example")[1].status_code == 400


def test_an_expectation_lasts_a_week(oidc: Oidc, ada: Account, now: datetime) -> None:
    sign_on = oidc.settings.UPTAKE_SSO
    single_sign_on.expect(OPERATOR, sign_on, email=ADA, provider="acme", now=now - timedelta(days=8))
    assert come(oidc)[1].status_code == 400


@pytest.mark.parametrize(
    "change", [{"email": "zoe@acme.example"}, {"provider": "other"}, {"email": "eve@evil.example"}]
)
def test_nobody_is_expected_who_could_not_come(change: dict[str, str], oidc: Oidc, ada: Account, now: datetime) -> None:
    Account.objects.create_user("eve@evil.example", None, "employee")
    with pytest.raises(Problem):
        single_sign_on.expect(
            OPERATOR, oidc.settings.UPTAKE_SSO, **{"email": ADA, "provider": "acme", **change}, now=now
        )


def test_unknown_people_become_employees_where_the_file_says_so(oidc: Oidc, ada: Account) -> None:
    new = {"sub": "00u9new", "email": "New@acme.example"}
    assert come(oidc, **new)[1].status_code == 400
    oidc.set_up('unknown_people = "employee"')
    client, _ = come(oidc, **new)
    found = Account.objects.get(email="new@acme.example")
    assert (found.role, found.has_usable_password()) == ("employee", False)
    assert client.get("/what-we-read/").status_code == 200
    assert come(oidc, sub="x", email="x@evil.example")[1].status_code == 400
    assert come(oidc, sub="y", email="y@acme.example", email_verified=False)[1].status_code == 400
    assert come(oidc)[1].status_code == 400  # ada has an account already, and linking by address is off


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["hr"], "hr_admin"),
        (["it", "hr"], "hr_admin"),
        (["it", "nobody-knows"], "it_admin"),
        (["IT"], None),
        ([], None),
        (None, None),
        (["x"] * 501, None),
    ],
)
def test_groups_give_the_role_at_every_sign_in(
    groups: list[str] | None, role: str | None, oidc: Oidc, now: datetime
) -> None:
    oidc.set_up(RULES)
    emil = company.account("emil@acme.example")
    linked(emil, oidc.idp.url)
    _, page = come(oidc, groups=groups)
    emil.refresh_from_db()
    assert page.status_code == (302 if role else 400)
    assert emil.role == (role or "employee")
    if role:
        assert entry("identity.role").details == {"provider": "acme", "before": "employee", "after": role}


def test_nobody_becomes_company_admin_unless_the_file_says_so(oidc: Oidc) -> None:
    emil = company.account("emil@acme.example")
    linked(emil, oidc.idp.url)
    oidc.set_up(RULES, 'otherwise = "employee"')
    come(oidc, groups=["company_admin", "Company Admin"])
    emil.refresh_from_db()
    assert emil.role == "employee"
    oidc.set_up('roles = [{ group = "bosses", role = "company_admin" }]')
    come(oidc, groups=["bosses"])
    emil.refresh_from_db()
    assert emil.role == "company_admin"


def test_the_last_company_admin_stays_one(oidc: Oidc, ada: Account) -> None:
    oidc.set_up(RULES)
    linked(ada, oidc.idp.url)
    assert come(oidc, groups=["hr"])[1].status_code == 302
    ada.refresh_from_db()
    assert ada.role == "company_admin"
    assert entry("identity.role").outcome == "refused"
    Account.objects.create_user("second@acme.example", None, "company_admin")
    come(oidc, groups=["hr"])
    ada.refresh_from_db()
    assert ada.role == "hr_admin"


def test_a_deactivated_account_stays_out_and_so_does_its_role(oidc: Oidc, ada: Account) -> None:
    oidc.set_up(RULES)
    linked(ada, oidc.idp.url)
    Account.objects.update(is_active=False)
    before = everything()
    client, page = come(oidc, groups=["hr"])
    assert page.status_code == 400
    assert everything() == before
    assert told() == ("refused", "account")
    assert client.get("/what-we-read/").status_code == 302


def test_saml_links_and_gives_roles_by_the_same_rules(saml: Saml) -> None:
    emil = company.account("emil@acme.example")
    saml.set_up("link_by_email = true", RULES)

    def comes(**said: Any) -> tuple[Client, Any]:
        client = browser()
        return client, post(client, signed(Said(answers=saml.begin(client), **said)))

    assert comes(email="emil@evil.example", groups=("hr",))[1].status_code == 400
    assert comes(email="emil@acme.example")[1].status_code == 400
    _, page = comes(email="emil@acme.example", groups=("x", "hr"))
    assert page.status_code == 302
    emil.refresh_from_db()
    assert emil.role == "hr_admin"
    assert SignInIdentity.objects.get().issuer == ISSUER
    assert entry("account.sign_in").details["by"].startswith("saml:acme:")
    assert comes(email="emil@acme.example", subject="another", groups=("hr",))[1].status_code == 400


def test_saml_by_an_attribute_that_the_file_names(saml: Saml, ada: Account) -> None:
    saml.set_up('subject_attribute = "objectidentifier"')
    linked(ada, ISSUER, "0b9-ada", "saml")
    one = '<a:Attribute Name="objectidentifier"><a:AttributeValue>0b9-ada</a:AttributeValue>{}</a:Attribute>'
    client = browser()
    assert post(client, signed(Said(answers=saml.begin(client), extra=one.format("")))).headers["Location"] == "/"
    two = one.format("<a:AttributeValue>0b9-boss</a:AttributeValue>")
    client = browser()
    assert post(client, signed(Said(answers=saml.begin(client), extra=two))).status_code == 400
    assert told() == ("refused", "subject")
