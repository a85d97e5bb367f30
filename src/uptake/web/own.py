"""Your account: sessions, password, second factors, API tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from uptake.actions import accounts, second_factors, sessions, tokens
from uptake.domain.access import may
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.web import second_factor, single_sign_on, words
from uptake.web.policies import confirm, confirmed, viewer_of

if TYPE_CHECKING:
    from uptake.records.models import Account

_DAYS = (30, 90, 365)
_NO_PASSWORDS = Problem(
    "Here only Company Admins sign in by password. Nothing was changed.", "Sign in as your company does everywhere."
)
_UNLIKE = Problem("The two passwords are not the same. Nothing was changed.", "Write the new one twice.")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "uptake/own.html", _standing(request))


def _standing(request: HttpRequest) -> dict[str, object]:
    now, viewer = datetime.now(UTC), viewer_of(request)
    return {
        "sessions": sessions.listed(viewer, request.session.session_key, now),
        "has_password": _account(request).has_usable_password(),
        "tokens": tokens.listed(viewer, now),
        "may_make_tokens": may(viewer, "token.create"),
        "scopes": [
            (scope, said, scope in tokens.USUAL_SCOPES) for scope, said in tokens.SCOPES.items() if may(viewer, scope)
        ],
        "lasts": _DAYS,
        "now": now,
    } | second_factor.standing(request)


def set_password(request: HttpRequest) -> None:
    """The new password of the form, the present one given where there is one. Raises Problem."""
    if not single_sign_on.signs_in_by_password(_account(request)):
        raise _NO_PASSWORDS
    new, again = request.POST.get("new", ""), request.POST.get("again", "")
    if new != again:
        raise _UNLIKE
    before = Secret(request.POST.get("password", "")) if request.POST.get("password") else None
    account = accounts.set_password(viewer_of(request), password=Secret(new), before=before, now=datetime.now(UTC))
    update_session_auth_hash(request, account)
    confirm(request)


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    if limited := ratelimit.consume_or_429(request, action="change_password", user=_account(request)):
        return limited  # type: ignore[no-any-return]
    first = not _account(request).has_usable_password()
    if first and second_factors.provable(_account(request)) and not confirmed(request):
        return redirect(f"{reverse('confirm')}?next={reverse('account')}")
    set_password(request)
    messages.success(request, "Your password is set. You are signed out everywhere else.", extra_tags="good")
    return redirect("account")


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    ended = sessions.end(
        viewer_of(request),
        here=request.session.session_key,
        now=datetime.now(UTC),
        session=request.POST.get("session", ""),
    )
    said = f"{words.plural(ended, 'session')} ended." if ended else "You are signed in nowhere else."
    messages.success(request, said, extra_tags="good")
    return redirect("account")


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    days = request.POST.get("days", "")
    lasts = timedelta(days=int(days)) if days in map(str, _DAYS) else timedelta(0)
    chosen = [scope for scope in request.POST.getlist("scope") if scope in tokens.SCOPES and may(viewer, scope)]
    name, now = request.POST.get("name", ""), datetime.now(UTC)
    made = tokens.create(viewer, email=viewer.name, now=now, name=name, scopes=chosen, lasts=lasts)
    return render(request, "uptake/own.html", _standing(request) | {"made": made.expose()})


@require_POST
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    tokens.revoke(viewer_of(request), token=token, now=datetime.now(UTC))
    messages.success(request, "The token is revoked; whoever has it is refused from now on.", extra_tags="good")
    return redirect("account")


def _account(request: HttpRequest) -> Account:
    return request.user  # type: ignore[return-value]  # behind the gate
