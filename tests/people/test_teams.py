"""Who was in which team in which week, against a slow oracle; weeks that are over keep theirs."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta

import pyarrow as pa
import pytest

from uptake.domain.days import day_no, from_day_no
from uptake.people.person import Person
from uptake.people.teams import SPANS, spans, team_id, teams, teams_of
from uptake.people.tree import above

MON = date(2026, 9, 7)
WEEK = timedelta(days=7)


def person(person_id: str, **more: object) -> Person:
    return Person(person_id=person_id, name=person_id.title(), **more)  # type: ignore[arg-type]


COMPANY = {
    one.person_id: one
    for one in (
        person("ada", department="Board"),
        person("mina", manager_id="ada", department="Sales", location="Berlin", groups=("Pilot",)),
        person("emil", manager_id="mina", department="sales ", location="Berlin", title="Seller"),
        person("otto", manager_id="nobody", department="Sales"),
    )
}


def weeks(table: pa.Table, member: str, team: str) -> list[tuple[date, date]]:
    rows = [row for row in table.to_pylist() if (row["member_id"], row["team"]) == (member, team)]
    return [(from_day_no(row["first_week"] * 7), from_day_no(row["last_week"] * 7)) for row in rows]


def test_teams_of_a_person() -> None:
    found = teams_of(COMPANY)
    assert found["emil"] == ("department:sales", "location:berlin", "title:seller", "tree:mina", "tree:ada")
    assert found["mina"] == ("department:sales", "location:berlin", "group:pilot", "tree:ada")
    assert found["ada"] == ("department:board",)
    assert found["otto"] == ("department:sales",)


def test_teams_with_their_sizes_and_their_place() -> None:
    found = {team.id: team for team in teams(COMPANY, MON)}
    assert (found["department:sales"].people, found["department:sales"].name) == (3, "Sales")
    assert (found["tree:ada"].people, found["tree:ada"].name, found["tree:ada"].above) == (2, "Ada", "")
    assert (found["tree:mina"].people, found["tree:mina"].above) == (1, "tree:ada")


def test_a_move_counts_from_its_week_on_and_the_past_stays() -> None:
    moved = COMPANY | {"emil": person("emil", manager_id="ada", department="Support")}
    of = {("c", "m1"): "emil", ("c", "m2"): "mina"}
    table = spans([(MON, COMPANY), (MON + 3 * WEEK, moved)], of, {}, MON - 2 * WEEK, MON + 5 * WEEK)
    assert table.schema == SPANS
    assert weeks(table, "m1", "department:sales") == [(MON - 2 * WEEK, MON + 2 * WEEK)]
    assert weeks(table, "m1", "department:support") == [(MON + 3 * WEEK, MON + 5 * WEEK)]
    assert weeks(table, "m1", "tree:ada") == [(MON - 2 * WEEK, MON + 5 * WEEK)]
    assert weeks(table, "m2", "department:sales") == [(MON - 2 * WEEK, MON + 5 * WEEK)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"started_on": MON + WEEK + timedelta(days=2)}, (MON + WEEK, MON + 3 * WEEK)),
        ({"ended_on": MON + WEEK + timedelta(days=2), "listed": False}, (MON, MON + WEEK)),
        ({"ended_on": MON + WEEK}, (MON, MON + WEEK)),
        ({"listed": False}, None),
        ({}, (MON, MON + 3 * WEEK)),
    ],
)
def test_start_and_end_are_kept(more: dict[str, object], expected: tuple[date, date] | None) -> None:
    people = {"emil": person("emil", department="Sales", **more)}
    table = spans([(MON, people)], {("c", "m"): "emil"}, {}, MON, MON + 3 * WEEK)
    assert weeks(table, "m", "department:sales") == ([expected] if expected else [])


def test_marks_come_before_what_the_directory_says() -> None:
    of = {("c", "m1"): "emil", ("c", "m2"): "mina"}
    table = spans([(MON, COMPANY)], of, {("c", "m1"): "contractor"}, MON, MON)
    assert {row["member_id"]: row["population"] for row in table.to_pylist()} == {"m1": "contractor", "m2": "employee"}


def test_without_a_chart_nobody_is_in_a_team() -> None:
    assert spans([], {("c", "m"): "emil"}, {}, MON, MON).num_rows == 0


@pytest.mark.parametrize("seed", range(40))
def test_random_histories_agree_with_a_slow_oracle(seed: int) -> None:
    """Circles, orphans, people who come and go, charts that skip weeks."""
    chance = random.Random(seed)
    ids = [f"p{n}" for n in range(chance.randint(1, 9))]
    charts = [(MON + WEEK * n, _random_company(chance, ids)) for n in sorted(chance.sample(range(12), 4))]
    of = {("c", f"m{n}"): chance.choice([*ids, "stranger"]) for n in range(8)}
    first, last = MON + WEEK * chance.randint(-3, 4), MON + WEEK * chance.randint(4, 15)
    told = {
        (row["member_id"], row["team"], week)
        for row in spans(charts, of, {}, first, last).to_pylist()
        for week in range(row["first_week"], row["last_week"] + 1)
    }
    slow = set()
    for week in range(day_no(first) // 7, day_no(last) // 7 + 1):
        monday = from_day_no(week * 7)
        people = next((chart for day, chart in reversed(charts) if day <= monday), charts[0][1])
        managers = {one: person.manager_id for one, person in people.items()}
        for (_, member), person_id in of.items():
            one = people.get(person_id)
            if one is None or not one.works_in(monday, monday + timedelta(days=6)):
                continue
            own = [
                ("department", one.department),
                ("location", one.location),
                *(("group", group) for group in one.groups),
            ]
            found = [team_id(kind, name) for kind, name in own if name]  # type: ignore[arg-type]
            found += [team_id("tree", boss) for boss in above(person_id, managers) if boss in people]
            slow |= {(member, team, week) for team in found}
    assert told == slow


def _random_company(chance: random.Random, ids: list[str]) -> dict[str, Person]:
    def one(person_id: str) -> Person:
        day = MON + timedelta(days=chance.randint(-20, 90))
        return person(
            person_id,
            manager_id=chance.choice([*ids, None, "stranger"]),
            department=chance.choice(["A", "a ", "B", None]),
            location=chance.choice(["X", None]),
            groups=tuple(chance.sample(["G", "H", "g"], chance.randint(0, 2))),
            started_on=chance.choice([None, day]),
            ended_on=chance.choice([None, None, day]),
            listed=chance.random() < 0.85,
        )

    return {person_id: one(person_id) for person_id in ids if chance.random() < 0.9}


def test_many_people_take_a_moment() -> None:
    people = {
        f"p{n}": person(f"p{n}", manager_id=f"p{(n - 1) // 8}" if n else None, department=f"D{n % 40}")
        for n in range(6_000)
    }
    began = time.process_time()
    table = spans([(MON, people)], {("c", f"m{n}"): f"p{n}" for n in range(6_000)}, {}, MON, MON + 50 * WEEK)
    assert table.num_rows > 30_000
    assert time.process_time() - began < 3
