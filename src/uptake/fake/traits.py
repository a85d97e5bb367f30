"""What each made-up person is like: how often they use Claude, from when on, for what and how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from uptake.fake.people import Bools, Floats, Ints, People

EPOCH_SECONDS_A_DAY = 86_400

# By job: engineer, product, analyst, sales, support, operations.
_WORKDAY_MEAN = np.array([0.60, 0.45, 0.50, 0.30, 0.35, 0.25], dtype=np.float32)
_MESSAGES = np.array([14, 10, 12, 6, 8, 5], dtype=np.float32)
_CHAT = np.array([0.72, 0.92, 0.85, 0.90, 0.93, 0.92], dtype=np.float32)
_CODE = np.array([0.62, 0.08, 0.30, 0.01, 0.02, 0.02], dtype=np.float32)
_COWORK = np.array([0.06, 0.16, 0.16, 0.14, 0.12, 0.16], dtype=np.float32)
_OFFICE = np.array([0.02, 0.12, 0.20, 0.20, 0.08, 0.20], dtype=np.float32)
_DESIGN = np.array([0.02, 0.14, 0.02, 0.03, 0.01, 0.02], dtype=np.float32)
_SCIENCE = np.array([0.01, 0.00, 0.10, 0.00, 0.00, 0.00], dtype=np.float32)
_SLACK = np.array([0.16, 0.14, 0.08, 0.10, 0.12, 0.06], dtype=np.float32)

# When each department was invited to start, in days from 2026-01-01: the waves of the S-curve.
_WAVES = np.array([-75, -20, -45, 40, 75, 110])
_NEVER_SHARE = 0.10
_NEVER = 1 << 40
_JANUARY = date(2026, 1, 1).toordinal()
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Traits:
    """One value a person, in the order of the people."""

    joined_day: Ints  # proleptic ordinals, as date.toordinal gives them
    left_day: Ints
    first_use: Ints
    habitual: Bools
    logit: Floats  # of the chance to use Claude on a usual workday
    leave_phase: Ints
    messages: Floats  # mean of chat messages on an active day
    volume: Floats  # of everything else, 1 on average
    thinking: Floats
    threads: Floats  # share of messages that start another conversation
    acceptance: Floats
    apps: Ints  # the Office app somebody uses most
    unified: Bools
    slack_linked: Bools
    surfaces: Floats  # (7, people): chat, code, cowork, office, design, science, slack


def traits(crew: People, rng: np.random.Generator) -> Traits:
    """Draw them once; who somebody is does not change from day to day."""
    count, job = len(crew), crew.job
    habitual = rng.random(count) < 0.56
    messages = _MESSAGES[job] * rng.lognormal(-0.32, 0.8, count) * 1.6
    return Traits(
        joined_day=crew.joined // EPOCH_SECONDS_A_DAY + _EPOCH,
        left_day=crew.left // EPOCH_SECONDS_A_DAY + _EPOCH,
        first_use=_first_use(crew, rng),
        habitual=habitual,
        logit=_logit(crew, habitual, rng),
        leave_phase=rng.integers(0, 75, count),
        messages=messages.astype(np.float32),
        volume=rng.lognormal(-0.32, 0.8, count).astype(np.float32),
        thinking=rng.beta(1.2, 6, count).astype(np.float32),
        threads=rng.uniform(0.15, 0.35, count).astype(np.float32),
        acceptance=rng.beta(0.82 * 12, 0.18 * 12, count).astype(np.float32),
        apps=rng.choice(4, count, p=(0.45, 0.1, 0.25, 0.2)),
        unified=rng.random(count) < 0.08,
        slack_linked=rng.random(count) < 0.35,
        surfaces=_surfaces(job, rng),
    )


def _first_use(crew: People, rng: np.random.Generator) -> Ints:
    """The wave or the joining, then a delay: half start within days, half within weeks, a tenth never."""
    count = len(crew)
    start = np.maximum(_JANUARY + _WAVES[crew.department], crew.joined // EPOCH_SECONDS_A_DAY + _EPOCH)
    quick = rng.geometric(0.25, count) - 1
    slow = rng.gamma(2.0, 18.0, count).astype(np.int64)
    day = start + np.where(rng.random(count) < 0.5, quick, slow)
    return np.where(rng.random(count) < _NEVER_SHARE, _NEVER, day)


def _logit(crew: People, habitual: Bools, rng: np.random.Generator) -> Floats:
    """A mixture of habitual and occasional people, moved by job and team."""
    count = len(crew)
    often = np.where(habitual, rng.beta(7.0, 2.6, count), rng.beta(1.2, 7.0, count)).clip(0.005, 0.99)
    team = rng.normal(0, 0.35, int(crew.team.max(initial=0)) + 1)
    wanted = _WORKDAY_MEAN[crew.job]
    base = np.log(often / (1 - often)) + np.log(wanted / (1 - wanted)) - np.log(0.45 / 0.55)
    return np.asarray(base + team[crew.team], dtype=np.float32)


def _surfaces(job: Ints, rng: np.random.Generator) -> Floats:
    """How likely each surface is on an active day: the job's mean, with people who never and people who often do."""
    means = np.stack([table[job] for table in (_CHAT, _CODE, _COWORK, _OFFICE, _DESIGN, _SCIENCE, _SLACK)])
    liking = rng.beta(0.6, 0.6, means.shape) * 2
    liking[0] = 1.0
    return np.asarray(np.clip(means * liking, 0, 0.97), dtype=np.float32)
