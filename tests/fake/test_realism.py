"""A made-up organisation uses Claude as real ones do: plausible bounds, far from tight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest

from uptake.domain.measures import COLUMNS
from uptake.fake import Organisation

LAST = date(2026, 9, 27)
DAYS = [LAST - timedelta(days=back) for back in range(27, -1, -1)]
PROMPTS = [column for column in COLUMNS if column.endswith("_messages") and not column.startswith(("tag", "science"))]
PROMPTS = [column for column in PROMPTS if "thinking" not in column]


@dataclass(frozen=True)
class Month:
    """Four weeks: who was active on each day, and each active person-day's messages."""

    active: list[set[str]]
    messages: np.ndarray
    by_person: np.ndarray

    def mean(self, *, workdays: bool) -> float:
        sizes = [len(who) for day, who in zip(DAYS, self.active, strict=True) if (day.weekday() < 5) == workdays]
        return float(np.mean(sizes))


@pytest.fixture(scope="module")
def month() -> Month:
    company = Organisation(members=1_200, seed=1)
    active: list[set[str]] = []
    each: list[int] = []
    totals: dict[str, int] = {}
    for day in DAYS:
        rows = company.truth(day)
        active.append({row["member_id"] for row in rows})
        for row in rows:
            count = sum(row[column] or 0 for column in PROMPTS)
            if count:
                each.append(count)
                totals[row["member_id"]] = totals.get(row["member_id"], 0) + count
    return Month(active, np.array(each), np.sort(np.array(list(totals.values()))))


def test_how_often_people_come(month: Month) -> None:
    in_four_weeks = len(set.union(*month.active))
    weekly = np.mean([len(set.union(*month.active[start : start + 7])) for start in (0, 7, 14, 21)])
    workday, weekend = month.mean(workdays=True), month.mean(workdays=False)
    assert 0.35 <= workday / in_four_weeks <= 0.55
    assert 0.25 <= np.mean([len(who) for who in month.active]) / in_four_weeks <= 0.40
    assert 0.75 <= weekly / in_four_weeks <= 0.90
    assert 0.05 <= weekend / workday <= 0.15


def test_few_people_write_much(month: Month) -> None:
    people, total = len(month.by_person), month.by_person.sum()
    gini = 2 * np.sum(np.arange(1, people + 1) * month.by_person) / (people * total) - (people + 1) / people
    assert 0.50 <= gini <= 0.65
    assert 0.33 <= month.by_person[-people // 10 :].sum() / total <= 0.50


def test_a_day_of_messages_has_a_heavy_tail(month: Month) -> None:
    assert 12 <= month.messages.mean() <= 20
    assert 7 <= np.median(month.messages) <= 11
    assert 45 <= np.percentile(month.messages, 95) <= 80
    assert month.messages.var() / month.messages.mean() > 10


def test_adoption_rises_over_the_year() -> None:
    company = Organisation(members=600, seed=1)
    january, november = (len(company.truth(day)) for day in (date(2026, 1, 13), date(2026, 11, 10)))
    assert november > 1.5 * january
