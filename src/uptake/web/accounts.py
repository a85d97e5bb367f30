"""Signing in: no sign-up, and links that sign in once. A link is used by a button, never by looking at it."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from uptake.actions import accounts
from uptake.domain.problems import Problem
from uptake.web.context import start_of
from uptake.web.policies import viewer_of

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_USED_UP = Problem(
    "This link does not sign anybody in any more: it was used, has expired or is not complete.",
    "Ask whoever runs this installation for a new one; each link works once, within an hour.",
)


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators, never by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return start_of(request.user.viewer)  # type: ignore[union-attr]


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
