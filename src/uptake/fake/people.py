"""The people of a made-up organisation: departments, teams, managers, joiners, leavers, invites' later members.

Everything is an array in the order of the e-mail addresses, so that a day's rows are sorted by picking from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from uptake.fake.names import names

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

DEPARTMENTS = ("Engineering", "Product", "Data", "Sales", "Support", "Operations")
_DEPARTMENT_SHARES = (0.38, 0.12, 0.10, 0.18, 0.12, 0.10)
JOBS = ("engineer", "product", "analyst", "sales", "support", "operations")
LOCATIONS = ("Berlin", "London", "New York", "Bengaluru", "São Paulo")
_LOCATION_SHARES = (0.34, 0.22, 0.2, 0.14, 0.1)
ROLES = ("user", "managed", "owner", "membership_admin", "primary_owner")

JOINS_A_MONTH = 0.015
LEAVES_A_MONTH = 0.012
UNMATCHED_SHARE = 0.03
MONTHS = 24
_MONTH = 30.44 * 86_400
_BEGIN = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
NEVER = 1 << 62
"""Epoch seconds of a leaving that does not happen."""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who is ever in the organisation, one position a person, sorted by e-mail in lower case."""

    ids: list[str]
    names: list[str]
    emails: list[str]
    department: Ints
    job: Ints
    team: Ints
    location: Ints
    manager: Ints  # position of the manager; the head of all points to itself
    role: Ints
    joined: Ints  # epoch seconds
    left: Ints
    unmatched: Bools  # in usage, never on the roster

    def __len__(self) -> int:
        return len(self.ids)


def people(members: int, rng: np.random.Generator) -> People:
    """About `members` people on the roster at the start of 2026, with two years of joiners after them."""
    joiners = round(members * JOINS_A_MONTH * MONTHS)
    strangers = round(members * UNMATCHED_SHARE)
    total = members + joiners + strangers
    shown, addresses = names(rng, total)
    kind = rng.permutation(np.repeat([0, 1, 2], [members, joiners, strangers]))
    department = rng.choice(len(DEPARTMENTS), total, p=_DEPARTMENT_SHARES)
    off_role = rng.random(total) < 0.15
    job = np.where(off_role, rng.integers(0, len(JOBS), total), department)
    joined, left = _tenure(kind, rng)
    first = int(np.flatnonzero(kind == 0)[0])
    left[first] = NEVER
    team, manager = _teams(department, first, rng)
    location = rng.choice(len(LOCATIONS), total, p=_LOCATION_SHARES)
    role = _roles(total, first, rng)
    ids = made_up_ids("user_01", total, rng)
    return People(ids, shown, addresses, department, job, team, location, manager, role, joined, left, kind == 2)


def made_up_ids(prefix: str, count: int, rng: np.random.Generator) -> list[str]:
    """Opaque ids of the vendor's look: a prefix and 22 characters."""
    alphabet = np.frombuffer(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", dtype="S1")
    letters = alphabet[rng.integers(0, len(alphabet), (count, 22))]
    return [prefix + text for text in letters.view("S22").ravel().astype(str).tolist()]


def _tenure(kind: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Joined and left, in epoch seconds: those of the start came in late 2025, the others over two years."""
    total = len(kind)
    early = _BEGIN - rng.integers(3_600, int(4 * _MONTH), total)
    later = _BEGIN + rng.integers(0, int(MONTHS * _MONTH), total)
    joined = np.where(kind == 1, _in_office_hours(later, rng), early)
    stay = rng.exponential(_MONTH / LEAVES_A_MONTH, total).astype(np.int64)
    left = np.maximum(joined, _BEGIN) + 86_400 + stay
    return joined, np.where(kind == 2, NEVER, left)


def _in_office_hours(at: Ints, rng: np.random.Generator) -> Ints:
    return at - at % 86_400 + rng.integers(7 * 3_600, 17 * 3_600, len(at))


def _roles(total: int, first: int, rng: np.random.Generator) -> Ints:
    """Mostly users and managed people, a few who administer, exactly one primary owner."""
    role = rng.choice(4, total, p=(0.694, 0.296, 0.005, 0.005))
    role[first] = ROLES.index("primary_owner")
    return role


def _teams(department: Ints, first: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Teams of a median of eight; their heads report to every tenth head, those to the department's, those to `first`."""
    team = np.zeros(len(department), dtype=np.int64)
    manager = np.full(len(department), first, dtype=np.int64)
    teams = 0
    for number in range(len(DEPARTMENTS)):
        crew = rng.permutation(np.flatnonzero(department == number))
        crew = crew[crew != first]
        if not len(crew):
            continue
        place, starts = _cut(len(crew), rng)
        heads = crew[starts]
        team[crew] = teams + place
        manager[crew] = heads[place]
        manager[heads] = heads[np.arange(len(heads)) // 10 * 10]
        manager[heads[::10]] = heads[0]
        manager[heads[0]] = first
        teams += len(starts)
    return team, manager


def _cut(people_count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Which team each of a department's people is in, and where each team starts."""
    sizes = np.clip(rng.lognormal(np.log(8), 0.45, people_count // 3 + 1), 3, 30).astype(np.int64)
    ends = np.cumsum(sizes)
    starts = np.concatenate(([0], ends[ends < people_count - 2]))
    return np.searchsorted(starts, np.arange(people_count), side="right") - 1, starts
