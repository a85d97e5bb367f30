"""The guards: an answer that contradicts what is held waits for a second one, and rows count, not values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from uptake.sync.guards import (
    Earlier,
    day_confirmed,
    day_doubt,
    roster_confirmed,
    roster_doubt,
    rows_doubt,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def people(first: int, last: int) -> list[str]:
    return [f"user_{n}" for n in range(first, last)]


@pytest.mark.parametrize(
    ("before", "now", "believed"),
    [
        (None, 0, True),  # never held: an empty day is a fact
        (None, 500, True),
        (0, 0, True),
        (9, 0, True),  # too few to judge
        (10, 0, False),
        (10, 4, False),
        (10, 5, True),  # half is not less than half
        (11, 5, False),
        (1_000, 499, False),
        (1_000, 500, True),
        (1_000, 970, True),  # a revision
        (1_000, 5_000, True),  # growth is never doubted
    ],
)
def test_a_day_that_lost_more_than_half_its_rows_is_doubted(before: int | None, now: int, believed: bool) -> None:
    doubt = day_doubt(before, now)
    assert (doubt == "") is believed
    if doubt:
        assert str(before) in doubt
        assert str(now) in doubt
        assert "stay" in doubt


@pytest.mark.parametrize(
    ("rows", "rejected", "believed"),
    [(0, 0, True), (1_000, 0, True), (99, 1, True), (98, 2, False), (0, 1, False), (9_900, 100, True)],
)
def test_more_than_one_row_in_a_hundred_without_an_id_is_doubted(rows: int, rejected: int, believed: bool) -> None:
    assert (rows_doubt(rows, rejected) == "") is believed


@pytest.mark.parametrize(
    ("earlier", "confirmed"),
    [
        (None, False),
        (Earlier("same", NOW - 6 * HOUR), True),
        (Earlier("same", NOW - 60 * HOUR), True),
        (Earlier("same", NOW - 6 * HOUR + timedelta(seconds=1)), False),
        (Earlier("same", NOW), False),
        (Earlier("other", NOW - 60 * HOUR), False),
        (Earlier("", NOW - 60 * HOUR), False),
    ],
)
def test_a_doubted_day_is_true_when_it_says_the_same_six_hours_later(earlier: Earlier | None, confirmed: bool) -> None:
    assert day_confirmed(earlier, "same", NOW) is confirmed


@pytest.mark.parametrize(
    ("before", "now", "believed"),
    [
        ([], [], True),
        ([], people(0, 10), True),
        (people(0, 3), [], False),  # empty is never believed at once, not even for three
        (people(0, 3), people(2, 3), True),
        (people(0, 20), people(5, 20), True),
        (people(0, 20), people(6, 20), False),
        (people(0, 100), people(10, 100), True),
        (people(0, 100), people(11, 100), False),
        (people(0, 100), people(0, 200), True),
        (people(0, 100), people(100, 200), False),  # as many, but others: another organisation
        (people(0, 100), people(0, 100)[::-1], True),
    ],
)
def test_a_roster_that_lost_many_at_once_is_doubted(before: list[str], now: list[str], believed: bool) -> None:
    doubt = roster_doubt(before, now)
    assert (doubt == "") is believed
    if doubt:
        assert "Nobody was marked as removed" in doubt
        assert "user_" not in doubt


@pytest.mark.parametrize(
    ("earlier", "now", "confirmed"),
    [
        (Earlier("same", NOW - HOUR), people(30, 100), True),  # 30 %
        (Earlier("same", NOW - HOUR), people(31, 100), False),  # more waits for a person
        (Earlier("same", NOW - 99 * HOUR), people(31, 100), False),
        (Earlier("same", NOW - 99 * HOUR), [], False),
        (Earlier("same", NOW - HOUR + timedelta(seconds=1)), people(30, 100), False),
        (Earlier("other", NOW - 9 * HOUR), people(30, 100), False),
        (None, people(30, 100), False),
    ],
)
def test_a_doubted_roster_is_true_an_hour_later_up_to_a_loss_of_thirty_percent(
    earlier: Earlier | None, now: list[str], confirmed: bool
) -> None:
    assert roster_confirmed(earlier, "same", people(0, 100), now, NOW) is confirmed


def test_an_empty_roster_is_never_confirmed_by_itself_however_small_the_organisation() -> None:
    earlier = Earlier("same", NOW - 999 * HOUR)
    assert roster_confirmed(earlier, "same", people(0, 1), [], NOW) is False
    assert roster_confirmed(earlier, "same", [], [], NOW) is False  # a first roster of which no row had an id
