"""scim.provision, scim.map_group: groups as an identity provider keeps them, and the role that one may give here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import Count

from uptake.actions import scim_accounts, scim_audit
from uptake.actions.scim import GONE, known_form, pushed
from uptake.domain.access import Role, Viewer, require
from uptake.domain.problems import Problem
from uptake.people.scim import patch
from uptake.people.scim.kept import TEAM
from uptake.people.scim.sieve import Document, Operation, Wrong, member_ids
from uptake.records import audit
from uptake.records.models import ScimGroup, ScimMembership, ScimUser

_AT_ONCE = 500
_NO_USER = "members names somebody who is no user here. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Listed:
    """A group as the page of SCIM shows it."""

    id: str
    name: str
    people: int
    role: str


def group(viewer: Viewer, group_id: str) -> ScimGroup:
    """One group. Raises NotAllowed or Wrong (404)."""
    require(viewer, "scim.provision")
    found = ScimGroup.objects.filter(pk=known_form(group_id)).first()
    if found is None:
        raise Wrong(GONE, "", 404)
    return found


def create(viewer: Viewer, wanted: Document, now: datetime) -> ScimGroup:
    """A new group. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    row = ScimGroup(created_at=now)
    with transaction.atomic():
        _store(viewer, row, wanted, now)
    return row


def replace(viewer: Viewer, group_id: str, wanted: Document, now: datetime) -> ScimGroup:
    """A group told anew, with everybody who is in it. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    with transaction.atomic():
        row = _locked(group_id)
        _store(viewer, row, wanted, now)
    return row


def change(viewer: Viewer, group_id: str, operations: Sequence[Operation], now: datetime) -> ScimGroup:
    """A group after a patch. Raises NotAllowed or Wrong, and then nothing of the patch counts."""
    require(viewer, "scim.provision")
    with transaction.atomic():
        row = _locked(group_id)
        _store(viewer, row, patch.applied(document(row), operations, TEAM), now)
    return row


def delete(viewer: Viewer, group_id: str, now: datetime) -> None:
    """A group told no more; the role it gave is taken back. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    with transaction.atomic():
        row = _locked(group_id)
        users = members(row)
        scim_audit.of_group(viewer, row.pk, "deleted", now, members=len(users))
        row.delete()
        _give_roles(viewer, users, now)
        pushed(now)


def document(row: ScimGroup) -> Document:
    """A group as patches see it."""
    found: Document = {"displayName": row.name}
    if row.external_id:
        found["externalId"] = row.external_id
    inside = members(row)
    return found | {"members": [{"value": one} for one in inside]} if inside else found


def listed(viewer: Viewer) -> tuple[Listed, ...]:
    """Every group with how many are in it, by name. Raises NotAllowed."""
    require(viewer, "scim.view")
    rows = ScimGroup.objects.annotate(people=Count("users")).order_by("name_key", "pk")
    return tuple(Listed(row.pk, row.name, row.people, row.role) for row in rows)


def map_group(viewer: Viewer, *, group_id: str, role: str, now: datetime) -> None:
    """Say which role a group gives to accounts without one; empty: none. Raises NotAllowed or Problem."""
    require(viewer, "scim.map_group")
    if role and role not in {one.value for one in scim_accounts.ROLES}:
        label = Role(role).label if role in set(Role) else "This"
        raise Problem(f"{label} is no role that a group can give. Nothing was changed.", "Choose another one.")
    with transaction.atomic():
        row = ScimGroup.objects.select_for_update().filter(pk=known_form(group_id)).first()
        if row is None:
            raise Problem("There is no such group any more. Nothing was changed.", "Look at the list again.")
        row.role = role
        row.save(update_fields=["role"])
        audit.record(viewer, "scim.map_group", f"SCIM group {row.pk}", now, group_role=role or "none")
        _give_roles(viewer, members(row), now)


def _locked(group_id: str) -> ScimGroup:
    found = ScimGroup.objects.select_for_update().filter(pk=known_form(group_id)).first()
    if found is None:
        raise Wrong(GONE, "", 404)
    return found


def members(row: ScimGroup) -> list[str]:
    """The ids of everybody who is in a group."""
    return list(ScimMembership.objects.filter(group=row).order_by("pk").values_list("user_id", flat=True))


def _store(viewer: Viewer, row: ScimGroup, wanted: Document, now: datetime) -> None:
    fresh = row._state.adding
    named = (wanted["displayName"], wanted.get("externalId", ""))
    renamed = fresh or named != (row.name, row.external_id)
    before, after = set(() if fresh else members(row)), member_ids(wanted)
    come = [one for one in after if one not in before]
    go = [one for one in before if one not in after]
    if not renamed and not come and not go:
        return
    (row.name, row.external_id), row.name_key, row.changed_at = named, named[0].casefold(), now
    row.save(force_insert=fresh)
    _join(row, come)
    for some in _batches(go):
        ScimMembership.objects.filter(group=row, user__in=some).delete()
    scim_audit.of_group(viewer, row.pk, "created" if fresh else "changed", now, come=len(come), gone=len(go))
    _give_roles(viewer, [*come, *go], now)
    pushed(now)


def _join(row: ScimGroup, come: list[str]) -> None:
    for some in _batches(come):
        known = set(ScimUser.objects.filter(pk__in=some).values_list("pk", flat=True))
        if len(known) < len(some):
            raise Wrong(_NO_USER)
        try:
            ScimMembership.objects.bulk_create(ScimMembership(group=row, user_id=one) for one in some)
        except IntegrityError:
            raise Wrong("Somebody else changed this group at the same time.", "", 409) from None


def _give_roles(viewer: Viewer, users: list[str], now: datetime) -> None:
    for some in _batches(users):
        scim_accounts.give_roles(viewer, some, now)


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
