"""The rules behind findings, on numbers that can be checked by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from uptake.insights import Finding, chosen, tell, untold
from uptake.insights.organisation import _outside, expected
from uptake.insights.shift import Prior, Shift, between_teams, prior_of, shifts
from uptake.insights.teams import size_of
from uptake.insights.words import band, days
from uptake.metrics.changes import Group, summary

MONDAY = date(2026, 6, 1)


def test_a_summary_of_two_people() -> None:
    """One used 5 then 0 of 5 days in each week, the other 2 then 3: differences of -1 and 0.2."""
    used = np.array([[5.0] * 4 + [0.0] * 4, [2.0] * 4 + [3.0] * 4])
    found = summary(used, np.full((2, 8), 5.0))
    assert (found.people, found.lowest, found.highest) == (2, -1.0, pytest.approx(0.2))
    assert found.mean == pytest.approx(-0.4)
    assert found.variance == pytest.approx(0.72)  # (0.6² + 0.6²) / 1
    assert found.weeks == pytest.approx((0.7,) * 4 + (0.3,) * 4)


def test_weeks_of_fewer_workdays_weigh_less() -> None:
    used, held = np.array([[2.0] * 4 + [3.0, 3.0, 3.0, 0.0]]).repeat(2, 0), np.array([[5.0] * 7 + [3.0]]).repeat(2, 0)
    assert summary(used, held).mean == pytest.approx(9 / 18 - 8 / 20)


def test_a_variance_is_squeezed_towards_all_others() -> None:
    assert Prior(4, 0.02).squeezed(np.array([0.04]), np.array([9.0]))[0] == pytest.approx((4 * 0.02 + 9 * 0.04) / 13)


def test_equal_variances_are_taken_for_one() -> None:
    """z = ln s² - digamma(9/2) + ln(9/2) is the same everywhere; digamma(4.5) = 1.38887."""
    prior = prior_of(np.full(8, 0.02), np.full(8, 9.0))
    assert prior.degrees == 1000
    assert prior.variance == pytest.approx(0.02 * 4.5 / math.exp(1.388871), rel=1e-5)


def test_variances_wide_apart_have_little_in_common() -> None:
    prior = prior_of(np.array([0.001, 0.01, 0.1, 0.001, 0.01, 0.1]), np.full(6, 9.0))
    assert prior.degrees < 3


def test_the_drift_of_teams_is_what_chance_leaves_over() -> None:
    """Deviations as wide as a normal's of variance 0.0025, of which chance makes 0.0009."""
    spread = 0.0025 * np.array([0.0158, 0.1015, 0.2750, 0.5707, 1.0742, 1.9425, 3.8415])  # quantiles of chi²(1)
    assert between_teams(spread, np.full(7, 0.0009)) == pytest.approx(0.0016, rel=0.35)
    assert between_teams(np.full(7, 0.0001), np.full(7, 0.0009)) == 0.0
    far = np.append(spread, [10.0])
    once, more = between_teams(far, np.full(8, 0.0009)), between_teams(far + 90 * (far > 9), np.full(8, 0.0009))
    assert once == pytest.approx(more)  # how far the one that moved has moved counts no more


def _group(mean: float, people: int = 30, variance: float = 0.02, lowest: float = -0.4, highest: float = 0.4) -> Group:
    return Group(people, mean, variance, lowest, highest, (0.5,) * 4 + (0.5 + mean,) * 4)


STILL = [_group(points / 1000) for points in (-9, -7, -5, -3, -1, 1, 3, 5, 7, 9)]


def test_the_team_that_moved_alarms_and_no_other() -> None:
    found = shifts([*STILL, _group(-0.2)])
    assert [one.alarms for one in found] == [False] * 10 + [True]
    assert found[-1].effect == pytest.approx(-0.199)
    low, high = found[-1].interval()
    assert low < -0.199 < high < -0.05


@pytest.mark.parametrize(
    "moved",
    [
        _group(-0.04),  # less than five points
        _group(-0.1, people=12, variance=0.09, lowest=-1.0),  # one person carries 1.0 of 1.2
        Group(30, -0.1, 0.02, -0.4, 0.4, (0.5,) * 7 + (0.1,)),  # one week of holidays
    ],
)
def test_what_is_no_finding(moved: Group) -> None:
    assert not shifts([*STILL, moved])[-1].alarms


def test_too_few_teams_are_no_company() -> None:
    assert shifts([*STILL[:4], _group(-0.3)]) == []


@pytest.mark.parametrize(
    ("people", "k", "low", "high"),
    [(100, 5, 10, 25), (50, 5, 10, 30), (24, 5, 5, 25), (24, 10, None, None), (19, 5, None, None), (1000, 50, 10, 25)],
)
def test_a_size_is_told_in_steps_of_the_threshold(people: int, k: int, low: int | None, high: int | None) -> None:
    shift = Shift(-0.17, 0.03, 1e6, 0.0, 0.1)  # -22.9 to -11.1 points
    size = size_of(shift, people, k)
    assert (size and size.low, size and size.high) == (low, high)


def _days(weeks: int) -> dict[date, float]:
    """Workdays of 99 and 101 people, week by week."""
    found = {MONDAY + timedelta(days=n): 99.0 + 2 * (n // 7 % 2) for n in range(7 * weeks)}
    return {day: value for day, value in found.items() if day.weekday() < 5}


def test_what_is_expected_of_a_day_is_the_weekday_and_its_trend() -> None:
    asked = [MONDAY + timedelta(days=84 + n) for n in range(3)]
    before = _days(12) | {MONDAY + timedelta(days=30): 7.0}  # a holiday does not count
    for one in expected(before, asked).values():
        assert one.middle == pytest.approx(100, abs=0.5)
        assert 65 < one.low < 73  # 2.807 standard deviations of 10, and a little for the fit
        assert 128 < one.high < 135
    assert expected(dict.fromkeys(_days(12), 100.0), asked)[asked[0]].high == pytest.approx(128.07)
    tomorrow = expected({day: 100 + (day - MONDAY).days for day in _days(12)}, asked)
    assert all(180 < one.middle < 195 for one in tomorrow.values())


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ((100, 60, 60), "down"),
        ((140, 100, 150), "up"),
        ((100, 100, 60), None),
        ((140, 60, 100), None),
        ((100, 20, 20), None),  # holidays, or an outage
    ],
)
def test_two_of_three_days_outside(values: tuple[float, ...], direction: str | None) -> None:
    asked = [MONDAY + timedelta(days=84 + n) for n in range(3)]
    found = _outside(dict(zip(asked, values, strict=True)), expected(_days(12), asked))
    assert (found and found[2]) == direction


def _finding(score: float, group: str = "a", direction: str = "down") -> Finding:
    return Finding("I1", "use", f"department:{score}", "X", "m", direction, MONDAY, MONDAY, MONDAY, "X.", "", "", "/",  # type: ignore[arg-type]
                   favourable=direction == "up", group=group, score=score)  # fmt: skip


def test_at_most_five_two_of_a_department_and_one_that_pleases() -> None:
    many = [_finding(9 - n, group="abcabcde"[n]) for n in range(8)]
    assert [one.score for one in chosen(many)] == [9, 8, 7, 6, 5]
    same = [_finding(9 - n) for n in range(4)]
    assert [one.score for one in chosen(same)] == [9, 8]
    assert [one.score for one in chosen([*many, _finding(1, "z", "up")])] == [9, 8, 7, 6, 1]


@pytest.mark.django_db
def test_what_was_told_rests_for_four_weeks() -> None:
    one, other = _finding(3), replace(_finding(3), direction="up")
    tell([one], "weekly", MONDAY)
    assert untold([one, other], "weekly", MONDAY) == (one, other)  # others who are told today hear the same
    assert untold([one, other], "weekly", MONDAY + timedelta(days=7)) == (other,)
    assert untold([one], "monthly", MONDAY + timedelta(days=7)) == (one,)
    assert untold([one], "weekly", MONDAY + timedelta(days=28)) == (one,)


def test_words() -> None:
    assert days([MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=3)]) == "1 Jun, 3 Jun to 4 Jun"
    assert [band(people) for people in (10, 19, 20, 249, 6000)] == [
        "10 to 19", "10 to 19", "20 to 49", "100 to 249", "5,000 and more",
    ]  # fmt: skip
