"""When a digest goes out: tables of moments, days held, and the period that is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain.days import span
from uptake.domain.digests import BACK_OFF, MOST_TRIES, Cadence, due, month_of, newest, next_try, week_before

WEEK = span(date(2026, 11, 16), date(2026, 11, 22))
OCTOBER = span(date(2026, 10, 1), date(2026, 10, 31))
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def at(day: int, hour: int = 9, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "held", "key"),
    [
        (at(23), WEEK, "2026-W47"),
        (at(23, 5), WEEK, None),  # too early in the day
        (at(23), WEEK[:-1], None),  # Sunday is not held yet
        (at(24), WEEK, "2026-W47"),  # complete on Tuesday
        (at(24), WEEK[:-1], None),
        (at(25), WEEK[:-1], "2026-W47"),  # Wednesday at the latest, saying what is missing
        (at(25), [], "2026-W47"),
        (at(29), WEEK, "2026-W47"),  # nothing ran since Monday
        (at(30), WEEK, None),  # the week after that is the newest, and not held
    ],
)
def test_a_week_goes_out_from_monday_and_by_wednesday(now: datetime, held: list[date], key: str | None) -> None:
    found = due(Cadence.WEEKLY, now, held)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("now", "held", "key"),
    [
        (at(1), OCTOBER, None),  # a Sunday
        (at(2), OCTOBER, "2026-10"),
        (at(2), OCTOBER[:-1], None),
        (at(9), OCTOBER[:-1], None),
        (at(9), OCTOBER, "2026-10"),
        (at(16), OCTOBER[:-1], "2026-10"),  # the first Monday after the 15th
        (at(17), OCTOBER, None),
    ],
)
def test_a_month_goes_out_on_a_monday(now: datetime, held: list[date], key: str | None) -> None:
    found = due(Cadence.MONTHLY, now, held)
    assert (found.key if found else None) == key


def test_off_is_never_due() -> None:
    assert due(Cadence.OFF, MONDAY, WEEK) is None
    assert newest(Cadence.OFF, MONDAY.date()) is None


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_a_period_is_over_and_whole(today: date) -> None:
    week = week_before(today)
    assert (week.since.weekday(), week.until.weekday(), (week.until - week.since).days) == (0, 6, 6)
    assert today - timedelta(days=7) <= week.until < today
    month = newest(Cadence.MONTHLY, today)
    assert month is not None
    assert month.since.day == 1
    assert (month.until + timedelta(days=1)) == today.replace(day=1)
    assert month_of(month.until) == month


@given(st.datetimes(datetime(2026, 2, 1), datetime(2028, 1, 1)), st.sampled_from(["weekly", "monthly"]))
def test_whatever_is_missing_every_period_has_its_day(start: datetime, cadence: str) -> None:
    """Asked once a day at nine, each period comes up, in order, and none is left out."""
    days = [start.replace(hour=9, tzinfo=UTC) + timedelta(days=n) for n in range(70)]
    found = [one.key for now in days if (one := due(Cadence(cadence), now, ()))]
    seen = sorted(set(found))
    assert found == sorted(found)
    assert len(seen) >= (9 if cadence == "weekly" else 1)


def test_three_tries_and_no_more() -> None:
    assert [next_try(tries, MONDAY) for tries in (1, 2, 3)] == [MONDAY + BACK_OFF[0], MONDAY + BACK_OFF[1], None]
    assert MOST_TRIES == 3
