"""The backfill: newest first, as far back as the vendor serves, without a gap after a long sleep, with the time left."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from faults.conftest import Flat
from uptake.domain.days import FLOOR_DAY
from uptake.fake.answers import Answer, Asked, error
from uptake.fake.fault import Fault, Memory, Next
from uptake.fake.faults import Played
from uptake.sync.ledger import Progress

NEWEST = date(2026, 11, 19)


def asked_days(flat: Flat) -> list[date]:
    usage = [request for request in flat.fake.requests if request.path.endswith("/analytics/users")]
    flat.fake.clear_requests()
    return [date.fromisoformat(request.query["date"]) for request in usage]


def nothing_before(first: date) -> Played:
    """A tenant of which the vendor keeps only so much."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        day = asked.day if asked.path.endswith("/analytics/users") else None
        return error(400, "date is out of range") if day and day < first else following()

    played = Played(None)
    played.fault = Fault("short-memory", "no day before a certain one", play)
    return played


def test_it_goes_newest_first_and_is_not_asked_twice(flat: Flat) -> None:
    object.__setattr__(flat.settings, "backfill_days", 12)
    flat.sync()
    days = asked_days(flat)
    assert days[0] == NEWEST
    assert set(days) == {NEWEST - timedelta(days=back) for back in range(12)}
    lateness = [index - (NEWEST - day).days for index, day in enumerate(days)]
    assert max(map(abs, lateness)) <= 4  # four in flight may overtake each other, no more
    object.__setattr__(flat.settings, "backfill_days", 15)
    flat.sync()
    assert len(asked_days(flat)) == 7 + 3


def test_a_tenant_with_a_short_memory_ends_it_cleanly(flat: Flat) -> None:
    object.__setattr__(flat.settings, "backfill_days", 40)
    first = NEWEST - timedelta(days=13)
    flat.fake._fault = nothing_before(first)
    result = flat.sync()
    assert result.outcome == "current"
    assert min(flat.held()) == first.isoformat()
    assert flat.view().healthy
    assert any("serves no day before" in note for note in result.notes)
    asked = asked_days(flat)
    assert sum(day < first for day in asked) <= 4  # those that were in flight
    flat.sync()
    assert min(asked_days(flat)) > first


def test_nothing_before_the_first_day_of_all_is_ever_asked_for(flat: Flat) -> None:
    flat.clock.forward(days=(FLOOR_DAY - NEWEST).days + 9)
    object.__setattr__(flat.settings, "backfill_days", 10_000)
    flat.sync()
    assert min(asked_days(flat)) >= FLOOR_DAY


def test_nine_days_of_sleep_leave_no_gap(flat: Flat) -> None:
    flat.sync()
    flat.clock.forward(days=9)
    assert flat.sync().outcome == "current"
    held, truth = flat.held(), flat.truth()
    assert len(held) == 7 + 9
    assert {day: held[day] for day in truth if day in held} == {day: truth[day] for day in truth if day in held}
    assert not flat.view().missing


def test_a_later_newest_day_than_before_is_flagged_and_nothing_is_lost(flat: Flat) -> None:
    flat.sync()
    before = set(flat.held())
    flat.fake.fault = "too-recent-silent"
    flat.clock.forward(hours=1)
    result = flat.sync()
    assert set(flat.held()) == before
    assert any("serves usage through 18 Nov 2026 only" in note for note in result.notes)
    view = flat.view()
    assert view.retreated
    assert view.data_through == NEWEST
    flat.fake.fault = None
    flat.clock.forward(hours=1)
    flat.sync()
    assert not flat.view().retreated


@pytest.mark.parametrize(
    ("planned", "done", "seconds", "left"),
    [(31, 0, 9.0, None), (31, 2, 9.0, None), (31, 3, 9.0, 84), (300, 100, 50.0, 100), (31, 31, 9.0, None)],
)
def test_the_time_left_is_told_by_the_pace_so_far(planned: int, done: int, seconds: float, left: int | None) -> None:
    progress = Progress(days_planned=planned, days_done=done)
    progress.estimate(seconds)
    assert progress.seconds_left == left
