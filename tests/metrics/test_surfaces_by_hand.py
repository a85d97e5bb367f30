"""Habit on a surface, two surfaces together, from the first surface to the next, and Claude Code per active member, by hand."""

from __future__ import annotations

import pytest

from metrics.test_worked_examples import of, panel, seat
from metrics.world import Row
from uptake.metrics import CATALOGUE
from uptake.metrics.panel import Counted, Panel
from uptake.metrics.shown import PanelShown

# One letter a week, sixteen weeks: c chat, k Claude Code, b both, . nothing.
WEEKS = {
    "old": "cccc cccc cccc bbbb",  # there before the eighth week before the window: no new member
    "ann": ".... c... .... k...",
    "ben": ".... .c.. .... ckkk",
    "cat": ".... ...c cccc cccc",
    "dan": ".... .... ..cc b...",
    "eve": ".... .... cckk kkkk",  # two surfaces before the window
    "fin": ".... .... .... ckkk",  # began within the window
    "gil": ".... .... ..kk ..cc",
}
LINES = {"old": 40, "ann": 10, "ben": None, "dan": 30, "eve": 900, "fin": 0, "gil": None}


def rows(week: int, day: int) -> list[Row]:
    found: list[Row] = []
    for name, written in WEEKS.items():
        letter = written.replace(" ", "")[week]
        if day == 1 and letter != ".":
            chat, code = int(letter in "cb"), int(letter in "kb")
            commits = (2 if name == "old" else 1) if code and name != "ben" else None
            found.append({"id": name, "chat_messages": chat, "code_sessions": code, "code_commits": commits})
            if code and LINES.get(name) is not None:
                found[-1]["code_lines_added"] = LINES[name]
    return found


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    days = ((7 * week + day, rows(week, day)) for week in range(16) for day in range(7))
    return panel(tmp_path_factory.mktemp("ways"), days, [seat(name, -20) for name in WEEKS])


def share(found: Panel, metric: str) -> tuple[int, float | None]:
    counted = of(found, 3, metric)
    return counted.people, counted.top


def test_from_the_first_surface_to_the_next(company: Panel) -> None:
    """Began with Chat alone: ann, ben, cat, dan; of them ann, ben and dan came to Claude Code. With Claude Code: gil."""
    assert share(company, "next_surface:chat to claude_code") == (4, 3)
    assert share(company, "next_surface:claude_code to chat") == (1, 1)
    assert share(company, "next_surface:chat to cowork") == (4, 0)
    assert share(company, "next_surface:cowork to chat") == (0, 0)


def test_two_surfaces_together(company: Panel) -> None:
    """Active: all eight. On both: old, ben, dan, fin. gil is on Chat alone in these weeks, ann and eve on Claude Code."""
    assert share(company, "surface_pairs:chat and claude_code") == (8, 4)
    assert share(company, "surface_pairs:chat and slack") == (8, 0)


def test_habit_on_a_surface(company: Panel) -> None:
    """On Chat: old, ben, cat, dan, fin, gil, in at least three weeks old and cat. On Claude Code: old, ben, eve, fin."""
    assert share(company, "surface_habit:chat") == (6, 2)
    assert share(company, "surface_habit:claude_code") == (6, 4)
    assert share(company, "surface_habit:slack") == (0, 0)


def test_claude_code_per_active_member(company: Panel) -> None:
    """Of those of whom it is reported: not of ben."""
    lines = of(company, 3, "code_lines_added_per_member")
    assert (lines.people, lines.value) == (5, (4 * 40 + 10 + 30 + 4 * 900 + 0) / 5)
    commits = of(company, 3, "code_commits_per_member")
    assert (commits.people, commits.value) == (5, (8 + 1 + 1 + 4 + 3) / 5)


def test_who_made_more_than_half_is_not_told_by_a_mean(company: Panel) -> None:
    metric = CATALOGUE["code_lines_added_per_member"]
    one = of(company, 3, metric.id)
    assert PanelShown(company, 5).cell(metric, metric.how, one).state == "withheld"
    assert PanelShown(company, 1).cell(metric, metric.how, one).value == pytest.approx(one.value, abs=1e-4)
    even = Counted(50, top=1000.0, value=20.0, most=500.0)
    assert PanelShown(company, 5).cell(metric, metric.how, even).value == 20
    heavy = Counted(50, top=1000.0, value=20.0, most=501.0)
    assert PanelShown(company, 5).cell(metric, metric.how, heavy).state == "withheld"


def test_ways_are_of_everybody_alone() -> None:
    """The groups would be small enough to tell of people."""
    for name in ("surface_pairs", "next_surface", "code_commits_per_member"):
        assert CATALOGUE[name].of_team == ()
