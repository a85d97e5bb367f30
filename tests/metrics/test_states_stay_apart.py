"""A value, not yet available, not collected, withheld: never one for another, and zero is a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from metrics.org_world import org_world
from metrics.weeks_world import FIRST as BEGINS
from metrics.world import FIRST, Row, World, invite, member, put
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.lake import SUMMARIES
from uptake.metrics import CATALOGUE, Answer, Cell, Choice, Question, answer, describe, figure, to_csv, to_json

TODAY = FIRST + timedelta(days=12)


def people(count: int, **counts: int) -> Iterable[Row]:
    return [{"id": f"m{number}", "chat_messages": 2, **counts} for number in range(count)]


def asked(world: World, *metrics: str, **more: object) -> Answer:
    return answer(Question(metrics, **more), OPERATOR, world.facts, TODAY)  # type: ignore[arg-type]


def cells(found: Answer, metric: str) -> dict[str | None, Cell]:
    return {row.key: row.cells[metric] for row in found.rows}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Ten days held of twelve; day 3 missing, day 5 held back, day 6 empty, two people on day 7."""
    world = World(tmp_path).connect("one", held_back=(FIRST + timedelta(days=5),))
    for number in (0, 1, 2, 4, 6, 7, 8, 9):
        size = {6: 0, 7: 2}.get(number, 20)
        world.day("one", FIRST + timedelta(days=number), people(size))
    return world.roster("one", [member(number) for number in range(30)] + [invite(number) for number in range(3)])


def test_each_day_has_its_state(world: World) -> None:
    found = asked(world, "active_day", "chat_messages_total", by="day", since=FIRST - timedelta(days=1), until=TODAY)
    states = [(cell.state, cell.value) for cell in cells(found, "active_day").values()]
    value, gap, late = ("value", 20), ("not_collected", None), ("not_yet", None)
    assert states == [
        gap,
        value,
        value,
        value,
        gap,
        value,
        gap,
        ("value", 0),
        ("withheld", None),
        value,
        value,
        late,
        late,
        late,
    ]
    reasons = [cell.reason for cell in cells(found, "active_day").values()]
    assert reasons[0].startswith("before") and reasons[4].startswith("missing") and reasons[6].startswith("held back")
    assert cells(found, "chat_messages_total")[(FIRST + timedelta(days=6)).isoformat()].value == 0
    assert found.withheld == 2


def test_partial_weeks_are_marked_and_say_what_they_leave_out(world: World) -> None:
    found = asked(world, "active_week", "messages", by="week")
    assert [(row.days, row.days_expected) for row in found.rows] == [(5, 7), (3, 7)]
    assert [cell.value for cell in cells(found, "messages").values()] == [160, 80]
    assert cells(found, "messages")[(FIRST + timedelta(days=7)).isoformat()].left_out == 1


def test_freshness_says_until_when_and_what_is_settling(world: World) -> None:
    found = asked(world, "active_day", by="day")
    fresh = found.freshness
    assert (fresh.first_day, fresh.data_through, fresh.days_held) == (FIRST, FIRST + timedelta(days=9), 8)
    assert fresh.missing == (FIRST + timedelta(days=3), FIRST + timedelta(days=5))
    assert fresh.settling_since == FIRST + timedelta(days=3)
    assert [row.settling for row in found.rows] == [False] * 3 + [True] * 7


def test_not_reported_is_not_zero(world: World) -> None:
    (row,) = asked(world, "code_sessions", "code_acceptance_rate", "messages").rows
    assert (row.cells["code_sessions"].state, row.cells["code_sessions"].reason) == (
        "not_collected",
        "not reported by Claude",
    )
    assert row.cells["code_acceptance_rate"].state == "not_collected"
    assert row.cells["messages"].value == 240


def test_a_small_organisation_is_withheld_altogether(tmp_path: Path) -> None:
    world = World(tmp_path).roster("one", [member(number) for number in range(4)])
    for number in range(5):
        world.day("one", FIRST + timedelta(days=number), people(3 if number else 0))
    for by in (None, "day", "week", "surface"):
        names = tuple(metric.id for metric in CATALOGUE.values() if by in metric.by)
        found = asked(world, *names, by=by)
        assert {cell.state for row in found.rows for cell in row.cells.values()} == {"withheld"}


def test_a_small_connection_is_left_out_of_all_together(world: World) -> None:
    world.day("tiny", FIRST, people(3))
    (row,) = asked(world, "messages", since=FIRST, until=FIRST).rows
    assert row.cells["messages"].value == 40
    assert any("left out" in note for note in asked(world, "messages").notes)
    assert asked(world, "messages", connection="tiny").rows[0].cells["messages"].state == "withheld"


def test_nothing_held_is_not_collected(tmp_path: Path) -> None:
    world = World(tmp_path).connect("one")
    for by in (None, "surface"):
        names = tuple(metric.id for metric in CATALOGUE.values() if by in metric.by)
        found = asked(world, *names, by=by)
        assert {cell.state for row in found.rows for cell in row.cells.values()} == {"not_collected"}
    assert asked(World(tmp_path / "none"), "members").rows[0].cells["members"].state == "not_collected"


def test_a_roster_alone_answers_members(tmp_path: Path) -> None:
    world = World(tmp_path).roster("one", [member(number) for number in range(9)])
    assert asked(world, "members").rows[0].cells["members"].value == 9
    assert asked(world, "reach_28d").rows[0].cells["reach_28d"].state == "not_collected"


def test_a_few_invites_are_withheld(world: World) -> None:
    assert asked(world, "invited").rows[0].cells["invited"].state == "withheld"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(("reech",)), "no metric 'reech'"),
        (Question(()), "No metric"),
        (Question(("surface_active",), by="day"), "by surface"),
        (Question(("active_day",), by="week"), "by day"),
        (Question(("messages",), since=TODAY, until=FIRST), "after the last"),
        (Question(("messages",), connection="nowhere"), "no such connection"),
    ],
)
def test_questions_that_make_no_sense(world: World, question: Question, says: str) -> None:
    with pytest.raises(Problem, match=says):
        answer(question, OPERATOR, world.facts, TODAY)


def test_only_readers_may_ask(world: World) -> None:
    for role in (Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            answer(Question(("members",)), Viewer("somebody", role), world.facts, TODAY)


def test_csv_never_writes_a_number_for_what_is_none(world: World) -> None:
    found = asked(world, "active_day", "members", by="day", until=TODAY)
    lines = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert len(lines) == 2 * len(found.rows)
    for line, cell in zip(lines, (cell for row in found.rows for cell in row.cells.values()), strict=True):
        assert line["value"] == ("" if cell.value is None else str(cell.value))
        assert line["state"].replace(" available", "").replace(" ", "_") == cell.state
        assert line["data_through"] == str(FIRST + timedelta(days=9)) and line["definition"]


def test_json_carries_where_it_comes_from(world: World) -> None:
    found = to_json(asked(world, "active_day", by="day"))
    assert found["data_through"] == "2026-09-16" and found["settling_since"] == "2026-09-10" and found["withheld"] == 1
    assert found["definitions"]["active_day"]["formula"] and found["lake_version"]
    withheld = [
        row["cells"]["active_day"] for row in found["rows"] if row["cells"]["active_day"]["state"] == "withheld"
    ]
    (cell,) = withheld
    assert cell["reason"] == "too few people to show"
    assert [cell[name] for name in ("value", "numerator", "denominator")] == [None] * 3


def test_the_catalogue_describes_itself() -> None:
    for metric in CATALOGUE.values():
        assert metric.formula.endswith(".") and metric.caveat.endswith(".") and metric.by
        assert "source" not in describe(metric)


def test_reported_figures_are_the_vendors_and_invites_wait(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(3):
        world.day("one", FIRST + timedelta(days=number), people(20))
        told = {"daily_active_user_count": 18 + number, "assigned_seat_count": 30 if number else None}
        put(
            world.lake,
            "summaries",
            "one",
            FIRST + timedelta(days=number),
            pa.Table.from_pylist([told], schema=SUMMARIES),
        )
    old, new = ({"invited_at": datetime.combine(TODAY - timedelta(days=days), time(), UTC)} for days in (15, 14))
    world.roster("one", [member(n) for n in range(30)] + [invite(n) | (old if n < 60 else new) for n in range(120)])
    found = asked(world, "reported_daily_active", "reported_seats", by="day")
    told = [(row.cells["reported_daily_active"].value, row.cells["reported_seats"].state) for row in found.rows]
    assert told == [(20, "not_collected"), (20, "value"), (20, "value")]  # rounded to the threshold
    assert found.rows[0].cells["reported_daily_active"].rounded
    (row,) = asked(world, "reported_weekly_active", "invites_waiting").rows
    assert row.cells["reported_weekly_active"].state == "not_collected"
    assert (row.cells["invites_waiting"].numerator, row.cells["invites_waiting"].denominator) == (60, 120)


def test_four_weeks_that_are_not_whole_are_never_averaged(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in [n for n in range(40) if n != 33]:
        world.day("one", FIRST + timedelta(days=7 + number), people(20))  # 14 September is the Monday of a tile
    world.roster("one", [member(number) for number in range(30)])
    question = Question(("eligible_reach", "flow_new"), by="28d")
    rows = answer(question, OPERATOR, world.facts, FIRST + timedelta(days=48)).rows
    states = [(row.key, row.cells["eligible_reach"].state, row.cells["flow_new"].state) for row in rows]
    assert states == [("2026-09-14", "value", "not_yet"), ("2026-10-12", "not_yet", "not_yet")]
    assert (rows[0].cells["eligible_reach"].numerator, rows[0].cells["eligible_reach"].denominator) == (20, 30)
    assert "2026-11-08" in rows[1].cells["eligible_reach"].reason and rows[1].settling
    weeks = answer(
        Question(("eligible_reach_week",), by="week"), OPERATOR, world.facts, FIRST + timedelta(days=48)
    ).rows
    assert [row.cells["eligible_reach_week"].reason for row in weeks][4:] == [
        "6 of its 7 days are held",
        "not yet available: this week ends on 2026-10-25",
    ]


def test_habits_are_compared_over_the_same_people(tmp_path: Path) -> None:
    """Thirty were there before; sixty more joined since. The change is that of the thirty."""
    world = World(tmp_path)
    for number in range(56):
        joined = number >= 28
        rows = [
            {"id": f"m{n}", "chat_messages": 1}
            for n in range(90)
            if n < (20 if not joined else 25) or (joined and n > 59)
        ]
        world.day("one", FIRST + timedelta(days=number), rows)
    seats = [member(n) for n in range(30)] + [member(n, FIRST + timedelta(days=28)) for n in range(30, 90)]
    facts = world.roster("one", seats).facts
    found = figure("headlines", OPERATOR, facts, FIRST + timedelta(days=58))
    (tile,) = [tile for tile in found.tiles if tile.metric == "eligible_reach"]
    assert (tile.now.numerator, tile.now.denominator, tile.before) == (55, 90, None)
    assert tile.change == pytest.approx(1 / 6, abs=1e-4)  # of 20 in 30 to 25 in 30
    assert tile.window and tile.before_window and (tile.window[0] - tile.before_window[1]).days == 1
    with pytest.raises(Problem, match="cannot be compared"):
        answer(Question(("messages",), compare=True), OPERATOR, facts, FIRST + timedelta(days=58))


@pytest.mark.parametrize("seed", range(4))
def test_a_team_is_not_known_yet_before_its_first_four_weeks(tmp_path: Path, seed: int) -> None:
    """Days are held, and the fixed four weeks that a team is known in ended before the first of them."""
    world = org_world(tmp_path, seed, people=60, days=20)
    today = BEGINS + timedelta(days=18)
    for name in ("team-headlines", "team-reach", "team-surfaces"):
        found = figure(name, OPERATOR, world.facts, today, Choice(team="department:sales"))
        assert all(cell.value is None for answer in found.answers for row in answer.rows for cell in row.cells.values())
