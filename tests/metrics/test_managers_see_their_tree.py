"""Random org charts against an oracle: whatever a manager asks, no figure is about a person outside the manager's tree.

The oracle climbs from each person to the top, a week at a time, and shares nothing with the code. Every answer that holds a
value is put beside the people of the team it names, in the weeks it is about; and somebody outside changes none of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from metrics.org_world import Org
from metrics.slow import WEEK
from metrics.weeks_world import FIRST
from metrics.world import World, member
from proof import EVERYDAY, FULL, figures
from uptake.domain.access import Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.metrics import Answer, Facts, Question, answer, own_tree, teams_of
from uptake.people.person import Said

TODAY = FIRST + timedelta(days=40)
METRICS = ("active_members", "eligible_reach")
WEEKS = ("eligible_reach_week", "members")


PEOPLE = 24


def company(home: Path) -> World:
    """Everybody has a seat and is active now and then, for four whole weeks."""
    home.mkdir(exist_ok=True)
    world, rnd = World(home, threshold=1), random.Random(7)
    keen = [rnd.random() for _ in range(PEOPLE)]
    for number in range(28):
        who = [who for who in range(PEOPLE) if rnd.random() < keen[who]]
        world.day("one", FIRST + timedelta(days=number), [{"id": f"m{one}", "chat_messages": 1} for one in who])
    return world.roster("one", [member(who) for who in range(PEOPLE)])


def charted(world: World, seed: int) -> World:
    """Another org chart at random, and another one from the third week on; not everybody is in it."""
    rnd = random.Random(seed)
    people = rnd.randint(4, PEOPLE)
    managers = [None, *(rnd.randrange(who) if rnd.random() < 0.95 else None for who in range(1, people))]
    later = [rnd.choice([boss, boss, rnd.randrange(people)]) if who else None for who, boss in enumerate(managers)]
    world.threshold = rnd.choice([1, 1, 3, 5])
    world.chart(FIRST - 8 * WEEK, _chart(managers))
    return world.chart(FIRST + 2 * WEEK, _chart(rnd.choice([managers, later, later])))


def _chart(managers: list[int | None]) -> list[Said]:
    return [
        Said(person_id=f"p{who}", source="csv", rank=1, key=str(who), email=f"m{who}@example.com",
             manager_id=None if boss is None or boss == who else f"p{boss}", department=f"D{who % 2}")
        for who, boss in enumerate(managers)
    ]  # fmt: skip


def manager(who: int) -> Viewer:
    return Viewer(f"m{who}@example.com", Role.MANAGER)


def asked(trees: list[str]) -> list[Question]:
    """Everything a manager could think of, inside the tree and outside."""
    found = [Question(METRICS), Question(METRICS, by="department"), Question(METRICS, by="tree")]
    found += [Question(("usage_index",), by="tree", within="tree:p0"), Question(METRICS, by="role")]
    found += [Question(METRICS, team="department:d0"), Question(("active_day",), by="day")]
    for tree in trees:
        found += [Question(METRICS, team=tree), Question(METRICS, by="28d", team=tree)]
        found += [Question(METRICS, by="tree", within=tree), Question(WEEKS, by="week", team=tree)]
    return found


def told(facts: Facts, viewer: Viewer, question: Question) -> Answer | None:
    try:
        return answer(question, viewer, facts, TODAY)
    except (NotAllowed, Problem):
        return None


def outside(world: World, org: Org, leader: int, found: Answer) -> list[str]:
    """Figures of an answer about anybody who was not below the leader in all weeks of the figure."""
    wrong, mine = [], f"tree:p{leader}"
    team = found.question.team or found.question.within
    for row in found.rows:
        for name, cell in row.cells.items():
            if cell.state != "value":
                continue
            first = date.fromisoformat(row.key or "") if found.question.by in {"28d", "week"} else cell.since or FIRST
            teams = [org.through(seat, first, 1 if name in WEEKS else 4) for seat in world.rosters["one"]]
            wrong += [f"{name} of {team} on {first}" for one in teams if team in one and mine not in one]
            if (cell.denominator or 0) > sum(team in one for one in teams):
                wrong.append(f"{name} of {team}: more people than there are")
    return wrong


def choice(facts: Facts, viewer: Viewer) -> set[str]:
    return {team.id for team in teams_of(facts, viewer)}


Ask = Callable[[Facts, Viewer, Question], Answer | None]
Choose = Callable[[Facts, Viewer], set[str]]


def check(world: World, seed: int, ask: Ask = told, choose: Choose = choice) -> tuple[int, int]:
    """How many questions of one leader's were answered and refused; `ask` and `choose` are the way they take."""
    charted(world, seed)
    facts = world.facts
    org, rnd, answered, refused = Org(world), random.Random(seed), 0, 0
    newest = org.chart(date.max)
    leader = rnd.choice([int((one.manager_id or "p0")[1:]) for one in newest.values()])
    viewer = manager(leader)
    chosen = choose(facts, viewer)
    own = {one.person_id for one in newest.values() if f"p{leader}" in org.above(one, newest)}
    leaders = {one.manager_id for one in newest.values()}
    assert chosen == ({f"tree:{one}" for one in own & leaders} | {f"tree:p{leader}"} if own else set())
    assert own_tree(facts, viewer) == (f"tree:p{leader}" if own else None)
    some = rnd.sample([f"tree:p{who}" for who in range(PEOPLE)], 4) + rnd.sample(sorted(chosen), min(2, len(chosen)))
    for question in asked(some):
        found = ask(facts, viewer, question)
        answered, refused = answered + (found is not None), refused + (found is None)
        if found is not None:
            assert {question.team, question.within} & chosen
            assert outside(world, org, leader, found) == []
    return answered, refused


def test_no_manager_sees_anybody_outside(tmp_path: Path) -> None:
    world = company(tmp_path)
    counts = [check(world, seed) for seed in range(EVERYDAY.charts)]
    assert sum(answered for answered, _ in counts) > 100 and sum(refused for _, refused in counts) > 300


@pytest.mark.full
@pytest.mark.parametrize("part", range(20))
def test_no_manager_of_many_companies_sees_anybody_outside(tmp_path: Path, part: int) -> None:
    each = FULL.charts // 20
    world = company(tmp_path)
    counts = [check(world, seed) for seed in range(1000 + part * each, 1000 + (part + 1) * each)]
    figures("org charts", charts=each, answered=sum(a for a, _ in counts), refused=sum(r for _, r in counts), outside=0)


def test_who_is_outside_changes_nothing(tmp_path: Path) -> None:
    """The same company with everybody who was never in the tree at work all day: a manager's figures are the same."""
    quiet, loud = company(tmp_path / "quiet"), company(tmp_path / "loud")
    for world in (quiet, loud):
        charted(
            world, 11
        ).threshold = 1  # above it, whether a figure is shown may depend on how many there are of everybody
    org = Org(loud)
    ever = [
        seat for seat in loud.rosters["one"] if any("tree:p1" in org.teams(seat, FIRST + n * WEEK) for n in range(4))
    ]
    inside = {seat["member_id"] for seat in ever}
    assert 1 < len(inside) < PEOPLE - 3
    for day, rows in list(loud.usage["one"].items()):
        kept = [{"id": row["member_id"], "chat_messages": 1} for row in rows if row["member_id"] in inside]
        more = [{"id": f"m{who}", "chat_messages": 9} for who in range(PEOPLE) if f"m{who}" not in inside]
        loud.day("one", day, kept + more)
    asked = [Question(METRICS, team="tree:p1"), Question(METRICS, by="tree", within="tree:p1")]
    for question in (*asked, Question(WEEKS, by="week", team="tree:p1")):
        one, two = (told(world.facts, manager(1), question) for world in (quiet, loud))
        assert one is not None and two is not None
        assert [row.cells for row in one.rows] == [row.cells for row in two.rows]
    assert any(cell.value is not None for row in one.rows for cell in row.cells.values())
