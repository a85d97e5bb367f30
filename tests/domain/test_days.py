"""Days: windows include both ends, nothing lies before the vendor's first day, weeks start on Monday."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain import days

DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), [date(2026, 3, 1)]),
        (date(2028, 2, 28), date(2028, 3, 1), [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]),
        (date(2026, 12, 31), date(2027, 1, 1), [date(2026, 12, 31), date(2027, 1, 1)]),
        (date(2026, 3, 2), date(2026, 3, 1), []),
        (date(2026, 3, 9), date(2026, 3, 1), []),
    ],
)
def test_a_span_includes_both_ends(first: date, last: date, expected: list[date]) -> None:
    assert days.span(first, last) == expected


@pytest.mark.parametrize(
    ("newest", "since"),
    [
        (date(2026, 11, 20), date(2026, 11, 14)),
        (date(2026, 1, 7), date(2026, 1, 1)),
        (date(2026, 1, 3), days.FLOOR_DAY),
        (days.FLOOR_DAY, days.FLOOR_DAY),
    ],
)
def test_seven_days_are_settling_but_none_before_the_floor(newest: date, since: date) -> None:
    assert days.settling_since(newest) == since


def test_newest_first_sorts_what_has_no_order() -> None:
    one, two, three = days.span(date(2026, 5, 1), date(2026, 5, 3))
    assert days.newest_first({two, three, one}) == [three, two, one]
    assert days.newest_first(iter([one, three])) == [three, one]


@given(DAYS)
def test_day_numbers_come_back(day: date) -> None:
    assert days.from_day_no(days.day_no(day)) == day


@given(DAYS)
def test_the_monday_of_a_day_is_the_monday_before_or_the_day_itself(day: date) -> None:
    monday = days.monday(day)
    assert monday.weekday() == 0
    assert timedelta(0) <= day - monday < timedelta(days=7)


@given(DAYS, DAYS)
def test_two_days_share_a_week_number_exactly_where_they_share_a_monday(one: date, other: date) -> None:
    same = days.day_no(one) // 7 == days.day_no(other) // 7
    assert same == (days.monday(one) == days.monday(other))
