"""What may be shown: no number about a group under the threshold, by any road, subtraction included. Pure.

Each rule answers for a whole family of figures that can be subtracted from each other, whatever is asked, so that no
second question can undo what the first withheld. `k` is the threshold; a count of 0 is about nobody and may be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """Days as the bits of an integer, and the people active on at least one of them."""

    key: tuple[str, int]
    days: int
    people: int


def windows(wide: Sequence[Window], narrow: Sequence[Window], k: int) -> set[tuple[str, int]]:
    """Keys of the windows that may be shown together.

    Where one window lies within another, their difference is the number of people active in the one only. Where two
    windows make up a third, it is the number active in both. `wide` ones never lie within each other; earlier first.
    """
    visible = _Visible()
    for window in wide:
        if shown(window.people, k):
            visible.add(window)
    for window in narrow:
        if shown(window.people, k) and all(_apart(window, other, visible, k) for other in visible.near(window.days)):
            visible.add(window)
    return visible.keys


class _Visible:
    """The windows shown so far, found by any of their days."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, int]] = set()
        self._by_day: dict[int, list[Window]] = {}

    def add(self, window: Window) -> None:
        self.keys.add(window.key)
        for day in _bits(window.days):
            self._by_day.setdefault(day, []).append(window)

    def near(self, days: int) -> list[Window]:
        return list({w.key: w for day in _bits(days) for w in self._by_day.get(day, ())}.values())


def _apart(window: Window, other: Window, visible: _Visible, k: int) -> bool:
    if window.days & other.days == other.days:
        return shown(window.people - other.people, k)
    if window.days & other.days != window.days:
        return True
    if not shown(other.people - window.people, k):
        return False
    rest = other.days & ~window.days
    if rest.bit_count() > 7:  # no single narrow window makes up the rest
        return True
    twins = (w for w in visible.near(rest) if w.days & rest == rest and w.days | other.days == other.days)
    return all(_overlap_shown(other.people, window.people, twin.people, k) for twin in twins)


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


def surfaces(active: Count, by_surface: Sequence[int], k: int) -> tuple[Count, ...]:
    """The people active per surface that may be shown beside `active`, all people active in the same window.

    People active, but not on a surface, are active minus the surface. Where only two surfaces are used, their sum minus
    active is the people on both; with three or more no sum or difference of the counts is about one set of people.
    """
    if active is None:
        return tuple(0 if people == 0 else None for people in by_surface)
    found = [people if shown(people, k) and shown(active - people, k) else None for people in by_surface]
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


def reach(seated: int, members: Count, active: Count, unused: Count, k: int) -> Reach | None:
    """Reach as it may be shown beside members, everybody active, and seats never used (None where not shown)."""
    if members == 0:
        return Reach(0, 0)
    if members is None or active is None or not share_shown(seated, members):
        return None
    left = [seated, members - seated, active - seated]
    left += [] if unused is None else [members - seated - unused]
    if all(shown(people, k) for people in left):
        return Reach(seated, members)
    return Reach(seated, members, coarse=True) if members >= HARD * k else None
