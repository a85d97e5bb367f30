"""Companies of all sizes and shapes, with people who come, go and move, against the solver of exact_attacker.py.

Put to the attacker: how many were active in four weeks, and in each of these weeks, of everybody and of every team that can be
asked for, in every population; and the exact counts of the organisation beside them.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from metrics.exact_attacker import Attack, Told
from metrics.org_shown import Rows
from metrics.org_world import KINDS
from metrics.slow import DAY, WEEK
from metrics.test_teams_are_right import Truth
from metrics.world import World, member
from proof import EVERYDAY, FULL, figures
from uptake.domain.access import OPERATOR
from uptake.metrics import Cell, Question, answer, teams_of
from uptake.people.person import Population, Said

BEGINS = date(2026, 9, 14)  # a Monday on which four weeks begin
ENDS = BEGINS + 27 * DAY
TODAY = ENDS + 10 * DAY
POPULATIONS: tuple[Population, ...] = ("employee", "contractor")
ALONE = 40
"""Of so many teams the weeks are asked as well."""
PARTS = 20


def company(home: Path, rnd: random.Random, people: int, k: int) -> World:
    """Deep or flat, with many or few names of teams, leavers, and a reorganisation at some week or none."""
    world = World(home, threshold=k)
    keen = [rnd.choice([0.0, 0.0, 0.005, 0.02, 0.1, 0.5]) for _ in range(people)]
    for number in range(28):
        world.day("one", BEGINS + number * DAY,
                  [{"id": f"m{who}", "chat_messages": 1} for who in range(people) if rnd.random() < keen[who]])  # fmt: skip
    left = [BEGINS + timedelta(days=rnd.randint(1, 30)) if rnd.random() < 0.03 else None for _ in range(people)]
    joined = [BEGINS + timedelta(days=rnd.randint(0, 25)) if rnd.random() < 0.03 else date(2026, 1, 2) for _ in left]
    world.roster("one", [
        member(who, min(joined[who], left[who] or ENDS), left[who]) for who in range(people) if rnd.random() < 0.98
    ])  # fmt: skip
    chart = _chart(rnd, people)
    world.chart(BEGINS - 4 * WEEK, chart)
    if rnd.random() < 0.5:
        world.chart(BEGINS + rnd.randint(1, 3) * WEEK, [_moved(rnd, one, chart) for one in chart])
    return world


def _chart(rnd: random.Random, people: int) -> list[Said]:
    span, departments = rnd.choice([3, 6, 12, 40]), max(1, round(people / rnd.choice([8, 25, 80])))
    places, titles = rnd.randint(1, 5), rnd.randint(1, 6)
    return [
        Said(
            person_id=f"p{who}", source="csv", rank=1, key=str(who), email=f"m{who}@example.com",
            manager_id=None if who == 0 or rnd.random() < 0.01 else f"p{rnd.randrange(who // span + 1) if who > span else 0}",
            department=f"D{min(int(rnd.paretovariate(0.8)), departments)}" if rnd.random() < 0.97 else None,
            location=f"L{min(int(rnd.paretovariate(1.2)), places)}", title=f"T{rnd.randint(1, titles)}",
            groups=("Pilot",) if rnd.random() < 0.1 else (), population="contractor" if rnd.random() < 0.08 else None,
        )
        for who in range(people)
    ]  # fmt: skip


def _moved(rnd: random.Random, one: Said, chart: list[Said]) -> Said:
    if rnd.random() < rnd.choice([0.7, 0.98]) or one.manager_id is None:
        return one
    like = rnd.choice(chart)
    return replace(one, department=like.department, manager_id=like.manager_id or one.manager_id)


@dataclass(frozen=True)
class Shown:
    """What a company shows, and how much of it there was to show."""

    told: list[Told]
    teams: int
    teams_shown: int
    placed: int
    seen: int


def everything(world: World, k: int) -> tuple[Shown, list[frozenset[str]]]:
    truth = Truth(world)
    weeks = [BEGINS + number * WEEK for number in range(4)]
    did = [active(world, BEGINS, ENDS), *(active(world, week, week + 6 * DAY) for week in weeks)]
    told = list(whole_organisation(world, did))
    reached: set[str] = set()
    sizes: dict[str, bool] = {}
    for population in POPULATIONS:
        rows = Rows(truth, truth.org, BEGINS, population, k)
        for by in KINDS:
            for key, cell in cells(world, Question(("eligible_reach",), by=by, population=population)):
                who = rows.of_row(by, key) & rows.eligible
                told += of_cell(0, cell, who, did[0], k)
                sizes[f"{population}/{by}/{key}"] = cell.state == "value"
                reached |= who if cell.state == "value" else frozenset()
    employees = Rows(truth, truth.org, BEGINS, "employee", k)
    for team in [one.id for one in teams_of(world.facts, OPERATOR) if not one.small][:ALONE]:
        for key, cell in cells(world, Question(("eligible_reach",), by="28d", team=team)):
            if key == BEGINS.isoformat():
                told += of_cell(0, cell, employees.of_team(team) & employees.eligible, did[0], k)
        for key, cell in cells(world, Question(("eligible_reach_week",), by="week", team=team)):
            if cell.state == "value":
                number = weeks.index(date.fromisoformat(key)) + 1
                then = week_rows(truth, weeks[number - 1], k)
                told += of_cell(number, cell, then.of_team(team) & then.eligible, did[number], k)
    return Shown([*dict.fromkeys(told)], len(sizes), sum(sizes.values()), len(employees.eligible), len(reached)), did


def week_rows(truth: Truth, week: date, k: int) -> Rows:
    known = truth.__dict__.setdefault("weekly", {})
    if week not in known:
        known[week] = Rows(truth, truth.org, week, "employee", k, 1)
    return known[week]  # type: ignore[no-any-return]


def active(world: World, first: date, last: date) -> frozenset[str]:
    days = world.usage["one"]
    return frozenset(row["member_id"] for day, rows in days.items() if first <= day <= last for row in rows)


def whole_organisation(world: World, did: list[frozenset[str]]) -> Iterator[Told]:
    """The exact counts of everybody who was active, and who could have been: all of the directory and the roster."""
    everybody = frozenset(f"m{number}" for number in range(len(next(iter(world.charts.values())))))
    for metric, by in (("active_28d", "day"), ("active_week", "week")):
        for key, cell in cells(world, Question((metric,), by=by, until=ENDS)):  # type: ignore[arg-type]
            number = 0 if by == "day" else (date.fromisoformat(key) - BEGINS).days // 7 + 1
            if cell.state == "value" and (number or key == ENDS.isoformat()) and cell.value is not None:
                assert cell.value == len(did[number])
                yield Told(number, everybody, int(cell.value), int(cell.value))


def cells(world: World, question: Question) -> Iterable[tuple[str, Cell]]:
    question = replace(question, until=question.until or ENDS)
    for row in answer(question, OPERATOR, world.facts, TODAY).rows:
        for cell in row.cells.values():
            yield row.key or "", cell


def of_cell(figure: int, cell: Cell, who: frozenset[str], did: frozenset[str], k: int) -> Iterator[Told]:
    """What a shown share leaves: the nearest multiple of k, nothing under k; a numerator never passes its denominator."""
    if cell.state != "value" or cell.numerator is None:
        return
    number, shown = len(who & did), int(cell.numerator)
    assert cell.denominator == len(who), (cell, len(who))
    low, high = (0, 0) if shown == 0 else (max(shown - k // 2, k), min(shown + (k - 1) // 2, len(who)))
    high = len(who) if shown == len(who) else high
    assert low <= number <= high, (cell, number)
    yield Told(figure, who, low, high)


def attack(seed: int, most: int) -> tuple[Shown, Attack, list[str]]:
    rnd = random.Random(seed)
    people, k = round(10 * (most / 10) ** rnd.random()), rnd.choice([5, 10])
    with tempfile.TemporaryDirectory() as home:
        world = company(Path(home), rnd, people, k)
        shown, did = everything(world, k)
    tried = Attack(shown.told, did, k)
    return shown, tried, [f"{people} people, k={k}: {one}" for one in tried.found()]


def attack_all(seeds: range, most: int) -> None:
    begun, teams, seen, asked, sets, narrowed = time.process_time(), [0, 0], [0, 0], 0, 0, 0
    for seed in seeds:
        shown, tried, found = attack(seed, most)
        assert found == []
        assert tried.unknown == 0
        teams = [teams[0] + shown.teams_shown, teams[1] + shown.teams]
        seen = [seen[0] + shown.seen, seen[1] + shown.placed]
        asked, sets, narrowed = asked + tried.asked, sets + len(shown.told), narrowed + tried.narrowed
    figures(
        "companies attacked by the solver", companies=len(seeds), figures=sets, solved=asked, recovered=0, narrowed=narrowed,
        rows_shown=round(teams[0] / max(teams[1], 1), 3), cpu_s=round(time.process_time() - begun),
    )  # fmt: skip


def test_the_exact_attacker_finds_nobody() -> None:
    attack_all(range(EVERYDAY.companies), 300)


def test_the_exact_attacker_is_not_blind() -> None:
    """Told the numbers themselves, it finds people."""
    shown, tried, _ = attack(0, 300)
    assert list(Attack([replaced(one, tried) for one in shown.told], tried.did, tried.k).found())


def replaced(one: Told, tried: Attack) -> Told:
    number = len(one.whole & tried.did[one.figure])
    return Told(one.figure, one.whole, number, number)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_the_exact_attacker_finds_nobody_anywhere(part: int) -> None:
    each = FULL.companies // PARTS
    attack_all(range(1000 + part * each, 1000 + (part + 1) * each), 5000)
