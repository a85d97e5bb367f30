"""Who holds a seat, or is invited to one: the roster with what the company's directory says of each. Nothing of any use."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow.compute as pc

from uptake.actions import directory, identities
from uptake.config import Settings
from uptake.lake import reader, snapshot
from uptake.metrics import ConnectionFacts, Facts
from uptake.people.matching import Key, Link
from uptake.people.person import Person


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who holds a seat, or is invited to one: then without a member id."""

    connection: str
    organisation: str
    member_id: str
    name: str
    email: str
    population: str
    invite: str = ""  # as the roster has it
    expires_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.connection, self.member_id

    @property
    def text(self) -> str:
        return f"{self.name}\n{self.email}".casefold() + f"\n{_plain(self.name)}"


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody with a seat by name, and how many are left out."""

    seats: tuple[tuple[str, Seat], ...]  # with the text that is searched
    on_leave: int
    gone: int


def connected_of(facts: Facts) -> list[ConnectionFacts]:
    return [one for one in facts.connections if one.connected]


def roll(settings: Settings, facts: Facts, now: datetime) -> Roll:
    """Worked out once while roster, directory and what was said of members stay."""
    connected = tuple((one.id, one.name) for one in connected_of(facts))
    said = tuple(sorted(facts.links.items()))
    return _made(settings, settings.lake, facts.version, connected, directory.held(settings).mark, said, now.date())


@lru_cache(maxsize=2)
def _made(
    settings: Settings,
    _lake: Path,
    _version: str,
    connected: tuple[tuple[str, str], ...],
    _chart: str,
    said: tuple[tuple[Key, Link], ...],
    today: date,
) -> Roll:
    names, marks = dict(connected), dict(said)
    people, matched = directory.held(settings).people, identities.matches(settings).of
    seats, on_leave, gone = [], 0, 0
    for member in identities.members(settings):
        if member.status != "active" or member.connection not in names:
            continue
        match = matched.get(member.key)
        person = people.get(match.person_id) if match else None
        if person and _left(person, today):
            gone += 1
        elif person and person.on_leave:
            on_leave += 1
        else:
            name = member.name or (person.shown if person else "") or member.email or member.member_id
            mark = marks[member.key].population if member.key in marks else ""
            counts_as = mark or (person.population if person else "")
            seats.append(
                Seat(member.connection, names[member.connection], member.member_id, name, member.email or "", counts_as)
            )
    seats += [seat for connection, name in connected for seat in _invites(settings, connection, name)]
    seats.sort(key=lambda seat: (_plain(seat.name), seat.email, seat.key))
    return Roll(tuple((seat.text, seat) for seat in seats), on_leave, gone)


def _plain(name: str) -> str:
    """A name without case and accents: Álvarez stands beside Alvarez, and is found by it."""
    return "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))


def _left(person: Person, today: date) -> bool:
    return not person.listed if person.ended_on is None else person.ended_on < today


def _invites(settings: Settings, connection: str, organisation: str) -> Iterator[Seat]:
    table = snapshot(reader(settings.lake, settings.aside), connection)
    rows: Iterable[dict[str, object]] = table.filter(pc.is_null(table["member_id"])).to_pylist()
    for row in rows:
        email, expires = str(row["email"] or ""), row["expires_at"]
        yield Seat(
            connection,
            organisation,
            "",
            email,
            "",
            "",
            invite=str(row["status"]),
            expires_at=expires if isinstance(expires, datetime) else None,
        )
