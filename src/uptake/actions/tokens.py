"""token.create, token.view, token.revoke: bearer tokens for the REST API, kept as hashes, never more than the role."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from uptake.domain.access import Role, Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import NotAllowed, Problem
from uptake.domain.secret import Secret
from uptake.records import audit
from uptake.records.models import Account, ApiToken

USUAL = timedelta(days=90)
LONGEST = timedelta(days=365)
SCOPES: dict[str, str] = {
    "measures.read": "the lists of metrics and measures",
    "connection.view": "how the connection stands",
    "numbers.ask": "figures of the whole organisation",
    "teams.view": "which teams there are to ask about",
    "numbers.ask_own_team": "figures of the people below you",
    "numbers.export": "figures as files",
    "insights.view": "findings of data and seats",
    "insights.of_use": "findings of use",
    "export.view": "the files that were asked for",
    "people.export": "members and people by name, where the policy lets files about persons be made",
    "facts.export": "what people did day by day, where the policy opens it",
}
"""What a token can be for: actions of the permission table that the REST API knows, and their words."""

USUAL_SCOPES = tuple(scope for scope in SCOPES if scope not in {"people.export", "facts.export"})
"""What a token is for where nobody chose: never anybody by name."""

_PREFIX = "uptake_"
_RANDOM = 43
_CHECK = 6


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: never the token itself."""

    id: int
    owner: str
    name: str
    last_four: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str  # in force | expired | revoked


def create(
    viewer: Viewer,
    *,
    email: str,
    now: datetime,
    name: str = "",
    scopes: Collection[str] = USUAL_SCOPES,
    lasts: timedelta = USUAL,
) -> Secret:
    """A token, shown once. From a page only for oneself. Raises NotAllowed or Problem."""
    require(viewer, "token.create")
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        raise Problem(f"There is no active account for {email}.", "Make one with `uptake account create`.")
    if account.pk != viewer.account_id and not viewer.on_host:
        raise NotAllowed("A token is made by whom it belongs to.", "Ask the operator on the host.")
    kept = [scope for scope in SCOPES if scope in scopes]
    if not kept or not timedelta(0) < lasts <= LONGEST:
        raise Problem(
            "A token needs something it is for, and at most 365 days. Nothing was made.", "Choose both again."
        )
    token = made(_PREFIX)
    with transaction.atomic():
        ApiToken.objects.create(
            account=account, name=clean_text(name, 80) or "", hash=hashed(token), scopes=kept, last_four=token[-4:],
            created_at=now, expires_at=now + lasts,
        )  # fmt: skip
        audit.record(viewer, "token.create", account.email, now, days=lasts.days, scopes=" ".join(kept))
    return Secret(token)


def viewer_of_token(token: str, now: datetime) -> Viewer | None:
    """Who asks with a token: its owner's present role, within its scopes. None where it is not in force."""
    if not well_formed(token):
        return None
    found = (
        ApiToken.objects.filter(hash=hashed(token), expires_at__gt=now, revoked_at=None)
        .select_related("account")
        .first()
    )
    if found is None or not found.account.is_active:
        return None
    if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    account = found.account
    return Viewer(account.email, Role(account.role), account.pk, only=frozenset(found.scopes))


def listed(viewer: Viewer, now: datetime) -> tuple[Token, ...]:
    """The viewer's tokens, newest first; for a Company Admin everybody's. Raises NotAllowed."""
    require(viewer, "token.view")
    rows = ApiToken.objects.select_related("account").order_by("-created_at")
    if viewer.role is not Role.COMPANY_ADMIN:
        rows = rows.filter(account_id=viewer.account_id or 0)
    return tuple(_shown(row, now) for row in rows)


def revoke(viewer: Viewer, *, token: int, now: datetime) -> None:
    """End a token at once. Raises NotAllowed, or Problem where there is none of the viewer's to end."""
    require(viewer, "token.revoke")
    with transaction.atomic():
        rows = ApiToken.objects.filter(pk=token, revoked_at=None)
        if viewer.role is not Role.COMPANY_ADMIN:
            rows = rows.filter(account_id=viewer.account_id or 0)
        row = rows.select_related("account").first()
        if row is None:
            raise Problem("There is no such token in force. Nothing was changed.", "Look at the list again.")
        rows.update(revoked_at=now)
        audit.record(viewer, "token.revoke", row.account.email, now, last_four=row.last_four)


def well_formed(token: str, prefix: str = _PREFIX) -> bool:
    """Whether the checksum fits: what is no token of ours costs no look into the records, and scanners know ours."""
    body, check = token[:-_CHECK], token[-_CHECK:]
    return body.startswith(prefix) and len(body) == len(prefix) + _RANDOM and check == _check(body)


def made(prefix: str) -> str:
    """A new token of a kind: its prefix, 256 random bits, a checksum."""
    body = prefix + secrets.token_urlsafe(32)
    return body + _check(body)


def _check(body: str) -> str:
    digits, rest = "", zlib.crc32(body.encode())
    for _ in range(_CHECK):
        rest, digit = divmod(rest, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _shown(row: ApiToken, now: datetime) -> Token:
    state = "revoked" if row.revoked_at else "expired" if row.expires_at <= now else "in force"
    return Token(
        row.pk, row.account.email, row.name, row.last_four, tuple(row.scopes), row.created_at, row.expires_at,
        row.last_used_at, state,
    )  # fmt: skip
