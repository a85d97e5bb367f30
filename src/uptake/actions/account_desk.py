"""account.*: whoever has an account here, as a Company Admin keeps them: role, sessions, sign-in, end.

Who may less or nothing any more is signed out by the same transaction: sessions, tokens and open links end with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from uptake.actions import accounts, second_factors
from uptake.domain.access import PERMISSIONS, Role, Viewer, require
from uptake.domain.problems import NotAllowed, Problem
from uptake.records import audit
from uptake.records.models import Account, ApiToken, SignInLink, WebSession
from uptake.records.sessions import IDLE, LONGEST

_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One account as the list shows it."""

    id: int
    email: str
    role: Role
    active: bool
    has_password: bool
    has_factor: bool
    created_at: datetime
    last_sign_in: datetime | None
    sessions: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the accounts that were looked for."""

    lines: tuple[Line, ...]
    page: Page[Account]


def listed(viewer: Viewer, now: datetime, *, q: str = "", role: str = "", number: str = "") -> Listing:
    """Accounts by address. Raises NotAllowed."""
    require(viewer, "account.view")
    rows = _told(now).filter(email__icontains=q.strip()).order_by("email")
    if role in set(Role):
        rows = rows.filter(role=role)
    page = Paginator(rows, _A_PAGE).get_page(number)
    return Listing(tuple(_line(row) for row in page), page)


def everybody(viewer: Viewer, now: datetime) -> Iterator[Line]:
    """Every account, by address. Raises NotAllowed."""
    require(viewer, "account.view")
    return map(_line, _told(now).order_by("email"))


def one(viewer: Viewer, account: int, now: datetime) -> Line | None:
    """Raises NotAllowed."""
    require(viewer, "account.view")
    row = _told(now).filter(pk=account).first()
    return _line(row) if row else None


def id_of(viewer: Viewer, email: str) -> int:
    """Raises NotAllowed, or Problem where there is no such account."""
    require(viewer, "account.view")
    row = Account.objects.filter(email=email.strip().lower()).first()
    if row is None:
        raise Problem(f"There is no account for {email}.", "`uptake account list` shows those there are.")
    return row.pk


def _told(now: datetime) -> QuerySet[Account]:
    open_ = Q(websession__began_at__gt=now - LONGEST, websession__seen_at__gt=now - IDLE)
    good = Q(apitoken__expires_at__gt=now, apitoken__revoked_at=None)
    proving = (second_factors.APP, second_factors.PASSKEY)
    return Account.objects.annotate(
        open_sessions=Count("websession", filter=open_, distinct=True),
        good_tokens=Count("apitoken", filter=good, distinct=True),
        factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=proving)),
    )


def _line(row: Account) -> Line:
    told = row.__dict__  # with what _told added
    return Line(
        row.pk, row.email, Role(row.role), row.is_active, row.has_usable_password(), bool(told["factor"]),
        row.created_at, row.last_login, told["open_sessions"], told["good_tokens"],
    )  # fmt: skip


def invite(viewer: Viewer, *, email: str, role: str, now: datetime) -> str:
    """An account that signs in by the link whose path this is, once and within an hour. Raises NotAllowed or Problem."""
    require(viewer, "account.create")
    with transaction.atomic():
        made = accounts.create_account(viewer, email=email, role=role, password=None, now=now)
        return accounts.create_sign_in_link(viewer, email=made.email, now=now)


def new_link(viewer: Viewer, *, account: int, now: datetime) -> str:
    """Another link for an account; those before end. Raises NotAllowed or Problem."""
    require(viewer, "link.create")
    with _held(viewer, account) as row:
        SignInLink.objects.filter(account=row, used_at=None).delete()
        return accounts.create_sign_in_link(viewer, email=row.email, now=now)


def change_role(viewer: Viewer, *, account: int, role: str, now: datetime) -> None:
    """Give another role. Who loses anything by it is signed out at once. Raises NotAllowed or Problem."""
    require(viewer, "account.role")
    new = accounts.role_named(role)
    with _held(viewer, account) as row:
        before = Role(row.role)
        if new is before:
            raise Problem(f"{row.email} is {new.label} already. Nothing was changed.", "Choose another role.")
        if before is Role.COMPANY_ADMIN:
            _require_another_admin(row)
        row.role = new
        row.save(update_fields=["role"])
        lost = any(before in roles and new not in roles for roles in PERMISSIONS.values())
        ended = _end(row, now) if lost else {}
        audit.record(
            viewer, "account.role", row.email, now, outcome="done", before=before.value, after=new.value, **ended
        )


def deactivate(viewer: Viewer, *, account: int, now: datetime) -> None:
    """Let nobody sign in to the account, and end what is open of it. Raises NotAllowed or Problem."""
    require(viewer, "account.deactivate")
    with _held(viewer, account) as row:
        if not row.is_active:
            raise Problem(f"The account of {row.email} is deactivated already. Nothing was changed.")
        if row.role == Role.COMPANY_ADMIN:
            _require_another_admin(row)
        row.is_active = False
        row.save(update_fields=["is_active"])
        audit.record(viewer, "account.deactivate", row.email, now, outcome="done", **_end(row, now))


def activate(viewer: Viewer, *, account: int, now: datetime) -> None:
    """Let an account sign in again, with the role it had. Raises NotAllowed or Problem."""
    require(viewer, "account.activate")
    with _held(viewer, account) as row:
        if row.is_active:
            raise Problem(f"The account of {row.email} is active already. Nothing was changed.")
        row.is_active = True
        row.save(update_fields=["is_active"])
        audit.record(viewer, "account.activate", row.email, now)


def end_sessions(viewer: Viewer, *, account: int, now: datetime) -> int:
    """Sign an account out everywhere; its tokens stay. Raises NotAllowed or Problem."""
    require(viewer, "account.end_sessions")
    with _held(viewer, account) as row:
        ended: int = WebSession.objects.filter(account=row).delete()[0]
        audit.record(viewer, "account.end_sessions", row.email, now, sessions=ended)
    return ended


def forget_factors(viewer: Viewer, *, account: int, now: datetime) -> None:
    """For somebody who lost theirs: remove all second factors, and sign out everywhere. Raises NotAllowed or Problem."""
    require(viewer, "account.forget_factors")
    with _held(viewer, account) as row:
        factors = second_factors.proving(row)
        if not factors.exists():
            raise Problem(f"{row.email} has no second factor. Nothing was changed.")
        kinds = sorted({second_factors.KINDS[factor.type] for factor in factors})
        Authenticator.objects.filter(user=row).delete()
        ended = WebSession.objects.filter(account=row).delete()[0]
        audit.record(viewer, "account.forget_factors", row.email, now, kinds=", ".join(kinds), sessions=ended)


def forget_password(viewer: Viewer, *, account: int, now: datetime) -> None:
    """For somebody who forgot it: from now on a link signs in, and a new one is set. Raises NotAllowed or Problem."""
    require(viewer, "account.forget_password")
    with _held(viewer, account) as row:
        if not row.has_usable_password():
            raise Problem(f"{row.email} has no password. Nothing was changed.", "Make a sign-in link.")
        row.set_unusable_password()
        row.save(update_fields=["password"])
        ended = WebSession.objects.filter(account=row).delete()[0]
        audit.record(viewer, "account.forget_password", row.email, now, sessions=ended)


@contextmanager
def _held(viewer: Viewer, account: int) -> Iterator[Account]:
    """The account of somebody else, for one transaction. Changes at once are one after the other, by the admins' rows."""
    with transaction.atomic():
        admins = {admin.pk for admin in _admins().order_by("pk").select_for_update()}
        if not viewer.on_host and viewer.account_id not in admins:
            raise NotAllowed("You are no Company Admin any more. Nothing was changed.", "Ask another one.")
        if account == viewer.account_id:
            raise NotAllowed("This is your own account. Nothing was changed.", "Another Company Admin changes it.")
        row = Account.objects.select_for_update().filter(pk=account).first()
        if row is None:
            raise Problem("There is no such account any more. Nothing was changed.", "Look at the list again.")
        yield row


def _admins() -> QuerySet[Account]:
    return Account.objects.filter(role=Role.COMPANY_ADMIN, is_active=True)


def _require_another_admin(row: Account) -> None:
    if row.is_active and not _admins().exclude(pk=row.pk).exists():
        raise Problem(
            "This is the last Company Admin: nobody could manage this installation any more. Nothing was changed.",
            "Make another Company Admin first.",
        )


def _end(row: Account, now: datetime) -> dict[str, int]:
    """End whatever is open of an account: how many sessions and tokens that were."""
    SignInLink.objects.filter(account=row, used_at=None).delete()
    return {
        "sessions_ended": WebSession.objects.filter(account=row).delete()[0],
        "tokens_revoked": ApiToken.objects.filter(account=row, revoked_at=None).update(revoked_at=now),
    }
