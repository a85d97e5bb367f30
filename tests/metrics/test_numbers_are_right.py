"""Every metric in every dimension against the same figure worked out from the raw rows. Threshold 1: nothing hides."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from metrics.world import FIRST, Plain, World, random_world
from uptake.domain.access import OPERATOR
from uptake.metrics import CATALOGUE, Answer, Cell, Question, answer
from uptake.metrics.grouped import OF_PANEL

TODAY = date(2026, 10, 25)
ELSEWHERE = OF_PANEL | {"reported", "old_invites"}
"""Figures over weeks and groups have a slow way of their own; these two tests of their own."""
TOOLS = ("edit", "multi_edit", "write", "notebook_edit")
CHAT = ("chat_messages", "unified_chat_messages")
COWORK = ("cowork_messages", "unified_cowork_messages")
OTHER = (
    "office_excel_messages",
    "office_outlook_messages",
    "office_powerpoint_messages",
    "office_word_messages",
    "design_messages",
)
COLUMNS = {
    "messages": (*CHAT, *COWORK, *OTHER),
    "chat_messages_total": CHAT,
    "cowork_messages_total": COWORK,
    **{
        name: (name,)
        for name in ("code_sessions", "code_lines_added", "code_lines_removed", "code_commits", "code_pull_requests")
    },
}
RATES = {"code_acceptance_rate": TOOLS, **{f"code_{tool}_acceptance_rate": (tool,) for tool in TOOLS}}


def asked(world: World, connection: str, by: str | None, **window: date) -> Answer:
    names = tuple(metric.id for metric in CATALOGUE.values() if by in metric.by and metric.kind not in ELSEWHERE)
    question = Question(names, by=by, connection=connection, **window)  # type: ignore[arg-type]
    return answer(question, OPERATOR, world.facts, TODAY)


def anchor(world: World) -> date:
    """The newest day that all connections hold."""
    return max(set.intersection(*(set(held) for held in world.usage.values())))


def window_whole(plain: Plain, day: date) -> bool:
    return day in {max(plain.usage), plain.anchor} or all(
        day - timedelta(days=back) in plain.usage for back in range(28)
    )


def expected(plain: Plain, metric: str, first: date, last: date) -> float | int | None:  # noqa: PLR0911
    """The value, or None where there is none, for a row over days of which `last` is held."""
    if metric in COLUMNS:
        return plain.total(first, last, COLUMNS[metric])
    if metric in RATES:
        accepted, decisions = plain.decisions(first, last, RATES[metric])
        return round(accepted / decisions, 4) if decisions else None
    if metric == "members":
        return len(plain.seats(last))
    if metric == "active_day":
        return len(plain.active(last, last))
    if metric == "active_week":
        return len(plain.active(first, last))
    if not window_whole(plain, last):
        return None
    if metric == "active_28d":
        return len(plain.active(last - timedelta(days=27), last))
    assert metric == "reach_28d"
    return round(plain.reached(last) / len(plain.seats(last)), 4)


def check(cell: Cell, value: float | int | None, metric: str, members: int) -> None:
    if metric == "reach_28d" and cell.state == "withheld":
        assert members < 50  # nearly nobody or nearly everybody of few
        return
    assert (cell.value, cell.state != "value") == (value, value is None), metric


@pytest.mark.parametrize("seed", range(3))
def test_days_weeks_and_windows(tmp_path: Path, seed: int) -> None:
    world = random_world(tmp_path, seed)
    for connection, usage in world.usage.items():
        plain, newest = Plain(usage, world.rosters[connection], anchor(world)), max(usage)
        for row in asked(world, connection, "day").rows:
            day = date.fromisoformat(row.key or "")
            for metric, cell in row.cells.items():
                if day in usage:
                    check(cell, expected(plain, metric, day, day), metric, len(plain.seats(day)))
                else:
                    assert cell.state == "not_collected" or metric == "members"
        for row in asked(world, connection, "week").rows:
            first = date.fromisoformat(row.key or "")
            last = min(first + timedelta(days=6), newest)
            assert row.days == sum(first <= day <= last for day in usage)
            for metric, cell in row.cells.items():
                if last in usage:
                    check(cell, expected(plain, metric, first, last), metric, len(plain.seats(last)))
        (row,) = asked(world, connection, None).rows
        for metric, cell in row.cells.items():
            if metric in COLUMNS or metric in RATES:
                check(cell, expected(plain, metric, min(usage), newest), metric, 0)
        assert row.cells["seats_never_used"].value == plain.never_used()


@pytest.mark.parametrize("seed", range(2))
def test_surfaces_and_invites(tmp_path: Path, seed: int) -> None:
    world = random_world(tmp_path, seed)
    for connection, usage in world.usage.items():
        plain, newest = Plain(usage, world.rosters[connection]), anchor(world)
        everybody = len(plain.active(newest - timedelta(days=27), newest))
        for row in asked(world, connection, "surface").rows:
            people = len(plain.active(newest - timedelta(days=27), newest, row.key))
            assert row.cells["surface_active"].value == people
            if row.cells["surface_share"].state == "value":
                assert row.cells["surface_share"].value == round(people / everybody, 4)
        pending = [row for row in world.rosters[connection] if row["status"] == "pending"]
        still = sum(row["expires_at"] is None or row["expires_at"].date() >= TODAY for row in pending)
        (row,) = asked(world, connection, None).rows
        assert row.cells["invited"].value == still


def test_all_connections_are_the_sum_of_each(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    for connection, people in (("one", 20), ("two", 30)):
        for number in range(9):
            world.day(
                connection,
                FIRST + timedelta(days=number),
                [{"id": f"m{who}", "chat_messages": 2} for who in range(people)],
            )
    question = Question(("messages", "active_28d"))
    (row,) = answer(question, OPERATOR, world.facts, TODAY).rows
    assert (row.cells["messages"].value, row.cells["active_28d"].value) == (50 * 2 * 9, 50)


def test_pooled_acceptance_of_the_worked_example(tmp_path: Path) -> None:
    """90 of 100, 8 of 20, 10 of 10, 1 of 4: pooled 109 of 134."""
    counts = [(90, 10), (8, 12), (10, 0), (1, 3)]
    rows = [
        {"id": f"m{who}", "code_edit_accepted": yes, "code_edit_rejected": no} for who, (yes, no) in enumerate(counts)
    ]
    world = World(tmp_path, 1).day("one", FIRST, rows)
    (row,) = answer(Question(("code_acceptance_rate", "code_edit_acceptance_rate")), OPERATOR, world.facts, TODAY).rows
    assert {cell.value for cell in row.cells.values()} == {round(109 / 134, 4)}
    assert {(cell.numerator, cell.denominator) for cell in row.cells.values()} == {(109, 134)}


def test_unlisted_people_never_push_reach_over_everybody(tmp_path: Path) -> None:
    from metrics.world import member

    world = World(tmp_path, 1)
    world.day("one", FIRST, [{"id": f"m{who}", "chat_messages": 1} for who in range(100)])
    world.roster("one", [member(who) for who in range(60)])
    (row,) = answer(Question(("active_28d", "reach_28d", "members")), OPERATOR, world.facts, TODAY).rows
    assert [cell.value for cell in row.cells.values()] == [100, 1.0, 60]
    assert (row.cells["reach_28d"].numerator, row.cells["reach_28d"].denominator) == (60, 60)
