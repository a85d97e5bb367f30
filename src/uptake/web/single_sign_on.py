"""Signing in by an identity provider: the button, the way back, and what a verified response is good for.

A response signs in, links an identity to the account that is signed in, or proves again who that is. Whatever is wrong with
one, the page says the same; the audit says which check it was.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from uptake.actions import single_sign_on
from uptake.domain.access import Role
from uptake.domain.identity_providers import Oidc, Provider, Saml, SingleSignOn, Told
from uptake.domain.problems import Problem
from uptake.records.models import Account
from uptake.web import oidc, saml
from uptake.web.context import start_of
from uptake.web.id_tokens import Forged
from uptake.web.policies import confirm, viewer_of
from uptake.web.problems import problem_page

_CARRIED = "uptake_saml"
_METHOD = "socialaccount"  # allauth's word; by it web/policies.py knows that the second factor is the provider's


@require_POST
def begin(request: HttpRequest, provider: str) -> HttpResponse:
    """From the sign-in page. A POST: nobody is sent to sign in by a link of somebody else's."""
    return _go(request, provider, "login")


@require_POST
def begin_link(request: HttpRequest, provider: str) -> HttpResponse:
    return _go(request, provider, "link")


@require_POST
def begin_confirm(request: HttpRequest, provider: str) -> HttpResponse:
    return _go(request, provider, "confirm")


def _go(request: HttpRequest, provider: str, process: str) -> HttpResponse:
    if limited := _limited(request):
        return limited
    sign_on, one = _provider(provider)
    state = {"process": process, "account": request.user.pk, "next_url": safe_next(request)}
    now = datetime.now(UTC)
    try:
        address = _address(request, sign_on, one, state | {"at": now.timestamp()})
    except Forged as found:
        return _refused(request, one, found, now)
    # Not a redirect: browsers hold the page's form-action against the whole way to the provider and beyond it.
    answer = render(request, "uptake/to_provider.html", {"button": one.button, "address": address})
    answer["Refresh"] = f"0; url={address}"
    return answer


def _address(request: HttpRequest, sign_on: SingleSignOn, one: Provider, state: oidc.State) -> str:
    anew = state["process"] == "confirm"
    if isinstance(one, Oidc):
        return oidc.begin(request, sign_on, one, state, anew=anew)
    return saml.begin(request, sign_on, one, state, anew=anew)


@require_GET
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Back from a provider that speaks OpenID Connect."""
    sign_on, one = _provider(provider, Oidc)
    now = datetime.now(UTC)
    if limited := _limited(request):
        return limited
    try:
        told, state = oidc.finish(request, sign_on, one, now)  # type: ignore[arg-type]
        return _arrive(request, one, told, state, now)
    except Forged as found:
        return _refused(request, one, found, now)


@csrf_exempt
@require_POST
def acs(request: HttpRequest, provider: str) -> HttpResponse:
    """A SAML response, posted from the provider's page: without our cookies, so all it may do is be looked at."""
    sign_on, one = _provider(provider, Saml)
    now = datetime.now(UTC)
    if limited := _limited(request):
        return limited
    try:
        arrived = saml.read(sign_on, one, request.POST.get("SAMLResponse", ""), now)  # type: ignore[arg-type]
    except Forged as found:
        return _refused(request, one, found, now)
    answer = redirect("single_sign_on_finish", provider=one.id)
    answer.set_cookie(
        _CARRIED, saml.carried(arrived, one), max_age=saml.CARRIED, path=f"/single-sign-on/{one.id}/finish/",  # type: ignore[arg-type]
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip
    return answer


@require_GET
def finish(request: HttpRequest, provider: str) -> HttpResponse:
    """The second half of a SAML sign-in, with our cookies: whether this browser had asked for it."""
    _, one = _provider(provider, Saml)
    now = datetime.now(UTC)
    try:
        told, state = saml.finish(request, one, request.COOKIES.get(_CARRIED, ""), now)  # type: ignore[arg-type]
        answer = _arrive(request, one, told, state, now)
    except Forged as found:
        answer = _refused(request, one, found, now)
    answer.delete_cookie(_CARRIED, path=f"/single-sign-on/{one.id}/finish/")
    return answer


def _arrive(request: HttpRequest, one: Provider, told: Told, state: oidc.State, now: datetime) -> HttpResponse:
    """A response that holds, taken to where this browser had begun. Raises Forged."""
    if state["process"] == "login":
        return _sign_in(request, one, told, state, now)
    if not request.user.is_authenticated or request.user.pk != state.get("account"):
        raise Forged("another account")
    if state["process"] == "link":
        single_sign_on.link(viewer_of(request), one, told, now)
        messages.success(request, f"{one.button} is linked to your account.", extra_tags="good")
        return redirect("account")
    began = datetime.fromtimestamp(state["at"], UTC)
    if not oidc.proved_since(told, began) or not single_sign_on.is_own(viewer_of(request), one, told):
        raise Forged("not confirmed")
    confirm(request)
    return redirect(state.get("next") or start_of(viewer_of(request)))


def _sign_in(request: HttpRequest, one: Provider, told: Told, state: oidc.State, now: datetime) -> HttpResponse:
    """Through allauth's own stages, so that a second factor and a closed account are seen to there."""
    account = single_sign_on.admit(one, told, now)
    if request.user.is_authenticated:
        logout(request)
    mark = single_sign_on.subject_mark(one, told.subject)
    # `by` is for the audit; web/accounts.py writes it down once every step is taken.
    fresh = oidc.proved_since(told, now - oidc.FRESH)
    record_authentication(request, account, _METHOD, by=f"{one.kind}:{one.id}:{mark}", fresh=fresh)
    return perform_login(  # type: ignore[no-any-return]
        request, account, email_verification=EmailVerificationMethod.NONE, redirect_url=state.get("next") or None
    )


def proved(request: HttpRequest, account: Account, *, otherwise: bool) -> bool:
    """Whether whoever signs in has proved just now who they are: by a provider only where that asked them lately."""
    steps = get_authentication_records(request, account)
    by_provider = [step for step in steps if step["method"] == _METHOD]
    if not by_provider:
        return otherwise
    return bool(by_provider[-1]["fresh"]) or steps[-1]["method"] == "mfa"


def signs_in_by_password(account: Account) -> bool:
    """Company Admins always do: a provider that is away must not keep everybody out."""
    return not _sign_on().passwords_for_admins_only or account.role == Role.COMPANY_ADMIN


@require_POST
def unlink(request: HttpRequest, identity: int) -> HttpResponse:
    single_sign_on.unlink(viewer_of(request), identity=identity, now=datetime.now(UTC))
    messages.success(request, "The link is gone; that identity signs in here no more.", extra_tags="good")
    return redirect("account")


@require_POST
def expect(request: HttpRequest) -> HttpResponse:
    email, provider = request.POST.get("email", ""), request.POST.get("provider", "")
    single_sign_on.expect(viewer_of(request), _sign_on(), email=email, provider=provider, now=datetime.now(UTC))
    messages.success(request, "The next sign-in with this address, within seven days, is linked.", extra_tags="good")
    return redirect("account")


def safe_next(request: HttpRequest) -> str:
    """Where a form wants to lead afterwards, if that is a page of ours; else empty."""
    to = request.POST.get("next", "")
    return to if to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None) else ""


def _sign_on() -> SingleSignOn:
    found: SingleSignOn = settings.UPTAKE_SSO
    return found


def _provider(name: str, kind: type[Oidc] | type[Saml] | None = None) -> tuple[SingleSignOn, Provider]:
    sign_on = _sign_on()
    found = sign_on.of(name)
    if found is None or (kind and not isinstance(found, kind)):
        raise Http404
    return sign_on, found


def _limited(request: HttpRequest, action: str = "single_sign_on") -> HttpResponse | None:
    return ratelimit.consume_or_429(request, action=action, limit_get=True)  # type: ignore[no-any-return]


def _refused(request: HttpRequest, one: Provider, found: Forged, now: datetime) -> HttpResponse:
    """The same words whatever it was: they help who comes by mistake, and tell nothing to who tries.

    A flood of them does not fill the audit, and keeps nobody out who shares the address it comes from.
    """
    if _limited(request, "single_sign_on_refused") is None:
        single_sign_on.refused(one, now, str(found))
    return problem_page(request, _words(one, found), HTTPStatus.BAD_REQUEST)


def _words(one: Provider, found: Forged) -> Problem:
    if str(found) == oidc.UNTRUSTED:  # of the host's making, not of whoever tries
        return Problem(
            f"uptake does not believe the certificate of {one.button}, so nothing was asked there. Nobody was signed in.",
            "Ask whoever runs this installation: `uptake sso check` says what is wrong with it, `ca_file` names a company's "
            "own authority.",
        )
    return Problem(
        f"The answer of {one.button} could not be accepted. Nobody was signed in and nothing was changed.",
        "Start again from the sign-in page. If it stays, ask whoever runs this installation: the audit names the check.",
    )
