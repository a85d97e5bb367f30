"""Released: what of one connection's series may leave this room. The rules are in privacy; nothing is asked here.

Decided once for the whole series and for all viewers alike, never for a single question.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

from uptake.metrics import privacy
from uptake.metrics.parts import FAMILIES, Family
from uptake.metrics.privacy import Count, Reach, Window
from uptake.metrics.series import GRACE, Series, Sum
from uptake.metrics.windows import ALWAYS, TRAILING

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Released:
    """One connection's figures by day number or week number; None stands for withheld, an absent key for not known.

    `small`: fewer people than the threshold; then every figure is withheld. `sums` are by the id of part or family.
    """

    connection: str
    small: bool
    days: tuple[int, ...]
    active_day: dict[int, Count]
    active_week: dict[int, Count]
    active_28d: dict[int, Count]
    surfaces_28d: dict[int, tuple[Count, ...]]
    reach_28d: dict[int, Reach | None]
    sums: dict[str, dict[int, Sum | None]]
    members: tuple[tuple[int, Count], ...] | None  # (from day number, seats); None: no roster
    unused: Count
    unused_known: bool
    invites: tuple[tuple[int, int], ...]

    def members_on(self, day: int) -> Count:
        """Seats held on a day; 0 before the first."""
        steps = self.members or ()
        place = bisect_right(steps, day, key=lambda step: step[0])
        return steps[place - 1][1] if place else 0

    def window_days(self, day: int) -> int:
        """How many days of the trailing window to `day` are held."""
        return bisect_right(self.days, day) - bisect_right(self.days, day - TRAILING)


def release(series: Series, k: int) -> Released:
    """What may be shown of a series at threshold k."""
    members = _members(series)
    small = (members[-1][1] if members else series.people) < k
    limit = 10**9 if small else k  # above every count: nothing but "nobody" is shown, and cells withhold that too
    steps = None if members is None else tuple((day, privacy.count(seats, limit)) for day, seats in members)
    visible = _windows(series, limit)
    active = {d: n if ("28", d) in visible else None for d, n in _trailing(series).items()}
    first = Released(
        connection=series.connection,
        small=small,
        days=tuple(series.days),
        active_day={d: n if ("day", d) in visible else None for d, n in _zip(series, series.active_day)},
        active_week={week: n if ("week", week) in visible else None for week, n in series.weeks},
        active_28d=active,
        surfaces_28d={
            d: privacy.surfaces(active[d], n, limit) for d, n in _zip(series, series.surfaces_28d) if d in active
        },
        reach_28d={},
        sums=_sums(series, limit),
        members=steps,
        unused=None,
        unused_known=bool(members and series.days and series.days[-1] - series.days[0] + 1 >= GRACE),
        invites=tuple(series.invites),
    )
    return _with_seats(first, series, limit)


def _with_seats(first: Released, series: Series, k: int) -> Released:
    """Seats never used and reach: both are parts of the members, so one looks at the other."""
    if first.members is None or not series.days:
        return first
    newest = series.days[-1]
    members = first.members_on(newest)
    safe = members is not None and privacy.shown(series.unused, k) and privacy.shown(members - series.unused, k)
    unused = series.unused if safe and first.unused_known else None
    reach = {
        day: privacy.reach(seated, first.members_on(day), first.active_28d[day], unused if day == newest else None, k)
        for day, seated in _zip(series, series.seated_28d)
        if day in first.active_28d
    }
    return replace(first, unused=unused, reach_28d=reach)


def _members(series: Series) -> list[tuple[int, int]] | None:
    """(from day number, seats held), or None without a roster."""
    if series.seat_changes is None:
        return None
    steps = [(day, change) for day, change in series.seat_changes if day < ALWAYS]
    return list(zip([day for day, _ in steps], accumulate(change for _, change in steps), strict=True))


def _trailing(series: Series) -> dict[int, int]:
    """People active in the 28 days to a day, where all 28 are held; for the newest day with what is held.

    Only one window may be cut short: two that start on the same day lie within each other, and their difference is the
    people who came in between.
    """
    held = set(series.days)
    found: dict[int, int] = {}
    for day, people in _zip(series, series.active_28d):
        if day == series.days[-1] or held.issuperset(range(day - TRAILING + 1, day + 1)):
            found[day] = people
    return found


def _windows(series: Series, k: int) -> set[tuple[str, int]]:
    if not series.days:
        return set()
    first = series.days[0]
    held = sum(1 << (day - first) for day in series.days)

    def days(since: int, length: int) -> int:
        mask = ((1 << length) - 1) << (since - first) if since >= first else ((1 << length) - 1) >> (first - since)
        return mask & held

    wide = [Window(("28", d), days(d - TRAILING + 1, TRAILING), people) for d, people in _trailing(series).items()]
    weeks = [Window(("week", week), days(7 * week, 7), people) for week, people in series.weeks]
    single = [Window(("day", d), days(d, 1), people) for d, people in _zip(series, series.active_day)]
    return privacy.windows(wide, weeks + single, k)


def _sums(series: Series, k: int) -> dict[str, dict[int, Sum | None]]:
    found: dict[str, dict[int, Sum | None]] = {}
    for family in FAMILIES:
        for name in (family.id, *(part.id for part in family.parts if part.id not in family.hidden)):
            found[name] = {}
        for place, day in enumerate(series.days):
            total, bits = privacy.parts(series.contributors[family.id][place], _listed(family), k)
            for part in family.parts:
                if part.id not in family.hidden:
                    found[part.id][day] = series.sums[part.id][place] if bits & family.bit(part.id) else None
            if len(family.parts) > 1:
                found[family.id][day] = _total([series.sums[p.id][place] for p in family.parts]) if total else None
    return found


def _listed(family: Family) -> int:
    return sum(family.bit(part.id) for part in family.parts if part.id not in family.hidden)


def _total(sums: list[Sum]) -> Sum:
    """Not reported only where no part was."""
    amounts, bases = ([value for value in values if value is not None] for values in zip(*sums, strict=True))
    return (sum(amounts), sum(bases)) if amounts else (None, None)


def _zip(series: Series, values: list[_T]) -> list[tuple[int, _T]]:
    return list(zip(series.days, values, strict=True))
