"""A company of eight departments in a lake, some of whose people stop for good: enough to find it, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from metrics.world import Row, World, member
from uptake.people.person import Said

FIRST = date(2026, 6, 1)  # a Monday
WEEKS = 13
THROUGH = FIRST + timedelta(days=7 * WEEKS + 1)
TODAY = THROUGH + timedelta(days=1)
SETTLED = FIRST + timedelta(days=7 * (WEEKS - 1) - 1)
"""The last Sunday that is older than seven days."""
TEAMS = ("Design", "Finance", "Legal", "Marketing", "Operations", "Research", "Sales", "Support")
PEOPLE = 24
Share = Mapping[str, float]


def company(home: Path, drops: Share = MappingProxyType({}), missing: Iterable[date] = (), threshold: int = 5) -> World:
    """`drops`: departments to what is left of their use in the last four settled weeks and since."""
    chance, world = random.Random(11), World(home, threshold)
    keen = {(team, n): chance.uniform(0.35, 0.85) for team in TEAMS for n in range(PEOPLE)}
    skipped = set(missing)
    for number in range((THROUGH - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        rows = [_row(team, n) for team, n in keen if chance.random() < keen[team, n] * _left(drops, team, day)]
        if day not in skipped:
            world.day("one", day, rows)
    people = [(team, n) for team in TEAMS for n in range(PEOPLE)]
    world.roster("one", [member(_number(team, n)) for team, n in people], THROUGH)
    return world.chart(FIRST, [_ceo(), *(_head(team) for team in TEAMS), *(_said(team, n) for team, n in people)])


def _left(drops: Share, team: str, day: date) -> float:
    usual = 0.08 if day.weekday() > 4 else 1.0
    return usual * (drops.get(team, 1.0) if day > SETTLED - timedelta(weeks=4) else 1.0)


def _number(team: str, n: int) -> int:
    return 100 * TEAMS.index(team) + n


def _row(team: str, n: int) -> Row:
    return {"id": f"m{_number(team, n)}", "chat_messages": 3}


def _ceo() -> Said:
    return Said(person_id="ceo", source="csv", rank=1, key="ceo", name="Cea Eo", email="ceo@example.com")


def _head(team: str) -> Said:
    key = f"head-{team.lower()}"
    return Said(person_id=key, source="csv", rank=1, key=key, name=f"Head of {team}", email=f"{key}@example.com",
                manager_id="ceo", department=team)  # fmt: skip


def _said(team: str, n: int) -> Said:
    number = _number(team, n)
    return Said(person_id=f"p{number}", source="csv", rank=1, key=str(number), name=f"Person {number}",
                email=f"m{number}@example.com", manager_id=f"head-{team.lower()}", department=team)  # fmt: skip
