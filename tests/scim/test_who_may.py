"""Each route of SCIM × everybody × every method: only the token made for it passes, whoever signs in and with whatever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.scim.conftest import bearing
from tests.web import everybody
from tests.web.matrix import API, ROUTES, SCIM
from uptake.actions import scim_tokens
from uptake.api import scim
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role
from uptake.records.models import ScimGroup, ScimUser
from uptake.web.policies import BEARER, policy_of

pytestmark = pytest.mark.django_db
ADDRESSES = [(route, f"/scim/v2/{path}") for route, paths in SCIM.items() for path in paths]


def others(now: datetime) -> list[everybody.Somebody]:
    """Everybody but who holds a token of SCIM that is in force: each role by browser and by REST token, and nobody's."""
    old = scim_tokens.connect(OPERATOR, name="old", lasts=timedelta(days=1), now=now - timedelta(days=2)).expose()
    gone = scim_tokens.connect(OPERATOR, name="gone", lasts=None, now=now).expose()
    row = next(one for one in scim_tokens.listed(OPERATOR, now) if one.name == "gone")
    scim_tokens.revoke(OPERATOR, token=row.id, now=now)
    tokens = {"expired": old, "revoked": gone, "one letter off": old[:-1] + "!", "empty": ""}
    more = [everybody.Somebody(name, bearing(text), None) for name, text in tokens.items()]
    cookie = everybody.signed_in("ada@acme.example")
    cookie.cookies["Authorization"] = f"Bearer {gone}"
    return [*everybody.browsers(), *everybody.programs(now), *more, everybody.Somebody("in a cookie", cookie, None)]


def test_every_route_is_in_the_table_and_asks_for_its_token() -> None:
    assert {pattern.name for pattern in scim.urlpatterns} == set(SCIM)
    assert {policy_of(f"scim:{name}") for name in SCIM} == {BEARER}


def test_nobody_else_passes_by_any_method(home: Settings, now: datetime) -> None:
    cache.clear()
    kept = {"created_at": now, "changed_at": now}
    ScimUser.objects.create(id="somebody", user_key="x", kept={"userName": "Zanzibar"}, **kept)
    ScimGroup.objects.create(id="something", name="Zanzibar", name_key="zanzibar", **kept)
    asked = 0
    for somebody in others(now):
        for _, address in ADDRESSES:
            for method in everybody.METHODS:
                answer = somebody.client.generic(method, address, b"{}", "application/scim+json")
                assert answer.status_code == 401, (somebody.name, method, address)
                assert b"Zanzibar" not in answer.content
                asked += 1
    assert asked > 3_000
    assert ScimUser.objects.count() == ScimGroup.objects.count() == 1


def test_the_token_opens_scim_and_nothing_else(token: str, home: Settings, now: datetime) -> None:
    cache.clear()
    at = everybody.connection(now).pk
    program: Client = bearing(token)
    for _, address in ADDRESSES:
        assert program.get(address).status_code not in {401, 403, 500}
    for route, (method, address, may) in ROUTES.items():
        answer = program.generic(method, address.format(id=at))
        assert may == "public" or "/accounts/login/" in answer.headers.get("Location", ""), route
    for address, _ in API.values():
        assert program.get(address).status_code == 401


def test_the_viewer_behind_a_token_may_one_thing(token: str, now: datetime) -> None:
    viewer = scim_tokens.viewer_of_token(token, now)
    assert viewer is not None
    assert (viewer.only, viewer.account_id, viewer.on_host) == (frozenset({"scim.provision"}), None, False)
    assert viewer.role is not Role.COMPANY_ADMIN
    assert scim_tokens.viewer_of_token(token[:-1] + "!", now) is None
    assert scim_tokens.viewer_of_token(token, now + timedelta(days=5_000)) == replace(viewer)
