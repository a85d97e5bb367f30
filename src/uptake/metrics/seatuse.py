"""In which band of use each seat is: all that whoever manages seats may know of it. No count and no day leaves this file.

Use before the first day held is unknown: a seat that was there before, and was not used since, lies idle at least so long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from uptake.domain.access import Viewer, require
from uptake.domain.days import day_no
from uptake.metrics import cache
from uptake.metrics.facts import Facts
from uptake.metrics.history import TENURE
from uptake.metrics.memo import Memo
from uptake.metrics.windows import ALWAYS, NEVER, Numbers

Band = Literal["new", "lately", "idle", "idle_long", "never", "unknown"]

BANDS: tuple[Band, ...] = ("new", "lately", "idle", "idle_long", "never", "unknown")
IDLE, IDLE_LONG = 28, 56
"""Days since the last active one from which a seat is idle, and idle for longer."""

_USES = Memo(8)


@dataclass(frozen=True, slots=True)
class SeatUse:
    """The seats of one connection as of the newest day held. Who is not in `bands` holds no seat."""

    bands: Mapping[str, Band]
    _last: Mapping[str, int] = field(repr=False)

    def used_after(self, member_id: str, day: date) -> bool:
        """Whether the seat was used on any day after this one."""
        return self._last.get(member_id, NEVER) > day_no(day)


def seat_use(viewer: Viewer, facts: Facts, connection: str) -> SeatUse:
    """The seats of a connection. The visibility policy is the caller's to ask. Raises NotAllowed."""
    require(viewer, "seats.view")
    if not facts.rosters.get(connection):
        return SeatUse({}, {})
    return _USES.get((facts.cache, facts.version, connection), lambda: (_made(facts, connection), True))


def _made(facts: Facts, connection: str) -> SeatUse:
    seats, last = cache.last_days(facts, connection)
    held = sorted(facts.usage[connection])
    present = seats.left == ALWAYS
    found = bands(seats.joined, last, day_no(held[0]), day_no(held[-1])) if held else np.full(len(last), _AT["unknown"])
    ids = seats.ids.to_pylist()
    return SeatUse(
        {ids[at]: BANDS[found[at]] for at in np.flatnonzero(present)},
        {ids[at]: int(last[at]) for at in np.flatnonzero(present & (last != NEVER))},
    )


_AT = {band: place for place, band in enumerate(BANDS)}


def bands(joined: Numbers, last: Numbers, first: int, through: int) -> Numbers:
    """The place in BANDS of each seat, by the day it is held since, its last active day, and the first and last day held."""
    known = last != NEVER
    idle_for = through - np.where(known, last, first - 1)
    return np.select(
        [
            joined > through - TENURE,
            ~known & (joined >= first),
            ~known & (idle_for < IDLE),
            idle_for < IDLE,
            idle_for < IDLE_LONG,
        ],
        [_AT["new"], _AT["never"], _AT["unknown"], _AT["lately"], _AT["idle"]],
        default=_AT["idle_long"],
    ).astype(np.int32)
