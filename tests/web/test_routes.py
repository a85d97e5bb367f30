"""No route is outside the table; what people are told who may not. Every route × everybody: test_matrix.py."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path

from tests.web import company
from tests.web.conftest import SignedIn
from tests.web.matrix import ROUTES
from uptake.site.urls import urlpatterns
from uptake.web import policies
from uptake.web.policies import BEARER, POLICIES
from uptake.web.routing import require_policies, routes


def test_the_table_holds_every_route_and_no_other() -> None:
    named = {name for name in routes(urlpatterns) if policies.policy_of(name) != BEARER}
    assert named == set(POLICIES) == set(ROUTES)


def test_a_route_without_a_policy_does_not_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        require_policies([*urlpatterns, path("forgotten/", lambda request: None, name="forgotten")])  # type: ignore[list-item, arg-type, return-value]


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
