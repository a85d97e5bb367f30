"""Which figures of teams may be shown: small ones become one, and nothing follows from a team beside everybody. Pure.

Who asks is taken to know how many people each team has, and the exact figures of everybody: both are shown elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from uptake.metrics.membership import NONE
from uptake.metrics.privacy import share_shown, shown
from uptake.metrics.rounding import people


def rolled_up(sizes: Mapping[str, int], k: int) -> frozenset[str]:
    """The groups of a partition that become one: those under k, and the smallest others until they are k together.

    Empty where none is small; all of them where even together they are too few.
    """
    small = {name for name, size in sizes.items() if not shown(size, k)}
    rest = sorted((size, name) for name, size in sizes.items() if name not in small and size > 0)
    for _, name in rest:
        if not small or sum(sizes[one] for one in small) >= k:
            break
        small.add(name)
    return frozenset(small)


def homes(
    direct: Mapping[str, int], above: Mapping[str, str], depths: Mapping[str, int], rest: int, k: int
) -> dict[str, str]:
    """Where those directly in each tree count: there, or where they are too few, with those one level up; NONE at the end.

    So every tree is made of parts of k people or more, and no difference of trees is about fewer. `above`: every tree to the
    one above it, empty at the top; `rest`: people in no tree. Where NONE stays too small, the smallest part joins it.
    """
    left, goes = dict(direct), {}
    for tree in sorted(above, key=lambda one: (-depths[one], one)):
        up = above[tree] or NONE
        goes[tree] = tree if left.get(tree, 0) >= k else up
        if goes[tree] == up:
            left[up] = left.get(up, 0) + left.get(tree, 0)
    if 0 < left.get(NONE, 0) + rest < k and (parts := [(left[tree], tree) for tree, to in goes.items() if to == tree]):
        goes[min(parts)[1]] = NONE
    return {tree: _end(tree, goes) for tree in goes}


def _end(tree: str, goes: Mapping[str, str]) -> str:
    for _ in range(len(goes) + 1):
        if goes.get(tree, tree) == tree:
            return tree
        tree = goes[tree]
    return NONE


Part = tuple[int, int]
"""Of a team: the people for whom something holds, and all it could hold for."""


def told(part: Part, k: int) -> bool:
    """Whether the share of a team may be shown to somebody who knows the whole: all numbers that would be shown as this one
    must not leave fewer than k people on the other side."""
    number, whole = part
    if k == 1:
        return True
    if not shown(number, k) or not share_shown(number, whole):
        return False
    alike = range(max(number - k, k), min(number + k, whole) + 1) if number else range(1)
    rest = [whole - one for one in alike if share_shown(one, whole) and people(one, k) == people(number, k)]
    return any(left == 0 or left >= k for left in rest)


def beside_exact(parts: Mapping[str, Part], everybody: Part, k: int) -> frozenset[str]:
    """The teams whose share must not stand beside exact figures of everybody.

    The lowest count shown stands for few numbers: where everybody's is small as well, or few are left on either side, the
    rest would be told by subtraction.
    """
    if k == 1:
        return frozenset()
    number, whole = everybody
    if number < 3 * k:
        return frozenset(parts)
    lowest = [name for name, (some, _) in parts.items() if people(some, k) == k]
    together = [(one,) for one in lowest] + ([*combinations(lowest, 2)] if k % 2 == 0 else [])
    hidden: set[str] = set()
    for names in together:
        some, of = (sum(values) for values in zip(*(parts[name] for name in names), strict=True))
        if not shown(number - some, k) or not shown((whole - number) - (of - some), k):
            hidden.update(names)
    return frozenset(hidden)


def rest_told(parts: Mapping[str, Part], hidden: frozenset[str], k: int) -> frozenset[str]:
    """Of a partition: the teams to withhold as well, so that those withheld are nobody or k people together."""
    more: set[str] = set()
    numbers = {name: some for name, (some, _) in parts.items()}
    while not shown(sum(numbers[name] for name in hidden | more), k):
        rest = [(size, name) for name, size in numbers.items() if name not in hidden | more and size > 0]
        if not rest:
            break
        more.add(min(rest)[1])
    return frozenset(more)
