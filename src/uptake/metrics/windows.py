"""How many people were active in a day, an ISO week, the 28 days to a day: counted in one pass over the days held.

Pure NumPy. Per person only the last active day is remembered, so a window of any length costs one comparison a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uptake.metrics.activity import SURFACES

Numbers = npt.NDArray[np.int32]

TRAILING = 28
"""Days of the trailing window. 28 days always hold 20 weekdays; 30 do not."""

NEVER = -1_000_000
"""A day number before every day: never active, or a seat held since before anything is known."""

ALWAYS = 1_000_000
"""A day number after every day: a seat still held."""


@dataclass(frozen=True, slots=True)
class DayRows:
    """The people active on one day: day number, people by number, and the surfaces of each as bits."""

    day: int
    people: Numbers
    surfaces: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats by number: first day held, first day not held any more; and the seat of every person, -1 for none."""

    joined: Numbers
    left: Numbers
    of_person: Numbers


@dataclass(slots=True)
class Counted:
    """Counts by the days held, in their order. Weeks are (week number, people)."""

    days: list[int] = field(default_factory=list)
    active_day: list[int] = field(default_factory=list)
    active_28d: list[int] = field(default_factory=list)
    surfaces_28d: list[list[int]] = field(default_factory=list)
    seated_28d: list[int] = field(default_factory=list)  # seat holders of the day among active_28d
    weeks: list[tuple[int, int]] = field(default_factory=list)
    unused: int = 0  # seats held long enough on the last day, without any activity


def count(days: Iterable[DayRows], people: int, seats: Seats, grace: int) -> Counted:
    """Count every window. `days` come oldest first; `grace` is how many days a seat must be held to count as unused."""
    counted = Counted()
    last = np.full((len(SURFACES) + 1, max(people, 1)), NEVER, dtype=np.int32)
    seat_last = np.full(len(seats.joined), NEVER, dtype=np.int32)
    for rows in days:
        _mark(last, seat_last, rows, seats)
        _count_day(counted, last, seat_last, rows.day, seats)
    if counted.days:
        newest = counted.days[-1]
        held = (seats.joined <= newest - grace + 1) & (newest < seats.left)
        counted.unused = int(np.count_nonzero(held & (seat_last == NEVER)))
    return counted


def _mark(last: Numbers, seat_last: Numbers, rows: DayRows, seats: Seats) -> None:
    last[-1, rows.people] = rows.day
    for number in range(len(SURFACES)):
        last[number, rows.people[(rows.surfaces >> number) & 1 == 1]] = rows.day
    seated = seats.of_person[rows.people]
    seat_last[seated[seated >= 0]] = rows.day


def _count_day(counted: Counted, last: Numbers, seat_last: Numbers, day: int, seats: Seats) -> None:
    within = np.count_nonzero(last > day - TRAILING, axis=1).tolist()
    seated = (seat_last > day - TRAILING) & (seats.joined <= day) & (day < seats.left)
    week = day // 7
    counted.days.append(day)
    counted.active_day.append(int(np.count_nonzero(last[-1] == day)))
    counted.active_28d.append(within[-1])
    counted.surfaces_28d.append(within[:-1])
    counted.seated_28d.append(int(np.count_nonzero(seated)))
    if counted.weeks and counted.weeks[-1][0] == week:
        counted.weeks.pop()
    counted.weeks.append((week, int(np.count_nonzero(last[-1] >= 7 * week))))
