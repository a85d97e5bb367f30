"""second_factor.view, .add, .remove, .codes: what an account proves itself with beside its password, and the check of it.

An authenticator app, passkeys, and recovery codes that come with the first of them. What a page asks a browser for and gets
back of a passkey is web/passkeys.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from uptake.actions.single_sign_on import has_identity
from uptake.config import Settings
from uptake.domain.access import ADMINS, Role, Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.records import audit, factors
from uptake.records.models import Account, WebSession
from uptake.records.sessions import hashed

APP, PASSKEY, CODES = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES)
KINDS = {APP: "authenticator app", PASSKEY: "passkey", CODES: "recovery codes"}
"""Each kind, and how people and the audit call it."""

_PERIOD = 30  # seconds a code of an app is for
_CODES = 10
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as it may be shown: never its secret. `left`: recovery codes that are unused."""

    id: int
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """An authenticator app that is not added yet: its secret for the eyes of its owner, and sealed for the session."""

    secret: Secret
    sealed: str


def listed(viewer: Viewer) -> tuple[Factor, ...]:
    """The viewer's second factors, recovery codes last. Raises NotAllowed."""
    require(viewer, "second_factor.view")
    rows = Authenticator.objects.filter(user_id=viewer.account_id or 0).order_by("created_at")
    return tuple(sorted((_shown(row) for row in rows), key=lambda factor: factor.kind == KINDS[CODES]))


def _shown(row: Authenticator) -> Factor:
    kind = KINDS[row.type]
    left = _CODES - int(row.data.get("used_mask", 0)).bit_count() if row.type == CODES else 0
    return Factor(row.pk, kind, row.data.get("name", kind.capitalize()), row.created_at, row.last_used_at, left)


def proving(account: Account) -> QuerySet[Authenticator]:
    """The factors an account has; recovery codes alone are none."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=account.pk, type__in=(APP, PASSKEY))
    return found


def has_factor(account: Account) -> bool:
    return proving(account).exists()


def provable(account: Account) -> bool:
    """Whether there is anything by which the account can show again that it is its owner who asks."""
    return account.has_usable_password() or has_factor(account) or has_identity(account, settings.UPTAKE_SSO)


def needed(settings: Settings, role: Role) -> bool:
    """Whether this installation wants a second factor of the role."""
    return settings.admins_need_second_factor and role in ADMINS


def start_app(viewer: Viewer, sealed: str = "") -> Started:
    """A secret for an authenticator app; `sealed` brings back the one that was shown already. Raises NotAllowed, Sealed."""
    require(viewer, "second_factor.add")
    secret = factors.unseal(sealed) if sealed else generate_totp_secret()
    return Started(Secret(secret), sealed or factors.seal(secret))


def add_app(viewer: Viewer, *, sealed: str, code: str, here: str | None, now: datetime) -> tuple[str, ...]:
    """Add the app whose secret was shown, proved by a code of it. Recovery codes, where these are the first ones."""
    require(viewer, "second_factor.add")
    step = _step(factors.unseal(sealed), code, now, after=0)
    if step is None:
        raise Problem(
            "This code is not right. Nothing was added.",
            "Write the one the app shows now; it changes every 30 seconds, by a clock that must be right.",
        )
    with transaction.atomic():
        account = _held(viewer)
        if Authenticator.objects.filter(user=account, type=APP).exists():
            raise Problem("There is an authenticator app already. Nothing was added.", "Remove it first.")
        first = not has_factor(account)
        Authenticator.objects.create(user=account, type=APP, data={"secret": sealed, "step": step}, created_at=now)
        return _added(viewer, account, APP, here if first else None, now)


def add_passkey(
    viewer: Viewer, *, name: str, credential: Mapping[str, Any], here: str | None, now: datetime
) -> tuple[str, ...]:
    """Add a passkey whose making web/passkeys.py has verified. Recovery codes, where these are the first ones."""
    require(viewer, "second_factor.add")
    with transaction.atomic():
        account = _held(viewer)
        first = not has_factor(account)
        data = {"name": clean_text(name, _LONGEST_NAME) or "Passkey", "credential": dict(credential)}
        Authenticator.objects.create(user=account, type=PASSKEY, data=data, created_at=now)
        return _added(viewer, account, PASSKEY, here if first else None, now)


def _added(viewer: Viewer, account: Account, kind: str, only: str | None, now: datetime) -> tuple[str, ...]:
    """What comes with a new factor: its entry, recovery codes, and with the first one an end of all other sessions."""
    ended = 0
    if only:
        ended = WebSession.objects.filter(account=account).exclude(pk=hashed(only)).delete()[0]
    audit.record(viewer, "second_factor.add", account.email, now, kind=KINDS[kind], sessions_ended=ended)
    return () if Authenticator.objects.filter(user=account, type=CODES).exists() else _codes(account)


def new_codes(viewer: Viewer, *, now: datetime) -> tuple[str, ...]:
    """Recovery codes in the place of those before, to be shown once. Raises NotAllowed, Sealed or Problem."""
    require(viewer, "second_factor.codes")
    with transaction.atomic():
        account = _held(viewer)
        if not has_factor(account):
            raise Problem("Recovery codes come with a second factor. Nothing was made.", "Add one first.")
        Authenticator.objects.filter(user=account, type=CODES).delete()
        audit.record(viewer, "second_factor.codes", account.email, now)
        return _codes(account)


def _codes(account: Account) -> tuple[str, ...]:
    made = RecoveryCodes.activate(account).generate_codes()
    return tuple(f"{code[:4]} {code[4:]}" for code in made)


def remove(viewer: Viewer, settings: Settings, *, factor: int, now: datetime) -> None:
    """Remove one factor; with the last one the recovery codes go too. Raises NotAllowed or Problem."""
    require(viewer, "second_factor.remove")
    with transaction.atomic():
        account = _held(viewer)
        row = proving(account).filter(pk=factor).first()
        if row is None:
            raise Problem("There is no such second factor any more. Nothing was changed.", "Look at the list again.")
        last = not proving(account).exclude(pk=factor).exists()
        if last and needed(settings, Role(account.role)):
            raise Problem(
                f"A {Role(account.role).label} keeps a second factor here. Nothing was changed.",
                "Add the other one first, then remove this one.",
            )
        kind = KINDS[row.type]
        (Authenticator.objects.filter(user=account) if last else proving(account).filter(pk=factor)).delete()
        audit.record(viewer, "second_factor.remove", account.email, now, kind=kind)


def accept(account: Account, code: str, now: datetime) -> Authenticator | None:
    """Check a code of the app or a recovery code and use it up: whose code it was, None where it is none. Raises Sealed."""
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=account, type__in=(APP, CODES))
        for row in rows.order_by("-type"):  # the app first
            if (_use_app if row.type == APP else _use_recovery)(row, code, now):
                Authenticator.objects.filter(pk=row.pk).update(last_used_at=now)
                return row
    return None


def _use_app(row: Authenticator, code: str, now: datetime) -> bool:
    """A code is good once, and none older than one that was used is good any more."""
    step = _step(factors.unseal(row.data["secret"]), code, now, after=row.data.get("step", 0))
    if step is None:
        return False
    row.data["step"] = step
    row.save(update_fields=["data"])
    return True


def _use_recovery(row: Authenticator, code: str, _now: datetime) -> bool:
    return bool(RecoveryCodes(row).validate_code(code))


def _step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The period a code is for, its clock up to one period off; None where it is for none later than `after`."""
    this = int(now.timestamp()) // _PERIOD
    steps = (step for step in (this - 1, this, this + 1) if step > after)
    return next((step for step in steps if compare_user_code(actual=code, expected=_code(secret, step))), None)


def _code(secret: str, step: int) -> str:
    return str(format_hotp_value(hotp_value(secret, step)))


def _held(viewer: Viewer) -> Account:
    """The viewer's account, its row held: two changes of its factors at once are one after the other."""
    return Account.objects.select_for_update().get(pk=viewer.account_id or 0)
