"""Privacy of figures over weeks and groups: rounding, so that no sum or difference of any of them is about a few people.

A count becomes the nearest multiple of the threshold k: a whole-number combination of such counts is a multiple of k, so it
can never say that somebody in particular is one of fewer than k. Shares and means are so coarse that k people more or less
could stand behind them. Numbers of seats follow from the roster and tell nothing of use; they are not rounded. Pure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from uptake.metrics.privacy import Count, share_shown, shown

_STEPS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_FINE, _PLAIN = 3, 2
"""Digits of a mean or median of very many people, and of fewer."""
_MANY = 100


def people(number: int, k: int) -> Count:
    """A count of people as it may be shown; None where it is withheld."""
    if not shown(number, k):
        return None
    return number if k == 1 else k * math.floor(number / k + 0.5)


def share(part: int, whole: int, k: int, *, seats: bool) -> tuple[int, int] | None:
    """Numerator and denominator of a share of people. `seats`: the whole follows from the roster alone."""
    if k > 1 and not share_shown(part, whole):
        return None
    over, under = people(part, k), whole if seats and shown(whole, k) else people(whole, k)
    return None if over is None or not under else (min(over, under), under)


def step(number: int, k: int) -> float | None:
    """How coarse a share about so many people must be: at least k of them a step. None: it cannot be coarse enough."""
    return next((size for size in _STEPS if size * number >= k), None)


def stepped(value: float, number: int, k: int) -> float | None:
    """A share that is no count of people, rounded so."""
    if k == 1:
        return round(value, 4)
    size = step(number, k)
    return None if size is None else round(math.floor(value / size + 0.5) * size, 4)


def digits(value: float, number: int, k: int) -> float:
    """A mean, median or rate of so many people."""
    if k == 1 or value == 0:
        return round(value, 4)
    keep = _FINE if number >= _MANY * k else _PLAIN
    return round(value, keep - 1 - math.floor(math.log10(abs(value))))


def hidden(sizes: Mapping[str, int], k: int) -> frozenset[str]:
    """The groups of people that are withheld: those under k, and one more where these together are under k."""
    small = {name for name, size in sizes.items() if not shown(size, k)}
    return frozenset(small) | _one_more(sizes, small, k)


def _one_more(sizes: Mapping[str, int], few: Collection[str], k: int) -> frozenset[str]:
    """The smallest of the rest, where those withheld are somebody and fewer than k people together."""
    rest = {name: size for name, size in sizes.items() if name not in few and size > 0}
    if few and rest and 0 < sum(sizes[name] for name in few) < k:
        return frozenset({min(rest, key=lambda name: (rest[name], name))})
    return frozenset()


def hidden_moves(sizes: Mapping[str, int], k: int) -> frozenset[str]:
    """The ways from one state to another that are withheld: those of few people, and those that nearly nobody or nearly
    everybody of their state went, then or now; and, where all these are few together, one more."""
    if k == 1:
        return frozenset()
    states = [tuple(move.split(" to ")) for move in sizes]
    left, come = (Counter[str]() for _ in range(2))
    for (then, now), size in zip(states, sizes.values(), strict=True):
        left[then] += size
        come[now] += size
    few = {
        move
        for (then, now), (move, size) in zip(states, sizes.items(), strict=True)
        if not shown(size, k) or not all(total == 0 or share_shown(size, total) for total in (left[then], come[now]))
    }
    return frozenset(few) | _one_more(sizes, few, k)


def folded(bars: Sequence[tuple[str, int]], k: int) -> list[tuple[str, int]]:
    """Bars of a histogram, neighbours made one until none is about a few people. Their keys become `3 to 5`."""
    found: list[tuple[list[str], int]] = []
    for name, size in bars:
        if found and not shown(found[-1][1], k):
            found[-1] = ([*found[-1][0], name], found[-1][1] + size)
        else:
            found.append(([name], size))
    while len(found) > 1 and not shown(found[-1][1], k):
        (names, size), (more, last) = found[-2:]
        found[-2:] = [([*names, *more], size + last)]
    return [(names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}", size) for names, size in found]
