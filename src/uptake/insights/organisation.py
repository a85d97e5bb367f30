"""I2, organisation anomaly: days on which far more or fewer people than usual used Claude. Needs statsmodels: not on a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import numpy as np

from uptake.domain.access import SCHEDULE
from uptake.domain.days import settling_since
from uptake.insights import words
from uptake.insights.finding import Direction, Finding, Looked, Size
from uptake.insights.quality import Quality
from uptake.metrics import Facts, Question, answer

METRIC = "active_day"
_WHAT = "Settled workdays of the whole organisation against twelve weeks and more before"
LOOKED_AT, OUTSIDE = 3, 2
LEAST_DAYS, MOST_DAYS = 55, 130
_BAND = 2.807  # 99.5 % of a normal
_REST = 0.5
"""A workday with less than half of what is usual is a holiday or an outage of hours: neither says anything of uptake."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was to be expected on a day."""

    low: float
    middle: float
    high: float


def found(facts: Facts, quality: Quality, today: date) -> tuple[list[Finding], Looked]:
    days = _days(facts, quality, today)
    if len(days) < LEAST_DAYS + LOOKED_AT:
        needs = f"needs {LEAST_DAYS + LOOKED_AT} settled workdays; {len(days)} so far"
        return [], Looked("I2", _WHAT, vetoed=(needs,))
    ordered = sorted(days)
    asked, before = ordered[-LOOKED_AT:], ordered[-LOOKED_AT - MOST_DAYS : -LOOKED_AT]
    vetoed = quality.vetoes(asked[0], asked[-1], METRIC)
    if vetoed:
        return [], Looked("I2", _WHAT, vetoed=vetoed)
    found = _outside({day: days[day] for day in asked}, expected({day: days[day] for day in before}, asked))
    return [_finding(*found, days[found[0]], quality)] if found else [], Looked("I2", _WHAT, 1)


def _days(facts: Facts, quality: Quality, today: date) -> dict[date, float]:
    """People active on every settled workday that is shown."""
    through = quality.fresh.data_through
    if through is None:
        return {}
    until = settling_since(through) - timedelta(days=1)
    question = Question((METRIC,), by="day", since=until - timedelta(days=7 * MOST_DAYS // 5 + 7), until=until)
    rows = answer(question, SCHEDULE, facts, today).rows
    known = {date.fromisoformat(row.key): row.cells[METRIC].value for row in rows if row.key}
    return {day: value for day, value in known.items() if value is not None and day.weekday() < 5}


def expected(before: Mapping[date, float], asked: list[date]) -> dict[date, Expected]:
    """By day: a quasi-Poisson regression of the days before on weekday and trend, holidays left out."""
    import statsmodels.api as sm

    usual = {weekday: median(v for d, v in before.items() if d.weekday() == weekday) for weekday in range(5)}
    kept = [day for day in sorted(before) if before[day] >= _REST * usual[day.weekday()]]
    origin, level = kept[0], before[kept[0]]
    if all(before[day] == level for day in kept):  # nothing to fit: chance alone
        reach = _BAND * math.sqrt(level)
        return {day: Expected(level - reach, level, level + reach) for day in asked}
    model = sm.GLM([before[day] for day in kept], _design(kept, origin), family=sm.families.Poisson())
    fitted = model.fit(scale="X2")
    design = _design(asked, origin)
    middle = fitted.predict(design)
    sure = np.einsum("ij,jk,ik->i", design, fitted.cov_params(), design) * middle**2
    reach = _BAND * np.sqrt(max(1.0, float(fitted.scale)) * middle + sure)
    return {day: Expected(float(m - r), float(m), float(m + r)) for day, m, r in zip(asked, middle, reach, strict=True)}


def _design(days: list[date], origin: date) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    weekdays = [[float(day.weekday() == one) for one in range(5)] for day in days]
    trend = [[(day - origin).days / 100] for day in days]
    return np.hstack([np.array(weekdays), np.array(trend)])


def _outside(days: Mapping[date, float], bands: Mapping[date, Expected]) -> tuple[date, Expected, Direction] | None:
    """The newest day outside its band, where two of three lie outside on the same side. Holidays do not count."""
    low = [day for day, value in days.items() if _REST * bands[day].middle <= value < bands[day].low]
    high = [day for day, value in days.items() if value > bands[day].high]
    if len(low) >= OUTSIDE:
        return max(low), bands[max(low)], "down"
    return (max(high), bands[max(high)], "up") if len(high) >= OUTSIDE else None


def _finding(day: date, band: Expected, direction: Direction, value: float, quality: Quality) -> Finding:
    low, high = max(0, math.floor(band.low)), math.ceil(band.high)
    apart = sorted((abs(value - low), abs(value - high)))
    return Finding(
        id="I2",
        about="use",
        cell="",
        name="The organisation",
        metric=METRIC,
        direction=direction,
        since=day,
        until=day,
        data_through=quality.fresh.data_through or day,
        sentence=f"{value:,.0f} people used Claude on {words.day(day)}; {low:,} to {high:,} were to be expected.",
        compared_with="the same weekdays of the weeks before, and their trend",
        action="See whether something happened that day: an outage, a launch, a holiday.",
        evidence="/",
        size=Size(apart[0], apart[1], "people"),
        people=words.band(int(value)),
        explanations=("Public holidays, an outage of Claude and company events make such days.",),
        favourable=direction == "up",
        group="organisation",
        score=abs(value - band.middle) / max(1.0, band.high - band.middle) * math.log2(max(2.0, value)),
    )
