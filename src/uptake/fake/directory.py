"""The made-up company as its own people department knows it: more and other people than Claude's roster, and other addresses.

HR writes addresses without plus-parts, knows people who have no seat yet, and does not know every guest on the roster.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from uptake.fake.organisation import Organisation
from uptake.fake.people import DEPARTMENTS, LOCATIONS, Bools, Ints

_TITLES = (
    "Software Engineer",
    "Product Manager",
    "Data Analyst",
    "Account Executive",
    "Support Specialist",
    "Operations",
)
_MOVES_A_YEAR = 0.12
_CONTRACTORS = 0.03
_GUESTS_KNOWN = 0.4
_HIRED_BEFORE = 45 * 86_400  # somebody is hired up to so long before there is a seat
_YEAR = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
_LABS = "-labs."


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody as HR lists them. `number` is the place in the organisation's crew."""

    number: int
    employee_id: str
    name: str
    email: str
    other_email: str
    manager: int | None
    department: str
    location: str
    title: str
    groups: tuple[str, ...]
    contractor: bool
    started_on: date
    on_leave: bool


class Directory:
    """Who is employed at a time. Deterministic by the organisation."""

    def __init__(self, company: Organisation) -> None:
        crew = self._crew = company.crew
        count = len(crew)
        rng = np.random.default_rng([company.seed, count, 7])
        self._guest = crew.unmatched & (rng.random(count) > _GUESTS_KNOWN)
        self._contractor = (rng.random(count) < _CONTRACTORS) | crew.unmatched
        self._leads: Bools = np.isin(np.arange(count), crew.manager)
        self._moved_at = self._moves(rng)
        self._before = rng.permutation(np.flatnonzero(self._leads))[rng.integers(0, max(1, self._leads.sum()), count)]
        self._served: Ints = rng.integers(0, 8 * 365, count)
        self._alias, self._pilot, self._away = (rng.random(count) < share for share in (0.5, 0.1, 0.02))

    def _moves(self, rng: np.random.Generator) -> Ints:
        """When each person moved to the present team; long ago for most. Leads stay: nobody reports in a circle."""
        count = len(self._crew)
        moves = (rng.random(count) < 2 * _MOVES_A_YEAR) & ~self._leads
        return np.where(moves, _YEAR + rng.integers(0, 730 * 86_400, count), 0)

    def at(self, at: datetime) -> list[Employee]:
        """Everybody employed at that time."""
        second, crew = int(at.timestamp()), self._crew
        there = (crew.joined <= second + _HIRED_BEFORE) & (second < crew.left) & ~self._guest
        return [self._employee(int(row), second, there) for row in np.flatnonzero(there)]

    def _employee(self, row: int, second: int, there: Bools) -> Employee:
        crew = self._crew
        earlier = second < self._moved_at[row]
        lead = int(self._before[row]) if earlier else int(crew.manager[row])
        department = crew.department[lead if earlier else row]
        email, other = _addresses(crew.emails[row], known=bool(self._alias[row]))
        joined = datetime.fromtimestamp(int(crew.joined[row]), UTC).date()
        return Employee(
            number=row,
            employee_id=f"H{row + 10_001}",
            name=crew.names[row],
            email=email,
            other_email=other,
            manager=self._present(lead, row, there),
            department=DEPARTMENTS[int(department)],
            location=LOCATIONS[int(crew.location[row])],
            title=("Lead " if self._leads[row] else "") + _TITLES[int(crew.job[row])],
            groups=("Claude champions",) if self._pilot[row] else (),
            contractor=bool(self._contractor[row]),
            started_on=joined - timedelta(days=int(self._served[row])),
            on_leave=bool(self._away[row]),
        )

    def _present(self, lead: int, row: int, there: Bools) -> int | None:
        """The nearest manager who is still there; the head of all has none."""
        while not there[lead] and int(self._crew.manager[lead]) != lead:
            lead = int(self._crew.manager[lead])
        return None if lead == row else lead


def _addresses(email: str, *, known: bool) -> tuple[str, str]:
    """The address HR has, and the other one where HR knows of it."""
    local, _, host = email.lower().partition("@")
    plain = f"{local.partition('+')[0]}@{host}"
    if _LABS not in host:
        return plain, ""
    return plain.replace(_LABS, "."), plain if known else ""


HEADER = ("Employee ID", "Full name", "Work e-mail", "Other e-mails", "Reports to", "Department", "Office location",
          "Job title", "Groups", "Employment type", "Hire date", "On leave")  # fmt: skip


def to_csv(employees: Iterable[Employee]) -> str:
    """The file that HR exports."""
    listed = list(employees)
    emails = {one.number: one.email for one in listed}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(_line(one, emails) for one in listed)
    return out.getvalue()


def _line(one: Employee, emails: dict[int, str]) -> tuple[str, ...]:
    return (
        one.employee_id,
        one.name,
        one.email,
        one.other_email,
        "" if one.manager is None else emails.get(one.manager, ""),
        one.department,
        one.location,
        one.title,
        "; ".join(one.groups),
        "Contractor" if one.contractor else "Permanent",
        one.started_on.isoformat(),
        "yes" if one.on_leave else "no",
    )
