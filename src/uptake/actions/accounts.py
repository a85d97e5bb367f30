"""Accounts, tokens and one-time sign-in links. First accounts come from the host only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from uptake.domain.access import Role, Viewer, require
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.records import audit
from uptake.records.models import Account, ApiToken, SignInLink

LINK_LASTS = timedelta(hours=1)
TOKEN_LASTS = timedelta(days=90)
_TOKEN_PREFIX = "uptake_"  # noqa: S105


def create_account(viewer: Viewer, *, email: str, role: str, password: Secret | None, now: datetime) -> Account:
    """An account with a role; without a password it signs in by link only. Raises NotAllowed or Problem."""
    require(viewer, "account.create")
    email = _valid_email(email)
    if role not in set(Role):
        raise Problem(f"There is no role {role!r}.", "Roles: " + ", ".join(Role) + ".")
    if Account.objects.filter(email=email).exists():
        raise Problem(f"There is an account for {email} already.", "Nothing was changed.")
    words = password.expose() if password else None
    _require_good_password(words, email)
    with transaction.atomic():
        account = Account.objects.create_user(email, words, role)
        audit.record(viewer, "account.create", email, now, account_role=role)
    return account


def exists(email: str) -> bool:
    """Whether an active account has this address."""
    return Account.objects.filter(email=email.strip().lower(), is_active=True).exists()


def create_token(viewer: Viewer, *, email: str, now: datetime, lasts: timedelta = TOKEN_LASTS) -> Secret:
    """A bearer token for the REST API, shown once; its rights are its owner's present role."""
    require(viewer, "token.create")
    account = _account(email)
    token = _TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        ApiToken.objects.create(
            account=account, hash=_hash(token), last_four=token[-4:], created_at=now, expires_at=now + lasts
        )
        audit.record(viewer, "token.create", account.email, now)
    return Secret(token)


def account_of_token(token: str, now: datetime) -> Account | None:
    """The active account behind an unexpired token, or None."""
    found = ApiToken.objects.filter(hash=_hash(token), expires_at__gt=now).select_related("account").first()
    if found is None or not found.account.is_active:
        return None
    ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found.account


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
    """The account of an unused link, which is used up by this; None for any other token."""
    with transaction.atomic():
        unused = _open_links(token, now)
        link = unused.select_related("account").first()
        if link is None or not link.account.is_active or not unused.update(used_at=now):
            return None
        audit.record(link.account.viewer, "account.sign_in", link.account.email, now, by="link")
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
