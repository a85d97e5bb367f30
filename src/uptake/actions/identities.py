"""people.link, people.unlink, people.mark: who of Claude's members is which person, where names and addresses do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from uptake.actions import directory
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.lake import Damaged, Entry, Lake, reader, snapshot
from uptake.people.matching import Key, Link, Matches, Member, Suggestion, Suggestions, match
from uptake.people.person import Person
from uptake.records import audit
from uptake.records.models import Connection, MemberLink

_LATEST = 28  # days of usage that are looked through for people who never were on a roster
_MARKS = ("", "contractor", "service")


@dataclass(frozen=True, slots=True)
class Open:
    """A member nobody could be found for, with whom it might be."""

    member: Member
    connection: str
    suggestions: tuple[Suggestion, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a member, to be taken back or left."""

    id: int
    member: Member | None
    connection: str
    person: Person | None
    decided: bool
    mark: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Workbench:
    """Both sides with what is left over, and what was said."""

    members: int
    matched: int
    by_how: dict[str, int]
    open: tuple[Open, ...]
    people_without: tuple[Person, ...]
    said: tuple[Said, ...]
    people: int


def workbench(viewer: Viewer, settings: Settings) -> Workbench:
    """How members and people match. Raises NotAllowed."""
    require(viewer, "people.view")
    held = directory.held(settings)
    everybody, known = members(settings), links()
    found = matches(settings)
    suggest = Suggestions(person for person in held.people.values() if person.listed)
    names = dict(Connection.objects.values_list("pk", "name"))
    return Workbench(
        members=len(everybody),
        matched=len(found.of),
        by_how=_by_how(found),
        open=tuple(
            Open(member, names.get(member.connection, ""), suggest.of(member), _mark(known, member.key))
            for member in found.members
        ),
        people_without=found.people,
        said=_said(everybody, held.people, names),
        people=sum(person.listed for person in held.people.values()),
    )


@dataclass(frozen=True, slots=True)
class Matched:
    """How many of Claude's members a person was found for."""

    members: int
    matched: int

    @property
    def share(self) -> float:
        return self.matched / self.members if self.members else 0.0


def matched(viewer: Viewer, settings: Settings) -> Matched | None:
    """How far members and people match; None where no directory is held. Raises NotAllowed."""
    require(viewer, "people.view")
    if not directory.held(settings).people:
        return None
    return Matched(len(members(settings)), len(matches(settings).of))


def _by_how(found: Matches) -> dict[str, int]:
    counts = dict.fromkeys(("said", "id", "email", "alias"), 0)
    for one in found.of.values():
        counts[one.how] += 1
    return counts


def _mark(known: dict[Key, Link], key: Key) -> str:
    return known[key].population if key in known else ""


def _said(everybody: list[Member], people: Mapping[str, Person], names: dict[str, str]) -> tuple[Said, ...]:
    by_key = {member.key: member for member in everybody}
    return tuple(
        Said(
            id=row.pk,
            member=by_key.get((str(row.connection_id), row.member_id)),
            connection=names.get(str(row.connection_id), ""),
            person=people.get(row.person_id),
            decided=row.decided,
            mark=row.population,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in MemberLink.objects.order_by("-made_at", "-pk")
    )


def members(settings: Settings) -> list[Member]:
    """Everybody at Claude whom a person might be: the roster, and who was seen in usage lately without being on it."""
    return [member for source in _sources(settings) for member in _members(settings.lake, settings.aside, *source)]


Source = tuple[str, tuple[str, ...]]
"""A connection, and the hashes of what its members are read from: equal sources have equal members."""


def _sources(settings: Settings) -> tuple[Source, ...]:
    lake = reader(settings.lake, settings.aside)
    return tuple((str(pk), _read_from(lake, str(pk))) for pk in Connection.objects.values_list("pk", flat=True))


def _read_from(lake: Lake, connection: str) -> tuple[str, ...]:
    rosters = sorted(lake.held("members", connection).items())[-1:]
    return tuple(entry.content_hash for _, entry in (*rosters, *_latest_days(lake, connection)))


def _latest_days(lake: Lake, connection: str) -> list[tuple[date, Entry]]:
    return sorted(lake.held("usage", connection).items())[-_LATEST:]


@lru_cache(maxsize=8)
def _members(root: Path, aside: Path, connection: str, _read_from: tuple[str, ...]) -> tuple[Member, ...]:
    lake = reader(root, aside)
    table = snapshot(lake, connection)
    found, known, addresses = [], set(), set()
    fields = (table[name].to_pylist() for name in ("member_id", "name", "email", "status"))
    for member_id, name, email, status in zip(*fields, strict=True):
        if member_id is not None:
            known.add(member_id)
            addresses.add(email)
            found.append(Member(connection, member_id, name, email, "active" if status == "active" else "removed"))
    for member_id, email in _lately(lake, connection).items():
        if member_id not in known and email not in addresses:
            found.append(Member(connection, member_id, None, email, "unlisted"))
    return tuple(found)


def _lately(lake: Lake, connection: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for day, entry in _latest_days(lake, connection):
        found |= _seen_on(lake.root, lake.aside, connection, day.isoformat(), entry.content_hash)
    return found


@lru_cache(maxsize=4 * _LATEST)
def _seen_on(root: Path, aside: Path, connection: str, day: str, _content: str) -> dict[str, str | None]:
    try:
        rows = reader(root, aside).read("usage", connection, date.fromisoformat(day), columns=["member_id", "email"])
    except (Damaged, FileNotFoundError):
        return {}
    return dict(zip(rows["member_id"].to_pylist(), rows["email"].to_pylist(), strict=True))


def links() -> dict[Key, Link]:
    """What was said of members, by member."""
    return {
        (str(row.connection_id), row.member_id): Link(row.person_id, row.decided, row.population, row.email)
        for row in MemberLink.objects.all()
    }


def link(viewer: Viewer, settings: Settings, *, connection: str, member_id: str, person_id: str, now: datetime) -> None:
    """Say that a member is a person of the directory, or with an empty `person_id` nobody of it.

    It holds until it is taken back, whatever a sync or an import brings. Raises NotAllowed or Problem.
    """
    require(viewer, "people.link")
    if person_id and person_id not in directory.held(settings).people:
        raise Problem("This person is not in the directory any more. Nothing was changed.", "Choose somebody else.")
    member = _member(settings, connection, member_id)
    with transaction.atomic():
        row = _row(viewer, member, now)
        row.person_id, row.decided = person_id, True
        row.save()
        about = member.email or member.member_id
        audit.record(viewer, "people.link", f"member link {row.pk}", now, about, person=person_id or "nobody")


def find(viewer: Viewer, settings: Settings, text: str) -> str:
    """The person_id of whoever has this address or employee id. Raises NotAllowed, or Problem where nobody has it."""
    require(viewer, "people.link")
    wanted = text.strip()
    for person in directory.held(settings).people.values():
        if wanted and (wanted.lower() in person.emails or wanted == person.employee_id):
            return person.person_id
    raise Problem(
        "Nobody in the directory has this address or employee id. Nothing was changed.", "Look them up first."
    )


def mark(
    viewer: Viewer, settings: Settings, *, connection: str, member_id: str, population: str, now: datetime
) -> None:
    """Mark a member as a contractor or a service account, or take the mark away. Raises NotAllowed or Problem."""
    require(viewer, "people.mark")
    if population not in _MARKS:
        raise Problem("A member is marked as contractor, as service, or not at all.", "Nothing was changed.")
    member = _member(settings, connection, member_id)
    with transaction.atomic():
        row = _row(viewer, member, now)
        row.population = population
        row.save()
        if not population and not row.decided:
            row.delete()
        audit.record(
            viewer, "people.mark", "member", now, member.email or member.member_id, population=population or "none"
        )


def unlink(viewer: Viewer, *, link_id: int, now: datetime) -> None:
    """Take back what was said of a member: ids and addresses tell again. Raises NotAllowed or Problem."""
    require(viewer, "people.unlink")
    with transaction.atomic():
        row = MemberLink.objects.filter(pk=link_id).first()
        if row is None:
            raise Problem("This was taken back already. Nothing was changed.", "The page shows what holds now.")
        about = row.email or row.member_id
        audit.record(viewer, "people.unlink", f"member link {row.pk}", now, about, person=row.person_id or "nobody")
        row.delete()


def _member(settings: Settings, connection: str, member_id: str) -> Member:
    found = next((one for one in members(settings) if one.key == (connection, member_id)), None)
    if found is None:
        raise Problem("This member is not known any more. Nothing was changed.", "Load the page again.")
    return found


def _row(viewer: Viewer, member: Member, now: datetime) -> MemberLink:
    key = {"connection_id": member.connection, "member_id": member.member_id}
    row = MemberLink.objects.select_for_update().filter(**key).first() or MemberLink(**key)
    row.email, row.made_by, row.made_at = member.email or "", viewer.name, now
    return row


def matches(settings: Settings) -> Matches:
    """Every member's person as it stands now, and who is left over on both sides."""
    said = tuple(sorted(links().items()))
    return _matches(settings, _sources(settings), directory.held(settings).mark, said)


@lru_cache(maxsize=1)
def _matches(settings: Settings, _: tuple[Source, ...], _chart: str, said: tuple[tuple[Key, Link], ...]) -> Matches:
    # One page asks several times, and nothing of it has changed since the last page as a rule.
    return match(members(settings), directory.held(settings).people, dict(said))
