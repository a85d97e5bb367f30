"""Passkeys: what a browser is asked for, and the check of what it gives. What is asked holds for one answer only."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect

from uptake.domain.problems import Problem

if TYPE_CHECKING:
    from uptake.records.models import Account

T = TypeVar("T")

_ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, struct.error)
"""What the decoding of an answer ends with that no browser gives."""


def creation_options(account: Account) -> str:
    """What the browser is asked to make, as JSON; the session keeps the challenge."""
    return json.dumps(dict(auth.begin_registration(account, passwordless=True)))


def request_options(account: Account) -> str:
    """What the browser is asked to prove, as JSON; the session keeps the challenge."""
    return json.dumps(dict(auth.begin_authentication(account)))


def created(text: str) -> dict[str, Any]:
    """The passkey a browser made for what it was asked. Raises Problem."""

    def verified() -> dict[str, Any]:
        credential: dict[str, Any] = json.loads(text)
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
        return credential

    try:
        return _careful(verified)
    except ValidationError as error:
        raise Problem(f"{error.messages[0]} Nothing was added.", "Load the page again and repeat the step.") from None


class SecondStep(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey of one account, at sign-in after the password, or when something asks again."""

    def clean_credential(self) -> Any:
        return _careful(super().clean_credential)


class Alone(LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey that says itself whose it is."""

    def clean_credential(self) -> Any:
        return _careful(super().clean_credential)


def _careful(check: Callable[[], T]) -> T:
    """Whatever a browser sends is right or is refused; and it is refused when it comes again."""
    try:
        return check()
    except _ODD:
        raise get_adapter().validation_error("incorrect_code") from None
    finally:
        auth.clear_state()


class SignIn(LoginWebAuthnView):  # type: ignore[misc]
    """Signing in by a passkey alone. GET tells the browser what to prove, POST takes it."""

    def form_invalid(self, form: Any) -> HttpResponse:
        for said in form.errors.get("credential", []):
            messages.error(self.request, said, extra_tags="bad")
        return redirect("account_login")
