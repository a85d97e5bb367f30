"""A small company told by rows, for tables of rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count

from uptake.people.changes import Plan, plan
from uptake.people.delivery import CSV, Delivery
from uptake.people.person import Person, Said, merged
from uptake.people.rows import Told

MONDAY = date(2026, 11, 23)
ALL = frozenset(
    {"name", "email", "other_emails", "employee_id", "manager", "department", "location", "title", "groups", "ended_on",
     "started_on", "population", "on_leave", "claude_id"}
)  # fmt: skip


def row(number: int, name: str, **more: object) -> Told:
    values: dict[str, object] = {"email": f"{name.lower()}@acme.example", "key": f"{name.lower()}@acme.example"} | more
    if "employee_id" in more:
        values["key"] = more["employee_id"]
    return Told(row=number, name=name, **values)  # type: ignore[arg-type]


def delivered(
    chart: Sequence[Said], *people: Told, on: date = MONDAY, source: str = CSV, rank: int = 1,
    fields: frozenset[str] = ALL, whole: bool = True,
) -> Plan:  # fmt: skip
    numbers = count(len({said.person_id for said in chart}))
    delivery = Delivery(source, rank, people, fields, whole=whole)
    return plan(chart, merged(chart), delivery, on, lambda: f"p{next(numbers)}")


def by_name(chart: Sequence[Said]) -> dict[str, Person]:
    return {str(person.name): person for person in merged(chart).values()}
