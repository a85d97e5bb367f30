"""Who may open which route: one row a route. A route without a row does not start; a row is enforced before its view.

A policy is `public`, `signed_in`, `bearer` (the API asks for its own token) or an action of the permission table.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from uptake.actions import second_factors
from uptake.domain.access import ACTIONS, PERMISSIONS, Role, Viewer, may
from uptake.domain.problems import NotAllowed
from uptake.web import hosts, looking, words
from uptake.web.problems import problem_page

if TYPE_CHECKING:
    from uptake.records.models import Account

CONFIRMED_AT = "confirmed_at"
_TO_OPEN = 5 * 60
_TO_SEND = 15 * 60

PUBLIC = "public"
SIGNED_IN = "signed_in"
BEARER = "bearer"

POLICIES: dict[str, str] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "mfa_authenticate": PUBLIC,  # between the first step of a sign-in and the second
    "mfa_login_webauthn": PUBLIC,
    "sign_in_link": PUBLIC,
    "account": SIGNED_IN,
    "confirm": SIGNED_IN,
    "password": "password.set",
    "second_factor_app": "second_factor.add",
    "second_factor_passkey": "second_factor.add",
    "second_factor_remove": "second_factor.remove",
    "second_factor_codes": "second_factor.codes",
    "accounts": "account.view",
    "account_new": "account.create",
    "account_one": "account.view",
    "account_link": "link.create",
    "account_role": "account.role",
    "account_deactivate": "account.deactivate",
    "account_activate": "account.activate",
    "account_end_sessions": "account.end_sessions",
    "account_forget_factors": "account.forget_factors",
    "account_forget_password": "account.forget_password",
    "session_end": "session.end",
    "token_create": "token.create",
    "token_revoke": "token.revoke",
    "identity_link": "identity.link",
    "identity_unlink": "identity.unlink",
    "identity_expect": "identity.expect",
    "confirm_by": SIGNED_IN,
    "single_sign_on": PUBLIC,
    "single_sign_on_callback": PUBLIC,  # what comes back proves itself; see single_sign_on.py
    "single_sign_on_acs": PUBLIC,
    "single_sign_on_finish": PUBLIC,
    "overview": "numbers.ask",
    "reach": "teams.view",  # a manager: of the own tree
    "growth": "numbers.ask",
    "habit": "teams.view",
    "retention": "numbers.ask",
    "trust": "connection.view",
    "figure": "teams.view",  # of whom, answer() decides
    "figure_csv": "teams.view",
    "figure_svg": "teams.view",
    "figure_png": "teams.view",
    "teams": "teams.view",
    "team": "teams.view",
    "surfaces": "numbers.ask",
    "claude_code": "numbers.ask",
    "onboarding": "numbers.ask",
    "insights": "insights.view",
    "seats": "seats.view",
    "seats_list": "seats.view",
    "seats_csv": "seats.export",
    "seats_renewal": "seats.view",
    "seats_price": "seats.price",
    "seats_ask": "seats.ask",
    "seats_asked": "seats.ask",
    "saved_views": "saved_view.view",
    "saved_view_save": "saved_view.save",
    "saved_view": "saved_view.view",
    "saved_view_rename": "saved_view.rename",
    "saved_view_share": "saved_view.share",
    "saved_view_delete": "saved_view.delete",
    "integrations": "connection.view",
    "connect": "connection.connect",
    "check_key": "connection.check_key",
    "hand_over": "handover.create",
    "hand_over_withdraw": "handover.withdraw",
    "handed": PUBLIC,  # the link itself is the right; see actions/handover.py
    "integration_progress": "connection.view",
    "integration_troubles": "connection.view",
    "integration_keys": "connection.replace_key",
    "integration_sync": "sync.run",
    "integration_release": "held_back.release",
    "integration_disconnect": "connection.disconnect",
    "people": "people.view",
    "people_matches": "people.view",
    "people_teams": "people.view",
    "people_upload": "people.import",
    "people_import": "people.import",
    "people_progress": "people.import",
    "people_order": "people.order",
    "people_csv": "people.export",
    "people_say": "people.link",
    "people_mark": "people.mark",
    "people_take_back": "people.unlink",
    "mine": "person.own",
    "mine_download": "person.own",
    "person": "person.view",
    "person_erase": "person.erase",
    "person_readmit": "person.readmit",
    "policy": "policy.view",
    "policy_set": "policy.set",
    "policy_confirm": "policy.confirm",
    "view_as": "view_as.start",
    "view_as_stop": "view_as.stop",
    "audit": "audit.view",
    "audit_verify": "audit.verify",
    "audit_export": "audit.export",
    "people_fifteen_five": "people.connect",
    "people_groups": "people.connect",
    "people_scim": "scim.view",
    "people_scim_token": "scim.connect",
    "people_scim_revoke": "scim.revoke",
    "people_scim_role": "scim.map_group",
    "people_read": "people.sync",
    "people_accept": "people.accept",
    "people_disconnect": "people.disconnect",
    "notifications": "digest.view",
    "notifications_choose": "digest.view",  # what is chosen, subscriptions.choose() decides
    "notifications_preview": "digest.preview",
    "notifications_mail": "digest.preview",
    "notifications_test": "digest.preview",
    "channel_add": "channel.add",
    "channel_test": "channel.test",
    "channel_remove": "channel.remove",
    "unsubscribe": PUBLIC,  # the link itself is the right; see actions/subscriptions.py
    "report": "teams.view",  # of whom, answer() decides
    "report_file": "numbers.export",
    "what_we_read": "measures.read",
    "help": "measures.read",
    "style": "style.view",
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,  # loopback only, see health.py
}

_BEARERS = ("api", "scim")

_ON_THE_WAY = {"account", "confirm", "password", "session_end", "second_factor_app", "second_factor_passkey"}
"""Open to whoever has to add a second factor before anything else."""

_WHAT = {
    "numbers.ask": "This page, with figures of the whole organisation,",
    "seats.view": "The page about seats",
    "connection.view": "The Integrations page",
    "connection.connect": "Connecting Claude",
    "connection.replace_key": "Replacing keys",
    "handover.create": "The page for hand-over links",
    "connection.disconnect": "Disconnecting Claude",
    "sync.run": "Starting a sync",
    "audit.view": "The audit",
    "people.view": "The company's directory",
    "people.import": "Changing the company's directory",
    "people.export": "The directory as a file",
    "held_back.release": "Accepting what is held back",
    "account.view": "Access, with the list of accounts,",
}


def policy_of(view_name: str) -> str | None:
    """The policy of a route by its full name; everything in the namespaces of REST and SCIM asks for its own token."""
    namespace = view_name.partition(":")[0]
    if ":" in view_name and namespace.startswith(_BEARERS):
        return BEARER
    return POLICIES.get(view_name)


def opens(viewer: Viewer, view_name: str) -> bool:
    """Whether the route is open to whoever is signed in as this viewer."""
    policy = POLICIES[view_name]
    return policy in {PUBLIC, SIGNED_IN} or may(viewer, policy)


class Gate(LoginRequiredMiddleware):
    """Enforces the table: nobody reaches a view whose policy they do not meet."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        policy = policy_of(match.view_name) if match else None
        if policy != BEARER and (problem := looking.refused(request, match.view_name if match else "")):
            return problem_page(request, problem, HTTPStatus.FORBIDDEN)
        if policy in {PUBLIC, BEARER}:
            return None
        if not request.user.is_authenticated:
            return self._to_sign_in(request, view_func)
        if match is None or policy is None:
            raise ImproperlyConfigured("a route without a policy")
        if match.view_name not in _ON_THE_WAY and second_factor_missing(request):
            return self._to(request, reverse("account") + "#second-factors")
        return None if policy == SIGNED_IN else self._of_action(request, policy)

    def _of_action(self, request: HttpRequest, policy: str) -> HttpResponseBase | None:
        viewer = viewer_of(request)
        if not may(viewer, policy):
            return problem_page(request, _refusal(viewer, policy), HTTPStatus.FORBIDDEN)
        if ACTIONS[policy].confirm and not confirmed(request) and not _is_first_proof(request, policy):
            return self._to_confirm(request)
        return None

    def _to(self, request: HttpRequest, address: str) -> HttpResponseBase:
        return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)

    def _to_confirm(self, request: HttpRequest) -> HttpResponseBase:
        """To the page that asks for the password, and back to where this was asked from: what a form held is gone."""
        here = request.get_full_path() if request.method in {"GET", "HEAD"} else _from(request)
        return self._to(request, f"{reverse('confirm')}?{urlencode({'next': here})}")

    def _to_sign_in(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> HttpResponseBase:
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect("/accounts/login/")
        if request.method in {"GET", "HEAD"} and (name := hosts.by_name(request)):
            # The session of whoever came by the printed link is kept under that name; they need not sign in again.
            return redirect(f"{name}{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
        return self.handle_no_permission(request, view_func)


def _from(request: HttpRequest) -> str:
    """The page a form was sent from, if it is one of ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    ours = parts.netloc == request.get_host()
    return f"{parts.path}?{parts.query}" if ours and parts.query else parts.path if ours else "/"


def confirmed(request: HttpRequest) -> bool:
    """Whether password or second factor was given lately: five minutes to open a page, fifteen to send what it asks for."""
    limit = _TO_OPEN if request.method in {"GET", "HEAD"} else _TO_SEND
    return time.time() - float(request.session.get(CONFIRMED_AT, 0)) < limit


def confirm(request: HttpRequest) -> None:
    """Password or second factor was given just now."""
    request.session[CONFIRMED_AT] = int(time.time())


def second_factor_missing(request: HttpRequest) -> bool:
    """Whether this installation wants a second factor that is not there. Behind single sign-on it is the provider's."""
    account = _account(request)
    if not second_factors.needed(settings.UPTAKE, account.viewer.own_role) or second_factors.has_factor(account):
        return False
    return not any(step["method"] == "socialaccount" for step in get_authentication_records(request, account))


def _is_first_proof(request: HttpRequest, policy: str) -> bool:
    """Who came by a link and has nothing to prove it with, not even a password, may add the first of it."""
    return policy == "second_factor.add" and not second_factors.provable(_account(request))


def _account(request: HttpRequest) -> Account:
    return request.user  # type: ignore[return-value]  # behind the gate


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks, behind the gate."""
    return request.user.viewer  # type: ignore[union-attr]


def _refusal(viewer: Viewer, action: str) -> NotAllowed:
    who = words.listed([role.label for role in Role if role in PERMISSIONS[action]])
    what = _WHAT.get(action, "This page")
    return NotAllowed(f"{what} is not open to your role ({viewer.role.label}).", f"It is for {who}.")
