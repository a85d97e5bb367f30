"""Everybody who might ask, and what becomes of it: the walk over routes × people × methods that the matrix is proved by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.test import Client

from tests.web import company
from tests.web.matrix import API, API_CHANGES, DECIDED_BELOW, ROUTES, roles
from uptake.actions import tokens
from uptake.domain.access import OPERATOR, PERMISSIONS, Role
from uptake.records.models import Connection

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LEAD_TO_SIGN_IN = {"account_logout", "mfa_authenticate", "mfa_login_webauthn"}
"""Public, and of no use to who has not begun to sign in."""
CANARIES = ("Zanzibar", "7Qx2", "9b1c22d0", "person3@acme.example")


@dataclass(frozen=True)
class Somebody:
    """Who asks: a browser or a program, and the role it has a right to, if any."""

    name: str
    client: Client
    role: Role | None


@dataclass(frozen=True)
class Asked:
    """One check: who asked for what how, what came back, and whether it was as the table says."""

    who: str
    route: str
    method: str
    status: int
    right: bool


def connection(now: datetime) -> Connection:
    return company.connected("Zanzibar", now=now)


def browsers() -> list[Somebody]:
    """Each role signed in, and those who are not: signed out, deactivated, signed out elsewhere, with a made-up cookie."""
    people = [Somebody(role, signed_in(email), Role(role)) for email, role in company.CAST.items()]
    gone = signed_in("gone@acme.example")
    company.Account.objects.filter(email="gone@acme.example").update(is_active=False)
    ended = signed_in("ended@acme.example")
    ended.session.flush()
    made_up = Client(raise_request_exception=False, headers={"host": "localhost"})
    made_up.cookies["uptake_session"] = "a" * 32
    out = Client(raise_request_exception=False, headers={"host": "localhost"})
    nobody = {"signed out": out, "deactivated": gone, "session ended": ended, "made-up cookie": made_up}
    return people + [Somebody(name, client, None) for name, client in nobody.items()]


def signed_in(email: str) -> Client:
    account = known(email)
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    client.force_login(account, backend=BACKEND)
    company.confirm(client)
    return client


def known(email: str) -> company.Account:
    """The account of that address; outside the cast a Company Admin, so that it is not the role that keeps it out."""
    found = company.Account.objects.filter(email=email).first()
    return found or company.Account.objects.create_user(email, None, company.CAST.get(email, Role.COMPANY_ADMIN.value))


def programs(now: datetime) -> list[Somebody]:
    """A token of each role, and what is no token: none, made up, expired, of a deactivated account, a browser's cookie."""
    found = []
    for email, role in company.CAST.items():
        token = tokens.create(OPERATOR, email=known(email).email, now=now, scopes=tuple(tokens.SCOPES)).expose()
        found.append(Somebody(f"token {role}", bearing(f"Bearer {token}"), Role(role)))
    old = tokens.create(OPERATOR, email=known("late@acme.example").email, now=now - timedelta(days=91)).expose()
    left = tokens.create(OPERATOR, email="late@acme.example", now=now).expose()
    company.Account.objects.filter(email="late@acme.example").update(is_active=False)
    past = tokens.create(OPERATOR, email=known("past@acme.example").email, now=now - timedelta(days=91)).expose()
    none = {
        "no token": Client(raise_request_exception=False, headers={"host": "localhost"}),
        "made up": bearing("Bearer uptake_" + "x" * 43),
        "empty": bearing("Bearer "),
        "basic": bearing("Basic YWRhOnB3"),
        "expired": bearing(f"Bearer {past}"),
        "expired and left": bearing(f"Bearer {old}"),
        "left": bearing(f"Bearer {left}"),
        "browser's cookie": signed_in("browser@acme.example"),
    }
    return found + [Somebody(name, client, None) for name, client in none.items()]


def bearing(header: str) -> Client:
    return Client(raise_request_exception=False, headers={"host": "localhost", "authorization": header})


def walk_pages(who: list[Somebody], at: str, *, whole: bool, only: str = "") -> Iterator[Asked]:
    """Every page for everybody; `whole`: by every method, and as htmx asks."""
    for route, (usual, address, may) in ROUTES.items():
        if only and route != only:
            continue
        for somebody in who:
            for method in METHODS if whole else (usual,):
                for htmx in (False, True) if whole else (False,):
                    headers = {"hx-request": "true"} if htmx else {}
                    yield _page(somebody, route, method, address.format(id=at), may, headers)


def _page(who: Somebody, route: str, method: str, address: str, may: str, headers: dict[str, str]) -> Asked:
    status, to, body = _ask(lambda: who.client.generic(method, address, headers=headers))
    to_sign_in = "/accounts/login/" in to and route not in LEAD_TO_SIGN_IN
    if may == "public":
        right = status < 500 and status not in {401, 403} and not to_sign_in
    elif who.role is None:
        right = to_sign_in
    elif who.role in roles(may):
        right = status < 500 and status not in {401, 403} and not to_sign_in
    else:
        # Where it is decided below the gate, a method that does nothing there is refused before anybody's rights are asked.
        idle = method not in {"GET", "HEAD"} and route in DECIDED_BELOW and may_pass(who.role, route)
        right = status == (405 if idle else 403)
    leaks = may != "public" and who.role not in roles(may) and any(canary in body for canary in CANARIES)
    return Asked(who.name, route, method, status, right and not leaks)


def may_pass(role: Role, route: str) -> bool:
    """Whether the gate lets a role through to where it is decided."""
    return role in PERMISSIONS[DECIDED_BELOW[route]]


def walk_api(who: list[Somebody], *, whole: bool) -> Iterator[Asked]:
    for route, (address, may) in API.items():
        for somebody in who:
            for method in METHODS if whole else ("GET",):
                yield _operation(somebody, route, method, address, may)


def _operation(who: Somebody, route: str, method: str, address: str, may: str) -> Asked:
    def ask() -> object:
        return who.client.generic(method, address)

    status, _, body = _ask(ask)
    if method != "GET":
        # Without what it takes: refused before anything is changed, and for whoever has no token first of all.
        taken = {401} if who.role is None else {403, 404, 422}
        right = status in (taken if (route, method) in API_CHANGES else {405})
    elif who.role is None:
        right = status == 401
    else:
        right = status == ((404 if "000000" in address else 200) if who.role in roles(may) else 403)
    leaks = status != 200 and any(canary in body for canary in CANARIES)
    return Asked(who.name, route, method, status, right and not leaks)


def _ask(ask: Callable[[], object]) -> tuple[int, str, str]:
    """Status, where it leads, body. What it changed is taken back: each question meets the same installation."""
    with transaction.atomic():
        response = ask()
        transaction.set_rollback(True)
    to = response.headers.get("Location", "") + response.headers.get("HX-Redirect", "")  # type: ignore[attr-defined]
    body = b"" if response.streaming else response.content  # type: ignore[attr-defined]
    return response.status_code, to, body.decode(errors="replace")  # type: ignore[attr-defined]
