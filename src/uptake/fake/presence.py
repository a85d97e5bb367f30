"""Who uses which surface on which day: one number of bits a person. Counts come later and agree with it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from uptake.fake.people import Bools, Floats, People
from uptake.fake.rhythm import DESIGN_DAY, SCIENCE_DAY, SLACK_DAY, UNIFIED_DAY, launched, rhythm
from uptake.fake.traits import Traits

Bits = npt.NDArray[np.uint16]
Picked = npt.NDArray[np.intp]

CHAT, CODE, COWORK, OFFICE, DESIGN, SCIENCE, SLACK = (1 << bit for bit in range(7))
UNIFIED = 1 << 7
"""Chat or Cowork of this row is told in the unified block."""
PASSIVE = 1 << 8
"""A row without own use: somebody only looked at a shared conversation."""
OWN_USE = CHAT | CODE | COWORK | OFFICE | DESIGN | SCIENCE | SLACK

SETTLED = 3
"""The revision after which a day no longer moves."""
_LATE_SHARE = 0.018
_LOOK_BACK = 12  # weeks of mood that still count: 0.7 ** 12 is nothing
_KEPT_DAYS = 70
_FIRST_WEEK = date(2025, 9, 1)


class Presence:
    """Days of presence of one organisation, drawn on demand from (seed, day), a few weeks of them kept."""

    def __init__(self, crew: People, traits: Traits, seed: int) -> None:
        self._crew = crew
        self._traits = traits
        self._seed = seed
        self._lock = threading.RLock()
        self._days: OrderedDict[date, Bits] = OrderedDict()
        self._asleep: list[npt.NDArray[np.uint8]] = []
        self._feeling: tuple[int, Floats] | None = None

    def bits(self, day: date, revision: int = SETTLED) -> Bits:
        """The bits of all people on a day, as told by that revision: the late ones are missing at first."""
        with self._lock:
            if day not in self._days:
                self._days[day] = self._draw(day)
                while len(self._days) > _KEPT_DAYS:
                    self._days.popitem(last=False)
            self._days.move_to_end(day)
            settled = self._days[day]
        if revision >= SETTLED:
            return settled
        late = self._rng(day, 3).random(len(settled)) < _LATE_SHARE * (SETTLED - revision) / SETTLED
        return np.where(late, 0, settled).astype(np.uint16)

    def _rng(self, day: date, stream: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, day.toordinal(), stream])

    def _draw(self, day: date) -> Bits:
        rng = self._rng(day, 1)
        chance = self._chance(day)
        dice = rng.random(len(chance), dtype=np.float32)
        bits = np.zeros(len(chance), dtype=np.uint16)
        active = np.flatnonzero(dice < chance)
        bits[active] = self._surfaces(active, day, rng)
        passive = np.flatnonzero((dice >= chance) & (dice < chance * 1.006))
        bits[passive] = PASSIVE
        if day >= UNIFIED_DAY:
            told_there = self._traits.unified & (bits & (CHAT | COWORK | PASSIVE) != 0)
            bits[told_there] |= UNIFIED
        return bits

    def _surfaces(self, active: npt.NDArray[np.intp], day: date, rng: np.random.Generator) -> Bits:
        """At least one surface for everybody who is active; chat where the dice chose none."""
        spread = [1, 1, launched(day, date(2025, 12, 1), 240), 1]
        spread += [launched(day, launch) for launch in (DESIGN_DAY, SCIENCE_DAY, SLACK_DAY)]
        liking = self._traits.surfaces[:, active] * np.array(spread, dtype=np.float32)[:, None]
        liking[6] *= self._traits.slack_linked[active]
        used = rng.random(liking.shape, dtype=np.float32) < liking
        weights = (1 << np.arange(7)).astype(np.uint16)
        bits: Bits = (used * weights[:, None]).sum(axis=0).astype(np.uint16)
        bits[bits == 0] = CHAT
        return bits

    def _chance(self, day: date) -> Floats:
        """The chance of each person to be active: 0 where they are not there, have not begun or sleep."""
        traits, ordinal = self._traits, day.toordinal()
        week = (day - _FIRST_WEEK).days // 7
        chance: Floats = 1 / (1 + np.exp(-(traits.logit + self._mood(week))))
        age = ordinal - traits.first_use
        ramp = (1 - 0.75 * np.exp(-np.maximum(age, 0) / 21.0)).astype(np.float32)
        chance = chance * ramp * rhythm(day)[self._crew.location]
        # Everybody is away for six days every 75.
        chance *= np.where((ordinal + traits.leave_phase) % 75 < 6, 0.03, 1.0)
        there = (traits.joined_day <= ordinal) & (ordinal < traits.left_day) & (age >= 0)
        return np.asarray(np.where(there & ~self._sleeping(week), chance, 0.0), dtype=np.float32)

    def _mood(self, week: int) -> Floats:
        """A week's mood of each person and each team, AR(1) over the weeks."""
        if self._feeling is None or self._feeling[0] != week:
            teams = int(self._crew.team.max(initial=0)) + 1
            own = _autoregressive(self._seed, week, 11, len(self._crew), 0.7, 0.5)
            shared = _autoregressive(self._seed, week, 12, teams, 0.3, 0.15)
            self._feeling = (week, own + shared[self._crew.team])
        return self._feeling[1]

    def _sleeping(self, week: int) -> Bools:
        """Dormancy, a chain over the weeks: few habitual people stop, more occasional ones, some come back."""
        count = len(self._crew)
        while len(self._asleep) <= week:
            asleep = np.unpackbits(self._asleep[-1], count=count) == 1 if self._asleep else np.zeros(count, dtype=bool)
            dice = np.random.default_rng([self._seed, len(self._asleep), 13]).random(count)
            stops = dice < np.where(self._traits.habitual, 0.004, 0.02)
            self._asleep.append(np.packbits(np.where(asleep, dice >= 0.04, stops)))
        asleep_now: Bools = np.unpackbits(self._asleep[max(0, week)], count=count) == 1
        return asleep_now


def _autoregressive(seed: int, week: int, stream: int, count: int, memory: float, spread: float) -> Floats:
    """An AR(1) value of one week from the shocks of the last weeks, so that any week can be drawn alone."""
    shock = spread * (1 - memory**2) ** 0.5
    value = np.zeros(count, dtype=np.float32)
    for back in range(_LOOK_BACK, -1, -1):
        rng = np.random.default_rng([seed, week - back + _LOOK_BACK, stream])
        value = memory * value + shock * rng.standard_normal(count, dtype=np.float32)
    return np.asarray(value, dtype=np.float32)


def revision(day: date, as_of: date) -> int:
    """Which revision of a day is told on `as_of`: it moves on the three days after the first."""
    return min(SETTLED, max(0, (as_of - day - timedelta(days=1)).days))
