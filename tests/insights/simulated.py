"""Made-up teams, week by week: people who use Claude on some workdays, with moods, weeks of a team's own, and planted steps.

After the parameters of the generator: shares of workdays from a mixture, a mood of each person that lasts some weeks, a
shock of each team and week. The truth is known, so findings can be counted right or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from uptake.insights.shift import Shift, shifts
from uptake.metrics.changes import EARLIER, LEAST, WEEKS, Group, summary

Numbers = npt.NDArray[np.float64]

QUARTER = 13
REST = 4
"""Weeks for which an alarm of the same team and direction is not given again."""
WITHIN = 8
_WORKDAYS = 5
_MEANS = (0.60, 0.50, 0.45, 0.35, 0.30, 0.25)
_SHARES = (0.38, 0.10, 0.12, 0.18, 0.12, 0.10)


@dataclass(frozen=True)
class Step:
    """From `week` on the true share of a team is other by `points`; `weeks` long, then as before."""

    team: int
    week: int
    points: float
    weeks: int = 1000


@dataclass(frozen=True)
class Company:
    sizes: tuple[int, ...]
    seed: int
    shock: float = 0.15
    steps: tuple[Step, ...] = ()
    weeks: int = WEEKS + max(EARLIER) + QUARTER - 1

    def used(self) -> list[Numbers]:
        """By team: people × weeks, workdays used of five."""
        chance = np.random.default_rng(self.seed)
        shocks = _lasting(chance, (len(self.sizes), self.weeks), 0.3, self.shock)
        return [self._team(chance, team, size, shocks[team]) for team, size in enumerate(self.sizes)]

    def _team(self, chance: np.random.Generator, team: int, size: int, shock: Numbers) -> Numbers:
        mean = chance.choice(_MEANS, p=_SHARES)
        habitual = chance.random(size) < 0.6
        own = np.where(habitual, chance.beta(6, 3, size), chance.beta(1.2, 5, size))
        base = _logit(np.clip(own, 0.01, 0.99)) + _logit(mean) - _logit(0.47) + chance.normal(0, 0.35)
        mood = _lasting(chance, (size, self.weeks), 0.7, 0.5)
        share = 1 / (1 + np.exp(-(base[:, None] + mood + shock)))
        for step in self.steps:
            if step.team == team:
                part = slice(step.week, step.week + step.weeks)
                share[:, part] = _moved(share[:, part], step.points)
        return chance.binomial(_WORKDAYS, share).astype(np.float64)


def _moved(share: Numbers, points: float) -> Numbers:
    """Everybody in proportion, so that the mean moves by exactly so many points, as far as it can."""
    mean = share.mean()
    if points < 0:
        return share * max(0.0, (mean + points / 100) / mean)
    return 1 - (1 - share) * max(0.0, (1 - mean - points / 100) / (1 - mean))


def _lasting(chance: np.random.Generator, shape: tuple[int, int], memory: float, spread: float) -> Numbers:
    """Rows that remember: AR(1) with this standard deviation."""
    found = np.empty(shape)
    found[:, 0] = chance.normal(0, spread, shape[0])
    for week in range(1, shape[1]):
        found[:, week] = memory * found[:, week - 1] + chance.normal(0, spread * np.sqrt(1 - memory**2), shape[0])
    return found


def _logit(share: npt.ArrayLike) -> Numbers:
    return np.log(share) - np.log1p(-np.asarray(share))


@dataclass(frozen=True)
class Alarm:
    team: int
    week: int  # the last of the eight
    down: bool


@dataclass(frozen=True)
class Watched:
    """A company scanned each week of a quarter: alarms after the rest, and the p-values of all tests."""

    alarms: tuple[Alarm, ...]
    values: tuple[float, ...]
    shown: tuple[int, ...]  # teams with enough people


def watch(company: Company) -> Watched:
    used = company.used()
    shown = tuple(team for team, size in enumerate(company.sizes) if size >= LEAST)
    alarms: list[Alarm] = []
    values: list[float] = []
    for last in range(WEEKS + max(EARLIER) - 1, company.weeks):
        found = scan([used[team] for team in shown], last)
        values += [one.p for one in found]
        for team, one in zip(shown, found, strict=True):
            alarm = Alarm(team, last, one.effect < 0)
            rested = all(last - old.week >= REST for old in alarms if replace(old, week=last) == alarm)
            if one.alarms and rested:
                alarms.append(alarm)
    return Watched(tuple(alarms), tuple(values), shown)


def scan(used: list[Numbers], last: int) -> list[Shift]:
    now, *earlier = [[_group(one, last - back) for one in used] for back in (0, *EARLIER)]
    return shifts(now, earlier)


def _group(used: Numbers, last: int) -> Group:
    part = used[:, last - WEEKS + 1 : last + 1]
    return summary(part, np.full_like(part, _WORKDAYS))


def sizes(seed: int, teams: int = 100) -> tuple[int, ...]:
    """Teams as they are shown: many small ones, some of a hundred."""
    chance = np.random.default_rng(10_000 + seed)
    return tuple(int(size) for size in np.clip(np.exp(chance.normal(np.log(18), 0.8, teams)), 5, 120))
