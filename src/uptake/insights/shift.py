"""I1, team shift: which teams changed apart from the company, beyond chance. Pure.

A paired t test on differences of people, with variances squeezed towards each other (Smyth 2004) and the variance between
teams that a company always has; false discoveries controlled over all teams of a run (decisions/0018). Units are shares:
0.05 is 5 points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from uptake.metrics.changes import Group

Numbers = npt.NDArray[np.float64]

Q = 0.05
FLOOR = 0.05
CARRIED = 0.40
SURVIVES = 0.01
"""What p may become at most when any one person is left out."""
STEADY = 2.0
"""Standard errors that must be left of a change when any one week is left out."""
FEWEST = 6
"""Teams without which there is no company to be apart from."""
_NOTICED = 3.9  # 80 % power at an effective alpha near 0.002
_SAME = 1000.0
_FAR = 5.0  # a squared deviation counts no more than this: a team that really moved is no chance
_STILL = 1e-6  # variance of a team in which nobody changed


@dataclass(frozen=True, slots=True)
class Prior:
    """What the variances of all teams say about each: as if `degrees` more people had the variance `variance`."""

    degrees: float
    variance: float

    def squeezed(self, variance: Numbers, degrees: Numbers) -> Numbers:
        return (self.degrees * self.variance + degrees * variance) / (self.degrees + degrees)


@dataclass(frozen=True, slots=True)
class Shift:
    """One team: its difference apart from the company, and the p-value. `alarms`: beyond chance, by five points or more,
    whoever is left out and whichever week."""

    effect: float
    error: float
    degrees: float
    p: float
    noticed: float  # the smallest change that would be noticed
    alarms: bool = False

    def interval(self) -> tuple[float, float]:
        reach = float(stats.t.ppf(0.975, self.degrees)) * self.error
        return self.effect - reach, self.effect + reach


def shifts(groups: Sequence[Group], earlier: Sequence[Sequence[Group]] = ()) -> list[Shift]:
    """Every team beside all others; none where there are too few. `earlier`: teams as they were in eight weeks before these,
    which say as well how far teams drift apart without any reason."""
    if len(groups) < FEWEST:
        return []
    means = np.array([one.mean for one in groups])
    people = np.array([one.people for one in groups], dtype=np.float64)
    variances = np.array([one.variance for one in groups])
    middle, prior = float(np.median(means)), prior_of(variances, people - 1)
    squeezed = prior.squeezed(variances, people - 1)
    between = float(np.mean([drift(each) for each in (groups, *earlier) if len(each) >= FEWEST]))
    errors, degrees = np.sqrt(squeezed / people + between), prior.degrees + people - 1
    values = 2 * stats.t.sf(np.abs(means - middle) / errors, degrees)
    discovered = stats.false_discovery_control(values) <= Q
    steady = _steady(groups, errors)
    return [
        Shift(
            effect := float(means[at] - middle),
            float(errors[at]),
            float(degrees[at]),
            float(values[at]),
            float(_NOTICED * errors[at]),
            bool(discovered[at] and abs(effect) >= FLOOR and steady[at])
            and _whoever_is_left_out(one, middle, prior, between),
        )
        for at, one in enumerate(groups)
    ]


def prior_of(variances: Numbers, degrees: Numbers) -> Prior:
    """From the spread of log variances: wider than chance alone would make it means little in common."""
    moving = variances > _STILL
    if moving.sum() < 2:
        return Prior(_SAME, float(max(variances.mean(), _STILL)))
    half = degrees[moving] / 2
    z = np.log(variances[moving]) - special.digamma(half) + np.log(half)
    wanted = float(z.var(ddof=1) - special.polygamma(1, half).mean())
    if wanted <= special.polygamma(1, _SAME / 2):
        return Prior(_SAME, float(np.exp(z.mean())))
    prior = 2 * float(optimize.brentq(lambda x: special.polygamma(1, x) - wanted, 1e-3, _SAME / 2))
    return Prior(prior, float(np.exp(z.mean() + special.digamma(prior / 2) - np.log(prior / 2))))


def drift(groups: Sequence[Group]) -> float:
    """The variance between teams beyond what the chance of their people makes."""
    means = np.array([one.mean for one in groups])
    people = np.array([one.people for one in groups], dtype=np.float64)
    variances = np.array([one.variance for one in groups])
    chance = prior_of(variances, people - 1).squeezed(variances, people - 1) / people
    return between_teams((means - np.median(means)) ** 2, chance)


def between_teams(apart: Numbers, chance: Numbers) -> float:
    """The variance that makes squared deviations, each counted up to a limit, as large as they should be."""
    wanted = float(stats.chi2.cdf(_FAR, 3) + _FAR * stats.chi2.sf(_FAR, 1))

    def more(variance: float) -> float:
        return float(np.minimum(apart / (chance + variance), _FAR).mean()) - wanted

    return 0.0 if more(0.0) <= 0 else float(optimize.brentq(more, 0.0, 1.0))


def _steady(groups: Sequence[Group], errors: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the change stays beyond chance whichever of the eight weeks is left out, and no single week lies far below all
    others: one week of holidays is no change."""
    weeks = np.array([one.weeks for one in groups])
    low = (weeks < np.median(weeks, axis=1, keepdims=True) / 2).sum(axis=1)
    half = weeks.shape[1] // 2
    whole = _apart(weeks[:, half:], weeks[:, :half])
    held = low != 1
    for left_out in range(half):
        for part in (
            _apart(np.delete(weeks[:, half:], left_out, axis=1), weeks[:, :half]),
            _apart(weeks[:, half:], np.delete(weeks[:, :half], left_out, axis=1)),
        ):
            held &= np.sign(whole) * part >= np.maximum(FLOOR, STEADY * errors)
    return np.asarray(held)


def _apart(recent: Numbers, before: Numbers) -> Numbers:
    change = recent.mean(axis=1) - before.mean(axis=1)
    return np.asarray(change - np.median(change))


def _whoever_is_left_out(group: Group, middle: float, prior: Prior, between: float) -> bool:
    """Whether it holds without any one person, and none of them carries too much of it.

    Only the two extremes are known. Between them the test is least sure at one end or at one point; all are looked at.
    """
    n, sign = group.people, np.sign(group.mean - middle)
    effect = sign * (group.mean - middle)
    carried = max(sign * (value - middle) for value in (group.lowest, group.highest))
    if carried > CARRIED * n * effect:
        return False
    values = np.linspace(group.lowest, group.highest, 33)
    left = sign * ((n * group.mean - values) / (n - 1) - middle)
    variance = ((n - 1) * group.variance - (values - group.mean) ** 2 * n / (n - 1)) / (n - 2)
    squeezed = prior.squeezed(np.maximum(variance, 0), np.full(len(values), float(n - 2)))
    p = 2 * stats.t.sf(left / np.sqrt(squeezed / (n - 1) + between), prior.degrees + n - 2)
    return bool((left >= FLOOR).all() and (p <= SURVIVES).all())
