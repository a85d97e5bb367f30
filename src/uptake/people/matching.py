"""Who of Claude's members is which person: what somebody said first, then ids, main addresses, further addresses.

A guess is a suggestion, never a match: nobody is taken for somebody else because their names look alike.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from uptake.people.person import Person, Population

How = Literal["said", "id", "email", "alias"]
Key = tuple[str, str]
"""A member: connection and member id; invited people, who have none, by their address."""

_SUGGESTED = 3


class Member(msgspec.Struct, frozen=True):
    """A member as far as telling who it is needs."""

    connection: str
    member_id: str
    name: str | None = None
    email: str | None = None
    status: str = "active"

    @property
    def key(self) -> Key:
        return self.connection, self.member_id


class Link(msgspec.Struct, frozen=True):
    """What somebody said of a member. `person_id` empty: nobody of the directory, where `decided`."""

    person_id: str = ""
    decided: bool = False
    population: str = ""
    email: str = ""


class Match(msgspec.Struct, frozen=True):
    person_id: str
    how: How


@dataclass(frozen=True, slots=True)
class Matches:
    """Every member's person, and who is left over on both sides. `aside`: members said to be nobody of the directory."""

    of: Mapping[Key, Match]
    members: tuple[Member, ...]
    people: tuple[Person, ...]
    aside: tuple[Member, ...]


def match(members: Sequence[Member], people: Mapping[str, Person], links: Mapping[Key, Link]) -> Matches:
    """Members to people. Texts that two people share tell neither; people who left are matched too: they have a past."""
    find = _Finder(people, links)
    found: dict[Key, Match] = {}
    left, aside = [], []
    for member in members:
        link = links.get(member.key)
        if link is not None and link.decided and not link.person_id:
            aside.append(member)
        elif (one := find.person(member, link)) is not None:
            found[member.key] = one
        elif link is not None and link.population == "service":
            aside.append(member)
        else:
            left.append(member)
    known = {one.person_id for one in found.values()}
    without = (person for person in people.values() if person.listed and person.person_id not in known)
    return Matches(found, tuple(left), tuple(without), tuple(aside))


class _Finder:
    """The directory by everything that tells a person for sure."""

    def __init__(self, people: Mapping[str, Person], links: Mapping[Key, Link]) -> None:
        self._people = people
        self._ids = _unique((person.claude_id, person) for person in people.values())
        self._mains = _unique((person.email, person) for person in people.values())
        self._aliases = _unique((email, person) for person in people.values() for email in person.emails)
        self._said = {link.email: link.person_id for link in links.values() if link.person_id and link.email}

    def person(self, member: Member, link: Link | None) -> Match | None:
        if link is not None and link.person_id in self._people:
            return Match(link.person_id, "said")
        if member.member_id in self._ids:
            return Match(self._ids[member.member_id], "id")
        if not member.email:
            return None
        if self._said.get(member.email) in self._people:
            return Match(self._said[member.email], "said")
        if member.email in self._mains:
            return Match(self._mains[member.email], "email")
        return Match(self._aliases[member.email], "alias") if member.email in self._aliases else None


def _unique(pairs: Iterable[tuple[str | None, Person]]) -> dict[str, str]:
    """Text to person. Where two share it, the one who is still there counts; where both are, neither does."""
    found: dict[str, dict[str, Person]] = defaultdict(dict)
    for text, person in pairs:
        if text:
            found[text][person.person_id] = person
    sure = {}
    for text, people in found.items():
        present = [person for person in people.values() if person.listed] or list(people.values())
        if len(present) == 1:
            sure[text] = present[0].person_id
    return sure


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody a member might be, with the reason in words."""

    person: Person
    why: str


class Suggestions:
    """Guesses for people to decide on. Made once for a directory, asked for each member."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._locals: dict[str, list[Person]] = defaultdict(list)
        self._names: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            for email in person.emails:
                self._locals[_local(email)].append(person)
            if person.name:
                self._names[_words(person.name)].append(person)

    def of(self, member: Member) -> tuple[Suggestion, ...]:
        """At most three, the likeliest first."""
        found: dict[str, Suggestion] = {}
        for person, why in self._reasons(member):
            found.setdefault(person.person_id, Suggestion(person, why))
        return tuple(found.values())[:_SUGGESTED]

    def _reasons(self, member: Member) -> Iterable[tuple[Person, str]]:
        local = _local(member.email or "")
        for person in self._locals.get(local, ()) if local else ():
            same = any(_host(email) == _host(member.email or "") for email in person.emails)
            yield person, "same address but for the part after +" if same else "same address at another domain"
        for person in self._names.get(_words(member.name), ()) if member.name else ():
            yield person, "same name"
        spelled = _words(local.replace(".", " ").replace("_", " ").replace("-", " "))
        for person in self._names.get(spelled, ()) if " " in spelled else ():
            yield person, "the address spells the name"


def _local(email: str) -> str:
    return email.rpartition("@")[0].partition("+")[0].lower()


def _host(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _words(text: str) -> str:
    """A name's words without accents, in order of the alphabet: “Müller, Zoë” is “zoe muller”."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(sorted("".join(char if char.isalnum() else " " for char in bare).split()))


def population(person: Person | None, link: Link | None) -> Population:
    """What a member counts as: as somebody marked the member, else as the directory says, else an employee."""
    if link is not None and link.population in ("contractor", "service"):
        return "contractor" if link.population == "contractor" else "service"
    return person.population if person is not None else "employee"
