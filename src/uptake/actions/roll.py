"""people.view: the directory as its pages show it: how many, from which sources, who, in which teams. Never any usage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator

from uptake.actions import directory, identities
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.people.person import Person
from uptake.people.sources import LABELS, ORDER, SOURCES
from uptake.people.teams import Team, teams
from uptake.records.models import DirectorySource

_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as it stands. `state`: never, ok, failing, stopped, held_back."""

    name: str
    label: str
    tells: str
    rank: int
    connected: bool
    state: str
    people: int
    last_ok_at: datetime | None
    cause: str
    hint: str
    last_four: str
    held: str  # the mark of what is held back


@dataclass(frozen=True, slots=True)
class Standing:
    """The directory at a glance."""

    people: int
    departments: int
    managers: int
    week: date | None
    members: int
    matched: int
    sources: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the list."""

    person: Person
    manager: str
    member: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a page of the people who were looked for."""

    lines: tuple[Line, ...]
    page: Page[Person]


def standing(viewer: Viewer, settings: Settings) -> Standing:
    """How the directory stands. Raises NotAllowed or Problem."""
    require(viewer, "people.view")
    held = directory.held(settings)
    listed = [person for person in held.people.values() if person.listed]
    found = identities.matches(settings)
    return Standing(
        people=len(listed),
        departments=len({person.department for person in listed if person.department}),
        managers=len({person.manager_id for person in listed if person.manager_id}),
        week=held.week,
        members=len(identities.members(settings)),
        matched=len(found.of),
        sources=sources(),
    )


def sources() -> tuple[SourceView, ...]:
    """Every source in the order in which they are believed."""
    rows = {row.name: row for row in DirectorySource.objects.all()}
    views = [
        _view(rows.get(about.name) or DirectorySource(name=about.name, rank=ORDER.index(about.name) + 1), about.tells)
        for about in SOURCES
    ]
    return tuple(sorted(views, key=lambda view: view.rank))


def _view(row: DirectorySource, tells: str) -> SourceView:
    return SourceView(
        name=row.name,
        label=LABELS[row.name],
        tells=tells,
        rank=row.rank,
        connected=row.enabled,
        state=row.state if row.last_ok_at or row.state != "ok" else "never",
        people=row.people,
        last_ok_at=row.last_ok_at,
        cause=row.cause,
        hint=row.hint,
        last_four=row.last_four,
        held=row.held_hash if row.state == "held_back" else "",
    )


def listing(viewer: Viewer, settings: Settings, words: str, number: str) -> Listing:
    """Those whose name, address, id, department or title holds every word; a page of fifty. Raises NotAllowed."""
    require(viewer, "people.view")
    people = directory.held(settings).people
    wanted = words.casefold().split()
    found = [one for one in people.values() if one.listed and all(word in _text(one) for word in wanted)]
    found.sort(key=lambda one: (one.shown.casefold(), one.person_id))
    page = Paginator(found, _A_PAGE).get_page(number)
    with_member = {one.person_id for one in identities.matches(settings).of.values()}
    lines = (Line(one, _manager(one, people), one.person_id in with_member) for one in page)
    return Listing(tuple(lines), page)


def _text(person: Person) -> str:
    parts = (person.name, *person.emails, person.employee_id, person.department, person.title, person.location)
    return "\n".join(part for part in parts if part).casefold()


def _manager(person: Person, people: Mapping[str, Person]) -> str:
    found = people.get(person.manager_id or "")
    return found.shown if found else ""


def team_list(viewer: Viewer, settings: Settings, today: date) -> tuple[Team, ...]:
    """The teams of now with how many people each has. Raises NotAllowed."""
    require(viewer, "people.view")
    return teams(directory.held(settings).people, today)
