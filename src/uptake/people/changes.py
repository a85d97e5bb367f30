"""From a chart and a delivery to the next chart, with what that changes. Pure; nothing is applied by looking.

A row that is left out leaves its person as before; a manager who is unknown or part of a circle is left open, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from uptake.domain.members import removals_allowed
from uptake.people import delivery as deliveries
from uptake.people.chart import Progress, silent
from uptake.people.delivery import Delivery, Known
from uptake.people.person import Person, Said, merged
from uptake.people.rows import Finding, Told, field_label
from uptake.people.tree import cycles

_COMPARED = (
    "name", "email", "employee_id", "manager_id", "department", "location", "title", "groups", "population", "started_on",
    "ended_on", "on_leave", "claude_id", "listed",
)  # fmt: skip
_SIMPLE = (
    "name", "employee_id", "claude_id", "department", "location", "title", "groups", "population", "started_on",
    "ended_on", "on_leave",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody whom a delivery changes: (what, before, after), in words."""

    person: Person
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The next chart and what it changes. `people`: everybody in it; `present`: who belonged to the company before."""

    chart: tuple[Said, ...]
    people: Mapping[str, Person]
    created: tuple[Person, ...]
    changed: tuple[Change, ...]
    left: tuple[Person, ...]
    same: int
    present: int
    findings: tuple[Finding, ...]

    @property
    def large_loss(self) -> bool:
        """Whether so many leave at once that somebody should say that it is meant."""
        return len(self.left) > removals_allowed(self.present)

    @property
    def left_out(self) -> int:
        return len({finding.row for finding in self.findings if finding.left_out})

    @property
    def anything(self) -> bool:
        return bool(self.created or self.changed or self.left)


def plan(
    chart: Sequence[Said],
    before: Mapping[str, Person],
    delivery: Delivery,
    on: date,
    new_id: Callable[[], str],
    progress: Progress = silent,
) -> Plan:
    """What a delivery makes of a chart on a day. `before` is everybody in the chart, as `merged` tells it."""
    ours = {said.person_id: said for said in chart if said.source == delivery.source}
    known = deliveries.known(before, {said.key: said.person_id for said in ours.values()})
    delivery = deliveries.without_shared_aliases(deliveries.without_doubles(delivery))
    progress("comparing", 0, len(delivery.people))
    delivery, who = _identified(delivery, known, new_id)
    said, noted = _said(delivery, who, known, ours)
    gone, more = _gone(delivery, ours, who, on)
    others = [one for one in chart if one.source != delivery.source]
    progress("comparing", len(delivery.people) // 2, len(delivery.people))
    said, after, circular = _without_circles([*others, *gone], said, who)
    findings = sorted((*delivery.findings, *noted, *circular, *more), key=lambda finding: finding.row)
    found = _compared([*others, *gone, *said], before, after, on, tuple(findings))
    progress("comparing", len(delivery.people), len(delivery.people))
    return found


def _identified(delivery: Delivery, known: Known, new_id: Callable[[], str]) -> tuple[Delivery, dict[int, str]]:
    """Row to person_id, new ones included; rows left out are in it where they are about somebody known."""
    left_out = delivery.left_out
    who: dict[int, str] = {}
    found: list[Finding] = []
    taken: dict[str, int] = {}
    for told in delivery.people:
        person = deliveries.person_of(told, known)
        if isinstance(person, Finding):
            found.append(person)
            for one in filter(None, (known.by_key.get(told.key), known.by_email.get(told.email or ""))):
                who[-len(who) - 1] = one  # both may be meant: neither is gone
        elif told.row in left_out:
            who[told.row] = person or ""
        else:
            who[told.row] = person = person or new_id()
            if taken.setdefault(person, told.row) != told.row:
                words = "is about the same person as row {}"
                found.append(Finding(told.row, "", words.format(taken[person]), left_out=True))
                found.append(Finding(taken[person], "", words.format(told.row), left_out=True))
    return delivery.with_findings(found), who


def _said(
    delivery: Delivery, who: Mapping[int, str], known: Known, ours: Mapping[str, Said]
) -> tuple[list[Said], list[Finding]]:
    """What the source says now of everybody whose row is applied; rows left out keep what it said before."""
    rows = delivery.applied()
    managers = _Managers(rows, who, known)
    mains = {told.email: who[told.row] for told in rows if told.email}
    said: list[Said] = []
    findings: list[Finding] = []
    for told in rows:
        person_id = who[told.row]
        manager = managers.of(told, findings) if "manager" in delivery.fields else None
        said.append(_one(delivery, told, person_id, manager, ours.get(person_id), mains))
    applied = {one.person_id for one in said}
    kept = {person for row, person in who.items() if person in ours and person not in applied}
    return said + [ours[person] for person in sorted(kept)], findings


class _Managers:
    """Finds the person that a manager's cell names: an address, an employee id, or a name that only one person has."""

    def __init__(self, rows: Sequence[Told], who: Mapping[int, str], known: Known) -> None:
        self._known = known
        self._here: dict[str, str] = {}
        names: dict[str, list[str]] = {}
        for told in rows:
            for text in (told.key, told.email, *told.other_emails, told.employee_id):
                if text:
                    self._here.setdefault(text, who[told.row])
            names.setdefault(told.name or "", []).append(who[told.row])
        self._names = names

    def of(self, told: Told, findings: list[Finding]) -> str | None:
        text = told.manager
        if not text or text.lower() in {told.email, (told.employee_id or "").lower()}:
            return None
        found = self._here.get(text) or self._here.get(text.lower())
        found = found or self._known.by_key.get(text) or self._known.by_employee_id.get(text)
        found = found or self._known.by_email.get(text.lower())
        named = self._names.get(text, [])
        if found is None and len(named) > 1:
            findings.append(Finding(told.row, field_label("manager"), f"{text}: {len(named)} people are called so"))
            return None
        found = found or (named[0] if named else self._known.by_name.get(text))
        if found is None:
            findings.append(Finding(told.row, field_label("manager"), f"{text} is nobody whom file or directory knows"))
        return found


def _one(
    delivery: Delivery, told: Told, person_id: str, manager: str | None, before: Said | None, mains: Mapping[str, str]
) -> Said:
    """A row as the source's word on a person. What the source does not tell at all stays as it told it before."""
    values = {
        name: getattr(told if name in delivery.fields or before is None else before, name)
        for name in (*_SIMPLE, "email")
    }
    manager_told = "manager" in delivery.fields or before is None
    others = told.other_emails if "other_emails" in delivery.fields or before is None else before.other_emails
    if before is not None:
        others = (*others, before.email or "", *before.other_emails)  # an address somebody had still tells them
    kept = tuple(
        dict.fromkeys(
            email for email in others if email and email != values["email"] and mains.get(email, person_id) == person_id
        )
    )
    return Said(
        person_id=person_id,
        source=delivery.source,
        rank=delivery.rank,
        key=told.key,
        other_emails=kept,
        manager_id=manager if manager_told or before is None else before.manager_id,
        **values,
    )


def _gone(
    delivery: Delivery, ours: Mapping[str, Said], who: Mapping[int, str], on: date
) -> tuple[list[Said], list[Finding]]:
    """Whom the source does not name any more; nobody is gone by a part of a file or by a row that tells nobody."""
    seen = frozenset(who.values())
    missing = [said for person_id, said in ours.items() if person_id not in seen]
    nameless = [told.row for told in delivery.people if not told.key]
    if not delivery.whole or nameless:
        words = "may be about anybody, so nobody is taken as having left"
        still = any(said.listed for said in missing)
        return missing, [Finding(nameless[0], "", words)] if nameless and still and delivery.whole else []
    return [_left(said, on) for said in missing], []


def _left(said: Said, on: date) -> Said:
    if not said.listed:
        return said
    return msgspec.structs.replace(said, listed=False, ended_on=min(said.ended_on or on, on))


def _without_circles(
    others: Sequence[Said], said: list[Said], who: Mapping[int, str]
) -> tuple[list[Said], dict[str, Person], list[Finding]]:
    """Managers of people who would be their own manager's manager are left open, and the circle is named."""
    people = merged([*others, *said])
    circles = cycles({person_id: person.manager_id for person_id, person in people.items()})
    if not circles:
        return said, people, []
    rows = {person: row for row, person in who.items()}
    findings = []
    for circle in circles:
        names = [people[person_id].shown for person_id in circle]
        words = " reports to ".join([*names[:5], "…" if len(names) > 5 else names[0]])
        findings.append(Finding(max(0, rows.get(circle[0], 0)), field_label("manager"), f"goes in a circle: {words}"))
    open_ = {person_id for circle in circles for person_id in circle}
    said = [msgspec.structs.replace(one, manager_id=None) if one.person_id in open_ else one for one in said]
    return said, merged([*others, *said]), findings


def _compared(
    chart: Sequence[Said],
    before: Mapping[str, Person],
    after: Mapping[str, Person],
    on: date,
    findings: tuple[Finding, ...],
) -> Plan:
    created, changed, left, same = [], [], [], 0
    for person_id, person in after.items():
        was = before.get(person_id)
        if was is None:
            created.append(person)
        elif _stays(was, on) and not _stays(person, on):
            left.append(person)
        elif was != person and (fields := _differences(was, person, before, after)):
            changed.append(Change(person, fields))
        elif person.listed:
            same += 1
    present = sum(_stays(person, on) for person in before.values())
    return Plan(tuple(chart), after, tuple(created), tuple(changed), tuple(left), same, present, findings)


def _stays(person: Person, on: date) -> bool:
    return person.listed and (person.ended_on is None or person.ended_on >= on)


def _differences(
    was: Person, now: Person, before: Mapping[str, Person], after: Mapping[str, Person]
) -> tuple[tuple[str, str, str], ...]:
    found = []
    for name in _COMPARED:
        old, new = getattr(was, name), getattr(now, name)
        if old != new:
            found.append((_label(name), _shown(name, old, before), _shown(name, new, after)))
    return tuple(found)


def _label(name: str) -> str:
    return {"manager_id": "Manager", "listed": "In the directory"}.get(name) or field_label(name)


def _shown(name: str, value: object, people: Mapping[str, Person]) -> str:
    if name == "manager_id":
        return people[str(value)].shown if value in people else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)
