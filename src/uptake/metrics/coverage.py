"""Who of the company's employees holds a seat: the newest roster beside the newest org chart. No figure of use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from uptake.domain.days import monday
from uptake.lake import snapshot
from uptake.metrics.facts import ConnectionFacts, Facts
from uptake.metrics.membership import read_chart
from uptake.metrics.memo import Memo
from uptake.people.matching import Member, match, population

_COVERED = Memo(8)

Covered = tuple[int, int]
"""Employees who hold a seat, and all employees."""


def covered(facts: Facts, connections: Sequence[ConnectionFacts], today: date) -> Covered | None:
    """Of the connections' seats together, of who works in this week. None where no org chart or no roster is held."""
    asked = tuple(known.id for known in connections if facts.rosters[known.id])
    if not facts.charts or not asked:
        return None
    return _COVERED.get((facts.cache, facts.version, asked, today), lambda: (_covered(facts, asked, today), True))


def _covered(facts: Facts, asked: Sequence[str], today: date) -> Covered:
    newest = max(facts.charts)
    people = read_chart(facts.lake, newest, facts.charts[newest].content_hash)
    members = [member for connection in asked for member in _seated(facts, connection)]
    found = match(members, people, facts.links).of
    seated = {
        found[member.key].person_id
        for member in members
        if member.key in found
        and population(people[found[member.key].person_id], facts.links.get(member.key)) == "employee"
    }
    first = monday(today)
    employees = {
        one.person_id
        for one in people.values()
        if one.population == "employee" and one.works_in(first, first + timedelta(days=6))
    }
    return len(seated & employees), len(employees)


def _seated(facts: Facts, connection: str) -> list[Member]:
    table = snapshot(facts.lake, connection)
    columns = (table[name].to_pylist() for name in ("member_id", "email", "status"))
    return [
        Member(connection, member_id, None, email, status)
        for member_id, email, status in zip(*columns, strict=True)
        if member_id is not None and status == "active"
    ]
