"""How often a finding about a team is right, on made-up companies of which the truth is known. At full size with -m full."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy import stats

import proof
from insights.simulated import WITHIN, Company, Step, Watched, sizes, watch
from uptake.metrics.changes import EARLIER, LEAST, WEEKS

BEGINS = WEEKS + max(EARLIER)
BANDS = {"10 to 19": (10, 20), "20 to 39": (20, 40), "40 and more": (40, 1000)}


@dataclass
class Tally:
    """Alarms counted right and wrong over many companies."""

    quarters: int = 0
    alarms: int = 0
    right: int = 0
    low: int = 0
    tests: int = 0
    hits: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    delays: list[int] = field(default_factory=list)

    def add(self, found: Watched) -> None:
        self.quarters += len(found.shown)
        self.alarms += len(found.alarms)
        self.tests += len(found.values)
        self.low += sum(value < 0.05 for value in found.values)

    def planted(self, company: Company, found: Watched) -> None:
        self.add(found)
        for step in company.steps:
            down = step.points < 0
            seen = [
                alarm.week - step.week + 1 for alarm in found.alarms if (alarm.team, alarm.down) == (step.team, down)
            ]
            hit = [weeks for weeks in seen if 1 <= weeks <= WITHIN]
            size = company.sizes[step.team]
            self.hits[next(name for name, (low, high) in BANDS.items() if low <= size < high)].append(bool(hit))
            self.delays += hit[:1]
        true = {(step.team, step.points < 0) for step in company.steps}
        self.right += sum((alarm.team, alarm.down) in true for alarm in found.alarms)

    @property
    def per_hundred(self) -> float:
        return 100 * self.alarms / self.quarters

    @property
    def at_most(self) -> float:
        """Upper end of the 95 % range of alarms per 100 team-quarters (Poisson)."""
        return 100 * float(stats.chi2.ppf(0.95, 2 * (self.alarms + 1)) / 2) / self.quarters

    @property
    def low_share(self) -> float:
        return self.low / self.tests

    def recall(self, *bands: str) -> float:
        found = [hit for band in bands for hit in self.hits[band]]
        return sum(found) / len(found)


def quiet(companies: int, shock: float = 0.15, start: int = 0) -> Tally:
    tally = Tally()
    for seed in range(start, start + companies):
        tally.add(watch(Company(sizes(seed), seed, shock)))
    return tally


def moved(companies: int, points: float, start: int = 0, events: int = 4) -> Tally:
    """A few teams of each company move for good, some time in the quarter."""
    tally = Tally()
    for seed in range(start, start + companies):
        chance = np.random.default_rng(seed)
        big = [team for team, size in enumerate(sizes(seed)) if size >= LEAST]
        teams = chance.choice(big, events, replace=False)
        steps = tuple(Step(int(team), BEGINS + int(chance.integers(0, 5)), points) for team in teams)
        company = Company(sizes(seed), seed, steps=steps)
        tally.planted(company, watch(company))
    return tally


def told(proof_name: str, null: Tally, drop: Tally) -> None:
    proof.figures(
        proof_name,
        team_quarters=null.quarters,
        false_alarms_per_100=round(null.per_hundred, 2),
        at_most=round(null.at_most, 2),
        p_below_05=round(null.low_share, 4),
        planted=len([hit for hits in drop.hits.values() for hit in hits]),
        recall={band: round(drop.recall(band), 3) for band in BANDS},
        recall_20_and_more=round(drop.recall("20 to 39", "40 and more"), 3),
        precision=round(drop.right / drop.alarms, 3),
        median_delay_weeks=float(np.median(drop.delays)),
    )


def holds(null: Tally, drop: Tally, small: float = 0.45) -> None:
    assert null.at_most <= 1.5
    assert 0.03 <= null.low_share <= 0.06
    assert drop.recall("20 to 39", "40 and more") >= 0.75
    assert drop.recall("10 to 19") >= small
    assert drop.recall("40 and more") >= 0.9
    assert drop.right / drop.alarms >= 0.80
    assert np.median(drop.delays) <= 4


def test_findings_of_teams_are_right_everyday() -> None:
    null, drop = quiet(14), moved(16, -17)
    told("findings of teams, everyday", null, drop)
    holds(null, drop, small=0.35)  # of some thirty small teams


@pytest.mark.full
def test_findings_of_teams_are_right() -> None:
    null, drop = quiet(80, start=1_000), moved(100, -17, start=2_000)
    told("findings of teams", null, drop)
    for points in (-11, -23, 17):
        other = moved(30, points, start=3_000)
        told(f"findings of teams, {points} points", null, other)
    for shock in (0.0, 0.30):
        other = quiet(30, shock, start=4_000)
        proof.figures(f"findings of teams, weeks of their own {shock}", team_quarters=other.quarters,
                      false_alarms_per_100=round(other.per_hundred, 2), p_below_05=round(other.low_share, 4))  # fmt: skip
    holds(null, drop)


def test_a_week_of_holidays_in_some_teams_is_no_finding() -> None:
    """A week in which a third of the teams stay at home: no more findings than chance may make anyway."""
    away = quarters = 0
    for seed in range(8):
        company = Company(sizes(seed), seed)
        gone = tuple(Step(team, BEGINS + 3, -40, 1) for team in range(0, len(company.sizes), 3))
        found = watch(replace(company, steps=gone))
        away, quarters = away + len(found.alarms), quarters + len(found.shown)
    proof.figures("findings of teams, a week of holidays", team_quarters=quarters, alarms=away)
    assert 100 * away / quarters <= 1.5
