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
from uptake.metrics.privacy import Count, Reach, Shown, Window
from uptake.metrics.series import GRACE, Series, Sum
from uptake.metrics.windows import ALWAYS, TRAILING

_T = TypeVar("_T")

_NOBODY = 10**9
"""The threshold of a connection that is too small: above every count."""


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
    waiting: tuple[tuple[int, int, int], ...]  # (first day number it is expired, day number invited, invites)

    @property
    def invites(self) -> tuple[tuple[int, int], ...]:
        """(first day number they are expired, invites)."""
        return tuple((expired, invites) for expired, _, invites in self.waiting)

    def members_on(self, day: int) -> Count:
        """Seats held on a day; 0 before the first."""
        steps = self.members or ()
        place = bisect_right(steps, day, key=lambda step: step[0])
        return steps[place - 1][1] if place else 0

    def window_days(self, day: int) -> int:
        """How many days of the trailing window to `day` are held."""
        return bisect_right(self.days, day) - bisect_right(self.days, day - TRAILING)


def release(series: Series, k: int, anchor: int | None) -> Released:
    """What may be shown of a series at threshold k. Surfaces are counted in the 28 days to `anchor` and to every 28th
    day before it: windows that do not overlap (a day number; None: no usage is held anywhere)."""
    members = _members(series)
    small = (members[-1][1] if members else series.people) < k
    k = _NOBODY if small else k
    trailing = _trailing(series, anchor)
    visible = privacy.windows(_offered(series, trailing), k)
    active = {day: n if ("28", day) in visible.keys else None for day, n in trailing.items()}
    first = Released(
        connection=series.connection,
        small=small,
        days=tuple(series.days),
        active_day={day: n if ("day", day) in visible.keys else None for day, n in _zip(series, series.active_day)},
        active_week={week: n if ("week", week) in visible.keys else None for week, n in series.weeks},
        active_28d=active,
        surfaces_28d=_surfaces(series, active, visible, anchor, k),
        reach_28d={},
        sums=_sums(series, k),
        members=None if members is None else tuple((day, privacy.count(seats, k)) for day, seats in members),
        unused=None,
        unused_known=bool(members and series.days and series.days[-1] - series.days[0] + 1 >= GRACE),
        waiting=tuple(series.invites),
    )
    return _with_seats(first, series, visible, k) if members and series.days else first


def _with_seats(first: Released, series: Series, visible: Shown, k: int) -> Released:
    """Seats never used and reach: both are parts of the members, so one looks at the other."""
    newest = series.days[-1]
    members = first.members_on(newest)
    safe = members is not None and privacy.shown(series.unused, k) and privacy.shown(members - series.unused, k)
    unused = series.unused if safe and first.unused_known else None
    return replace(first, unused=unused, reach_28d=_reach(first, series, visible, unused, k))


def _reach(first: Released, series: Series, visible: Shown, unused: Count, k: int) -> dict[int, Reach | None]:
    """Reach by day. Between two changes of the roster the members are the same people, and windows can be compared."""
    eras = [day for day, _ in first.members or ()]
    era = {day: bisect_right(eras, day) for day in series.days}
    mask, newest = _Mask(series), series.days[-1]
    found: dict[int, Reach | None] = {}
    exact: dict[int, Shown] = {}
    for day, seated in reversed([known for known in _zip(series, series.seated_28d) if known[0] in first.active_28d]):
        days = mask(day - TRAILING + 1, TRAILING)
        around = [window.people for window in visible.around(days)] if first.active_28d[day] is not None else []
        around += [0] if days == 0 else []
        beside = unused if era[day] == era[newest] else None
        reach = privacy.reach(seated, first.members_on(day), around, beside, k)
        if reach is not None and not reach.coarse:
            together = exact.setdefault(era[day], Shown(k))
            together.offer(Window(day, days, seated))
            reach = reach if day in together.keys else privacy.coarse(reach, k)
        found[day] = reach
    return found


def _surfaces(
    series: Series, active: dict[int, Count], visible: Shown, anchor: int | None, k: int
) -> dict[int, tuple[Count, ...]]:
    mask = _Mask(series)
    return {
        day: privacy.surfaces(
            active[day], counts, [w.people for w in visible.around(mask(day - TRAILING + 1, TRAILING))], k
        )
        for day, counts in _zip(series, series.surfaces_28d)
        if day in active and anchor is not None and (anchor - day) % TRAILING == 0
    }


def _members(series: Series) -> list[tuple[int, int]] | None:
    """(from day number, seats held), or None without a roster."""
    if series.seat_changes is None:
        return None
    steps = [(day, change) for day, change in series.seat_changes if day < ALWAYS]
    return list(zip([day for day, _ in steps], accumulate(change for _, change in steps), strict=True))


def _trailing(series: Series, anchor: int | None) -> dict[int, int]:
    """People active in the 28 days to a day, where all 28 are held; for the newest day and the anchor with what is."""
    held = set(series.days)
    found: dict[int, int] = {}
    for day, people in _zip(series, series.active_28d):
        if day in {series.days[-1], anchor} or held.issuperset(range(day - TRAILING + 1, day + 1)):
            found[day] = people
    return found


class _Mask:
    """The days somebody was active on, as bits."""

    def __init__(self, series: Series) -> None:
        self._first = series.days[0] if series.days else 0
        self._active = sum(1 << (day - self._first) for day, people in _zip(series, series.active_day) if people)

    def __call__(self, since: int, length: int) -> int:
        days, shift = (1 << length) - 1, since - self._first
        return (days << shift if shift >= 0 else days >> -shift) & self._active


def _offered(series: Series, trailing: dict[int, int]) -> list[Window]:
    """All windows of people active, in order of precedence: what matters more and what is newer first."""
    mask = _Mask(series)
    months = [Window(("28", day), mask(day - TRAILING + 1, TRAILING), people) for day, people in trailing.items()]
    weeks = [Window(("week", week), mask(7 * week, 7), people) for week, people in series.weeks]
    days = [Window(("day", day), mask(day, 1), people) for day, people in _zip(series, series.active_day)]
    return [*months[::-1], *weeks[::-1], *days[::-1]]


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
