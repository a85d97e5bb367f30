"""A person of the company directory: what each source says, and what follows from all of them.

Nothing here knows Claude's members: who of them is which person is matching.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

Population = Literal["employee", "contractor", "service"]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of one person. None, or nothing: the source does not say.

    `key` is the source's own name for the person and never changes there; `rank` is the source's place in the order of
    precedence when this was written, 1 first; `listed` is False once the source no longer names the person.
    """

    person_id: str
    source: str
    rank: int
    key: str
    name: str | None = None
    email: str | None = None
    other_emails: tuple[str, ...] = ()
    employee_id: str | None = None
    claude_id: str | None = None
    manager_id: str | None = None  # a person_id
    department: str | None = None
    location: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    population: Population | None = None
    started_on: date | None = None
    ended_on: date | None = None
    on_leave: bool | None = None
    listed: bool = True


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person as all sources together tell it. `emails`: the main one first, then every other one known."""

    person_id: str
    name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    employee_id: str | None = None
    claude_id: str | None = None
    manager_id: str | None = None
    department: str | None = None
    location: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    population: Population = "employee"
    started_on: date | None = None
    ended_on: date | None = None
    on_leave: bool = False
    listed: bool = True
    sources: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """How the person is called where a name is needed."""
        return self.name or self.email or self.employee_id or self.person_id

    def works_in(self, monday: date, sunday: date) -> bool:
        """Whether the person belongs to the company on any day from Monday to Sunday."""
        begun = self.started_on is None or self.started_on <= sunday
        return begun and (self.listed if self.ended_on is None else self.ended_on >= monday)


_WITHOUT_PRESENCE = frozenset({"claude_groups"})
"""Sources that do not tell whether somebody is still there, only something about those who are."""

_FIRST_SAID = (
    "name", "email", "employee_id", "claude_id", "manager_id", "department", "location", "title", "population",
    "started_on", "on_leave",
)  # fmt: skip


def merged(said: Iterable[Said]) -> dict[str, Person]:
    """Every person once. A field is what the first source in the order of precedence says that says anything.

    E-mail addresses and groups add up. Whether somebody is still there is for the first source that ever named them.
    """
    voices: dict[str, list[Said]] = {}
    for voice in said:
        voices.setdefault(voice.person_id, []).append(voice)
    return {person_id: _person(sorted(found, key=lambda voice: voice.rank)) for person_id, found in voices.items()}


def _person(voices: list[Said]) -> Person:
    if len(voices) == 1:
        return _alone(voices[0])
    first = next((voice for voice in voices if voice.source not in _WITHOUT_PRESENCE), voices[0])
    # Where one source has let go of somebody whom another still names, its other words count only after the others'.
    ranked = sorted(voices, key=lambda voice: (not voice.listed, voice.rank))
    fields = {name: _said_first(ranked, name) for name in _FIRST_SAID}
    addresses = [voice.email for voice in ranked] + [more for voice in ranked for more in voice.other_emails]
    return Person(
        person_id=first.person_id,
        emails=tuple(dict.fromkeys(address for address in addresses if address)),
        groups=tuple(dict.fromkeys(group for voice in ranked if voice.listed for group in voice.groups)),
        ended_on=first.ended_on,
        listed=first.listed,
        sources=tuple(voice.source for voice in voices if voice.listed),
        **{name: value for name, value in fields.items() if value is not None},  # type: ignore[arg-type]
    )


def _alone(voice: Said) -> Person:
    """The same for one source, written out: most directories have one, and a hundred thousand people."""
    return Person(
        person_id=voice.person_id,
        name=voice.name,
        email=voice.email,
        emails=(voice.email, *voice.other_emails) if voice.email else voice.other_emails,
        employee_id=voice.employee_id,
        claude_id=voice.claude_id,
        manager_id=voice.manager_id,
        department=voice.department,
        location=voice.location,
        title=voice.title,
        groups=voice.groups if voice.listed else (),
        population=voice.population or "employee",
        started_on=voice.started_on,
        ended_on=voice.ended_on,
        on_leave=bool(voice.on_leave),
        listed=voice.listed,
        sources=(voice.source,) if voice.listed else (),
    )


def _said_first(voices: list[Said], name: str) -> object:
    return next((value for voice in voices if (value := getattr(voice, name)) is not None), None)
