"""The exact attacker: everything that can follow from figures of teams, by integer programming (HiGHS).

It knows who is in every team in every week and who holds a seat, so the whole of each share; what rounding leaves a number;
and that who was active in a week was active in the four weeks around it, and the other way round in one of them. It looks for
a set of people of whom surely somebody and surely fewer than k did something, or did not, where that is not only said of k or
more people they belong to. It shares nothing with the rules it attacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array

MANY = 50
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """Of the people of `whole`, from `low` to `high` did it. `figure` 0 is the four weeks, the others weeks in them."""

    figure: int
    whole: frozenset[str]
    low: int
    high: int


@dataclass
class Set:
    """A set of people as a row over the numbers; what the ways tried so far show about it."""

    figure: int
    row: Vector
    size: float
    did: bool = False
    did_not: bool = False
    tried: int = 0


@dataclass
class Attack:
    """What is told about one company in four weeks and the weeks in them, and what follows."""

    told: Sequence[Told]
    did: Sequence[frozenset[str]]  # by figure, in truth: one way the numbers can be, and never a hint which
    k: int
    unknown: int = 0
    """Questions the solver gave up: to be counted as recovered."""
    asked: int = 0
    narrowed: int = 0
    """Sets of few of whom something is known because it is known of many."""
    pool: list[Vector] = field(default_factory=list)

    def __post_init__(self) -> None:
        everybody = sorted(frozenset().union(*(one.whole for one in self.told)))
        marks: dict[str, list[int]] = {who: [] for who in everybody}
        for place, one in enumerate(self.told):
            for who in one.whole:
                marks[who].append(place)
        classes: dict[tuple[int, ...], list[str]] = {}
        for who in everybody:
            classes.setdefault(tuple(marks[who]), []).append(who)
        self.atoms = list(classes.values())
        self.sizes = np.array([len(atom) for atom in self.atoms], float)
        self._atoms_of = [
            frozenset(number for number, mark in enumerate(classes) if place in mark) for place in range(len(self.told))
        ]
        self._constraint = self._constraints()
        truth = [[len(did.intersection(atom)) for atom in self.atoms] for did in self.did]
        self.pool.append(np.array(truth, float).ravel())
        assert self._holds(self.pool[0]), "what was told is not so"

    def found(self) -> Iterator[str]:
        """Sets of people of whom too much is known."""
        sets = [self._set(figure, some) for figure, some in self._candidates() if not self._all_alike(figure, some)]
        for one in self._left(sets):
            if self._missing(one) == (False, False):
                continue
            low, high = self._between(one)
            for what, least, most in (("did", low, high), ("did not", one.size - high, one.size - low)):
                if least >= 1 and most < self.k and not (low < high and self._of_many(one, sets, low, high)):
                    yield f"figure {one.figure}: of {one.size:.0f} people {least:.0f} to {most:.0f} {what}"

    def _between(self, one: Set) -> tuple[float, float]:
        return self._least(one.row), -self._least(-one.row)

    def _of_many(self, few: Set, sets: list[Set], low: float, high: float) -> bool:
        """Whether what is known of few people, short of their number, says no more than what is known of k or more whom they
        belong to. At most 3 of 15 did, so of any four somebody did not: that is about the fifteen."""
        for many in sets:
            if many.figure == few.figure and many.size >= self.k > few.size and (many.row >= few.row).all():
                least, most = self._between(many)
                if max(least - (many.size - few.size), 0) >= low and min(most, few.size) <= high:
                    self.narrowed += 1
                    return True
        return False

    def _left(self, sets: list[Set]) -> list[Set]:
        """The sets of which something may be sure, after each way was tried to move many of them at once."""
        rnd, fruitless = np.random.default_rng(1), 0
        while fruitless < 3 and len(sets) > 4:
            missing = [self._missing(one) for one in sets]
            aim = np.zeros(sets[0].row.size)
            for one, (did, did_not) in zip(sets, missing, strict=True):
                up = 1 if (did and one.size >= self.k) or (did_not and one.size < self.k) else -1
                aim += one.row * (up if not (did and did_not) else rnd.choice([-1, 1])) / one.size
            self._least(-aim * rnd.uniform(0.5, 1.5, aim.size), gap=0.1)
            before, sets = len(sets), [one for one in sets if self._missing(one) != (False, False)]
            fruitless = fruitless + 1 if len(sets) > 0.95 * before else 0
        return sets

    def _all_alike(self, figure: int, some: frozenset[int]) -> bool:
        """Whether it is shown that nobody, or everybody, of many did it: of fifty people that may be said."""
        for one, atoms in zip(self.told, self._atoms_of, strict=True):
            if some <= atoms and len(one.whole) >= MANY:
                if one.high == 0 and one.figure in {0, figure}:
                    return True
                if one.low == len(one.whole) and figure in {one.figure, 0}:
                    return True
        return False

    def _missing(self, one: Set) -> tuple[bool, bool]:
        """Whether it is not yet shown, by some way the numbers can be, that those who did are nobody or k; and those who did
        not."""
        while one.tried < len(self.pool):
            value = float(one.row @ self.pool[one.tried])
            one.did |= value <= 0 or value >= self.k
            one.did_not |= one.size - value <= 0 or one.size - value >= self.k
            one.tried += 1
        return not one.did, not one.did_not

    def _least(self, row: Vector, gap: float = 0.0) -> float:
        """The fewest that can be; the solution found is one more way the numbers can be."""
        self.asked += 1
        result = milp(
            row,
            integrality=np.ones(row.size),
            bounds=Bounds(0, np.tile(self.sizes, len(self.did))),
            constraints=[self._constraint],
            options={"time_limit": 20, "mip_rel_gap": gap},
        )
        if result.x is not None and self._holds(way := np.round(result.x)):
            self.pool.append(way)
        if result.status != 0:
            self.unknown += gap == 0.0
            return float(np.nan)
        return float(round(result.fun))

    def _candidates(self) -> list[tuple[int, frozenset[int]]]:
        """Each whole, what each leaves of another, what two have in common, and each smallest set."""
        found: set[tuple[int, frozenset[int]]] = set()
        for figure in range(len(self.did)):
            mine = {atoms for one, atoms in zip(self.told, self._atoms_of, strict=True) if one.figure == figure}
            found.update((figure, atoms) for atoms in mine)
            found.update((figure, frozenset({atom})) for atoms in mine for atom in atoms)
            for one, other in combinations(mine, 2):
                found.update((figure, part) for part in (one - other, other - one, one & other) if part)
        return sorted(found, key=lambda one: (one[0], sorted(one[1])))

    def _set(self, figure: int, atoms: frozenset[int]) -> Set:
        row = np.zeros(len(self.did) * len(self.atoms))
        row[[figure * len(self.atoms) + atom for atom in atoms]] = 1
        return Set(figure, row, float(self.sizes[list(atoms)].sum()))

    def _constraints(self) -> LinearConstraint:
        """The numbers told; a week's active are the four weeks' active, and these are active in one of the weeks."""
        atoms, weeks = len(self.atoms), len(self.did) - 1
        matrix = lil_array((len(self.told) + atoms * (weeks + 1), atoms * (weeks + 1)))
        low = np.full(matrix.shape[0], -np.inf)
        high = np.full(matrix.shape[0], np.inf)
        for place, one in enumerate(self.told):
            for atom in self._atoms_of[place]:
                matrix[place, one.figure * atoms + atom] = 1
            low[place], high[place] = one.low, one.high
        at = len(self.told)
        for atom in range(atoms):
            for week in range(1, weeks + 1):
                matrix[at, atom], matrix[at, week * atoms + atom] = 1, -1
                low[at], at = 0, at + 1
            matrix[at, atom] = -1
            for week in range(1, weeks + 1):
                matrix[at, week * atoms + atom] = 1
            low[at], at = 0, at + 1
        return LinearConstraint(csr_array(matrix), low, high)

    def _holds(self, way: Vector) -> bool:
        values = self._constraint.A @ way
        return bool(((values >= self._constraint.lb) & (values <= self._constraint.ub)).all())
