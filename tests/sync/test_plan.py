"""The plan: what to ask for follows from the days held and the days that still settle, never from the last run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain.days import FLOOR_DAY, settling_since, span
from uptake.sync.plan import Window, days_to_fetch, due_again, first_guess, missing_days, summaries_from

NEWEST = date(2026, 11, 19)
TODAY = date(2026, 11, 20)
MONTH = span(date(2026, 10, 20), NEWEST)  # 31 days
SETTLING = span(date(2026, 11, 13), NEWEST)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def test_the_first_connect_asks_for_31_days_newest_first() -> None:
    days = days_to_fetch(Window(NEWEST, 31), [])
    assert days == sorted(MONTH, reverse=True)
    assert len(days) == 31


def test_a_full_lake_asks_for_the_settling_days_alone() -> None:
    assert days_to_fetch(Window(NEWEST, 31), MONTH) == sorted(SETTLING, reverse=True)


@pytest.mark.parametrize(
    ("held", "held_back", "backfill", "oldest", "asked"),
    [
        # a hole is filled, wherever it is
        (set(MONTH) - {day("10-25")}, [], 31, None, [*SETTLING, day("10-25")]),
        # days that a long sleep left out
        (set(MONTH[:20]), [], 31, None, MONTH[20:]),
        # a held-back day is asked again even after it settled
        (MONTH, [day("10-22")], 31, None, [*SETTLING, day("10-22")]),
        # a held-back day outside the window is not
        (MONTH, [day("09-01")], 31, None, SETTLING),
        # older facts are kept whole: the window reaches back to the oldest day held
        ({day("10-01"), *MONTH}, [], 31, None, [*SETTLING, *span(day("10-02"), day("10-19"))]),
        # a shorter backfill than is held asks for no less
        (MONTH, [], 3, None, SETTLING),
        # a longer one asks for more
        (MONTH, [], 33, None, [*SETTLING, day("10-18"), day("10-19")]),
        # the vendor has nothing before its own oldest day
        ([], [], 31, day("11-10"), span(day("11-10"), NEWEST)),
        (MONTH, [], 60, day("10-18"), [*SETTLING, day("10-18"), day("10-19")]),
        ([day("11-19")], [], 1, day("11-15"), [NEWEST]),
        # one day only
        ([], [], 1, None, [NEWEST]),
        # facts newer than what is served now are left as they are
        ([*MONTH, day("11-20"), day("11-21")], [], 31, None, SETTLING),
    ],
)
def test_what_is_asked_for(
    held: list[date], held_back: list[date], backfill: int, oldest: date | None, asked: list[date]
) -> None:
    assert days_to_fetch(Window(NEWEST, backfill, oldest), held, held_back) == sorted(asked, reverse=True)


@pytest.mark.parametrize("backfill", [31, 365, 10_000, 10**9])
def test_nothing_is_asked_for_before_the_floor(backfill: int) -> None:
    early = Window(date(2026, 1, 5), backfill)
    assert days_to_fetch(early, [date(2025, 12, 1)]) == sorted(span(FLOOR_DAY, date(2026, 1, 5)), reverse=True)
    assert min(days_to_fetch(Window(NEWEST, 10**9), [])) == FLOOR_DAY


def test_a_newest_day_that_moved_back_asks_for_nothing_newer() -> None:
    days = days_to_fetch(Window(date(2026, 11, 10), 31), MONTH)
    assert days[0] == date(2026, 11, 10)
    assert set(span(date(2026, 11, 4), date(2026, 11, 10))) <= set(days)


def test_missing_days_are_the_holes_oldest_first() -> None:
    held = set(MONTH) - {day("10-25"), day("11-02")}
    assert missing_days(Window(NEWEST, 31), held) == [day("10-25"), day("11-02")]
    assert missing_days(Window(NEWEST, 31), MONTH) == []
    assert missing_days(Window(NEWEST, 31), []) == MONTH
    assert missing_days(Window(NEWEST, 31, day("11-15")), []) == span(day("11-15"), NEWEST)


DAYS = st.dates(date(2025, 12, 1), date(2027, 3, 1))


@given(
    DAYS.filter(lambda found: found >= FLOOR_DAY),
    st.sets(DAYS, max_size=30),
    st.sets(DAYS, max_size=5),
    st.integers(1, 400),
)
def test_a_plan_is_newest_first_without_doubles_and_never_leaves_a_hole(
    newest: date, held: set[date], held_back: set[date], backfill: int
) -> None:
    window = Window(newest, backfill)
    days = days_to_fetch(window, held, held_back)
    assert days == sorted(set(days), reverse=True)
    assert all(FLOOR_DAY <= asked <= newest for asked in days)
    assert set(span(settling_since(newest), newest)) & set(span(window.first(held), newest)) <= set(days)
    assert missing_days(window, held | set(days)) == []
    assert {asked for asked in days if asked in held} <= set(span(settling_since(newest), newest)) | held_back


@pytest.mark.parametrize(
    ("summaries", "watermark", "guess"),
    [
        (None, None, day("11-19")),  # nobody said anything: yesterday
        (day("11-18"), None, day("11-18")),
        (None, day("11-17"), day("11-17")),
        (day("11-17"), day("11-18"), day("11-18")),
        (day("11-18"), day("11-17"), day("11-18")),
        (day("11-16"), day("11-16"), day("11-16")),  # the longest lag known
        (day("11-15"), day("11-15"), day("11-19")),  # after a sleep: older than any lag
        (day("11-20"), None, day("11-19")),  # today is never complete
        (date(2027, 1, 1), None, day("11-19")),
    ],
)
def test_the_first_question_is_for_the_newest_day_an_endpoint_named(
    summaries: date | None, watermark: date | None, guess: date
) -> None:
    assert first_guess(summaries, watermark, TODAY) == guess


@pytest.mark.parametrize(
    ("held", "backfill", "first"),
    [
        ([], 31, day("10-20")),
        (MONTH, 31, day("11-13")),  # seven settling days
        (MONTH[-10:], 31, day("10-20")),  # too few are held
        (MONTH[-3:], 3, day("11-13")),  # few were wanted
        (span(day("01-01"), day("03-31")), 31, day("10-20")),  # a long sleep: at most 31 days at once
    ],
)
def test_the_vendors_own_figures_are_asked_for_a_month_at_most(held: list[date], backfill: int, first: date) -> None:
    assert summaries_from(max(held, default=None), held, backfill, TODAY) == first
    assert TODAY - first <= timedelta(days=31)


def test_the_vendors_own_figures_have_the_same_floor() -> None:
    assert summaries_from(None, [], 31, date(2026, 1, 10)) == FLOOR_DAY


NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "read", "due"),
    [
        # the 14 newest days once a UTC day
        (7, NOW.replace(hour=1), False),
        (13, NOW.replace(hour=0), False),
        (7, NOW - timedelta(hours=10), True),  # yesterday
        (13, NOW - timedelta(days=3), True),
        # the 31 newest once a week
        (14, NOW - timedelta(days=6, hours=23), False),
        (14, NOW - timedelta(days=7), True),
        (30, NOW - timedelta(days=9), True),
        # older days never again, unless their last reading came before they had settled
        (31, NOW - timedelta(days=9), False),
        (300, NOW - timedelta(days=270), False),
        (60, NOW - timedelta(days=59), True),
        # a clock that was wrong
        (7, NOW + timedelta(days=800), True),
        (20, NOW + timedelta(days=800), True),
    ],
)
def test_days_that_may_still_move_are_read_nightly_then_weekly(age: int, read: datetime, due: bool) -> None:
    held = NEWEST - timedelta(days=age)
    assert due_again(NEWEST, {held: read}, NOW) == ({held} if due else set())


def test_days_newer_than_what_is_served_are_left_alone() -> None:
    assert due_again(NEWEST, {NEWEST + timedelta(days=1): NOW - timedelta(days=9)}, NOW) == set()


def test_a_machine_that_slept_nine_days_reads_what_it_missed_and_what_had_not_settled() -> None:
    asleep_since = datetime(2026, 11, 11, 9, tzinfo=UTC)
    held = span(date(2026, 10, 11), date(2026, 11, 10))
    again = due_again(NEWEST, dict.fromkeys(held, asleep_since), NOW)
    days = days_to_fetch(Window(NEWEST, 31), held, again)
    assert set(span(date(2026, 11, 11), NEWEST)) <= set(days)  # the nine it missed
    assert set(span(date(2026, 11, 4), date(2026, 11, 10))) <= set(
        days
    )  # the seven that were settling when it fell asleep
