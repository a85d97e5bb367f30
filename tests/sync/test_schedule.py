"""The schedule: when a connection is due, whoever asked and whatever the vendor said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.sync.schedule import Standing, due

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOURS = 4.0


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


REGULAR = Standing(last_started_at=ago(hours=1))


@pytest.mark.parametrize(
    ("standing", "is_due"),
    [
        (Standing(None), True),  # never synced
        (Standing(None, not_before=NOW + timedelta(hours=1)), True),
        (Standing(ago(hours=4)), True),
        (Standing(ago(hours=3, minutes=59)), False),
        # somebody asked: before any wait
        (replace(REGULAR, requested_at=ago(minutes=1)), True),
        (replace(REGULAR, requested_at=ago(minutes=1), not_before=NOW + timedelta(hours=1)), True),
        (replace(REGULAR, requested_at=ago(minutes=1), stopped=True), True),
        (replace(REGULAR, requested_at=ago(hours=2)), False),  # that request was served
        # the vendor asked to wait
        (Standing(ago(hours=5), not_before=NOW + timedelta(seconds=1)), False),
        (Standing(ago(hours=5), not_before=NOW), True),
        # the clock was wrong: nothing that lies far ahead is waited for
        (Standing(NOW + timedelta(days=900)), True),
        (Standing(ago(hours=5), not_before=NOW + timedelta(days=900)), True),
        # a failed run is tried again soon
        (Standing(ago(minutes=10), failed_in_a_row=1), True),
        (Standing(ago(minutes=9), failed_in_a_row=1), False),
        # and then ever later, never later than usual
        (Standing(ago(minutes=39), failed_in_a_row=2), False),
        (Standing(ago(minutes=40), failed_in_a_row=2), True),
        (Standing(ago(minutes=159), failed_in_a_row=3), False),
        (Standing(ago(hours=4), failed_in_a_row=50), True),
        # a stopped key is asked for at the regular pace
        (Standing(ago(hours=2), stopped=True), False),
        (Standing(ago(hours=4), stopped=True), True),
        # a suspicion: one confirming question, a minute after the refusal
        (Standing(ago(seconds=30), suspect_since=ago(seconds=30)), False),
        (Standing(ago(seconds=61), suspect_since=ago(seconds=61)), True),
        (Standing(ago(seconds=90), suspect_since=ago(seconds=10)), False),  # a long run, refused at its end
        (Standing(ago(seconds=150), suspect_since=ago(seconds=70)), True),
        # asked again and no answer: no further question every minute
        (Standing(ago(minutes=2), suspect_since=ago(minutes=4)), False),
        (Standing(ago(minutes=2), suspect_since=ago(hours=40)), False),
        (Standing(ago(minutes=11), suspect_since=ago(minutes=30), failed_in_a_row=1), True),
        (Standing(ago(hours=4), suspect_since=ago(hours=9)), True),
    ],
)
def test_when_a_connection_is_due(standing: Standing, is_due: bool) -> None:
    assert due(standing, NOW, HOURS) is is_due


TENTHS = [(0.1, 263, False), (0.1, 264, True), (-0.1, 215, False), (-0.1, 216, True)]


@pytest.mark.parametrize(("jitter", "minutes", "is_due"), TENTHS)
def test_jitter_moves_the_regular_pace_by_a_tenth(jitter: float, minutes: int, is_due: bool) -> None:
    assert due(Standing(ago(minutes=minutes)), NOW, HOURS, jitter) is is_due


def test_a_stopped_key_is_asked_at_most_once_an_hour_however_short_the_pace() -> None:
    assert due(Standing(ago(minutes=30)), NOW, 0.1) is True
    assert due(Standing(ago(minutes=30), stopped=True), NOW, 0.1) is False
    assert due(Standing(ago(minutes=60), stopped=True), NOW, 0.1) is True


@given(st.booleans(), st.integers(0, 9), st.none() | st.integers(0, 10**6))
def test_no_trouble_is_asked_more_than_twice_in_ten_minutes(
    stopped: bool, failed: int, suspect_ago: int | None
) -> None:
    """A day of trouble that does not pass: each run starts when it is due, and runs are counted."""
    suspect = None if suspect_ago is None else NOW - timedelta(seconds=suspect_ago)
    standing = Standing(NOW, suspect_since=suspect, stopped=stopped, failed_in_a_row=failed)
    runs = 0
    for minute in range(24 * 60):
        now = NOW + timedelta(minutes=minute)
        if due(standing, now, HOURS):
            runs += 1
            standing = replace(standing, last_started_at=now)
    assert 5 <= runs <= 24 * 6 + 1
