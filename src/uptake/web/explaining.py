"""What stands behind a figure's numbers, in words for its explain panel. Pure: explanations in, text out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from uptake.metrics import Explanation
from uptake.web import words
from uptake.web.cellwords import WITHHELD


@dataclass(frozen=True, slots=True)
class Explained:
    """One metric: its name, its definition, facts one a line, the fields it is read from, and its SQL (or nothing)."""

    name: str
    definition: str
    facts: tuple[str, ...]
    fields: tuple[str, ...]
    sql: str


def explained(found: Iterable[Explanation]) -> tuple[Explained, ...]:
    """Each metric once, as the first answer that asks for it has it."""
    first: dict[str, Explanation] = {}
    for one in found:
        first.setdefault(one.id, one)
    return tuple(map(_explained, first.values()))


def _explained(one: Explanation) -> Explained:
    defined = one.definition
    needs = (f"Needs: {defined['needs']}",) if defined["needs"] else ()
    return Explained(
        name=str(defined["label"]),
        definition=f"{defined['formula']} {defined['caveat']}",
        facts=(*needs, *_days(one), *_people(one), f"Definition {defined['section']}, version {defined['version']}."),
        fields=(*(f"{field.path} ({field.endpoint})" for field in one.fields), *_others(one)),
        sql=one.sql,
    )


def _others(one: Explanation) -> tuple[str, ...]:
    """Addresses that are read for something else than a count: who holds a seat, who is invited."""
    named = {field.endpoint for field in one.fields}
    return tuple(f"people ({endpoint})" for endpoint in one.endpoints if endpoint not in named)


def _days(one: Explanation) -> tuple[str, ...]:
    if one.since is None or one.until is None:
        return ()
    text = (
        f"Days: {words.day(one.since)} to {words.day_and_year(one.until)}, {one.days_held} of {one.days_expected} held"
    )
    missing = f"; missing: {words.listed([words.day(day) for day in one.missing[:5]])}" if one.missing else ""
    return (f"{text}{missing}{' and more' if len(one.missing) > 5 else ''}.",)


def _people(one: Explanation) -> tuple[str, ...]:
    members = one.members
    if members.value is not None:
        known = f"Seat holders on the last day: {words.number(members.value)}."
    else:
        known = f"Seat holders on the last day: {WITHHELD.lower() if members.state == 'withheld' else members.reason}."
    withheld = f"{words.number(one.withheld)} of {words.plural(one.rows, 'cell')} withheld for too few people."
    return known, withheld, *(("Counts of people are rounded to the threshold.",) if one.rounded else ())
