"""The newest day an answer names: every wording known, the asked day and the floor ignored, nothing hostile believed."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude.dates import newest_named

TODAY = date(2026, 11, 20)
ASKED = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("message", "newest"),
    [
        ("date must be at least 3 days ago to ensure accuracy of data", date(2026, 11, 17)),
        ("date must be at least 4 days ago", date(2026, 11, 16)),
        ("Data for 2026-11-19 is not available yet. The most recent available date is 2026-11-18.", date(2026, 11, 18)),
        ("date must be on or before 2026-11-17", date(2026, 11, 17)),
        ("date: must be between 2026-01-01 and 2026-11-18 (got 2026-11-19)", date(2026, 11, 18)),
        ("newest day: 2026-11-16T00:00:00Z", date(2026, 11, 16)),
        ("at least 3 days ago; newest is 2026-11-18", date(2026, 11, 18)),  # a day said beats a day counted
        ("2026-11-17, 2026-11-18, 2026-11-12", date(2026, 11, 18)),
        ("newest 2026-11-05", date(2026, 11, 5)),
        ("newest 2026-11-04", None),  # more than 14 days back
        ("no date on or before 2026-11-19", None),
        ("try 2026-11-20 or 2999-12-31 or 1970-01-01", None),
        ("dates before 2026-01-01 are not served", None),
        ("2026-11-31 2026-13-01 2026-00-00 2026-02-30", None),
        ("12026-11-18 2026-11-180 42026-11-189", None),
        ("20261118 18.11.2026 11/18/2026", None),
        ("at least 0 days ago", None),
        ("at least 1 day ago", None),  # that is the asked day
        ("at least 99 days ago", None),
        ("at least 999 days ago", None),
        ("", None),
        ("x" * 5_000 + "2026-11-18", None),  # nobody reads that far
    ],
)
def test_the_newest_day_is_found_or_none_is(message: str, newest: date | None) -> None:
    assert newest_named(message, ASKED, TODAY) == newest


def test_a_day_below_the_floor_is_never_named() -> None:
    assert newest_named("newest 2025-12-31", date(2026, 1, 3), date(2026, 1, 4)) is None
    assert newest_named("at least 5 days ago", date(2026, 1, 3), date(2026, 1, 4)) is None


@given(st.text(max_size=200) | st.from_regex(r"(at least \d+ days? ago|20\d\d-\d\d-\d\d| )+", fullmatch=True))
def test_whatever_the_text_the_day_lies_before_the_asked_one_by_at_most_14(message: str) -> None:
    newest = newest_named(message, ASKED, TODAY)
    assert newest is None or timedelta(days=1) <= ASKED - newest <= timedelta(days=14)


@pytest.mark.parametrize("message", ["2026-11-" * 200_000, "at least " * 200_000, "9" * 1_000_000])
def test_a_hostile_text_takes_no_time(message: str) -> None:
    start = time.perf_counter()
    newest_named(message, ASKED, TODAY)
    assert time.perf_counter() - start < 0.1
