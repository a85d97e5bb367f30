"""SCIM as a source of the directory: everybody it keeps, told as one delivery; and what else here looks at its people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from uptake.people.delivery import SCIM, Delivery
from uptake.people.scim.kept import ENTERPRISE
from uptake.people.scim.sieve import Document
from uptake.people.scim.told import FIELDS, Held, addresses, told
from uptake.records.models import DirectorySource, ScimMembership, ScimUser
from uptake.records.tombstones import Tombs

QUIET = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)
"""A chart is written for a company, not for each of ten thousand requests: once nothing came for a while."""


def delivered(row: DirectorySource) -> Delivery:
    """Everybody who is active; whoever is not, or was deleted, has left."""
    teams: dict[str, list[str]] = defaultdict(list)
    for user, name in ScimMembership.objects.order_by("group__name_key").values_list("user_id", "group__name"):
        teams[user].append(name)
    users = ScimUser.objects.order_by("created_at", "pk").values_list("pk", "kept", "active")
    everybody = (Held(pk, kept, here, tuple(dict.fromkeys(teams[pk]))) for pk, kept, here in users.iterator(2_000))
    people, findings = told(everybody)
    return Delivery(SCIM, row.rank, people, FIELDS, findings)


def held_of(emails: Collection[str]) -> tuple[dict[str, Any], ...]:
    """What is kept of whoever has one of these addresses, with the groups."""
    mine = [pk for pk, kept in _everybody() if not _emails(kept).isdisjoint(emails)]
    found = []
    for row in ScimUser.objects.filter(pk__in=mine).prefetch_related("groups"):
        groups = ", ".join(group.name for group in row.groups.all())
        found.append({**_flat(row.kept), "groups": groups, "made_at": row.created_at, "changed_at": row.changed_at})
    return tuple(found)


def _everybody() -> Iterator[tuple[str, Document]]:
    return ScimUser.objects.values_list("pk", "kept").iterator(2_000)


def _emails(kept: Document) -> set[str]:
    main, others = addresses(kept)
    return {main or "", *others} - {""}


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        pairs = [(f"{name}.{key}" if name and name != ENTERPRISE else key, inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{name}.{number}", inner) for number, inner in enumerate(value, start=1)]
    else:
        return {name: value}
    return {key: told for inner_name, inner in pairs for key, told in _flat(inner, inner_name).items()}


def sweep(tombs: Tombs) -> int:
    """Take out everybody who was erased. How many."""
    gone = [pk for pk, kept in _everybody() if _erased(kept, tombs)]
    return ScimUser.objects.filter(pk__in=gone).delete()[1].get("records.ScimUser", 0)


def _erased(kept: Document, tombs: Tombs) -> bool:
    number = kept.get(ENTERPRISE, {}).get("employeeNumber")
    return tombs.holds("employee", number) or any(tombs.holds("email", email) for email in _emails(kept))
