"""The guards: an answer that contradicts what is held waits for a second one, and rows count, not values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from uptake.sync.guards import (
    CONFIRM_DAY_AFTER,
    CONFIRM_ROSTER_AFTER,
    Doubt,
    Earlier,
    day_doubt,
    drift_doubt,
    let_in,
    roster_doubt,
    rows_doubt,
    vanished,
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
    assert (doubt is None) is believed
    if doubt:
        assert ("nobody" in doubt.reason) is (now == 0)
        assert not any(
            c.isdigit() for c in doubt.reason
        )  # how many people a day has is not for everybody who reads this
        assert "stay" in doubt.reason
        assert doubt.settles_after == timedelta(hours=6)


@pytest.mark.parametrize(
    ("rows", "rejected", "believed"),
    [(0, 0, True), (1_000, 0, True), (99, 1, True), (98, 2, False), (0, 1, False), (9_900, 100, True)],
)
def test_more_than_one_row_in_a_hundred_without_an_id_is_doubted(rows: int, rejected: int, believed: bool) -> None:
    doubt = rows_doubt(rows, rejected)
    assert (doubt is None) is believed
    assert doubt is None or doubt.settles_after is None  # no number of repetitions makes it true


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
        (Earlier("same", NOW, released=True), True),
        (Earlier("other", NOW - 60 * HOUR, released=True), False),  # something else was accepted
    ],
)
def test_a_doubted_day_is_true_when_it_says_the_same_six_hours_later(earlier: Earlier | None, confirmed: bool) -> None:
    assert let_in(Doubt("", CONFIRM_DAY_AFTER), earlier, "same", NOW) is confirmed


@pytest.mark.parametrize(
    ("earlier", "taken"),
    [
        (Earlier("same", NOW - 999 * HOUR), False),
        (Earlier("same", NOW, released=True), True),
        (Earlier("other", NOW, released=True), False),
        (None, False),
    ],
)
def test_some_doubts_only_a_person_settles(earlier: Earlier | None, taken: bool) -> None:
    assert let_in(Doubt("", None), earlier, "same", NOW) is taken


def test_without_a_whole_answer_there_is_nothing_to_let_in() -> None:
    assert not let_in(Doubt("", None), Earlier("", NOW - 999 * HOUR, released=True), "", NOW)


@pytest.mark.parametrize(
    ("rows", "silent", "gone"),
    [
        (100, 0, True),
        (100, 5, True),
        (100, 6, False),  # fewer than 95 in a hundred told it before
        (1, 0, True),
        (0, 0, False),
    ],
)
def test_a_count_that_nearly_every_row_told_and_none_tells_now_has_vanished(rows: int, silent: int, gone: bool) -> None:
    assert vanished(rows, {"chat_messages": silent}) == (["chat_messages"] if gone else [])


def test_a_vanished_count_waits_for_a_person_and_is_named() -> None:
    assert drift_doubt([]) is None
    doubt = drift_doubt(["a", "b", "c", "d", "e"])
    assert doubt is not None
    assert doubt.settles_after is None
    assert "a, b, c and 2 more" in doubt.reason


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
    assert (doubt is None) is believed
    if doubt:
        assert "Nobody was" in doubt.reason
        assert "user_" not in doubt.reason


@pytest.mark.parametrize(
    ("now", "settles_after"),
    [
        (people(30, 100), CONFIRM_ROSTER_AFTER),  # 30 %
        (people(31, 100), None),  # more waits for a person
        ([], None),
    ],
)
def test_a_doubted_roster_is_true_an_hour_later_up_to_a_loss_of_thirty_percent(
    now: list[str], settles_after: timedelta | None
) -> None:
    doubt = roster_doubt(people(0, 100), now)
    assert doubt is not None
    assert doubt.settles_after == settles_after


def test_an_empty_roster_is_never_confirmed_by_itself_however_small_the_organisation() -> None:
    doubt = roster_doubt(people(0, 1), [])
    assert doubt is not None
    assert doubt.settles_after is None
