"""Users, groups and what this server can do, as SCIM shows them: django-scim2's adapters over our actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django_scim.adapters import SCIMGroup, SCIMUser
from django_scim.models import SCIMServiceProviderConfig

from uptake.actions import scim, scim_groups, scim_lists
from uptake.api.scim_door import LARGEST, viewer_of
from uptake.people.scim.kept import ENTERPRISE, GROUP, USER
from uptake.people.scim.sieve import Document
from uptake.records.models import ScimGroup, ScimUser


def base_of(request: HttpRequest, *_: Any, **__: Any) -> str:
    """The address this server is reached at. Behind HTTPS it says so, whatever the proxy forwards as."""
    scheme = "https" if settings.UPTAKE.secure_cookies else request.scheme
    return f"{scheme}://{request.get_host()}"


class _Kept:
    """What both adapters do alike: the sieve has made the document, and an action keeps it."""

    id_field = "pk"
    obj: Any
    request: HttpRequest

    def validate_dict(self, _document: Document) -> None:
        """The sieve has refused what is wrong already."""

    def from_dict(self, document: Document) -> None:
        self.wanted = document

    @property
    def meta(self) -> dict[str, Any]:
        return {
            "resourceType": self.resource_type,  # type: ignore[attr-defined]
            "created": scim_lists.at(self.obj.created_at),
            "lastModified": scim_lists.at(self.obj.changed_at),
            "location": self.location,  # type: ignore[attr-defined]
        }


class User(_Kept, SCIMUser):  # type: ignore[misc]
    """A user."""

    obj: ScimUser
    managers: Mapping[str, Document] | None = None  # of a whole page, where there is one

    def to_dict(self) -> dict[str, Any]:
        kept = dict(self.obj.kept)
        work = kept.pop(ENTERPRISE, None)
        shown = {"schemas": [USER, ENTERPRISE] if work else [USER], "id": self.obj.pk, **kept}
        if work:
            shown[ENTERPRISE] = work | ({"manager": self._manager(work["manager"])} if "manager" in work else {})
        groups = [
            {"value": group.pk, "$ref": _location(self.request, "groups", group.pk), "display": group.name}
            for group in self.obj.groups.all()
        ]
        return shown | ({"groups": groups} if groups else {}) | {"meta": self.meta}

    def _manager(self, manager: Document) -> Document:
        known = self.managers if self.managers is not None else scim_lists.managers([self.obj])
        found = known.get(manager["value"])
        if found is None:
            return manager
        name = found.get("displayName") or found["userName"]
        return manager | {"$ref": _location(self.request, "users", manager["value"]), "displayName": name}

    def save(self) -> None:
        viewer, now, ours = viewer_of(self.request), datetime.now(UTC), settings.UPTAKE
        if self.obj._state.adding:
            self.obj = scim.create(viewer, ours, self.wanted, now)
        else:
            self.obj = scim.replace(viewer, ours, self.obj.pk, self.wanted, now)

    def delete(self) -> None:
        scim.delete(viewer_of(self.request), settings.UPTAKE, self.obj.pk, datetime.now(UTC))

    def handle_operations(self, operations: Any) -> None:
        now = datetime.now(UTC)
        self.obj = scim.change(viewer_of(self.request), settings.UPTAKE, self.obj.pk, operations, now)

    @classmethod
    def resource_type_dict(cls, request: HttpRequest | None = None) -> dict[str, Any]:
        more = {"endpoint": "/Users", "schemaExtensions": [{"schema": ENTERPRISE, "required": False}]}
        return dict(super().resource_type_dict(request)) | more


class Group(_Kept, SCIMGroup):  # type: ignore[misc]
    """A group. `members` False: everybody who is in it is left out, as identity providers ask for large ones."""

    obj: ScimGroup
    with_members = True

    def to_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"schemas": [GROUP], "id": self.obj.pk, "displayName": self.obj.name}
        if self.obj.external_id:
            shown["externalId"] = self.obj.external_id
        found = self._members() if self.with_members else []
        return shown | ({"members": found} if found else {}) | {"meta": self.meta}

    def _members(self) -> list[dict[str, str]]:
        base = _location(self.request, "users", "")
        return [{"value": user, "$ref": base + user} for user in scim_groups.members(self.obj)]

    def save(self) -> None:
        viewer, now = viewer_of(self.request), datetime.now(UTC)
        if self.obj._state.adding:
            self.obj = scim_groups.create(viewer, self.wanted, now)
        else:
            self.obj = scim_groups.replace(viewer, self.obj.pk, self.wanted, now)

    def delete(self) -> None:
        scim_groups.delete(viewer_of(self.request), self.obj.pk, datetime.now(UTC))

    def handle_operations(self, operations: Any) -> None:
        self.obj = scim_groups.change(viewer_of(self.request), self.obj.pk, operations, datetime.now(UTC))

    @classmethod
    def resource_type_dict(cls, request: HttpRequest | None = None) -> dict[str, Any]:
        return dict(super().resource_type_dict(request)) | {"endpoint": "/Groups"}


class Abilities(SCIMServiceProviderConfig):  # type: ignore[misc]
    """What this server can do: django-scim2 says of itself that it cannot filter; this one can."""

    def to_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = super().to_dict()
        told.pop("documentationUri")
        return told | {
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": LARGEST},
            "filter": {"supported": True, "maxResults": scim_lists.MOST_USERS},
            "changePassword": {"supported": False},
        }


def chosen(shown: dict[str, Any], only: str, without: str) -> dict[str, Any]:
    """What was asked for of a resource: `attributes` and `excludedAttributes`. Ids and schemas are always told."""
    if only:
        wanted = _tops(only) | {"id", "schemas"}
        return {name: value for name, value in shown.items() if name.casefold() in wanted}
    left_out = _tops(without) - {"id", "schemas"}
    return {name: value for name, value in shown.items() if name.casefold() not in left_out}


def _tops(names: str) -> set[str]:
    """The attributes at the top that a list of paths begins with, in lower case."""
    found = set()
    for name in names.split(","):
        path = name.strip().casefold()
        extension = ENTERPRISE.casefold()
        core = path.removeprefix(f"{USER}:".casefold()).removeprefix(f"{GROUP}:".casefold())
        found.add(extension if path.startswith(extension) else core.partition(".")[0])
    return found - {""}


def _location(request: HttpRequest, what: str, pk: str) -> str:
    path = reverse(f"scim:{what}", kwargs={"uuid": pk or "-"})
    return base_of(request) + (path if pk else path.removesuffix("-"))
