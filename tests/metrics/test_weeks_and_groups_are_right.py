"""Every figure over weeks and groups, in every dimension, against the same worked out one person and one day at a time.

Threshold 1: nothing is rounded. `-m full` asks 200 random questions of each metric in each dimension.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from metrics.slow import BRACKETS, DAY, WEEK, Found, Person, Slow, kaplan_meier
from metrics.weeks_world import made_up_company, weeks_world
from metrics.world import World
from uptake.domain.access import OPERATOR
from uptake.metrics import CATALOGUE, Cell, Metric, Question, answer
from uptake.metrics.grouped import OF_PANEL, OF_WINDOW
from uptake.metrics.question import TEAMS

TODAY = date(2026, 12, 20)
GROUPS = ("role", "joined", "tenure")
ASKED: dict[str | None, tuple[str, ...]] = {
    by: tuple(metric.id for metric in CATALOGUE.values() if by in metric.by and metric.kind in OF_PANEL)
    for metric in CATALOGUE.values()
    if metric.kind in OF_PANEL
    for by in metric.by
    if by not in TEAMS
}


class Expected:
    """What an answer must hold, by the slow way."""

    def __init__(self, world: World) -> None:
        self.slow = Slow(world.usage["one"], world.rosters["one"])
        self.members = lru_cache(None)(self.slow.members)

    def window(self, by: str | None, key: str | None, until: date) -> date | None:
        """The Monday that opens the four weeks a row is about."""
        if by == "28d":
            first = date.fromisoformat(key or "")
            return first if self.slow.is_whole(first, first + 3 * WEEK) else None
        newest = self.slow.newest
        if newest and by not in GROUPS and newest + 27 * DAY <= until:
            return newest
        tiles = [
            day for day in self.slow.whole if self.slow.tile(day) == day and self.slow.is_whole(day, day + 3 * WEEK)
        ]
        return max((day for day in tiles if day + 27 * DAY <= until), default=None)

    def found(self, metric: Metric, by: str | None, key: str | None, until: date) -> Found | None:
        """None: there is no figure yet."""
        if metric.kind in OF_WINDOW:
            return self.in_window(metric, by, key, self.window(by, key, until))
        if not self.slow.whole:
            return None
        keep = self.group(by, key)
        if metric.kind == "whole_week":
            first = date.fromisoformat(key) if key else self.slow.whole[-1]
            return self.slow.week_reach(first) if first in self.slow.whole else None
        if metric.kind == "bracket":
            return self.bracket(metric.id, by, key)
        if metric.kind == "habit_by_8":
            return self.slow.habit_by_8(keep)
        return self.idle(key) if metric.kind == "idle" else self.joiners(metric, keep)

    def bracket(self, metric: str, by: str | None, key: str | None) -> Found | None:
        weeks = 4 if by == "started_28d" else 1
        if key and date.fromisoformat(key) + (BRACKETS[metric][1] + weeks - 1) * WEEK > self.slow.whole[-1]:
            return None
        found = self.slow.bracket(metric, date.fromisoformat(key) if key else None, weeks)
        return found if found.people or key else None

    def in_window(self, metric: Metric, by: str | None, key: str | None, first: date | None) -> Found | None:
        if first is None or not self.slow.is_whole(first - (metric.whole_weeks - 4) * WEEK, first + 3 * WEEK):
            return None
        if metric.id == "creations_rate" and first < date(2026, 8, 17):
            return None
        everybody = self.members(first)
        members = [p for p in everybody if by not in GROUPS or p[str(by)] == key]
        part = key if by in {"surface", "feature", "tool", "active_days", "move", "pair", "path"} else ""
        found = self.slow.figure(metric.id, first, members, part or "")
        if metric.id in {"acceptance_person_weighted"} and by in GROUPS:
            found = self.pulled(first, members)
        if metric.kind == "index":
            whole = self.slow.figure(metric.id, first, everybody)
            known = found.value is not None and whole.value
            return Found(found.value / whole.value if known else None, found.people)  # type: ignore[operator]
        return found

    def pulled(self, first: date, members: list[dict[str, Any]], tool: str = "") -> Found:
        """Acceptance of a group is pulled towards everybody's rate, not the group's."""
        from metrics.slow import TOOLS, decided, mean, of

        last, tools = first + 27 * DAY, [tool] if tool else TOOLS
        every = [decided(p["person"].rows(first, last), tools) for p in self.members(first) if p["eligible"]]
        rate = sum(yes for yes, _ in every) / (sum(of for _, of in every) or 1)
        mine = [decided(p["person"].rows(first, last), tools) for p in members if p["eligible"]]
        return of(((yes + 5 * rate) / (all_mine + 5) for yes, all_mine in mine if all_mine >= 10), mean)

    def group(self, by: str | None, key: str | None) -> Any:
        def keep(person: Person) -> bool:
            own = {"role": person.seat["claude_role"] or "unknown", "joined": f"{person.joined:%Y-%m}"}
            return by not in own or own[str(by)] == key

        return keep

    def idle(self, key: str | None) -> Found | None:
        held = (self.slow.whole[-1] + 7 * DAY - min(self.slow.usage)).days
        needed = {"30-59": 30, "60-89": 60, "90+": 90, "never": 0}.get(key or "30-59", 30)
        bands = self.slow.idle()
        value = bands[key] if key else sum(bands.values())
        return Found(value, value) if held >= needed else None

    def joiners(self, metric: Metric, keep: Any) -> Found | None:
        joined = self.slow.joiners(keep)
        if not joined:
            return Found(None, 0)
        if metric.source != "median":
            return Found(kaplan_meier(joined, int(metric.source)), len(joined))
        days = (day for day in range(400) if (kaplan_meier(joined, day) or 0) >= 0.5 - 1e-9)
        return Found(next(days, None), len(joined))


COUNTS = {"active_members", "power_user_curve", "state_moves", "first_time_on_surface", "idle_seats"}


def check(cell: Cell, found: Found | None, metric: Metric, where: str) -> None:
    counts = metric.id in COUNTS or metric.id.startswith("flow_")
    if found is None:
        assert cell.state in {"not_yet", "not_collected"} and cell.value is None, where
    elif (metric.id == "quick_ratio" and found.people < 5) or (found.people == 0 and not counts):
        assert cell.state == "not_collected", (where, cell, found)
    elif found.people < metric.least and not counts:
        assert cell.state == "withheld", (where, cell, found)
    elif found.value is None:
        assert cell.state in {"not_collected", "not_yet"}, (where, cell, found)
    else:
        assert cell.value == pytest.approx(found.value, abs=1.01e-4), (where, cell, found)
        if cell.numerator is not None and found.over is not None:
            assert (cell.numerator, cell.denominator) == pytest.approx((found.over, found.under)), where


def compare(world: World, expected: Expected, by: str | None, until: date) -> int:
    """How many figures were compared."""
    facts, compared = world.facts, 0
    found = answer(Question(ASKED[by], by=by, until=until), OPERATOR, facts, TODAY)  # type: ignore[arg-type]
    for row in found.rows:
        for name, cell in row.cells.items():
            metric = CATALOGUE[name]
            if row.key is None and by not in {None, "28d", "week"}:
                assert cell.value is None
                continue
            check(cell, expected.found(metric, by, row.key, until), metric, f"{name} by {by} {row.key} until {until}")
            compared += cell.value is not None
    return compared


def over_the_same_people(world: World, expected: Expected, until: date) -> int:
    """The four weeks and the four before them, each over those who were eligible in both."""
    names = tuple(metric.id for metric in CATALOGUE.values() if metric.compares)
    (row,) = answer(Question(names, until=until, compare=True), OPERATOR, world.facts, TODAY).rows
    first, compared = expected.window(None, None, until), 0
    for name in names:
        metric = CATALOGUE[name]
        for cells, opens, other in ((row.cells, first, "was"), (row.before, first and first - 4 * WEEK, "will")):
            if (
                opens is None
                or not expected.slow.is_whole(opens, opens + 3 * WEEK)
                or name == "acceptance_person_weighted"
            ):
                continue
            if not cells[name].until and cells[name].state != "value":
                continue
            both = [p for p in expected.members(opens) if p["eligible"] and p[other]]
            check(cells[name], expected.slow.figure(name, opens, both), metric, f"{name} {other} {until}")
            compared += cells[name].value is not None
    return compared


def questions(world: World, rnd: random.Random, times: int) -> None:
    expected, days = Expected(world), sorted(world.usage["one"])
    untils = [TODAY, *(rnd.choice(days) for _ in range(times - 1))]
    for by in ASKED:
        compared = [compare(world, expected, by, until) for until in untils]
        assert compared[0] or by in {"joined", "started", "started_28d", "tool", "active_days", "move", "path"}, by
    assert over_the_same_people(world, expected, TODAY)


def test_figures_are_those_of_the_slow_way(tmp_path: Path) -> None:
    questions(weeks_world(tmp_path, 1, people=70, days=120), random.Random(1), 2)


def test_figures_of_the_made_up_company_are_its_truth(tmp_path: Path) -> None:
    questions(made_up_company(tmp_path, 60, 5, date(2026, 11, 20), 60), random.Random(1), 1)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_two_hundred_questions_each(tmp_path: Path, seed: int) -> None:
    questions(weeks_world(tmp_path, 100 + seed, people=60 + 3 * seed, days=90 + 3 * seed), random.Random(seed), 10)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_questions_of_made_up_companies(tmp_path: Path, seed: int) -> None:
    questions(
        made_up_company(tmp_path, 150, seed, date(2026, 11, 20) - timedelta(days=3 * seed), 120),
        random.Random(seed),
        10,
    )
