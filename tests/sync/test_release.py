"""Somebody looks at what is held back and accepts exactly that answer: by command or on the page, with an audit entry."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from faults.conftest import Flat
from sync.conftest import Twisted
from uptake.actions import reviews
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import AuditEntry, Connection, HeldBack

Rows = list[dict[str, Any]]
USAGE, ROSTER = "/analytics/users", "/organizations/users"


def a_third(rows: Rows, _asked: object) -> Rows:
    """Of a day with enough rows to judge, and of the roster."""
    return rows[::3] if len(rows) >= 10 else rows


def another_third(rows: Rows, _asked: object) -> Rows:
    return rows[1::3] if len(rows) >= 10 else rows


def release(flat: Flat, **what: Any) -> None:
    reviews.release(OPERATOR, name="Claude", now=flat.clock(), **what)


@pytest.fixture
def halved(flat: Flat, twist: Twisted) -> Flat:
    """Days of which two thirds are gone, and a roster of which two thirds are gone: both held back."""
    flat.sync()
    flat.clock.forward(hours=1)
    return flat


def test_an_accepted_day_is_taken_by_the_next_sync(halved: Flat, twist: Twisted) -> None:
    before = halved.held()
    twist(USAGE, a_third)
    assert halved.sync().outcome == "held_back"
    assert halved.held() == before
    release(halved, days=None)
    entry = AuditEntry.objects.filter(action="held_back.release").first()
    assert entry is not None
    assert entry.actor == OPERATOR.name
    assert Connection.objects.get().sync_requested_at == halved.clock()
    assert all(hold.released_by for hold in halved.view().held_back)

    halved.clock.forward(minutes=1)
    assert halved.sync().outcome == "current"
    assert not HeldBack.objects.exists()
    assert sum(map(len, halved.held().values())) < sum(map(len, before.values()))


def test_another_answer_than_the_accepted_one_is_held_back_again(halved: Flat, twist: Twisted) -> None:
    before = halved.held()
    twist(USAGE, a_third)
    halved.sync()
    release(halved, days=None)
    twist(USAGE, another_third)
    result = halved.sync()
    assert result.outcome == "held_back"
    assert any("is not the one that was accepted" in note for note in result.notes)
    assert halved.held() == before
    assert not HeldBack.objects.filter(released_at__isnull=False).exists()


def test_a_roster_that_lost_most_people_waits_for_a_person_for_ever(halved: Flat, twist: Twisted) -> None:
    people = halved.members()
    twist(ROSTER, a_third)
    for _ in range(3):
        assert halved.sync().outcome == "held_back"
        halved.clock.forward(days=2)
    assert {member.status for member in halved.members()} == {member.status for member in people}
    release(halved, roster=True)
    assert halved.sync().outcome == "current"
    assert sum(member.status == "removed" for member in halved.members()) > len(people) / 2


def test_an_empty_roster_cannot_even_be_accepted(halved: Flat, twist: Twisted) -> None:
    twist(ROSTER, lambda _rows, _asked: [])
    halved.sync()
    with pytest.raises(Problem, match="no whole answer"):
        release(halved, roster=True)


def test_what_is_not_held_back_cannot_be_accepted(halved: Flat) -> None:
    with pytest.raises(Problem, match="Nothing is held back for 2026-11-17"):
        release(halved, days=[date(2026, 11, 17)])
    with pytest.raises(Problem, match="Nothing is held back"):
        release(halved, roster=True)


def test_only_the_answer_that_was_looked_at_is_accepted(halved: Flat, twist: Twisted) -> None:
    twist(USAGE, a_third)
    halved.sync()
    hold = halved.view().held_back[0]
    with pytest.raises(Problem, match="another answer"):
        release(halved, days=[hold.day], mark="0" * 64)
    assert not HeldBack.objects.filter(released_at__isnull=False).exists()
    release(halved, days=[hold.day], mark=hold.mark)
    assert HeldBack.objects.get(day=hold.day).released_by == OPERATOR.name


def test_an_auditor_may_look_but_not_accept(halved: Flat) -> None:
    with pytest.raises(NotAllowed):
        reviews.release(Viewer("otto", Role.AUDITOR), name="Claude", now=halved.clock(), days=None)
