"""How many of those who hold a seat are found in the company's directory. Numbers of seats, nobody's use."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from uptake.lake import snapshot
from uptake.metrics.facts import Facts
from uptake.metrics.membership import read_chart
from uptake.metrics.memo import Memo
from uptake.people.matching import Member, match

_FOUND = Memo(4)


def matched(facts: Facts) -> tuple[int, int] | None:
    """Seat holders who are a person of the newest org chart, or said to be none of it, and all; None without a directory."""
    if not facts.charts:
        return None
    monday = max(facts.charts)
    people = read_chart(facts.lake, monday, facts.charts[monday].content_hash)

    def make() -> tuple[tuple[int, int], bool]:
        members = list(_members(facts))
        found = match(members, people, facts.links)
        return (len(found.of) + len(found.aside), len(members)), True

    return _FOUND.get((facts.lake.root, facts.version), make)


def _members(facts: Facts) -> Iterator[Member]:
    for connection, rosters in facts.rosters.items():
        if rosters:
            table = snapshot(facts.lake, connection).select(["member_id", "name", "email", "status"])
            held = table.filter(pc.and_(pc.is_valid(table["member_id"]), pc.equal(table["status"], "active")))
            for row in held.to_pylist():
                yield Member(connection, row["member_id"], row["name"], row["email"], row["status"])
