"""Signing in: no sign-up, and links that sign in once. A link is used by a button, never by looking at it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from uptake.actions import accounts, second_factors
from uptake.domain.problems import Problem
from uptake.web import single_sign_on
from uptake.web.context import start_of
from uptake.web.policies import confirm, viewer_of

if TYPE_CHECKING:
    from uptake.records.models import Account

_LINK, _PASSKEY = "link", second_factors.KINDS[second_factors.PASSKEY]
_USED_UP = Problem(
    "This link does not sign anybody in any more: it was used, has expired or is not complete.",
    "Ask whoever runs this installation for a new one; each link works once, within an hour.",
)


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators, never by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def pre_login(self, request: HttpRequest, user: Account, **more: Any) -> HttpResponse | None:
        """After the first step, however it was taken: a password that somebody knows is worth an entry of its own."""
        by = _steps(request, user)
        if second_factors.has_factor(user) and by not in {_LINK, _PASSKEY}:
            accounts.signed_in(user, datetime.now(UTC), by=by, outcome=accounts.SECOND_STEP)
        return super().pre_login(request, user, **more)  # type: ignore[no-any-return]

    def login(self, request: HttpRequest, user: Account) -> None:
        if (by := _steps(request, user)) != _LINK:  # that is written with the using up of the link
            accounts.signed_in(user, datetime.now(UTC), by=by)
        super().login(request, user)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """A right password is as good as a wrong one where the host's file has passwords for Company Admins alone."""
        account: Account | None = super().authenticate(request, **credentials)
        if account is None or single_sign_on.signs_in_by_password(account):
            return account
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:  # noqa: ARG002
        accounts.sign_in_refused(credentials.get("email", ""), datetime.now(UTC))

    def add_message(self, *args: Any, **more: Any) -> None:
        """None of allauth's: that somebody is signed in shows on the page they come to."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return start_of(request.user.viewer)  # type: ignore[union-attr]


def _steps(request: HttpRequest, user: Account) -> str:
    """By what somebody signs in, in the words of the audit: password, authenticator app."""
    steps = get_authentication_records(request, user)
    said = [str(step.get("by") or second_factors.KINDS.get(step.get("type")) or step["method"]) for step in steps]
    return ", ".join(dict.fromkeys(said))


@receiver(user_logged_in)
def begin(request: HttpRequest, user: Account, **_: object) -> None:
    """What a new session is told: by what it was begun, and that whoever has a way to prove it has just proved to be them."""
    request.session["agent"] = agent_of(request.headers.get("User-Agent", ""))
    if single_sign_on.proved(request, user, otherwise=second_factors.provable(user)):
        confirm(request)


def agent_of(text: str) -> str:
    """A browser by its own word, short enough to be recognised by the person it belongs to: Firefox on Linux."""
    browser = next((name for mark, name in _BROWSERS if mark in text), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    return f"{browser} on {system}" if system else browser


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and uses nothing up: mail scanners open links. POST uses the link up and signs in."""
    now = datetime.now(UTC)
    if request.method != "POST":
        if not accounts.sign_in_link_open(token, now):
            return render(request, "uptake/sign_in_link.html", {"problem": _USED_UP}, status=410)
        start = start_of(viewer_of(request)) if request.user.is_authenticated else ""
        return render(request, "uptake/sign_in_link.html", {"start": start})
    account = accounts.use_sign_in_link(token, now)
    if account is None:
        return render(request, "uptake/sign_in_link.html", {"problem": _USED_UP}, status=410)
    record_authentication(request, account, _LINK)
    return perform_login(request, Login(user=account))  # type: ignore[no-any-return]  # which asks for a second factor
