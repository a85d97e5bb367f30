"""The page that asks again before what matters: for the password, or a second factor. Either will do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from allauth.core import ratelimit
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from uptake.actions import second_factors
from uptake.domain.problems import Problem
from uptake.web import hosts, own, passkeys, second_factor
from uptake.web.context import start_of
from uptake.web.policies import confirm, viewer_of

if TYPE_CHECKING:
    from uptake.records.models import Account

_WRONG = Problem("This password is not right.", "It is the one you sign in with.")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Password or second factor again; somebody who came by a link and has neither sets a password first."""
    to = _next(request)
    if request.method != "POST":
        return _page(request, to)
    if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
        return limited  # type: ignore[no-any-return]
    try:
        _require_proof(request)
    except Problem as problem:
        return _page(request, to, problem)
    confirm(request)
    return redirect(to)


def _require_proof(request: HttpRequest) -> None:
    """Raises Problem unless the form proves that its sender is the owner of the account."""
    account = _account(request)
    if not second_factors.provable(account):
        own.set_password(request)
    elif "credential" in request.POST:
        step = passkeys.SecondStep(user=account, data=request.POST)
        if not step.is_valid():
            raise Problem(str(step.errors["credential"][0]), "Try again, or use another way.")
    elif "code" in request.POST:
        _require_code(account, request.POST["code"])
    elif not account.has_usable_password() or not account.check_password(request.POST.get("password", "")):
        raise _WRONG


def _require_code(account: Account, code: str) -> None:
    try:
        if second_factor.checked(account, code) is None:
            raise Problem(second_factor.WRONG, "A recovery code will do as well.")
    except ValidationError as error:  # too many
        raise Problem(error.messages[0], "Wait five minutes, or use another way.") from None


def _page(request: HttpRequest, to: str, problem: Problem | None = None) -> HttpResponse:
    account = _account(request)
    kinds = {factor.kind for factor in second_factors.listed(viewer_of(request))}
    keys = second_factors.KINDS[second_factors.PASSKEY] in kinds and not hosts.bare(request)
    context = {
        "to": to,
        "problem": problem,
        "has_password": account.has_usable_password(),
        "has_codes": bool(kinds),
        "has_app": second_factors.KINDS[second_factors.APP] in kinds,
        "options": passkeys.request_options(account) if keys else "",
        "nothing": not second_factors.provable(account),
    }
    if not keys:
        auth.clear_state()
    return render(request, "uptake/confirm.html", context, status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK)


def _next(request: HttpRequest) -> str:
    to = request.POST.get("next", "") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None) and to.startswith("/")
    return to if safe else start_of(viewer_of(request))


def _account(request: HttpRequest) -> Account:
    return request.user  # type: ignore[return-value]  # behind the gate
