"""Figures of teams in every dimension against the same worked out one person, one day and one week at a time. Threshold 1."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from metrics.org_world import KINDS, Org, org_world
from metrics.slow import DAY, WEEK, Found, monday, ratio
from metrics.test_weeks_and_groups_are_right import TODAY, Expected, check
from metrics.world import World
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.metrics import CATALOGUE, Cell, Metric, Question, answer, teams_of
from uptake.metrics.grouped import OF_WINDOW

WINDOWED = tuple(name for name, one in CATALOGUE.items() if one.kind in OF_WINDOW and "department" in one.by)
WEEKLY = ("eligible_reach_week", "active_week", "members")
PARTS = {"surface": "surface_reach", "feature": "feature_reach", "tool": "acceptance_by_tool"}


class Truth(Expected):
    """What an answer about teams must hold, by the slow way."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.org = Org(world)

    def tile(self, until: date) -> date | None:
        return self.window("role", None, until)

    def of(self, metric: Metric, first: date, rows: Any, part: str = "", population: str = "employee") -> Found:
        """A figure of the people for whom `rows` says they are in it."""
        everybody = self.members(first)
        mine = [
            p
            for p in everybody
            if population in {"everybody", self.org.population(p["person"].seat)} and rows(p["person"].seat)
        ]
        if metric.id in {"acceptance_person_weighted", "acceptance_by_tool"}:
            return self.pulled(first, mine, part)
        found = self.slow.figure(metric.id, first, mine, part)
        if metric.kind == "index":
            whole = self.slow.figure(metric.id, first, everybody)
            return Found(found.value / whole.value if found.value is not None and whole.value else None, found.people)
        return found

    def eligible(self, first: date, rows: Any, population: str = "employee") -> int:
        return self.of(CATALOGUE["active_members"], first, rows, "", population).people + sum(
            p["eligible"] and not p["days"] and rows(p["person"].seat)
            for p in self.members(first)
            if population in {"everybody", self.org.population(p["person"].seat)}
        )

    def in_week(self, metric: str, first: date, rows: Any) -> Found:
        last = first + 6 * DAY
        mine = [p for p in self.slow.people if self.org.population(p.seat) == "employee" and rows(p.seat)]
        if metric == "members":
            seats = sum(p.holds(last) for p in mine)
            return Found(seats, seats)
        held = [p for p in mine if p.workdays(first, last) >= 3]
        used = sum(bool(p.between(first, last)) for p in held)
        return ratio(used, len(held), len(held)) if metric == "eligible_reach_week" else Found(used, len(held))


def compare(truth: Truth, cell: Cell, metric: Metric, first: date, rows: Any, by: str, where: str) -> None:
    """`rows` says who is in the row."""
    found = None
    if truth.slow.is_whole(first - (metric.whole_weeks - 4) * WEEK, first + 3 * WEEK):
        found = truth.of(metric, first, rows)
    if metric.id == "creations_rate" and first < date(2026, 8, 17):
        found = None
    if found is not None and by in {"tree", "group"} and not metric.small_teams and truth.eligible(first, rows) == 1:
        assert cell.state == "withheld", where  # of trees and groups twice the threshold
        return
    check(cell, found, metric, where)


def by_teams(world: World, truth: Truth, until: date) -> int:
    first = truth.tile(until)
    assert first is not None
    compared = 0
    for by in KINDS:
        found = answer(Question(WINDOWED, by=by, until=until), OPERATOR, world.facts, TODAY)  # type: ignore[arg-type]
        keys = {row.key for row in found.rows}
        expected = {key for p in truth.members(first) if p["eligible"] for key in truth.org.row(p["person"].seat, by, first)
                    if truth.org.population(p["person"].seat) == "employee"}  # fmt: skip
        assert expected <= keys, (by, expected - keys)
        for row in found.rows:
            for name, cell in row.cells.items():
                rows = lambda seat, key=row.key, by=by: key in truth.org.row(seat, by, first)  # noqa: E731
                compare(truth, cell, CATALOGUE[name], first, rows, by, f"{name} by {by} {row.key} until {until}")
                compared += cell.value is not None
    return compared


def of_one_team(world: World, truth: Truth, team: str, until: date) -> int:
    first, compared = truth.tile(until), 0
    assert first is not None
    for row in answer(Question(WINDOWED[:9], by="28d", team=team, until=until), OPERATOR, world.facts, TODAY).rows:
        opens = date.fromisoformat(row.key or "")
        if not truth.slow.is_whole(opens, opens + 3 * WEEK):
            continue
        alone = team.startswith("tree:") and not any(
            team in truth.org.below(above, opens) for above in ["", *truth.org.leaders(opens)]
        )
        for name, cell in row.cells.items():
            if alone:
                assert cell.state == "withheld", (team, opens)
                continue
            rows = lambda seat, opens=opens: team in truth.org.through(seat, opens)  # noqa: E731
            if truth.eligible(opens, rows):
                compare(truth, cell, CATALOGUE[name], opens, rows, team.partition(":")[0], f"{name} of {team} {opens}")
                compared += cell.value is not None
    for by, name in PARTS.items():
        for row in answer(Question((name,), by=by, team=team, until=until), OPERATOR, world.facts, TODAY).rows:  # type: ignore[arg-type]
            cell = row.cells[name]
            if cell.value is not None:
                found = truth.of(
                    CATALOGUE[name], first, lambda seat: team in truth.org.through(seat, first), row.key or ""
                )
                check(cell, found, CATALOGUE[name], f"{name} {row.key} of {team}")
                compared += 1
    return compared


def by_weeks(world: World, truth: Truth, team: str) -> int:
    compared = 0
    for row in answer(Question(WEEKLY, by="week", team=team), OPERATOR, world.facts, TODAY).rows:
        week = date.fromisoformat(row.key or "")
        for name, cell in row.cells.items():
            if week not in truth.slow.whole:
                assert cell.value is None
                continue
            found = truth.in_week(name, week, lambda seat, week=week: team in truth.org.teams(seat, week))
            if found.people and cell.state == "value":
                assert cell.value == pytest.approx(found.value, abs=1e-4), (name, team, week)
                compared += 1
            else:
                assert not found.people or team not in truth.org.leaders(week), (name, team, week, cell, found)
    week = truth.slow.whole[-1]
    for by in KINDS:
        for row in answer(Question(WEEKLY, by=by), OPERATOR, world.facts, TODAY).rows:  # type: ignore[arg-type]
            for name, cell in row.cells.items():
                found = truth.in_week(
                    name, week, lambda seat, key=row.key, by=by, week=week: key in truth.org.row(seat, by, week, 1)
                )
                assert cell.value == (
                    pytest.approx(found.value, abs=1e-4) if found.people or name != "eligible_reach_week" else None
                )
                compared += 1
    return compared


def questions(world: World, rnd: random.Random, times: int) -> None:
    truth = Truth(world)
    assert by_teams(world, truth, TODAY) > 100
    teams = [team.id for team in teams_of(world.facts, OPERATOR)]
    for team in rnd.sample(teams, times):
        of_one_team(world, truth, team, TODAY)
        by_weeks(world, truth, team)
    assert of_one_team(world, truth, "department:sales", TODAY) + by_weeks(world, truth, "department:sales") > 50


def test_figures_of_teams_are_those_of_the_slow_way(tmp_path: Path) -> None:
    questions(org_world(tmp_path, 1, people=45, days=75), random.Random(1), 1)


@pytest.mark.parametrize("seed", range(3))
def test_coverage_counts_employees_of_this_week_once(tmp_path: Path, seed: int) -> None:
    world = org_world(tmp_path, seed, people=45, days=60)
    org = Org(world)
    employees = {
        one.person_id
        for one in org.chart(date.max).values()
        if one.population is None
        and not (one.started_on and one.started_on > TODAY)
        and not (one.ended_on and one.ended_on < monday(TODAY))
    }
    seats = [seat for seat in world.rosters["one"] if seat["status"] == "active"]
    owners = [org.of(seat, date.max) for seat in seats]
    seated = {one.person_id for one in owners if one is not None} & employees
    (row,) = answer(Question(("coverage",)), OPERATOR, world.facts, TODAY).rows
    cell = row.cells["coverage"]
    assert (cell.numerator, cell.denominator) == (len(seated), len(employees)) and 0 < len(seated) < len(employees)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_figures_of_many_companies_teams(tmp_path: Path, seed: int) -> None:
    questions(org_world(tmp_path, 50 + seed, people=50 + 4 * seed, days=100 + 2 * seed), random.Random(seed), 8)


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "role", "team": "department:sales"},
        {"by": "department", "team": "location:berlin"},
        {"by": "tree", "team": "tree:p0"},
        {"compare": True, "team": "department:sales"},
        {"by": "department", "within": "tree:p0"},
        {"population": "contractor"},
        {"team": "sales"},
        {"team": "department:nowhere"},
        {"by": "department", "population": "nobody"},
        {"by": "day", "team": "department:sales"},
    ],
)
def test_what_cannot_be_kept_safe_is_refused(tmp_path: Path, asked: dict[str, Any]) -> None:
    world = org_world(tmp_path, 2, people=8, days=3)
    with pytest.raises(Problem):
        answer(Question(("eligible_reach",), **asked), OPERATOR, world.facts, TODAY)
