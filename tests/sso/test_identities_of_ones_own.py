"""Identities of one's own account: linked, taken away, and what a provider proves in the place of a password."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from sso.conftest import Oidc, Saml, browser, come, entry, leads_to, linked, told
from sso.idp import Person
from sso.saml_idp import ISSUER, Said, signed
from sso.test_forged_saml import post
from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import persondata, single_sign_on
from uptake.config import Settings
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import Account, AuditEntry, SignInIdentity

ADA = "ada@acme.example"
RULES = 'roles = [{ group = "hr", role = "hr_admin" }, { group = "it", role = "it_admin" }]'


def test_one_links_an_identity_to_the_account_one_is_signed_in_with(oidc: Oidc, signed_in: SignedIn) -> None:
    client = signed_in("emil@acme.example")
    address = oidc.agree(leads_to(client.post("/account/identities/acme/link/")))
    assert client.get(address).headers["Location"] == "/account/"
    assert SignInIdentity.objects.get().account.email == "emil@acme.example"
    page = client.get("/account/").content.decode()
    assert "00u1ada" in page
    assert oidc.idp.url in page
    assert come(oidc)[1].status_code == 302
    client.post(f"/account/identities/{SignInIdentity.objects.get().pk}/unlink/")
    assert come(oidc)[1].status_code == 400
    assert entry("identity.unlink").actor == "emil@acme.example"


def test_linking_ends_with_the_account_it_began_with(oidc: Oidc, signed_in: SignedIn) -> None:
    """Somebody else signs in with the same browser in between; and what belongs to another account is not taken."""
    client = signed_in("emil@acme.example")
    address = oidc.agree(leads_to(client.post("/account/identities/acme/link/")))
    states = client.session["socialaccount_states"]
    client.force_login(
        company.account("mina@acme.example"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    session = client.session
    session["socialaccount_states"] = states
    session.save()
    assert client.get(address).status_code == 400
    assert told() == ("refused", "another account")
    assert not SignInIdentity.objects.exists()
    linked(Account.objects.get(email="mina@acme.example"), oidc.idp.url)
    client = Client(headers={"host": "localhost"})
    client.force_login(
        Account.objects.get(email="emil@acme.example"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    company.confirm(client)
    address = oidc.agree(leads_to(client.post("/account/identities/acme/link/")))
    assert client.get(address).status_code == 400
    assert SignInIdentity.objects.get().account.email == "mina@acme.example"


def test_linking_asks_who_it_is_first(oidc: Oidc, signed_in: SignedIn) -> None:
    client = signed_in("emil@acme.example", confirmed=False)
    assert "/account/confirm/" in client.post("/account/identities/acme/link/").headers["Location"]


def test_nobody_takes_away_what_is_of_somebody_else_but_a_company_admin(
    oidc: Oidc, ada: Account, now: datetime
) -> None:
    emil, mina = (company.account(f"{name}@acme.example") for name in ("emil", "mina"))
    linked(emil, oidc.idp.url)
    row = SignInIdentity.objects.get()
    with pytest.raises(Problem):
        single_sign_on.unlink(mina.viewer, identity=row.pk, now=now)
    with pytest.raises(NotAllowed):
        single_sign_on.expect(mina.viewer, oidc.settings.UPTAKE_SSO, email=ADA, provider="acme", now=now)
    assert single_sign_on.listed(mina.viewer, oidc.settings.UPTAKE_SSO) == ()
    single_sign_on.unlink(ada.viewer, identity=row.pk, now=now)
    assert not SignInIdentity.objects.exists()


def needs_proof(client: Client) -> bool:
    return client.get("/integrations/connect/").status_code == 302


@pytest.mark.parametrize(("minutes", "asked"), [(1, False), (30, True)])
def test_a_sign_in_proves_who_it_is_only_if_the_provider_asked_lately(
    minutes: int, asked: bool, oidc: Oidc, ada: Account, now: datetime
) -> None:
    linked(ada, oidc.idp.url)
    client, _ = come(oidc, auth_time=int(now.timestamp()) - 60 * minutes)
    assert needs_proof(client) is asked


def test_the_provider_confirms_in_the_place_of_a_password(oidc: Oidc, ada: Account, now: datetime) -> None:
    linked(ada, oidc.idp.url)
    old = int(now.timestamp()) - 1800
    client, _ = come(oidc, auth_time=old)
    page = client.get("/integrations/connect/", follow=True).content.decode()
    assert "Confirm with Acme ID" in page
    assert "Set a password" not in page
    began = client.post("/account/confirm/acme/", {"next": "/integrations/connect/"})
    assert "prompt=login" in leads_to(began)
    assert client.get(oidc.agree(leads_to(began))).status_code == 400  # the provider did not ask anew
    assert needs_proof(client)
    oidc.idp.person = Person(sub="somebody-else")
    assert client.get(oidc.agree(leads_to(client.post("/account/confirm/acme/")))).status_code == 400
    assert needs_proof(client)
    oidc.idp.person = Person()
    began = client.post("/account/confirm/acme/", {"next": "/integrations/connect/"})
    assert client.get(oidc.agree(leads_to(began))).headers["Location"] == "/integrations/connect/"
    assert not needs_proof(client)


def test_without_proof_nobody_sets_a_first_password_or_factor(oidc: Oidc, ada: Account, now: datetime) -> None:
    """A session that was left open must not become a way in for good."""
    linked(ada, oidc.idp.url)
    client, _ = come(oidc, auth_time=int(now.timestamp()) - 1800)
    new = {"new": "another long pass phrase", "again": "another long pass phrase"}
    assert "/account/confirm/" in client.post("/account/password/", new).headers["Location"]
    assert client.post("/account/confirm/", new).status_code == 400
    assert "/account/confirm/" in client.get("/account/second-factor/app/").headers["Location"]
    ada.refresh_from_db()
    assert not ada.has_usable_password()


def test_a_sign_in_leads_where_it_was_asked_for(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client = browser()
    page = client.get("/audit/", follow=True).content.decode()
    assert 'name="next" value="/audit/"' in page
    assert client.get(oidc.walk(client, next="/audit/")).headers["Location"] == "/audit/"


def test_a_new_session_at_sign_in(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client = browser()
    address = oidc.walk(client)
    before = client.cookies["uptake_session"].value
    client.get(address)
    assert client.cookies["uptake_session"].value != before


def test_passwords_may_be_for_company_admins_alone(oidc: Oidc, home: Settings) -> None:
    for name in ("ada", "emil"):
        company.account(f"{name}@acme.example", company.PASSWORD)
    text = oidc.path.read_text()
    oidc.path.write_text('passwords_for = "company_admins"\n' + text)
    from uptake.site import sso_file

    oidc.settings.UPTAKE_SSO = sso_file.load(oidc.path)
    pages = [
        browser().post("/accounts/login/", {"login": f"{name}@acme.example", "password": company.PASSWORD})
        for name in ("ada", "emil")
    ]
    assert [page.status_code for page in pages] == [302, 200]
    assert b"not correct" in pages[1].content
    linked(Account.objects.get(email="emil@acme.example"), oidc.idp.url)
    client, _ = come(oidc)
    new = {"password": company.PASSWORD, "new": "another long pass phrase", "again": "another long pass phrase"}
    assert client.post("/account/password/", new).status_code == 400


def test_the_sign_in_page_has_a_button_for_each_provider_and_none_without(oidc: Oidc) -> None:
    assert b"Sign in with Acme ID" in browser().get("/accounts/login/").content
    from uptake.domain.identity_providers import SingleSignOn

    oidc.settings.UPTAKE_SSO = SingleSignOn()
    assert b"Acme" not in browser().get("/accounts/login/").content
    assert browser().post("/single-sign-on/acme/").status_code == 404


def test_a_flood_of_refused_answers_neither_fills_the_audit_nor_keeps_anybody_out(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    found = {browser().get("/single-sign-on/acme/callback/?state=x").status_code for _ in range(40)}
    assert found == {400}
    assert AuditEntry.objects.filter(action="account.sign_in").count() == 30
    assert come(oidc)[1].headers["Location"] == "/"


def test_my_data_says_by_what_one_signs_in(oidc: Oidc, ada: Account, home: Settings, now: datetime) -> None:
    linked(ada, oidc.idp.url)
    assert {"signs_in_by": oidc.idp.url, "known_there_as": "00u1ada", "since": ada.created_at} in persondata._account(
        ADA
    )


def test_saml_confirms_too(saml: Saml, ada: Account) -> None:
    from sso.saml_idp import at, request_of

    linked(ada, ISSUER, "p-00u1ada", "saml")
    client = browser()
    post(client, signed(Said(answers=saml.begin(client), authenticated=at(hours=-1))))
    assert needs_proof(client)
    asked = request_of(leads_to(client.post("/account/confirm/acme/")))
    assert asked.get("ForceAuthn") == "true"
    old = post(client, signed(Said(answers=asked.get("ID"), authenticated=at(hours=-1))))
    assert (old.status_code, needs_proof(client)) == (400, True)
    asked = request_of(leads_to(client.post("/account/confirm/acme/")))
    post(client, signed(Said(answers=asked.get("ID"))))
    assert not needs_proof(client)
