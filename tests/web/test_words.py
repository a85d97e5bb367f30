"""How dates, durations and numbers read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from uptake.web import words

NOW = datetime(2026, 11, 19, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7, "7"), (1240, "1,240"), (12_400, "12,400"), (1_000_000, "1,000,000"), (2.25, "2.2"), (3.0, "3")],
)
def test_numbers(value: float, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "< 1 %"), (0.01, "1 %"), (0.52, "52 %"), (0.994, "> 99 %"), (0.99, "99 %"), (1, "100 %")],
)
def test_shares_never_round_to_nothing_or_all(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=41), "41 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2, minutes=10), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(hours=-2), "in 2 hours"),
    ],
)
def test_how_long_ago(passed: timedelta, text: str) -> None:
    assert words.ago(NOW - passed, NOW) == text


def test_dates() -> None:
    day = date(2026, 11, 5)
    assert words.day(day) == "5 Nov"
    assert words.day_and_year(day) == "5 Nov 2026"
    assert words.weekday(day) == "Thu 5 Nov 2026"
    assert words.moment(NOW) == "19 Nov 2026, 14:02 UTC"


def test_lists() -> None:
    assert [words.listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
