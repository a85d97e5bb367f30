"""Every route × every role: what the table says is what happens, and no route is outside the table."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.domain.access import PERMISSIONS, Role
from uptake.site.urls import urlpatterns
from uptake.web import policies
from uptake.web.policies import BEARER, POLICIES, PUBLIC, SIGNED_IN, require_policies, routes

POST = {
    "audit_verify", "audit_export",
    "check_key", "hand_over_withdraw", "integration_release", "integration_sync", "people_upload", "people_order",
    "people_csv", "people_say", "people_mark", "people_take_back",
}  # fmt: skip
ADDRESSES = {
    "overview": "/",
    "figure": "/figures/headlines/",
    "figure_csv": "/figures/headlines.csv",
    "integrations": "/integrations/",
    "connect": "/integrations/connect/",
    "check_key": "/integrations/check-key/admin/",
    "hand_over": "/integrations/hand-over/",
    "hand_over_withdraw": "/integrations/hand-over/nothing/withdraw/",
    "handed": "/hand-over/not-a-real-token/",
    "integration_progress": "/integrations/{id}/progress/",
    "integration_troubles": "/integrations/{id}/troubles/",
    "integration_keys": "/integrations/{id}/keys/",
    "integration_sync": "/integrations/{id}/sync/",
    "integration_release": "/integrations/{id}/release/",
    "integration_disconnect": "/integrations/{id}/disconnect/",
    "people": "/people/",
    "people_matches": "/people/matches/",
    "people_teams": "/people/teams/",
    "people_upload": "/people/upload/",
    "people_import": "/people/import/not-a-real-token/",
    "people_order": "/people/order/",
    "people_csv": "/people/directory.csv",
    "people_say": "/people/matches/say/",
    "people_mark": "/people/matches/mark/",
    "people_take_back": "/people/matches/take-back/",
    "audit": "/audit/",
    "audit_verify": "/audit/verify/",
    "audit_export": "/audit/export/",
    "what_we_read": "/what-we-read/",
    "account_login": "/accounts/login/",
    "account_logout": "/accounts/logout/",
    "account_inactive": "/accounts/inactive/",
    "sign_in_link": "/sign-in/not-a-real-token/",
    "livez": "/livez",
    "readyz": "/readyz",
    "metrics": "/metrics",
}


def ask(client: Client, name: str, connection: str) -> int:
    address = ADDRESSES[name].format(id=connection)
    response = client.post(address) if name in POST else client.get(address)
    return int(response.status_code)


def test_the_table_holds_every_route_and_no_other() -> None:
    named = {name for name in routes(urlpatterns) if policies.policy_of(name) != BEARER}
    assert named == set(POLICIES) == set(ADDRESSES)


def test_a_route_without_a_policy_does_not_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        require_policies([*urlpatterns, path("forgotten/", lambda request: None, name="forgotten")])  # type: ignore[list-item, arg-type, return-value]


@pytest.mark.parametrize("name", sorted(ADDRESSES))
@pytest.mark.parametrize("email", sorted(company.CAST))
def test_each_role_reaches_what_the_table_gives_it(email: str, name: str, signed_in: SignedIn, now: datetime) -> None:
    connection = company.connected(now=now)
    policy = POLICIES[name]
    may = policy in {PUBLIC, SIGNED_IN} or Role(company.CAST[email]) in PERMISSIONS[policy]
    status = ask(signed_in(email), name, connection.pk)
    assert (status != 403) == may
    assert status < 500


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_somebody_not_signed_in_is_asked_to_sign_in(name: str, db: None, home: object, now: datetime) -> None:
    connection = company.connected(now=now)
    status = ask(Client(headers={"host": "localhost"}), name, connection.pk)
    assert (status == 302) == (POLICIES[name] != PUBLIC or name == "account_logout")


def test_a_signed_out_fragment_sends_the_page_to_sign_in(db: None) -> None:
    response = Client(headers={"host": "localhost"}).get("/", headers={"hx-request": "true"})
    assert response.headers["HX-Redirect"] == "/accounts/login/"


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/email/", "/admin/"])
def test_what_visitors_must_not_do_has_no_address(path: str, db: None) -> None:
    assert Client(headers={"host": "localhost"}).get(path).status_code == 404


def test_a_role_without_figures_is_told_who_sees_them_and_what_it_sees_instead(signed_in: SignedIn) -> None:
    page = signed_in("emil@acme.example").get("/")
    words = page.content.decode()
    assert page.status_code == 403
    assert "Company Admin, HR Admin and IT Admin" in words
    assert 'href="/what-we-read/"' in words
    assert 'href="/integrations/"' not in words


def test_a_deactivated_account_is_signed_out_at_once(signed_in: SignedIn) -> None:
    client = signed_in("ada@acme.example")
    company.Account.objects.update(is_active=False)
    assert client.get("/what-we-read/").status_code == 302
