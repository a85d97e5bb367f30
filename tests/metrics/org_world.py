"""A made-up company with an org chart that changes, and who was in which team: one member and one week at a time."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from metrics.slow import WEEK, monday
from metrics.weeks_world import FIRST, weeks_world
from metrics.world import Row, World
from uptake.people.person import Said

KINDS = ("department", "location", "title", "group", "tree")


def org_world(home: Path, seed: int, people: int = 60, days: int = 110, threshold: int = 1) -> World:
    """Two charts: some move, come and go; some members match nobody; some people are contractors or have no department."""
    world = weeks_world(home, seed, people, days, threshold)
    rnd = random.Random(seed)
    chart = [_person(rnd, who) for who in range(people) if rnd.random() < 0.92]
    world.chart(FIRST, chart)
    return world.chart(FIRST + rnd.randint(4, 9) * WEEK, [_moved(rnd, one, chart) for one in chart])


def _person(rnd: random.Random, who: int) -> Said:
    day = FIRST + timedelta(days=rnd.randint(0, 100))
    return Said(
        person_id=f"p{who}",
        source="csv",
        rank=1,
        key=str(who),
        name=f"Person {who}",
        email=f"m{who}@example.com",
        manager_id=None
        if who == 0 or rnd.random() < 0.02
        else f"p{rnd.randrange(max(1, who // 4 + 1)) if who > 3 else 0}",
        department=rnd.choice(["Sales", "Sales", "Sales", "Data", "Data", "Board", None]),
        location=rnd.choice(["Berlin", "Berlin", "Oslo"]),
        title=rnd.choice(["Seller", "seller ", "Engineer", None]),
        groups=tuple(rnd.sample(["Pilot", "Guild", "Choir"], rnd.choice([0, 0, 1, 2]))),
        population="contractor" if rnd.random() < 0.1 else None,
        started_on=day if rnd.random() < 0.1 else None,
        ended_on=day if rnd.random() < 0.05 else None,
    )


def _moved(rnd: random.Random, one: Said, chart: list[Said]) -> Said:
    if rnd.random() < 0.8 or one.person_id == "p0":
        return one
    manager = rnd.choice(chart[: len(chart) // 3 + 1]).person_id if rnd.random() < 0.5 else one.manager_id
    return replace(one, department=rnd.choice(["Sales", "Data", "Lab"]), manager_id=manager)


class Org:
    """Who is in which team, from the charts as they were written."""

    def __init__(self, world: World) -> None:
        self._charts = sorted(world.charts.items())
        self._known: dict[tuple[str, date], set[str]] = {}
        self.below = lru_cache(None)(self._below)
        self.chart = lru_cache(None)(self._chart)
        self._addressed = lru_cache(None)(lambda day: {one.email: one for one in self.chart(day).values()})

    def _chart(self, day: date) -> dict[str, Said]:
        known = [people for begins, people in self._charts if begins <= day] or [self._charts[0][1]]
        return {one.person_id: one for one in known[-1]}

    def of(self, seat: Row, day: date) -> Said | None:
        return self._addressed(day).get(seat["email"])

    def population(self, seat: Row) -> str:
        one = self.of(seat, date.max)
        return (one.population if one else None) or "employee"

    def above(self, one: Said, people: dict[str, Said]) -> list[str]:
        found: list[str] = []
        at = one.manager_id
        while at and at not in found and at != one.person_id:
            found.append(at)
            at = people[at].manager_id if at in people else None
        return [leader for leader in found if leader in people]

    def teams(self, seat: Row, week: date) -> set[str]:
        """The teams of a member in the week from a Monday."""
        key = (seat["member_id"], week)
        if key not in self._known:
            self._known[key] = self._teams(seat, week)
        return self._known[key]

    def _teams(self, seat: Row, week: date) -> set[str]:
        people = self.chart(week)
        one = self.of(seat, week)
        if one is None or (one.started_on and monday(one.started_on) > week) or (one.ended_on and one.ended_on < week):
            return set()
        named = [("department", one.department), ("location", one.location), ("title", one.title)]
        named += [("group", group) for group in one.groups]
        found = {f"{kind}:{' '.join(name.casefold().split())}" for kind, name in named if name}
        return found | {f"tree:{leader}" for leader in self.above(one, people)}

    def through(self, seat: Row, first: date, weeks: int = 4) -> set[str]:
        """The teams of a member in all weeks of a window."""
        return set.intersection(*(self.teams(seat, first + n * WEEK) for n in range(weeks)))

    def leaders(self, day: date) -> dict[str, str]:
        """Tree to the tree above it, empty at the top."""
        people = self.chart(day)
        found = {}
        for leader in {one.manager_id for one in people.values() if one.manager_id in people}:
            above = people[leader or ""].manager_id
            found[f"tree:{leader}"] = f"tree:{above}" if above in people else ""
        return found

    def _below(self, tree: str, first: date, weeks: int = 4) -> list[str]:
        """The trees directly below one in all weeks of a window."""
        each = [self.leaders(first + n * WEEK) for n in range(weeks)]
        return sorted(one for one in each[0] if all(known.get(one) == tree for known in each))

    def row(self, seat: Row, by: str, first: date, weeks: int = 4, within: str | None = None) -> set[str]:
        """The rows of a dimension in which a member counts."""
        mine = self.through(seat, first, weeks)
        if by != "tree":
            return {team for team in mine if team.startswith(f"{by}:")} or {"none"}
        roots = self.below("", first, weeks)
        whole = within or (roots[0] if len(roots) == 1 else "")
        rows = self.below(whole, first, weeks) if whole else roots
        if whole and whole not in mine:
            return set() if within else {"none"}
        return {team for team in rows if team in mine} or {"direct" if whole else "none"}
