"""An attacker who may ask every figure of every team in every window, week and population, and the exact ones beside them.

It knows who is in which team and holds which seat, so the whole of each share; it knows of each number which people are in it,
and looks for sets of people whose size, 1 to k-1, follows: alone, by difference, by overlap, and by passing bounds on between
wholes and their parts until nothing moves any more. It shares nothing with the rules it attacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from metrics.org_shown import Rows
from metrics.org_world import KINDS, org_world
from metrics.slow import DAY, WEEK
from metrics.test_rounded_figures_hide_everybody import K, Known, exact, few, leaks
from metrics.test_teams_are_right import PARTS, TODAY, WEEKLY, WINDOWED, Truth
from metrics.world import World
from proof import figures
from uptake.domain.access import OPERATOR
from uptake.metrics import CATALOGUE, Cell, Question, answer, teams_of

COUNTED = tuple(name for name in WINDOWED if CATALOGUE[name].how and CATALOGUE[name].how.shape in {"share", "count"})  # type: ignore[union-attr]
OF_SEATS = {"week", *(name for name in COUNTED if CATALOGUE[name].how.shape == "count" or CATALOGUE[name].how.seats)}  # type: ignore[union-attr]
SIZES = [(14, 70), (30, 90), (70, 100), (130, 70)]


def bounds(shown: float, whole: int) -> tuple[int, int]:
    """What a number stands for: nothing below k is shown, and steps are of k."""
    if shown == 0:
        return 0, 0
    return max(int(shown) - K // 2, K), min(int(shown) + K // 2, whole)


@dataclass(frozen=True)
class Told:
    """Of one figure in one window: of the people of `whole`, who are known, from low to high."""

    figure: str
    begins: date
    whole: frozenset[int]
    low: int
    high: int


Found = Known | Told


def of_cell(name: str, begins: date, cell: Cell, people: frozenset[int], whole: frozenset[int]) -> Iterator[Found]:
    """The people counted, and those left of the whole."""
    shown = cell.value if cell.numerator is None else cell.numerator
    if cell.state != "value" or shown is None:
        return
    assert len(whole) >= K or not whole, (name, len(whole))
    low, high = bounds(shown, len(whole))
    high = max(high, len(whole)) if shown == cell.denominator else high  # a numerator never passes its denominator
    assert low <= len(people) <= high, (name, begins, cell, len(people), len(whole))
    # Which of these sets lie in each other is known to nobody: there the floor of k is not put to use as well.
    yield Known(people, max(int(shown) - K // 2, 0), int(shown) + K // 2)
    if name in OF_SEATS:  # whoever else could have been counted follows from roster and org chart
        yield Known(whole - people, len(whole) - high, len(whole) - low)
        yield Told(name, begins, whole, low, high)


def windows(world: World, truth: Truth, team: str | None, by: str, population: str) -> Iterator[Found]:
    """Figures over four weeks of all tiles, of one team or by teams."""
    tiles = {truth.slow.tile(day) for day in truth.slow.whole}
    for first in sorted(day for day in tiles if truth.slow.is_whole(day, day + 3 * WEEK)):
        rows = shown_rows(truth, first, population)
        question = Question(COUNTED, by=by, team=team, until=first + 27 * DAY, population=population)  # type: ignore[arg-type]
        for row in answer(question, OPERATOR, world.facts, TODAY).rows:
            if team is not None and row.key != first.isoformat():
                continue
            who = rows.of_team(team) if team is not None else rows.of_row(by, row.key or "")
            inside = [p for p in truth.members(first) if p["person"].seat["member_id"] in who]
            for name, cell in row.cells.items():
                found = truth.slow.figure(name, first, inside)
                if found.who is not None:
                    eligible = frozenset(id(p["person"]) for p in inside if p["eligible"])
                    yield from of_cell(name, first, cell, found.who, found.base if found.base is not None else eligible)


def shown_rows(truth: Truth, first: date, population: str, weeks: int = 4) -> Rows:
    known = truth.__dict__.setdefault("shown", {})
    if (first, population, weeks) not in known:
        known[first, population, weeks] = Rows(truth, truth.org, first, population, K, weeks)
    return known[first, population, weeks]


def weeks(world: World, truth: Truth, team: str) -> Iterator[Found]:
    for row in answer(Question(WEEKLY[:2], by="week", team=team), OPERATOR, world.facts, TODAY).rows:
        week = date.fromisoformat(row.key or "")
        if all(cell.value is None for cell in row.cells.values()):
            continue
        who = shown_rows(truth, week, "employee", 1).of_team(team)
        mine = [p for p in truth.slow.people if p.seat["member_id"] in who]
        held = frozenset(id(p) for p in mine if p.workdays(week, week + 6 * DAY) >= 3)
        used = frozenset(id(p) for p in mine if id(p) in held and p.between(week, week + 6 * DAY))
        for cell in row.cells.values():
            yield from of_cell("week", week, cell, used, held)


def parts(world: World, truth: Truth, team: str) -> Iterator[Known]:
    first = truth.tile(TODAY)
    for by, name in PARTS.items():
        if by == "tool" or first is None:
            continue
        who = shown_rows(truth, first, "employee").of_team(team)
        people = [p for p in truth.members(first) if p["person"].seat["member_id"] in who]
        for row in answer(Question((name,), by=by, team=team), OPERATOR, world.facts, TODAY).rows:  # type: ignore[arg-type]
            found = truth.slow.figure(name, first, people, row.key or "")
            if row.cells[name].value is not None and found.who is not None and found.base is not None:
                yield Known(found.who, *bounds(row.cells[name].numerator or 0, len(found.base)))


def everything(world: World, truth: Truth, most: int = 1000) -> set[Found]:
    """`most`: how many teams are asked alone, and whether contractors are asked as well."""
    found: set[Found] = set(exact(world, truth))
    teams = [team.id for team in teams_of(world.facts, OPERATOR) if not team.small][:most]
    for population in ("employee", "contractor") if most > 100 else ("employee",):
        for by in KINDS:
            found.update(windows(world, truth, None, by, population))
    for team in teams:
        found.update(windows(world, truth, team, "28d", "employee"))
        found.update(weeks(world, truth, team))
        found.update(parts(world, truth, team))
    return {one for one in found if isinstance(one, Told) or one.people or one.high}


def follows(told: Iterable[Told]) -> Iterator[str]:
    """What is said of the same figure in one window: bounds are passed on between sets of people until nothing moves, then put
    together for what one set has and another has not."""
    each: dict[tuple[str, date], dict[frozenset[int], tuple[int, int]]] = {}
    for one in told:
        known = each.setdefault((one.figure, one.begins), {})
        low, high = known.get(one.whole, (0, len(one.whole)))
        known[one.whole] = max(low, one.low), min(high, one.high, len(one.whole))
    for figure, known in each.items():
        passed_on(known)
        for one, (low, high) in known.items():
            if few(low, high) or few(len(one) - high, len(one) - low):
                yield f"{figure}: {low} to {high} of {len(one)}"
            for other, (least, most) in known.items():
                rest = one - other
                if rest and rest != one:
                    # In both there are at most `most`, and at most as many as both share.
                    at_least = max(low - min(most, len(one & other)), 0)
                    at_most = min(high, len(rest), high - least if other < one else len(rest))
                    if few(at_least, at_most) or few(len(rest) - at_most, len(rest) - at_least):
                        yield f"{figure}: {at_least} to {at_most} of {len(rest)}, {len(one)} less {len(other)}"


def passed_on(known: dict[frozenset[int], tuple[int, int]]) -> None:
    """A set has no more than another and those it has beyond it."""
    moved = True
    while moved:
        moved = False
        for one, other in permutations(known, 2):
            low, high = known[one]
            most = min(high, known[other][1] + len(one - other))
            least = max(low, known[other][0] - len(other - one))
            if (least, most) != (low, high):
                known[one], moved = (least, most), True


def attack(home: Path, seed: int, people: int, days: int, most: int = 1000) -> set[Found]:
    world = org_world(home, seed, people, days, threshold=K)
    found = everything(world, Truth(world), most)
    assert list(leaks({one for one in found if isinstance(one, Known)})) == []
    assert list(follows(one for one in found if isinstance(one, Told))) == []
    return found


def test_the_attacker_finds_nobody_by_teams(tmp_path: Path) -> None:
    """And told the exact sizes of the same sets, it finds many: it is not blind."""
    sets = {one for one in attack(tmp_path, 3, 80, 45, most=6) if isinstance(one, Known)}
    assert list(leaks({Known(one.people, len(one.people), len(one.people)) for one in sets}))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("size", SIZES)
def test_the_attacker_finds_nobody_by_teams_anywhere(tmp_path: Path, seed: int, size: tuple[int, int]) -> None:
    sets = attack(tmp_path, seed, *size)
    figures("teams attacked", people=size[0], sets=len(sets), recovered=0)
