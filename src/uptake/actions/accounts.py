"""Accounts, passwords and one-time sign-in links. The first comes from the host; what becomes of them: account_desk.py."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from uptake.actions import second_factors
from uptake.domain.access import Role, Viewer, require
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.records import audit
from uptake.records.models import Account, SignInLink

LINK_LASTS = timedelta(hours=1)
SECOND_STEP = "second factor asked"
"""Outcome of the first step of a sign-in that needs another one."""


def create_account(viewer: Viewer, *, email: str, role: str, password: Secret | None, now: datetime) -> Account:
    """An account with a role; without a password it signs in by link only. Raises NotAllowed or Problem."""
    require(viewer, "account.create")
    email, role = _valid_email(email), role_named(role).value
    if Account.objects.filter(email=email).exists():
        raise Problem(f"There is an account for {email} already.", "Nothing was changed.")
    words = password.expose() if password else None
    _require_good_password(words, email)
    with transaction.atomic():
        account = Account.objects.create_user(email, words, role)
        audit.record(viewer, "account.create", email, now, account_role=role)
    return account


def role_named(name: str) -> Role:
    """Raises Problem."""
    try:
        return Role(name)
    except ValueError:
        raise Problem(f"There is no role {name!r}. Nothing was changed.", "Roles: " + ", ".join(Role) + ".") from None


def exists(email: str) -> bool:
    """Whether an active account has this address."""
    return Account.objects.filter(email=email.strip().lower(), is_active=True).exists()


def signed_in(account: Account, now: datetime, *, by: str, outcome: str = "done") -> None:
    """Write down that somebody signs in; before it happens, so that it does not happen unwritten."""
    audit.record(account.viewer, "account.sign_in", account.email, now, outcome=outcome, by=by)


def sign_in_refused(email: str, now: datetime, *, by: str = "password") -> None:
    """Write down that a sign-in failed. Addresses without an account are not: people type passwords in that field."""
    account = Account.objects.filter(email=email.strip().lower()).first()
    if account is not None:
        signed_in(account, now, by=by, outcome="refused")


def set_password(viewer: Viewer, *, password: Secret, before: Secret | None, now: datetime) -> Account:
    """The viewer's own new password; `before` is the one in force, where there is one. Raises NotAllowed or Problem.

    Every session but the one that asks ends with this: the sessions carry a mark of the password.
    """
    require(viewer, "password.set")
    account = Account.objects.get(pk=viewer.account_id or 0)
    if account.has_usable_password() and not (before and account.check_password(before.expose())):
        raise Problem("The present password is not right. Nothing was changed.", "Write it as you signed in with it.")
    _require_good_password(password.expose(), account.email)
    account.set_password(password.expose())
    with transaction.atomic():
        account.save(update_fields=["password"])
        audit.record(viewer, "password.set", account.email, now)
    return account


def create_sign_in_link(viewer: Viewer, *, email: str, now: datetime) -> str:
    """The path of a link that signs the account in once, within an hour."""
    require(viewer, "link.create")
    account = _account(email)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        SignInLink.objects.create(account=account, hash=_hash(token), expires_at=now + LINK_LASTS)
        audit.record(viewer, "link.create", account.email, now)
    return f"/sign-in/{token}/"


def sign_in_link_open(token: str, now: datetime) -> bool:
    """Whether a link would sign somebody in. Looking does not use it up."""
    link = _open_links(token, now).select_related("account").first()
    return link is not None and link.account.is_active


def use_sign_in_link(token: str, now: datetime) -> Account | None:
    """The account of an unused link, which is used up by this; None for any other token.

    Where the account has a second factor, it is asked for next, and signing in is written down once more then.
    """
    with transaction.atomic():
        unused = _open_links(token, now)
        link = unused.select_related("account").first()
        if link is None or not link.account.is_active or not unused.update(used_at=now):
            return None
        asked = second_factors.has_factor(link.account)
        signed_in(link.account, now, by="link", outcome=SECOND_STEP if asked else "done")
        return link.account


def _open_links(token: str, now: datetime) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(hash=_hash(token), used_at=None, expires_at__gt=now)


def _account(email: str) -> Account:
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        raise Problem(f"There is no active account for {email}.", "Make one with `uptake account create`.")
    return account


def _valid_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Problem(f"{email!r} is not an e-mail address.", "Nothing was changed.") from None
    return email


def _require_good_password(password: str | None, email: str) -> None:
    if password is None:
        return
    try:
        validate_password(password, Account(email=email))
    except ValidationError as error:
        raise Problem("This password is not accepted. " + " ".join(error.messages), "Choose another one.") from None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
