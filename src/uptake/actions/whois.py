"""Everything one person is known by: addresses, member ids, the place in the directory. For their own data, and erasure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from uptake.actions import directory, identities
from uptake.config import Settings
from uptake.domain.access import Viewer
from uptake.domain.visibility import Relation
from uptake.people.matching import Key, Member
from uptake.people.person import Person
from uptake.people.tree import above, all_above


@dataclass(frozen=True, slots=True)
class Known:
    """One person. `members`: connection and member id; `emails` in lower case."""

    emails: frozenset[str]
    members: frozenset[Key]
    person: Person | None

    @property
    def nobody(self) -> bool:
        return not self.members and self.person is None


def by_email(settings: Settings, email: str) -> Known:
    """Whoever has the address now. A member who had it before somebody else is not that person."""
    email = email.strip().lower()
    people = directory.held(settings).people
    found = [person for person in people.values() if email in person.emails]
    present = [person for person in found if person.listed] or found
    return _known(settings, present[0] if len(present) == 1 else None, email)


def themselves(settings: Settings, email: str) -> Known:
    """What an account may take for itself: only members who have its own address at Claude.

    Links, ids and further addresses are said by others, or by the viewer: nobody becomes somebody else by them.
    """
    email = email.strip().lower()
    emails = frozenset({email} - {""})
    members = _present(identities.members(settings), emails)
    return Known(emails, frozenset(members), by_email(settings, email).person)


def by_person(settings: Settings, person_id: str) -> Known | None:
    """A person of the directory; None where there is nobody of that id."""
    person = directory.held(settings).people.get(person_id)
    return _known(settings, person, person.email or "") if person else None


def by_member(settings: Settings, member_id: str) -> Known:
    """Whoever has the member id at Claude."""
    member = next((one for one in identities.members(settings) if one.member_id == member_id), None)
    if member is None:
        return Known(frozenset(), frozenset(), None)
    known = by_email(settings, member.email) if member.email else Known(frozenset(), frozenset(), None)
    return Known(known.emails, known.members | {member.key}, known.person)


def _known(settings: Settings, person: Person | None, email: str) -> Known:
    emails = frozenset({email, *(person.emails if person else ())} - {""})
    everybody = identities.members(settings)
    # Matched by an address alone may also be whoever had it before: of those only the ones who are still there.
    sure = {
        key
        for key, one in identities.matches(settings).of.items()
        if person and one.person_id == person.person_id and one.how in {"said", "id"}
    }
    return Known(emails, frozenset(sure | _present(everybody, emails)), person)


def _present(everybody: list[Member], emails: frozenset[str]) -> set[Key]:
    """Members who have one of the addresses; of several in a connection those who are still there."""
    found = [member for member in everybody if member.email in emails]
    active = {member.connection for member in found if member.status != "removed"}
    return {one.key for one in found if one.status != "removed" or one.connection not in active}


def below(settings: Settings, viewer: Viewer) -> list[Person]:
    """Everybody whose managers the viewer is among, by the newest org chart."""
    people = directory.held(settings).people
    mine = _themselves(viewer, people)
    managers = {one.person_id: one.manager_id for one in people.values()}
    chains = all_above(managers) if len(mine) == 1 else {}
    return [
        people[one] for one, chain in chains.items() if people[one].listed and one not in mine and mine & set(chain)
    ]


def relation(settings: Settings, viewer: Viewer, person: Person) -> Relation:
    """What a viewer is to a person, by the newest org chart."""
    people = directory.held(settings).people
    mine = _themselves(viewer, people)
    if len(mine) != 1:
        return Relation.OTHER  # nobody, or not sure who: then nobody's manager
    if person.person_id in mine:
        return Relation.SELF
    managers = {one.person_id: one.manager_id for one in people.values()}
    return Relation.REPORT if mine & set(above(person.person_id, managers)) else Relation.OTHER


def _themselves(viewer: Viewer, people: Mapping[str, Person]) -> set[str]:
    """Nobody while looking as another role: a role has no person, and the account's own reports are not that role's."""
    if viewer.real is not None:
        return set()
    return {one.person_id for one in people.values() if viewer.name in one.emails and one.listed}
