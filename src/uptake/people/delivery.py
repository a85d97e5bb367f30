"""What a source brings at one time, made unambiguous: rows that contradict each other are left out and named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from uptake.people.person import Person
from uptake.people.rows import Finding, Told, field_label

CSV, FIFTEEN_FIVE, SCIM, CLAUDE_GROUPS = "csv", "fifteen_five", "scim", "claude_groups"


_NAMED = 20  # rows that are compared with each other in words; beyond, with the first of them


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everybody a source tells of now. `fields`: what it tells at all; `whole`: who is missing has left."""

    source: str
    rank: int
    people: Sequence[Told]
    fields: frozenset[str]
    findings: tuple[Finding, ...] = ()
    whole: bool = True

    @property
    def left_out(self) -> frozenset[int]:
        """Numbers of the rows that are not applied."""
        return frozenset(finding.row for finding in self.findings if finding.left_out)

    def with_findings(self, more: Iterable[Finding]) -> Delivery:
        return replace(self, findings=(*self.findings, *more))

    def applied(self) -> list[Told]:
        left_out = self.left_out
        return [told for told in self.people if told.row not in left_out]


@dataclass(frozen=True, slots=True)
class Known:
    """Who is in the directory already, by everything that tells a person. A text that two share tells nobody."""

    by_key: Mapping[str, str]  # of the delivering source
    by_employee_id: Mapping[str, str]
    by_email: Mapping[str, str]
    by_name: Mapping[str, str]


def known(people: Mapping[str, Person], keys: Mapping[str, str]) -> Known:
    """The index of a directory; `keys` are the delivering source's own, to person_id."""
    return Known(
        keys,
        _only((person.employee_id, person.person_id) for person in people.values()),
        _only((email, person.person_id) for person in people.values() for email in person.emails),
        _only((person.name, person.person_id) for person in people.values() if person.listed),
    )


def _only(pairs: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    shared = set()
    for text, person_id in pairs:
        if text and found.setdefault(text, person_id) != person_id:
            shared.add(text)
    return {text: person_id for text, person_id in found.items() if text not in shared}


def without_doubles(delivery: Delivery) -> Delivery:
    """Rows that claim the same employee id or the same main address are left out, all of them: none is more right."""
    doubles = []
    rows = delivery.applied()
    for name in ("key", "employee_id", "email"):
        times = Counter(getattr(told, name) for told in rows)
        claims: dict[str, list[int]] = defaultdict(list)
        for told in rows:
            if (value := getattr(told, name)) and times[value] > 1:
                claims[value].append(told.row)
        for value, numbers in claims.items():
            doubles += [_double(name, value, number, numbers) for number in numbers[:_NAMED]]
            doubles += [_double(name, value, number, numbers[:_NAMED]) for number in numbers[_NAMED:]]
    named = {(finding.row, finding.words): finding for finding in doubles}
    return delivery.with_findings(sorted(named.values(), key=lambda finding: finding.row))


def _double(name: str, value: str, number: int, numbers: list[int]) -> Finding:
    others = [str(other) for other in numbers if other != number]
    shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    label = field_label("email" if name == "key" and "@" in value else "employee_id" if name == "key" else name)
    words = f"{value} also stands in row {shown}; two people cannot share it"
    return Finding(number, label, words, left_out=True)


def without_shared_aliases(delivery: Delivery) -> Delivery:
    """A further address that is somebody else's main one is not this person's."""
    mains = {told.email: told.row for told in delivery.people if told.email}
    found, people = [], []
    for told in delivery.people:
        lent = [email for email in told.other_emails if mains.get(email, told.row) != told.row]
        if lent:
            words = f"{lent[0]} is the main address of row {mains[lent[0]]}; it is not taken as another one of this row"
            found.append(Finding(told.row, field_label("other_emails"), words))
            kept = tuple(email for email in told.other_emails if email not in lent)
            told = msgspec.structs.replace(told, other_emails=kept)  # noqa: PLW2901
        people.append(told)
    return replace(delivery, people=people).with_findings(found) if found else delivery


def person_of(told: Told, known: Known) -> str | Finding | None:
    """Whom a row is about: somebody known, nobody yet, or a contradiction."""
    by_key = known.by_key.get(told.key) if told.key else None
    by_employee = known.by_employee_id.get(told.employee_id) if told.employee_id else None
    by_email = known.by_email.get(told.email) if told.email else None
    certain = by_key or by_employee
    if certain and by_email and certain != by_email:
        words = f"the employee id is known of one person and {told.email} of another one"
        return Finding(told.row, field_label("email"), words, left_out=True)
    if certain or by_email:
        return certain or by_email
    return next((known.by_email[email] for email in told.other_emails if email in known.by_email), None)
