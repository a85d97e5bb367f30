"""Users and groups by filter and page, as an identity provider looks for them. Filters decide; indexes only make it short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from uptake.actions.scim_groups import document
from uptake.domain.access import Viewer, require
from uptake.people.scim import filters
from uptake.people.scim.filters import Filter
from uptake.people.scim.kept import ENTERPRISE, PERSON, TEAM, Attribute
from uptake.people.scim.sieve import Document
from uptake.records.models import ScimGroup, ScimUser

Row = TypeVar("Row", bound=Model)
_CHUNK = 2_000
MOST_USERS, MOST_GROUPS = 200, 50
"""Rows of one page, however many were asked for."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """A page of what was found, and how much there is."""

    rows: tuple[Row, ...]
    total: int


def users(viewer: Viewer, text: str, start: int, count: int) -> Found[ScimUser]:
    """Users that pass a filter, or all; `start` counts from 1. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    rows = ScimUser.objects.order_by("created_at", "pk").prefetch_related("groups")
    return _found(rows, _read(text, PERSON), _USERS, _user, start, min(count, MOST_USERS))


def groups(viewer: Viewer, text: str, start: int, count: int) -> Found[ScimGroup]:
    """Groups that pass a filter, or all. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    rows = ScimGroup.objects.order_by("created_at", "pk")
    return _found(rows, _read(text, TEAM), _GROUPS, _group, start, min(count, MOST_GROUPS))


def managers(rows: Iterable[ScimUser]) -> dict[str, Document]:
    """What is kept of everybody whom the users call their manager by id."""
    called = {one.kept.get(ENTERPRISE, {}).get("manager", {}).get("value", "") for one in rows}
    return dict(ScimUser.objects.filter(pk__in=called - {""}).values_list("pk", "kept"))


def at(moment: datetime) -> str:
    """A moment as SCIM writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str, whole: Attribute) -> Filter | None:
    return filters.read(text, whole) if text else None


def _found(
    rows: QuerySet[Row], wanted: Filter | None, columns: Mapping[str, str], see: Callable[[Row, Filter], Document],
    start: int, count: int,
) -> Found[Row]:  # fmt: skip
    first = max(start, 1) - 1
    last = first + max(count, 0)
    if wanted is None:
        return Found(tuple(rows[first:last]), rows.count())
    page, total = [], 0
    for row in _narrowed(rows, wanted, columns).iterator(_CHUNK):
        if wanted.test(see(row, wanted)):
            if first <= total < last:
                page.append(row)
            total += 1
    return Found(tuple(page), total)


def _narrowed(rows: QuerySet[Row], wanted: Filter, columns: Mapping[str, str]) -> QuerySet[Row]:
    for path, value in wanted.equals.items():
        if isinstance(value, str) and "\0" in value:
            return rows.none()  # nothing kept holds it, and PostgreSQL does not take it
        if path in columns and isinstance(value, str):
            rows = rows.filter(**{columns[path]: value.casefold() if columns[path].endswith("_key") else value})
    return rows


_USERS = {"id": "pk", "userName": "user_key", "externalId": "external_id"}
_GROUPS = {"id": "pk", "displayName": "name_key", "externalId": "external_id", "members.value": "users__pk"}


def _user(row: ScimUser, wanted: Filter) -> Document:
    seen = {**row.kept, **_common(row)}
    if "groups" in wanted.names:
        seen["groups"] = [{"value": one.pk, "display": one.name} for one in row.groups.all()]
    return seen


def _group(row: ScimGroup, wanted: Filter) -> Document:
    told = document(row) if "members" in wanted.names else {"displayName": row.name, "externalId": row.external_id}
    return {**told, **_common(row)}


def _common(row: ScimUser | ScimGroup) -> dict[str, Any]:
    return {"id": row.pk, "meta": {"created": at(row.created_at), "lastModified": at(row.changed_at)}}
