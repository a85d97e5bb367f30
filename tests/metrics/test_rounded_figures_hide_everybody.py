"""An attacker who may ask every figure over weeks and groups, and every exact one of days and weeks beside them.

Stronger than anybody can be: it knows of each figure which people are in it, and which sets lie within which. It looks for
a difference or overlap of sets that the numbers shown can only explain by 1 to k-1 people. Two exact figures beside each
other are the matter of test_nobody_is_found_by_subtraction; how many seats there are tells nothing of use, so a number of
seats is put beside its own numerator alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.slow import WEEK, Found
from metrics.test_weeks_and_groups_are_right import ASKED, Expected
from metrics.weeks_world import weeks_world
from metrics.world import World, active_on
from uptake.domain.access import OPERATOR
from uptake.metrics import CATALOGUE, Cell, Question, answer, rounding
from uptake.metrics.grouped import OF_WINDOW

K = 5
TODAY = date(2026, 12, 20)
SEATS = {"eligible_reach", "code_reach", "ever_used", "seat_utilisation", "habitual_of_seats", "core_of_seats"}
SIZES = [(12, 75), (25, 90), (60, 100), (110, 75), (110, 130)]


@dataclass(frozen=True)
class Known:
    """A set of people and what is shown of its size: somewhere from low to high."""

    people: frozenset[int]
    low: int
    high: int
    exact: bool = False


def known(people: frozenset[int], shown: float, rounded: bool, exact: bool = False) -> Known:
    slack = K // 2 if rounded and shown else 0
    assert abs(shown - len(people)) <= slack
    return Known(people, max(int(shown) - slack, 0), int(shown) + slack, exact)


def few(low: int, high: int) -> bool:
    """Whether a size from low to high can only be 1 to k-1."""
    return max(low, 0) >= 1 and high < K


def of_cell(cell: Cell, found: Found, metric: str) -> Iterator[Known]:
    if cell.value is None or found.who is None:
        return
    if cell.numerator is None:
        yield known(found.who, cell.value, cell.rounded)
        return
    over, under = int(cell.numerator), int(cell.denominator or 0)
    if metric != "quick_ratio" and found.base is not None:
        # A numerator is never above its denominator: where rounding met that bound, it may have been cut.
        most = under if metric in SEATS else under + K // 2
        part = known(found.who, over, cell.rounded) if over < under else Known(found.who, over - K // 2, most)
        if metric in SEATS:
            assert under == len(found.base) and not few(under - part.high, under - part.low), metric
        else:
            yield known(found.base, under, cell.rounded)
        yield part


def everything(world: World, expected: Expected) -> set[Known]:
    found = exact(world, expected)
    for until in [*sorted(world.usage["one"])[:: 7 * 3], TODAY]:
        for by in ASKED:
            found.update(grouped(world, expected, by, until))
        found.update(compared(world, expected, until))
    return found


def grouped(world: World, expected: Expected, by: str | None, until: date) -> Iterator[Known]:
    names = [name for name in ASKED[by] if CATALOGUE[name].kind in OF_WINDOW]
    if not names or by == "active_days":
        return
    for row in answer(Question(tuple(names), by=by, until=until), OPERATOR, world.facts, TODAY).rows:  # type: ignore[arg-type]
        for name, cell in row.cells.items():
            if row.key is None and by not in {None, "28d", "week"}:
                continue
            slow = expected.found(CATALOGUE[name], by, row.key, until)
            if slow is not None and cell.state == "value":
                assert slow.people >= K or slow.people == 0, (name, by, row.key)
                yield from of_cell(cell, slow, name)


def compared(world: World, expected: Expected, until: date) -> Iterator[Known]:
    """The same people in two windows: those eligible in both."""
    names = tuple(metric.id for metric in CATALOGUE.values() if metric.compares)
    (row,) = answer(Question(names, until=until, compare=True), OPERATOR, world.facts, TODAY).rows
    for cells, other in ((row.cells, "was"), (row.before, "will")):
        for name, cell in cells.items():
            if cell.value is not None and cell.since is not None:
                first = cell.since if other == "was" else cell.since - 4 * WEEK
                both = [p for p in expected.members(first) if p["eligible"] and p[other]]
                slow = expected.slow.figure(name, first, both)
                assert slow.people >= K, (name, other)
                yield from of_cell(cell, slow, name)


def exact(world: World, expected: Expected) -> set[Known]:
    """Figures of days, weeks and 28 days, which are not rounded. Who is no member is a person as well."""
    seat = {id(row): id(p) for p in expected.slow.people for rows in p.days.values() for row in rows}
    on: dict[date, frozenset[int]] = {
        day: frozenset(seat.get(id(row), hash(row["member_id"])) for row in rows if active_on(row))
        for day, rows in world.usage["one"].items()
    }
    found = set()
    for metric, by, length in (("active_day", "day", 1), ("active_28d", "day", 28), ("active_week", "week", 7)):
        for row in answer(Question((metric,), by=by), OPERATOR, world.facts, TODAY).rows:  # type: ignore[arg-type]
            cell, key = row.cells[metric], date.fromisoformat(row.key or "")
            last = key + timedelta(days=6) if by == "week" else key
            window = [last - timedelta(days=n) for n in range(length)]
            if cell.value is not None:
                people = frozenset().union(*(on.get(day, frozenset()) for day in window))
                found.add(known(people, cell.value, False, exact=True))
    return found


def leaks(sets: set[Known]) -> Iterator[str]:
    """Of a set, of what one set leaves of another, of what two that make up a third have in common."""
    for one in sets:
        if few(one.low, one.high):
            yield f"{len(one.people)} people"
    for whole in sets:
        parts = [part for part in sets if part.people < whole.people and (whole.exact, part.exact) != (True, True)]
        for part in parts:
            if few(whole.low - part.high, whole.high - part.low):
                yield f"{len(whole.people)} less {len(part.people)}"
        for one, two in product(parts[:40], parts):
            both = one.low + two.low - whole.high, one.high + two.high - whole.low
            if one.people | two.people == whole.people and few(*both):
                yield f"{len(one.people)} and {len(two.people)} of {len(whole.people)}"


def test_the_attacker_finds_nobody(tmp_path: Path) -> None:
    """And told the exact sizes of the same sets, it finds many: it is not blind."""
    sets = attack(tmp_path, 3, *SIZES[1])
    assert len(list(leaks({Known(one.people, len(one.people), len(one.people)) for one in sets}))) > 10


@pytest.mark.full
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("size", SIZES)
def test_the_attacker_finds_nobody_anywhere(tmp_path: Path, seed: int, size: tuple[int, int]) -> None:
    attack(tmp_path, seed, *size)


def attack(home: Path, seed: int, people: int, days: int) -> set[Known]:
    world = weeks_world(home, seed, people, days, threshold=K)
    sets = everything(world, Expected(world))
    assert list(leaks(sets)) == []
    return sets


@given(st.lists(st.integers(K, 500), min_size=1, max_size=8), st.data())
def test_a_combination_of_rounded_counts_is_never_about_a_few(counts: list[int], data: st.DataObject) -> None:
    shown = [rounding.people(count, K) or 0 for count in counts]
    signs = data.draw(st.lists(st.integers(-2, 2), min_size=len(shown), max_size=len(shown)))
    assert sum(sign * count for sign, count in zip(signs, shown, strict=True)) % K == 0
    assert all(abs(one - count) <= K // 2 for one, count in zip(shown, counts, strict=True))


@given(st.integers(25, 5000), st.floats(0, 1))
def test_a_share_that_counts_no_people_leaves_k_of_them_open(people: int, value: float) -> None:
    coarse = rounding.stepped(value, people, K)
    assert coarse is not None and (rounding.step(people, K) or 0) * people >= K
    assert abs(coarse - value) <= (rounding.step(people, K) or 0) / 2 + 1e-4
    assert rounding.step(24, K) is None


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30), min_size=1))
def test_what_is_withheld_of_a_split_is_nobody_or_enough(sizes: dict[str, int]) -> None:
    hidden = rounding.hidden(sizes, K)
    together, rest = sum(sizes[name] for name in hidden), {name for name in sizes if name not in hidden}
    assert all(sizes[name] == 0 or sizes[name] >= K for name in rest)
    assert together == 0 or together >= K or not any(sizes[name] for name in rest)


@given(st.lists(st.integers(0, 90), min_size=13, max_size=13))
def test_moves_that_are_shown_tell_of_no_few_and_of_nearly_nobody(sizes: list[int]) -> None:
    moves = dict(zip(CATALOGUE["state_moves"].rows, sizes, strict=True))
    hidden = rounding.hidden_moves(moves, K)
    together = sum(moves[move] for move in hidden)
    left = [size for move, size in moves.items() if move not in hidden]
    assert all(size == 0 or size >= K for size in left)
    assert together == 0 or together >= K or not any(left)
    for move in moves.keys() - hidden:
        for place, state in enumerate(move.split(" to ")):
            of = sum(size for other, size in moves.items() if other.split(" to ")[place] == state)
            assert of == 0 or of >= 50 or 2 < moves[move] < of - 2


@given(st.lists(st.integers(0, 12), min_size=21, max_size=21).filter(lambda bars: sum(bars) >= 50))
def test_bars_are_folded_until_none_is_small(bars: list[int]) -> None:
    found = rounding.folded([(str(n), size) for n, size in enumerate(bars)], K)
    assert sum(size for _, size in found) == sum(bars)
    assert all(size == 0 or size >= K for _, size in found)
    ends = [name.split(" to ") for name, _ in found]
    assert [int(end[0]) for end in ends[1:]] == [int(end[-1]) + 1 for end in ends[:-1]]
