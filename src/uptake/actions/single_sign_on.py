"""identity.link, identity.unlink, identity.expect, identity.role: who is who where an identity provider vouches for people.

Only (issuer, subject) ever counts. An address opens an account for the first time alone, and only where the host's file or
a Company Admin said so. Responses are verified before they come here: web/oidc.py, web/saml.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from uptake.domain.access import Role, Viewer, require
from uptake.domain.identity_providers import Provider, SingleSignOn, Told, role_of, trusted_email
from uptake.domain.problems import Problem, Refused
from uptake.records import audit
from uptake.records.models import Account, ExpectedIdentity, SignInIdentity, UsedOnce

EXPECTED_FOR = timedelta(days=7)
SIGN_ON = Viewer(name="single sign-on", role=Role.COMPANY_ADMIN, on_host=True)


@dataclass(frozen=True, slots=True)
class Linked:
    """One identity of an account; `button` is empty where the file names its provider no more."""

    id: int
    owner: str
    kind: str
    button: str
    issuer: str
    subject: str
    linked_at: datetime
    linked_by: str
    last_used_at: datetime | None


def admit(provider: Provider, told: Told, now: datetime) -> Account:
    """The account of whoever was vouched for, with the role its groups give today. Raises Refused, which is written down."""
    try:
        with transaction.atomic():
            account = _known(provider, told) or _first_time(provider, told, now)
            if not account.is_active:
                raise Refused("This account is closed; nobody was signed in.", "Ask whoever runs this installation.")
            _take_role(account, provider, told, now)
            _own(provider, told).update(last_used_at=now)
            return account
    except Refused as problem:
        refused(provider, now, "account", told.subject)
        raise problem from None


def _own(provider: Provider, told: Told) -> QuerySet[SignInIdentity]:
    return SignInIdentity.objects.filter(kind=provider.kind, issuer=provider.issuer, subject=told.subject)


def _known(provider: Provider, told: Told) -> Account | None:
    found = _own(provider, told).select_related("account").first()
    return found.account if found else None


def _first_time(provider: Provider, told: Told, now: datetime) -> Account:
    """By address, once: to an account that is expected or may be linked so, or to a new one. Raises Refused."""
    email = trusted_email(provider, told)
    account = Account.objects.filter(email=email).first() if email else None
    if account is not None:
        _require_linkable(account, provider, now)
        by = (
            "expected" if ExpectedIdentity.objects.filter(account=account, provider=provider.id).exists() else "address"
        )
    elif email and provider.unknown_people == "employee":
        account, by = Account.objects.create_user(email, None, Role.EMPLOYEE.value), "new account"
    else:
        raise Refused(
            f"uptake does not know you by {provider.button} yet; nobody was signed in and nothing was changed.",
            "Sign in as before and link it on your account's page, or ask a Company Admin to expect you.",
        )
    _link(account, provider, told, SIGN_ON, now, by=by)
    ExpectedIdentity.objects.filter(account=account, provider=provider.id).delete()
    return account


def _require_linkable(account: Account, provider: Provider, now: datetime) -> None:
    expected = ExpectedIdentity.objects.filter(account=account, provider=provider.id, until__gt=now).exists()
    other = SignInIdentity.objects.filter(account=account, kind=provider.kind, issuer=provider.issuer).exists()
    if other:  # the address went to somebody else there
        raise Refused(
            f"The account of this address is linked to somebody else at {provider.button}; nobody was signed in.",
            "If that is you too, ask a Company Admin to take the old link away.",
        )
    if not (expected or provider.link_by_email):
        raise Refused(
            f"There is an account of this address, but it is not linked to {provider.button}; nobody was signed in.",
            "Sign in as before and link it on your account's page, or ask a Company Admin to expect you.",
        )


def _link(account: Account, provider: Provider, told: Told, viewer: Viewer, now: datetime, *, by: str) -> None:
    require(viewer, "identity.link")
    SignInIdentity.objects.create(
        account=account, kind=provider.kind, issuer=provider.issuer, subject=told.subject, provider=provider.id,
        linked_at=now, linked_by=viewer.name,
    )  # fmt: skip
    mark = subject_mark(provider, told.subject)
    audit.record(viewer, "identity.link", account.email, now, provider=provider.id, identity=mark, by=by)


def _take_role(account: Account, provider: Provider, told: Told, now: datetime) -> None:
    """The role of the groups, where the file maps any. The last Company Admin keeps theirs."""
    role = role_of(provider, told)
    if role is None or role == account.role:
        return
    require(SIGN_ON, "identity.role")
    before, kept = account.role, account.role == Role.COMPANY_ADMIN and not _another_admin(account)
    if not kept:
        account.role = role.value
        account.save(update_fields=["role"])
    audit.record(
        SIGN_ON, "identity.role", account.email, now, outcome="refused" if kept else "done", provider=provider.id,
        before=before, after=role.value,
    )  # fmt: skip


def _another_admin(account: Account) -> bool:
    admins = Account.objects.select_for_update().filter(role=Role.COMPANY_ADMIN, is_active=True)
    return any(one.pk != account.pk for one in admins)


def link(viewer: Viewer, provider: Provider, told: Told, now: datetime) -> None:
    """The identity becomes the viewer's own, beside what they have. Raises NotAllowed or Refused."""
    require(viewer, "identity.link")
    account = Account.objects.get(pk=viewer.account_id or 0)
    owner = _known(provider, told)
    if owner == account:
        return
    if owner is not None:
        refused(provider, now, "linked elsewhere", told.subject)
        raise Refused(
            f"This identity at {provider.button} belongs to another account. Nothing was changed.",
            "Sign out there and choose your own.",
        )
    with transaction.atomic():
        _link(account, provider, told, viewer, now, by="its owner")


def is_own(viewer: Viewer, provider: Provider, told: Told) -> bool:
    """Whether the identity is the viewer's: who gives it again has proved to be the one who is signed in."""
    require(viewer, "identity.view")
    return _own(provider, told).filter(account_id=viewer.account_id or 0).exists()


def has_identity(account: Account, sign_on: SingleSignOn) -> bool:
    """Whether a provider of the file can vouch for the account."""
    rows = SignInIdentity.objects.filter(account=account).values_list("kind", "issuer")
    return bool(set(rows) & {(one.kind, one.issuer) for one in sign_on.providers})


def unlink(viewer: Viewer, *, identity: int, now: datetime) -> None:
    """Take a link away: one's own, as Company Admin anybody's. Raises NotAllowed or Problem."""
    require(viewer, "identity.unlink")
    rows = SignInIdentity.objects.filter(pk=identity)
    if viewer.role != Role.COMPANY_ADMIN:
        rows = rows.filter(account_id=viewer.account_id or 0)
    with transaction.atomic():
        row = rows.select_related("account").first()
        if row is None:
            raise Problem("There is no such link. Nothing was changed.", "Look at the list again.")
        mark = _mark(row.kind, row.issuer, row.subject)
        audit.record(viewer, "identity.unlink", row.account.email, now, provider=row.provider, identity=mark)
        row.delete()


def expect(viewer: Viewer, sign_on: SingleSignOn, *, email: str, provider: str, now: datetime) -> Account:
    """Whoever next comes from the provider with this account's address is linked to it. Raises NotAllowed or Problem."""
    require(viewer, "identity.expect")
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    known = sign_on.of(provider)
    if account is None or known is None:
        what = "active account of this address" if account is None else "such provider"
        raise Problem(f"There is no {what}. Nothing was changed.", "Look at the spelling.")
    if account.email.rpartition("@")[2] not in known.email_domains:
        raise Problem(
            f"{known.button} does not vouch for addresses of this domain. Nothing was changed.",
            "The host's file names them: `email_domains`.",
        )
    with transaction.atomic():
        ExpectedIdentity.objects.update_or_create(
            account=account, provider=provider, defaults={"until": now + EXPECTED_FOR, "made_by": viewer.name}
        )
        audit.record(viewer, "identity.expect", account.email, now, provider=provider)
    return account


def listed(viewer: Viewer, sign_on: SingleSignOn) -> tuple[Linked, ...]:
    """The viewer's identities; as Company Admin everybody's, one's own first. Raises NotAllowed."""
    require(viewer, "identity.view")
    rows = SignInIdentity.objects.select_related("account").order_by("account__email", "linked_at")
    if viewer.role != Role.COMPANY_ADMIN:
        rows = rows.filter(account_id=viewer.account_id or 0)
    buttons = {(one.kind, one.issuer): one.button for one in sign_on.providers}
    found = [
        Linked(
            row.pk, row.account.email, row.kind, buttons.get((row.kind, row.issuer), ""), row.issuer, row.subject,
            row.linked_at, row.linked_by, row.last_used_at,
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.owner != viewer.name))


def first_use(provider: Provider, mark: str, until: datetime, now: datetime) -> bool:
    """Whether this assertion or nonce comes for the first time; from now on it does not."""
    UsedOnce.objects.filter(expires_at__lt=now).delete()
    try:
        with transaction.atomic():
            UsedOnce.objects.create(hash=_mark(provider.kind, provider.issuer, mark, whole=True), expires_at=until)
    except IntegrityError:
        return False
    return True


def refused(provider: Provider, now: datetime, why: str, subject: str = "") -> None:
    """Write down that a response was not accepted; `why` is one of our own words, nothing of the response."""
    nobody = Viewer(name=f"nobody, by {provider.button}", role=Role.EMPLOYEE)
    details = {"identity": subject_mark(provider, subject)} if subject else {}
    audit.record(nobody, "account.sign_in", "", now, outcome="refused", by=provider.id, why=why, **details)


def subject_mark(provider: Provider, subject: str) -> str:
    """How the audit names an identity: equal for equal subjects of an issuer."""
    return _mark(provider.kind, provider.issuer, subject)


def _mark(kind: str, issuer: str, text: str, *, whole: bool = False) -> str:
    found = hashlib.sha256("\n".join((kind, issuer, text)).encode()).hexdigest()
    return found if whole else found[:16]
