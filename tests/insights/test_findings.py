"""Findings from a lake: a planted drop is told, to whom it may be; and what the facts do not carry is not said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from insights.made_up import FIRST, PEOPLE, SETTLED, TODAY, company
from metrics.world import World
from uptake import insights
from uptake.domain.access import Role, Viewer
from uptake.domain.problems import NotAllowed
from uptake.insights import Finding, Findings

pytestmark = pytest.mark.django_db

HANA, IVAN = Viewer("hana@acme.example", Role.HR_ADMIN), Viewer("ivan@acme.example", Role.IT_ADMIN)


def _head(team: str) -> Viewer:
    return Viewer(f"head-{team.lower()}@example.com", Role.MANAGER)


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> World:
    return company(tmp_path_factory.mktemp("dropped"), {"Sales": 0.35})


def seen(world: World, viewer: Viewer) -> Findings:
    assert insights.refresh(world.facts, TODAY)
    return insights.findings(viewer, world.facts, TODAY)


def of_use(found: Findings) -> list[Finding]:
    return [one for one in found.findings if one.about == "use"]


def test_a_planted_drop_is_told_once_with_its_evidence(dropped: World) -> None:
    [one] = of_use(seen(dropped, HANA))
    assert (one.id, one.cell, one.direction, one.people) == ("I1", "department:sales", "down", "20 to 49")
    assert (one.since, one.until) == (SETTLED - timedelta(days=27), SETTLED)
    assert one.sentence.startswith("Sales used Claude on fewer of its workdays in the four weeks to 23 Aug")
    assert one.size is not None
    assert one.size.low <= 39 <= one.size.high  # about 0.6 of 60 points
    assert one.size.high % 25 == one.size.low % 5 == 0  # a step stands for the threshold's five people of 24
    assert one.evidence == "/teams/one/?team=department%3Asales"
    assert one.explanations
    assert one.action


def test_a_manager_sees_the_own_tree_and_no_other(dropped: World) -> None:
    [one] = of_use(seen(dropped, _head("Sales")))
    assert one.cell.startswith("tree:")
    assert one.sentence.startswith("Your team used Claude on fewer")
    assert one.alike == ()
    assert of_use(seen(dropped, _head("Legal"))) == []
    assert of_use(seen(dropped, Viewer("nobody@example.com", Role.MANAGER))) == []


def test_who_runs_it_sees_seats_and_data_and_no_use(dropped: World) -> None:
    found = seen(dropped, IVAN)
    assert {one.about for one in found.findings} <= {"seats", "data"}
    assert {one.id for one in found.looked} == {"I15", "I7"}
    assert found.notice is None
    with pytest.raises(NotAllowed):
        insights.findings(Viewer("emil@acme.example", Role.EMPLOYEE), dropped.facts, TODAY)


def test_before_it_is_worked_out_it_says_so_and_asks_for_it(tmp_path: Path) -> None:
    world = World(tmp_path).day("one", FIRST, [{"id": "m1", "chat_messages": 1}])
    assert not insights.wanted(world.facts.cache)
    assert not insights.findings(HANA, world.facts, TODAY).ready
    assert insights.wanted(world.facts.cache)
    assert not insights.wanted(world.facts.cache)
    assert not insights.refresh(world.facts, TODAY, lambda: True)
    assert not insights.findings(HANA, world.facts, TODAY).ready
    assert seen(world, HANA).ready


def test_nothing_changed_says_what_would_have_been_noticed(tmp_path: Path) -> None:
    found = seen(company(tmp_path), HANA)
    assert of_use(found) == []
    assert found.notice is not None
    assert 5 <= found.notice.points <= 25
    assert found.notice.people == 5 * round(PEOPLE / 5)


def test_three_missing_days_veto_what_would_be_said_of_them(tmp_path: Path) -> None:
    days = [SETTLED - timedelta(days=20 + n) for n in range(3)]
    found = seen(company(tmp_path, {"Sales": 0.35}, days), HANA)
    assert of_use(found) == []
    [looked] = [one for one in found.looked if one.id == "I1"]
    assert looked.vetoed == ("1 Aug to 3 Aug are missing",)
    [told] = [one for one in found.findings if one.metric == "missing"]
    assert told.sentence == "1 Aug to 3 Aug are missing: weeks with such days are in no finding."


def test_nobody_is_told_of_a_change_of_very_few(tmp_path: Path) -> None:
    """At a threshold above the team's size its change is not looked at: it stays where it is."""
    found = seen(company(tmp_path, {"Sales": 0.35}, threshold=PEOPLE + 1), HANA)
    assert of_use(found) == []
