"""people.export for programs: members and people part by part, each part an entry of the audit like any file about persons.

The order is that of a digest of who somebody is, so that the cursor that goes into an address names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from uptake.actions import directory, headcount
from uptake.actions.visibility import require_person_exports
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.lake import Lake, Member, listed, reader
from uptake.people.person import Person, Population
from uptake.records import audit
from uptake.records.models import Connection

__all__ = ["Member", "PersonView", "members", "people"]


class PersonView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the company's directory; `manager_id` is a person_id."""

    person_id: str
    employee_id: str | None
    name: str | None
    email: str | None
    manager_id: str | None
    department: str | None
    location: str | None
    title: str | None
    groups: tuple[str, ...]
    population: Population
    started_on: date | None
    on_leave: bool


_View = TypeVar("_View", Member, PersonView)
Part = tuple[tuple[_View, ...], str | None]
"""What is shown, and the cursor of the next part; None at the end."""


def members(viewer: Viewer, settings: Settings, after: str, most: int, now: datetime) -> Part[Member]:
    """Everybody known at Claude, in no telling order. Raises NotAllowed."""
    require(viewer, "people.export")
    require_person_exports()
    found = [one for known in Connection.objects.order_by("pk") for one in _members(settings, known, now)]
    keyed = ((_mark(one.connection, one.member_id or one.email or ""), one) for one in found)
    return _told(viewer, "members", keyed, after, most, now)


def people(viewer: Viewer, settings: Settings, after: str, most: int, now: datetime) -> Part[PersonView]:
    """Everybody whom the directory lists, in no telling order. Raises NotAllowed, or Problem where it is damaged."""
    require(viewer, "people.export")
    require_person_exports()
    found = [one for one in directory.held(settings).people.values() if one.listed]
    return _told(viewer, "people", ((_mark(one.person_id), _person(one)) for one in found), after, most, now)


def _members(settings: Settings, connection: Connection, now: datetime) -> list[Member]:
    lake = reader(settings.lake, settings.aside)
    known = [replace(one, connection=connection.name) for one in listed(lake, str(connection.pk), now)]
    return known + [
        Member(connection.name, member_id, None, email, None, "unlisted", None, None)
        for member_id, email in _unlisted(lake, settings, str(connection.pk)).items()
    ]


def _unlisted(lake: Lake, settings: Settings, connection: str) -> dict[str, str | None]:
    return headcount.unlisted(lake, settings.cache, connection, lake.held("usage", connection))


def _person(one: Person) -> PersonView:
    return PersonView(**{name: getattr(one, name) for name in PersonView.__struct_fields__})


def _mark(*who: str) -> str:
    return sha256("\0".join(who).encode()).hexdigest()[:16]


def _told(
    viewer: Viewer, what: str, keyed: Iterable[tuple[str, _View]], after: str, most: int, now: datetime
) -> Part[_View]:
    rest: Sequence[tuple[str, _View]] = sorted(
        ((key, one) for key, one in keyed if key > after), key=lambda row: row[0]
    )
    part = rest[:most]
    audit.record(viewer, "people.export", f"{what} by API", now, rows=len(part))
    return tuple(one for _, one in part), part[-1][0] if len(rest) > most else None
