"""scim.connect, scim.revoke, scim.view: the tokens by which an identity provider comes to /scim/v2, and to nothing else.

A token belongs to the company, not to whoever made it: it stays in force when that account is gone, until it is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from uptake.actions import directory
from uptake.actions.tokens import hashed, made, well_formed
from uptake.domain.access import Role, Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.people.delivery import SCIM
from uptake.records import audit
from uptake.records.models import DirectorySource, ScimToken

PREFIX = "uptake_scim_"
PROVISION = "scim.provision"
_LONGEST = timedelta(days=3660)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: never the token itself. `state`: in force, expired, revoked."""

    id: int
    name: str
    last_four: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    state: str


def connect(viewer: Viewer, *, name: str, lasts: timedelta | None, now: datetime) -> Secret:
    """A token, shown once; without `lasts` it holds until it is revoked. Raises NotAllowed or Problem."""
    require(viewer, "scim.connect")
    if lasts is not None and not timedelta(0) < lasts <= _LONGEST:
        raise Problem("A token lasts between one day and ten years. Nothing was made.", "Choose again.")
    if _in_force(now).count() >= _MOST:
        raise Problem(f"There are {_MOST} tokens in force already. Nothing was made.", "Revoke one that is not used.")
    token = made(PREFIX)
    row = directory.source(SCIM)
    with transaction.atomic():
        ScimToken.objects.create(
            name=clean_text(name, 80) or "", hash=hashed(token), last_four=token[-4:], created_by=viewer.name,
            created_at=now, expires_at=now + lasts if lasts else None,
        )  # fmt: skip
        DirectorySource.objects.filter(pk=row.pk).update(
            enabled=True, added_by=viewer.name, added_at=now, tried_at=Coalesce(F("tried_at"), now)
        )
        audit.record(viewer, "scim.connect", SCIM, now, last_four=token[-4:], days=lasts.days if lasts else 0)
    return Secret(token)


def revoke(viewer: Viewer, *, token: int, now: datetime) -> None:
    """End a token at once. Raises NotAllowed, or Problem where there is none to end."""
    require(viewer, "scim.revoke")
    with transaction.atomic():
        rows = ScimToken.objects.filter(pk=token, revoked_at=None)
        row = rows.first()
        if row is None or not rows.update(revoked_at=now):
            raise Problem("There is no such token in force. Nothing was changed.", "Look at the list again.")
        audit.record(viewer, "scim.revoke", SCIM, now, last_four=row.last_four)


def revoke_all(viewer: Viewer, now: datetime) -> int:
    """End every token, in the caller's transaction: SCIM is disconnected. Raises NotAllowed."""
    require(viewer, "scim.revoke")
    return ScimToken.objects.filter(revoked_at=None).update(revoked_at=now)


def listed(viewer: Viewer, now: datetime) -> tuple[Token, ...]:
    """Every token, newest first. Raises NotAllowed."""
    require(viewer, "scim.view")
    return tuple(_shown(row, now) for row in ScimToken.objects.order_by("-created_at", "-pk"))


def viewer_of_token(token: str, now: datetime) -> Viewer | None:
    """Who comes with a token: somebody who may provision and nothing else. None where it is not in force."""
    if not well_formed(token, PREFIX):
        return None
    row = _in_force(now).filter(hash=hashed(token)).first()
    if row is None or not DirectorySource.objects.filter(pk=SCIM, enabled=True).exists():
        return None
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        ScimToken.objects.filter(pk=row.pk).update(last_used_at=now)
    name = f"SCIM token {row.name} …{row.last_four}".replace("  ", " ")
    return Viewer(name, Role.IT_ADMIN, only=frozenset({PROVISION}))


def _in_force(now: datetime) -> QuerySet[ScimToken]:
    rows = ScimToken.objects.filter(revoked_at=None)
    return rows.exclude(expires_at__lte=now)


def _shown(row: ScimToken, now: datetime) -> Token:
    over = row.expires_at is not None and row.expires_at <= now
    state = "revoked" if row.revoked_at else "expired" if over else "in force"
    return Token(
        row.pk, row.name, row.last_four, row.created_by, row.created_at, row.expires_at, row.last_used_at, state
    )
