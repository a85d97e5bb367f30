"""Second factors of one's own account: an authenticator app, passkeys, recovery codes; and their codes at sign-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import qrcode
from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from uptake.actions import accounts, second_factors
from uptake.domain.access import ADMINS
from uptake.domain.problems import Problem
from uptake.web import hosts, passkeys
from uptake.web.accounts import agent_of
from uptake.web.policies import confirm, viewer_of

if TYPE_CHECKING:
    from uptake.actions.second_factors import Started
    from uptake.records.models import Account

_STARTED = "second_factor"  # in the session, sealed: the secret of an app that is not added yet
WRONG = "This code is not right, or it was used before. The app shows a new one every 30 seconds."


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code at sign-in, after the password."""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        self.authenticator = checked(self.user, code)
        if self.authenticator is None:
            accounts.sign_in_refused(self.user.email, datetime.now(UTC), by="second factor")
            raise ValidationError(WRONG)
        return code


class AtSignIn(AuthenticateView):  # type: ignore[misc]
    """The second step of a sign-in: a code, or a passkey."""

    template_name = "uptake/second_step.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        kinds = set(second_factors.proving(self.stage.login.user).values_list("type", flat=True))
        keys = second_factors.PASSKEY in kinds and not hosts.bare(self.request)
        context["options"] = json.dumps(context["js_data"]["request_options"]) if keys else ""
        context["has_app"] = second_factors.APP in kinds
        forms = (context["form"], context["webauthn_form"])
        context["problems"] = [said for form in forms for errors in form.errors.values() for said in errors]
        return context  # type: ignore[no-any-return]


def checked(account: Account, code: str) -> Any:
    """Whose code it is, None for a wrong one; counted, so that guessing takes for ever. Raises ValidationError, Sealed."""
    clear = check_rate_limit(account)
    found = second_factors.accept(account, code, datetime.now(UTC))
    if found is not None:
        clear()
    return found


def standing(request: HttpRequest) -> dict[str, Any]:
    """What Your account shows of second factors."""
    viewer = viewer_of(request)
    found = second_factors.listed(viewer)
    missing = not any(factor.kind != second_factors.KINDS[second_factors.CODES] for factor in found)
    needed = second_factors.needed(settings.UPTAKE, viewer.role)
    return {
        "factors": found,
        "has_app": any(factor.kind == second_factors.KINDS[second_factors.APP] for factor in found),
        "factor_needed": needed and missing,
        "factor_advised": missing and not needed and viewer.role in ADMINS,
        "passkeys_possible": not hosts.bare(request),
        "by_name": hosts.by_name(request),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """GET shows a new secret as a picture and as text; POST adds it, proved by a code of it."""
    viewer = viewer_of(request)
    if request.method != "POST":
        started = second_factors.start_app(viewer)
        request.session[_STARTED] = started.sealed
        return _app_page(request, started)
    if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
        return limited  # type: ignore[no-any-return]
    sealed = request.session.get(_STARTED, "")
    if not sealed:
        return redirect("second_factor_app")
    try:
        codes = second_factors.add_app(
            viewer, sealed=sealed, code=request.POST.get("code", ""),
            here=request.session.session_key, now=datetime.now(UTC),
        )  # fmt: skip
    except Problem as problem:
        return _app_page(request, second_factors.start_app(viewer, sealed), problem)
    del request.session[_STARTED]
    return _added(request, codes, "The authenticator app is added.")


def _app_page(request: HttpRequest, started: Started, problem: Problem | None = None) -> HttpResponse:
    secret = started.secret.expose()
    size, path = _picture(get_adapter().build_totp_url(request.user, secret))
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"secret": groups, "size": size, "path": path, "problem": problem}
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "uptake/second_factor_app.html", context, status=status)


def _picture(text: str) -> tuple[int, str]:
    """A QR code as one path, a unit a module: how wide it is with its margin, and the path."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    return len(matrix), "".join(_runs(matrix))


def _runs(matrix: list[list[bool]]) -> Iterator[str]:
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end] == row[x]:
                end += 1
            if row[x]:
                yield f"M{x} {y}h{end - x}v1h-{end - x}z"
            x = end


@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """GET tells the browser what to make; POST adds what it made."""
    if request.method != "POST":
        return _passkey_page(request)
    try:
        credential = passkeys.created(request.POST.get("credential", ""))
        codes = second_factors.add_passkey(
            viewer_of(request), name=request.POST.get("name", ""), credential=credential,
            here=request.session.session_key, now=datetime.now(UTC),
        )  # fmt: skip
    except Problem as problem:
        return _passkey_page(request, problem)
    return _added(request, codes, "The passkey is added. It signs you in without a password, too.")


def _passkey_page(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    possible = not hosts.bare(request)
    options = passkeys.creation_options(request.user) if possible else ""  # type: ignore[arg-type]
    name = request.POST.get("name", "") or agent_of(request.headers.get("User-Agent", ""))
    context = {
        "options": options, "possible": possible, "by_name": hosts.by_name(request), "name": name, "problem": problem,
    }  # fmt: skip
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "uptake/second_factor_passkey.html", context, status=status)


def _added(request: HttpRequest, codes: tuple[str, ...], said: str) -> HttpResponse:
    confirm(request)  # whoever has just added one has just proved to hold it
    messages.success(request, said, extra_tags="good")
    return _codes_page(request, codes) if codes else redirect("account")


def _codes_page(request: HttpRequest, codes: tuple[str, ...]) -> HttpResponse:
    return render(request, "uptake/second_factor_codes.html", {"codes": codes})


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    factor = request.POST.get("factor", "")
    number = int(factor) if factor.isdecimal() and len(factor) < 18 else 0
    second_factors.remove(viewer_of(request), settings.UPTAKE, factor=number, now=datetime.now(UTC))
    messages.success(request, "The second factor is removed.", extra_tags="good")
    return redirect("account")


@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    made = second_factors.new_codes(viewer_of(request), now=datetime.now(UTC))
    return _codes_page(request, made)
