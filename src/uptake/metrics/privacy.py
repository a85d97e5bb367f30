"""What may be shown: no number about a group under the threshold, by any road, subtraction included. Pure.

Each rule answers for a whole family of figures that can be subtracted from each other, whatever is asked, so that no
second question can undo what the first withheld. `k` is the threshold; a count of 0 is about nobody and may be shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

Count = int | None
"""A count of people; None where it is withheld."""

SMALL = 50
"""Below this many people a share must not say "nearly nobody" or "nearly everybody"."""

NEARLY = 2
HARD = 100
"""With k x HARD people a share in whole per cent leaves at least k possible counts, so it gives none away."""


def shown(people: int, k: int) -> bool:
    """Whether a number about so many people may be shown."""
    return people == 0 or people >= k


def count(people: int, k: int) -> Count:
    return people if shown(people, k) else None


def parts(people_by_mask: Sequence[int], listed: int, k: int) -> tuple[bool, int]:
    """Whether a family's total of one day may be shown, and the bits of the parts that may be shown beside it.

    `people_by_mask[m]` people contributed to exactly the parts of mask m; `listed` has the bits of the parts anybody may
    ask for. What the total leaves after the parts shown must be about nobody or about k people.
    """
    every = len(people_by_mask) - 1

    def people(bits: int) -> int:
        return sum(found for mask, found in enumerate(people_by_mask) if mask & bits)

    bits = [1 << place for place in range(every.bit_length())]
    visible = [bit for bit in bits if bit & listed and shown(people(bit), k)]
    while not shown(people(every & ~sum(visible)), k) and any(map(people, visible)):
        visible.remove(min(filter(people, visible), key=people))
    return shown(people(every), k), sum(visible)


@dataclass(frozen=True, slots=True)
class Window:
    """Days as the bits of an integer, and the people active on at least one of them.

    Days on which nobody was active are no bits: their zero is shown, so a window with and without them is the same.
    """

    key: Hashable
    days: int
    people: int


class Shown:
    """Windows that may be shown together, found by any of their days.

    Where one window lies within another, their difference is the number of people active in the one only. Where two
    windows make up a third, their overlap is the number active in both.
    """

    def __init__(self, k: int) -> None:
        self.keys: set[Hashable] = set()
        self._k = k
        self._by_day: dict[int, list[Window]] = {}

    def offer(self, window: Window) -> None:
        """Show the window beside those shown before, unless something about too few people would follow."""
        if shown(window.people, self._k) and all(self._apart(window, other) for other in self._near(window)):
            self.keys.add(window.key)
            for day in _bits(window.days):
                self._by_day.setdefault(day, []).append(window)

    def around(self, days: int) -> list[Window]:
        """The windows shown that hold all of these days."""
        return [window for window in self._by_day.get(days & -days, ()) if window.days & days == days]

    def _near(self, window: Window) -> Iterable[Window]:
        return {id(other): other for day in _bits(window.days) for other in self._by_day.get(day, ())}.values()

    def _apart(self, one: Window, other: Window) -> bool:
        both = one.days & other.days
        if both not in {one.days, other.days}:
            return True
        whole, part = (one, other) if both == other.days else (other, one)
        rest = whole.days & ~part.days
        return shown(whole.people - part.people, self._k) and all(
            _overlap_shown(whole.people, part.people, twin.people, self._k)
            for twin in self.around(rest)
            if rest and twin.days | whole.days == whole.days
        )


def windows(offered: Iterable[Window], k: int) -> Shown:
    """The windows that may be shown together; the first ones offered have precedence."""
    visible = Shown(k)
    for window in offered:
        visible.offer(window)
    return visible


def _overlap_shown(whole: int, one: int, two: int, k: int) -> bool:
    both = one + two - whole
    return shown(both, k) and shown(whole - both, k)


def _bits(days: int) -> list[int]:
    found = []
    while days:
        low = days & -days
        found.append(low)
        days ^= low
    return found


def surfaces(active: Count, by_surface: Sequence[int], around: Sequence[int], k: int) -> tuple[Count, ...]:
    """The people active per surface that may be shown beside `active`, all people active in the same window.

    `around` are the people of the windows shown that hold this one. People active there, but not on a surface, are
    their number minus the surface. Where only two surfaces are used, their sum minus active is the people on both; with
    three or more no sum or difference of the counts is about one set of people.
    """
    if active is None:
        return tuple(0 if people == 0 else None for people in by_surface)
    found = [n if shown(n, k) and all(shown(whole - n, k) for whole in (active, *around)) else None for n in by_surface]
    found = [0 if people == 0 else count for people, count in zip(by_surface, found, strict=True)]
    used = [place for place, people in enumerate(by_surface) if people > 0]
    if len(used) == 2 and all(found[place] is not None for place in used):
        one, two = (by_surface[place] for place in used)
        if not _overlap_shown(active, one, two, k):
            found[min(used, key=by_surface.__getitem__)] = None
    return tuple(found)


def share_shown(some: int, of: int) -> bool:
    """Whether a share of few people says too much: nearly nobody or nearly everybody of them."""
    return of >= SMALL or min(some, of - some) > NEARLY


@dataclass(frozen=True, slots=True)
class Reach:
    """Seat holders who were active, of all. `coarse`: only in whole per cent, so that no count follows from it."""

    seated: int
    members: int
    coarse: bool = False


def reach(seated: int, members: Count, around: Sequence[int], unused: Count, k: int) -> Reach | None:
    """Reach as it may be shown beside members, the windows shown that hold its own (`around`, people), unused seats.

    `around` is empty where the people active in its own window are withheld; `unused` is None where it is not shown.
    """
    if members == 0:
        return Reach(0, 0)
    if members is None or not around or not share_shown(seated, members):
        return None
    left = [seated, members - seated, *(whole - seated for whole in around)]
    left += [] if unused is None else [members - seated - unused]
    return Reach(seated, members) if all(shown(people, k) for people in left) else coarse(Reach(seated, members), k)


def coarse(exact: Reach, k: int) -> Reach | None:
    """The same reach in whole per cent, or nothing where even that would give the count away."""
    return Reach(exact.seated, exact.members, coarse=True) if exact.members >= HARD * k else None
