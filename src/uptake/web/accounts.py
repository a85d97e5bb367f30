"""Signing in: no sign-up, and links that sign in once. A link is used by a button, never by looking at it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import login
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from uptake.actions import accounts
from uptake.domain.problems import Problem
from uptake.web.context import start_of
from uptake.web.policies import confirm, viewer_of

if TYPE_CHECKING:
    from uptake.records.models import Account

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_USED_UP = Problem(
    "This link does not sign anybody in any more: it was used, has expired or is not complete.",
    "Ask whoever runs this installation for a new one; each link works once, within an hour.",
)


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators, never by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def login(self, request: HttpRequest, user: Account) -> None:
        accounts.signed_in(user, datetime.now(UTC), by="password")
        super().login(request, user)

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:  # noqa: ARG002
        accounts.sign_in_refused(credentials.get("email", ""), datetime.now(UTC))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return start_of(request.user.viewer)  # type: ignore[union-attr]


@receiver(user_logged_in)
def begin(request: HttpRequest, user: Account, **_: object) -> None:
    """What a new session is told: by what it was begun, and that whoever has a password has just proved to be somebody."""
    request.session["agent"] = agent_of(request.headers.get("User-Agent", ""))
    if user.has_usable_password():
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
    login(request, account, backend=_BACKEND)
    return redirect(start_of(account.viewer))
