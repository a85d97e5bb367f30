"""What the state of a connection tells beside its health: no total that has too few people behind it, by no road."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.actions import state
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.days import ONE_DAY, monday
from uptake.records.models import Revision

OTTO = Viewer("otto@acme.example", Role.AUDITOR, account_id=1)
_FEW = {("members", 3): 3, ("cowork_actions", 9): 2}
MEASURES = ("members", "chat_messages", "code_sessions", "cowork_actions")


@pytest.fixture
def moved(home: Settings, db: None, now: datetime) -> Settings:
    """Two weeks ago nobody was few; last week three people were active on one day."""
    connection = company.connected(now=now)
    last = monday(now.date()) - ONE_DAY
    company.hold_company(home, connection.pk, last - 13 * ONE_DAY, last)
    connection.streams.filter(name="usage").update(newest_available=last)
    for back in range(14):
        for measure in MEASURES:
            total = _FEW.get((measure, back), 0 if measure == "cowork_actions" else 90)
            Revision.objects.create(
                connection=connection,
                day=last - back * ONE_DAY,
                measure=measure,
                old_total=total,
                new_total=total,
                at=now,
            )
    return home


def test_weeks_and_totals_of_few_are_withheld_from_everybody_but_the_operator(moved: Settings, now: datetime) -> None:
    [view] = state.connections(OTTO, moved, now)
    last_week, before = view.moved
    assert all(one.withheld and one.old is None and one.new is None for one in last_week.headlines)
    assert [one.measure for one in before.headlines if one.withheld] == ["cowork_actions"]
    [for_operator] = state.connections(OPERATOR, moved, now)
    assert [one.old for one in for_operator.moved[0].headlines] == [90 * 6 + 3, 90 * 7, 90 * 7, 0]


def test_the_totals_themselves_are_for_the_operator(moved: Settings, now: datetime) -> None:
    told = state.as_json(state.connections(OTTO, moved, now))["connections"][0]["usage"]["moved"]
    assert [sorted(week) for week in told] == [["days", "days_moved", "week"]] * 2
    told = state.as_json(state.connections(OPERATOR, moved, now))["connections"][0]["usage"]["moved"]
    assert told[1]["cowork_actions"] == {"first": 2, "now": 2}


def test_the_page_tells_no_day_how_many_used_claude(moved: Settings, signed_in: SignedIn) -> None:
    page = signed_in("otto@acme.example").get("/integrations/").content.decode()
    assert "withheld: too few people" in page
    assert 'with usage"' not in page
    assert "at first" not in page
