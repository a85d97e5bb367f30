"""What SCIM does to accounts: who is deactivated loses sign-in, sessions and tokens in the same transaction.

An account is a user's by the link that SCIM made. By the address alone only accounts without any power are linked, and
none but those are brought back: SCIM makes nobody an administrator again, and never touches the last Company Admin.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from uptake.actions import scim_audit
from uptake.config import Settings
from uptake.domain.access import Role, Viewer, require
from uptake.people.scim.sieve import Wrong
from uptake.people.scim.told import addresses
from uptake.records.models import Account, ApiToken, ScimLink, ScimMembership, ScimUser, SignInLink, WebSession

_LONGEST_ADDRESS = 254  # of an account
_WITHOUT_POWER = (Role.EMPLOYEE.value, Role.MANAGER.value)
ROLES = (Role.HR_ADMIN, Role.IT_ADMIN, Role.AUDITOR)
"""What a group may give, the first that somebody's groups give. Company Admin is not among them and cannot be."""

_LAST = (
    "This user is the last Company Admin of uptake: nobody could manage it any more. Nothing was changed. "
    "Make another Company Admin there first."
)


def settle(viewer: Viewer, settings: Settings, user: ScimUser, now: datetime, *, gone: bool = False) -> None:
    """Bring the account in line with the user, in the caller's transaction. Raises NotAllowed or Wrong (409)."""
    require(viewer, "scim.provision")
    here = user.active and not gone
    link = _link(viewer, settings, user, now, make=here)
    if link is None:
        return
    account = Account.objects.select_for_update().get(pk=link.account_id)
    if not here:
        _end(viewer, link, account, now)
        return
    if link.ended_at is not None:
        _bring_back(viewer, link, account, now)
    give_roles(viewer, [user.pk], now)


def _link(viewer: Viewer, settings: Settings, user: ScimUser, now: datetime, *, make: bool) -> ScimLink | None:
    found = ScimLink.objects.filter(user=user).first()
    if found is not None:
        return found
    main, others = addresses(user.kept)
    known = {main, *others} - {None}
    account = Account.objects.filter(email__in=known, role__in=_WITHOUT_POWER).order_by("pk").first()
    if account is not None:
        return _linked(account, user)
    if make and settings.scim_accounts and main and len(main) <= _LONGEST_ADDRESS:
        return _made(viewer, user, main, now)
    return None


def _linked(account: Account, user: ScimUser) -> ScimLink | None:
    link, _ = ScimLink.objects.select_for_update().get_or_create(account=account)
    if link.user_id is not None:
        return None  # it is another user's, whatever this one says of an address
    link.user = user
    link.save(update_fields=["user"])
    return link


def _made(viewer: Viewer, user: ScimUser, email: str, now: datetime) -> ScimLink | None:
    if Account.objects.filter(email=email).exists():
        return None
    account = Account.objects.create_user(email)
    scim_audit.of_account(viewer, account.email, "made", now)
    return ScimLink.objects.create(account=account, user=user, made=True)


def _end(viewer: Viewer, link: ScimLink, account: Account, now: datetime) -> None:
    if not account.is_active:
        return
    if account.role == Role.COMPANY_ADMIN.value:
        _require_another(account)
    if link.role_given and account.role == link.role_given:
        account.role, link.role_given = Role.EMPLOYEE.value, ""
    account.is_active = False
    account.save(update_fields=["is_active", "role"])
    link.ended_at = now
    link.save(update_fields=["ended_at", "role_given"])
    sessions = WebSession.objects.filter(account=account).delete()[0]
    tokens = ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
    SignInLink.objects.filter(account=account, used_at=None).delete()
    scim_audit.of_account(viewer, account.email, "ended", now, sessions=sessions, tokens=tokens)


def _require_another(account: Account) -> None:
    admins = Account.objects.select_for_update().filter(role=Role.COMPANY_ADMIN.value, is_active=True)
    if not [one for one in admins.order_by("pk") if one.pk != account.pk]:
        raise Wrong(_LAST, "mutability", 409)


def _bring_back(viewer: Viewer, link: ScimLink, account: Account, now: datetime) -> None:
    if account.role not in _WITHOUT_POWER:
        return  # whoever had power is brought back by people
    link.ended_at = None
    link.save(update_fields=["ended_at"])
    if not account.is_active:
        account.is_active = True
        account.save(update_fields=["is_active"])
        scim_audit.of_account(viewer, account.email, "brought back", now)


def give_roles(viewer: Viewer, users: Iterable[str], now: datetime) -> None:
    """The roles that groups give to users' accounts, and take back. What somebody gave by hand stays as it is."""
    require(viewer, "scim.provision")
    links = ScimLink.objects.filter(user__in=list(users), account__is_active=True).select_related("account")
    wanted = _wanted([link.user_id for link in links if link.user_id])
    for link in links:
        role = wanted.get(link.user_id or "", "")
        account = link.account
        if role == link.role_given or account.role not in {*_WITHOUT_POWER, link.role_given}:
            continue
        account.role = role or Role.EMPLOYEE.value
        account.save(update_fields=["role"])
        link.role_given = role
        link.save(update_fields=["role_given"])
        WebSession.objects.filter(account=account).delete()  # what was opened with one role is not used with another
        scim_audit.of_account(viewer, account.email, "role", now, account_role=account.role)


def _wanted(users: list[str]) -> dict[str, str]:
    given = ScimMembership.objects.filter(user__in=users, user__active=True, group__role__in=[*ROLES])
    found: dict[str, str] = {}
    for user, role in given.values_list("user_id", "group__role"):
        found[user] = min(found.get(user, role), role, key=lambda one: ROLES.index(Role(one)))
    return found
