"""Who is in which row of a place of teams, in four weeks or one: rolled up, counted one level up, shown as another team.

The same for all metrics, questions and viewers: it follows from org charts, roster, window and threshold alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uptake.metrics import membership, teamrules
from uptake.metrics.engine import opened, read_table
from uptake.metrics.formula import Formula
from uptake.metrics.membership import DIRECT, NONE, OTHER, Teams
from uptake.metrics.memo import Memo
from uptake.metrics.panel import Group, grouped

PARTITIONS = frozenset({"department", "location", "title"})
ROOT = "root"
_ORDER = ("department", "location", "title", "group")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Four weeks, or one, by the numbers of the first and last."""

    first: int
    last: int

    @property
    def rows(self) -> str:
        """The rows of its people in its file."""
        one = self.first == self.last
        return f"(SELECT * FROM person_window WHERE week_no = {self.first})" if one else "person_window"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """Among which teams somebody is looked for. `within` is a tree; empty: the level below the company's top."""

    kind: str
    population: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """`people`: (member_id, team); `sizes`: eligible people by team, those rolled up under `other`; `hidden`: rows that
    would tell of few people beside another kind of teams."""

    people: pa.Table
    sizes: Mapping[str, int]
    hidden: frozenset[str] = frozenset()


class TeamPlaces:
    """One connection's teams at threshold k. `files`: the file with the people of four weeks or of one."""

    def __init__(self, k: int, file: Path, files: Callable[[Stretch], Path]) -> None:
        self.teams: Teams = membership.structure(file)
        self._k = k
        self._file = file
        self._files = files
        self._groupings, self._homed, self._eligible = Memo(64), Memo(16), Memo(64)

    def place_of(self, stretch: Stretch, team: str, population: str) -> Place | None:
        """Where a team stands alone in a window; None where it does not."""
        place = self.place_in(team, population, stretch.first, stretch.last)
        return place if place is not None and self.grouping(stretch, place).sizes.get(team) else None

    def place_in(self, team: str, population: str, first: int, last: int) -> Place | None:
        """Among which teams one is from week first to last; None for a tree that moved meanwhile."""
        if not team.startswith("tree:"):
            return Place(team.partition(":")[0], population)
        above = self.teams.places(first, last).get(team)
        return None if above is None else Place("tree", population, above) if above else Place(ROOT, population)

    def grouping(self, stretch: Stretch, place: Place) -> Grouping:
        def make() -> tuple[Grouping, bool]:
            return self._grouped(stretch, place), True

        return self._groupings.get((stretch, place), make)

    def _grouped(self, stretch: Stretch, place: Place) -> Grouping:
        if place.kind in {"tree", ROOT}:
            return self._in_trees(stretch, place)
        people = membership.in_kind(self._file, place.kind, place.population, stretch.first, stretch.last)
        sizes = self._sizes(stretch, people)
        if place.kind == "group":  # groups overlap: put together they would be another one
            rolled = frozenset(team for team, size in sizes.items() if 0 < size < self._k)
            merged = people.filter(pc.invert(pc.is_in(people["team"], value_set=pa.array(sorted(rolled), pa.string()))))
        else:
            rolled = teamrules.rolled_up(sizes, self._k)
            merged = people.set_column(1, "team", _merged(people["team"], rolled)) if rolled else people
        merged, hidden = self._alike(stretch, place, merged)
        return Grouping(merged, self._sizes(stretch, merged), hidden)

    def _in_trees(self, stretch: Stretch, place: Place) -> Grouping:
        above = self.teams.places(stretch.first, stretch.last)
        people = self._homes(stretch, place.population)
        rows = _rows(people["team"].unique().to_pylist(), place, above)
        homes = pa.array(list(rows), pa.string())
        teams = pa.array(list(rows.values()), pa.string()).take(pc.index_in(people["team"], value_set=homes))
        found = people.set_column(1, "team", pa.chunked_array([teams]) if isinstance(teams, pa.Array) else teams)
        found = found.filter(pc.is_valid(found["team"]))
        return Grouping(found, self._sizes(stretch, found))

    def _homes(self, stretch: Stretch, population: str) -> pa.Table:
        """(member_id, team): the tree in which everybody of a population counts, after teamrules.homes."""

        def make() -> tuple[pa.Table, bool]:
            first, last = stretch.first, stretch.last
            above = self.teams.places(first, last)
            depths = self.teams.depths(first, last)
            people = membership.in_trees(self._file, population, depths, first, last)
            sizes = self._sizes(stretch, people)
            rest = sizes.pop(NONE, 0)
            goes = teamrules.homes(sizes, above, depths, rest, self._k) | {NONE: NONE}
            known = pa.array(list(goes), pa.string())
            homes = pa.array(list(goes.values()), pa.string()).take(pc.index_in(people["team"], value_set=known))
            return people.set_column(1, "team", homes), True

        return self._homed.get((stretch, population), make)

    def _alike(self, stretch: Stretch, place: Place, people: pa.Table) -> tuple[pa.Table, frozenset[str]]:
        """Teams that differ from a tree, or from a team of a kind before theirs, by fewer than k people, as that one: else the
        few would be told by the difference. And the rows put together that are near another team: to be withheld."""
        hidden: frozenset[str] = frozenset()
        if self._k == 1:
            return people, hidden
        kept, added = people, []
        for kind in ("tree", *_ORDER[: _ORDER.index(place.kind)]):
            other = self._others(stretch, kind, place.population)
            for team, alike in self._near(stretch, kept, other).items():
                if team != alike and {team, alike} & {OTHER, NONE}:
                    hidden |= {team}
                    continue
                kept = kept.filter(pc.not_equal(kept["team"], team))
                theirs = other.filter(pc.equal(other["team"], alike))
                added.append(theirs.set_column(1, "team", pa.array([team] * theirs.num_rows, pa.string())))
        return pa.concat_tables([kept, *added]), hidden

    def _others(self, stretch: Stretch, kind: str, population: str) -> pa.Table:
        return (
            self._all_trees(stretch, population)
            if kind == "tree"
            else self.grouping(stretch, Place(kind, population)).people
        )

    def _all_trees(self, stretch: Stretch, population: str) -> pa.Table:
        """(member_id, team): everybody once for each tree they count in, and for those who are shown as directly in one."""
        above = self.teams.places(stretch.first, stretch.last)
        people = self._homes(stretch, population)
        pairs = []
        for home in people["team"].unique().to_pylist():
            pairs.append((home, f"{home}/{DIRECT}" if home in above else home))
            at = home if home in above else ""
            while at:
                pairs.append((home, at))
                at = above[at]
        homes, trees = zip(*pairs, strict=True) if pairs else ((), ())
        table = pa.table({"home": pa.array(homes, pa.string()), "tree": pa.array(trees, pa.string())})
        found = people.rename_columns(["member_id", "home"]).join(table, "home", join_type="inner")
        return found.select(["member_id", "tree"]).rename_columns(["member_id", "team"])

    def trees(self, stretch: Stretch, population: str) -> dict[str, int]:
        """Eligible people of every tree, each of them counted in the tree they count in and in all above it."""
        return self._sizes(stretch, self._all_trees(stretch, population))

    def _near(self, stretch: Stretch, people: pa.Table, other: pa.Table) -> dict[str, str]:
        """Teams of `people` to those of `other` with which they are the same but for fewer than k eligible people."""
        mine, theirs = (
            self._counting(stretch, people),
            self._counting(stretch, other).rename_columns(["member_id", "alike"]),
        )
        sizes, others = _counts(mine["team"]), _counts(theirs["alike"])
        both = (
            mine.join(theirs, "member_id", join_type="inner").group_by(["team", "alike"]).aggregate([([], "count_all")])
        )
        near = []
        for row in both.to_pylist():
            team, alike, shared = row["team"], row["alike"], row["count_all"]
            apart = sizes[team] - shared, others[alike] - shared
            if max(apart) < self._k and any(apart):
                near.append((sum(apart), alike, team))
        found: dict[str, str] = {}
        for _, alike, team in sorted(near):
            found.setdefault(team, alike)
        return found

    def _sizes(self, stretch: Stretch, people: pa.Table) -> dict[str, int]:
        """Eligible people by team."""
        found = _counts(self._counting(stretch, people)["team"])
        return {team: found.get(team, 0) for team in pc.unique(people["team"]).to_pylist()}

    def _counting(self, stretch: Stretch, people: pa.Table) -> pa.Table:
        def make() -> tuple[pa.Array, bool]:
            with opened(self._files(stretch)) as file:
                found = read_table(file, f"SELECT member_id FROM {stretch.rows} w WHERE eligible")  # noqa: S608
            return found["member_id"].combine_chunks(), True

        return people.filter(pc.is_in(people["member_id"], value_set=self._eligible.get(stretch, make)))

    def asked(self, stretch: Stretch, people: pa.Table, formulas: dict[str, Formula]) -> dict[str, Group]:
        with opened(self._files(stretch)) as engine:
            engine.register("asked", people)
            source = f"(SELECT w.*, a.team FROM {stretch.rows} w JOIN asked a ON a.member_id = w.member_id) one"  # noqa: S608
            return grouped(engine, "team", "true", formulas, source)


def _rows(homes: Iterable[str], place: Place, above: Mapping[str, str]) -> dict[str, str | None]:
    """The row of a place of trees in which those of each tree count; None where they are outside. `above`: all trees."""
    roots = [tree for tree, up in above.items() if not up]
    whole = place.within or (roots[0] if len(roots) == 1 and place.kind == "tree" else "")
    found: dict[str, str | None] = {}
    for home in homes:
        at, below = home, DIRECT
        while at != whole and at in above:
            at, below = above[at], at
        inside = home in above and at == whole
        found[home] = below if inside else None if place.within else NONE
    return found


def _counts(teams: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in pc.value_counts(teams).to_pylist()}


def _merged(teams: pa.ChunkedArray, rolled: frozenset[str]) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(teams, value_set=pa.array(sorted(rolled), pa.string())), OTHER, teams)
