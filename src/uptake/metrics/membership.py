"""Membership: which seat holder is in which team in which week, and how teams lie in each other; a file of the cache.

Made from the org charts, the roster and what was said of members, whatever day it is; see people.teams for the rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.days import FLOOR_DAY
from uptake.domain.problems import Problem
from uptake.lake import Damaged, Lake, chart
from uptake.metrics.engine import opened, read_table
from uptake.metrics.memo import Memo
from uptake.metrics.roster import Roster
from uptake.metrics.windows import ALWAYS
from uptake.people import teams
from uptake.people.chart import from_table
from uptake.people.matching import Key, Link, Member, match, population
from uptake.people.person import Person, merged

UNTIL = date(2100, 1, 1)
Charts = Sequence[tuple[date, dict[str, Person]]]

_SCHEMA = """
CREATE TABLE seat AS SELECT * FROM seats;
CREATE TABLE span AS SELECT * FROM spans ORDER BY team, seat_no, first_week;
CREATE TABLE team AS SELECT * FROM teams;
CREATE TABLE level AS SELECT * FROM levels;
"""


@dataclass(frozen=True)
class Teams:
    """The teams of all weeks: names by id, and which tree was directly below which in which weeks."""

    names: dict[str, str]
    levels: dict[str, tuple[tuple[str, int, int], ...]]
    _places: Memo = field(default_factory=lambda: Memo(64))

    def above(self, tree: str, first: int, last: int) -> str | None:
        """The tree directly above one in all weeks from first to last; empty at the top, None where it changed."""
        found = next((at for at in self.levels.get(tree, ()) if at[1] <= first and last <= at[2]), None)
        return found[0] if found else None

    def chain(self, tree: str, first: int, last: int) -> tuple[str, ...] | None:
        """All trees above one in all these weeks, the nearest first; None where that changed."""
        found: list[str] = []
        at = self.above(tree, first, last)
        while at and at not in found and at != tree:
            found.append(at)
            at = self.above(at, first, last)
        return None if at is None else tuple(found)

    def places(self, first: int, last: int) -> dict[str, str]:
        """Every tree that stayed where it was, with all above it, in all these weeks, to the tree above; empty at the top."""
        return self._placed(first, last)[0]

    def depths(self, first: int, last: int) -> dict[str, int]:
        """How many trees are above each of these."""
        return self._placed(first, last)[1]

    def _placed(self, first: int, last: int) -> tuple[dict[str, str], dict[str, int]]:
        def make() -> tuple[tuple[dict[str, str], dict[str, int]], bool]:
            found = {tree: above for tree in self.levels if (above := self.above(tree, first, last)) is not None}
            places = {tree: above for tree, above in found.items() if _to_the_top(tree, found)}
            return (places, {tree: _depth(tree, places) for tree in places}), True

        # Between two changes of the org chart every stretch of weeks is the same.
        return self._places.get((bisect_right(self._changes, first), bisect_right(self._changes, last)), make)

    @cached_property
    def _changes(self) -> list[int]:
        return sorted(
            {week for levels in self.levels.values() for _, begins, ends in levels for week in (begins, ends + 1)}
        )


def _depth(tree: str, above: Mapping[str, str]) -> int:
    steps = 0
    while above[tree]:
        tree, steps = above[tree], steps + 1
    return steps


def _to_the_top(tree: str, above: Mapping[str, str]) -> bool:
    """Whether a tree hangs from the top, and in no circle."""
    seen: set[str] = set()
    while tree and tree in above and tree not in seen:
        seen.add(tree)
        tree = above[tree]
    return not tree


def read_charts(lake: Lake, mondays: Sequence[tuple[date, str]]) -> Charts:
    """The org charts of these Mondays, each with its content hash. Raises Problem where one is damaged."""
    return [(monday, read_chart(lake, monday, content)) for monday, content in mondays]


@lru_cache(maxsize=2)
def read_chart(lake: Lake, monday: date, _content: str) -> dict[str, Person]:
    """The people of a week's org chart."""
    try:
        return merged(from_table(chart(lake, monday)))
    except Damaged as damage:
        raise Problem(
            f"The org chart of the week of {monday} is damaged on disk ({damage}); no team is shown from it.",
            "Sync once, which sets the file aside, then import the directory again.",
        ) from None


def write(path: Path, connection: str, charts: Charts, roster: Roster, links: Mapping[Key, Link]) -> None:
    """Make the file. A seat has the number it has in the roster."""
    emails, present = roster.emails.to_pylist(), (roster.left == ALWAYS).tolist()
    members = [
        Member(connection, member_id, None, email, "active" if active else "removed")
        for member_id, email, active in zip(roster.ids.to_pylist(), emails, present, strict=True)
    ]
    newest = charts[-1][1]
    of = {key: one.person_id for key, one in match(members, newest, links).of.items()}
    populations = {
        member.key: population(newest.get(of.get(member.key, "")), links.get(member.key)) for member in members
    }
    rows = teams.spans(charts, of, populations, FLOOR_DAY, UNTIL)
    seats = pa.table(
        {
            "seat_no": pa.array(np.arange(len(members), dtype=np.int32)),
            "member_id": roster.ids,
            "population": pa.array([populations[member.key] for member in members], pa.string()),
        }
    )
    names = teams.named(charts)
    ids = pa.array(list(names), pa.string())
    spans = pa.table(
        {
            "seat_no": pc.index_in(rows["member_id"], value_set=seats["member_id"]),
            "team": pc.index_in(rows["team"], value_set=ids),
            "first_week": rows["first_week"],
            "last_week": rows["last_week"],
        }
    )
    levels = teams.levels(charts, FLOOR_DAY, UNTIL)
    with opened(path, read_only=False) as file:
        file.register("seats", seats)
        file.register("spans", spans)
        file.register("teams", _teams(names))
        file.register("levels", _levels(levels))
        file.execute(_SCHEMA)


def _teams(names: dict[str, str]) -> pa.Table:
    kinds = [one.partition(":")[0] for one in names]
    numbers = pa.array(np.arange(len(names), dtype=np.int32))
    return pa.table(
        {
            "team": numbers,
            "id": pa.array(list(names), pa.string()),
            "kind": pa.array(kinds, pa.string()),
            "name": pa.array(list(names.values()), pa.string()),
        }
    )


def _levels(levels: Sequence[teams.Level]) -> pa.Table:
    tree, above, first, last = zip(*levels, strict=True) if levels else ((), (), (), ())
    return pa.table(
        {
            "tree": pa.array(tree, pa.string()),
            "above": pa.array(above, pa.string()),
            "first_week": pa.array(first, pa.int32()),
            "last_week": pa.array(last, pa.int32()),
        }
    )


def structure(path: Path) -> Teams:
    """The teams of a file by name and place."""
    levels: dict[str, list[tuple[str, int, int]]] = {}
    with opened(path) as file:
        for tree, above, first, last in file.execute("SELECT * FROM level ORDER BY first_week").fetchall():
            levels.setdefault(tree, []).append((above, first, last))
        names = dict(file.execute("SELECT id, name FROM team").fetchall())
    return Teams(names, {tree: tuple(found) for tree, found in levels.items()})


OTHER, NONE, DIRECT = "other", "none", "direct"
"""Small teams together; nobody's team; directly below the leader of a tree."""


def in_kind(path: Path, kind: str, population: str, first: int, last: int) -> pa.Table:
    """(member_id, team): everybody of a population, once for each team of the kind they were in in all these weeks; NONE
    where in none."""
    who = _population(population)
    return _asked(
        path,
        f"""
SELECT s.member_id, coalesce(x.id, '{NONE}') AS team FROM seat s LEFT JOIN (
  SELECT m.seat_no, t.id FROM span m JOIN team t ON t.team = m.team
  WHERE t.kind = '{kind}' AND m.first_week <= {first} AND m.last_week >= {last}
) x ON x.seat_no = s.seat_no WHERE {who}""",  # noqa: S608
    )


def in_trees(path: Path, population: str, depth: Mapping[str, int], first: int, last: int) -> pa.Table:
    """(member_id, team): everybody of a population once, in the deepest tree they were in in all these weeks, else NONE.
    `depth`: the trees that are looked at."""
    deep = pa.table({"id": pa.array(list(depth), pa.string()), "depth": pa.array(list(depth.values()), pa.int32())})
    return _asked(
        path,
        f"""
SELECT s.member_id, coalesce(x.id, '{NONE}') AS team FROM seat s LEFT JOIN (
  SELECT m.seat_no, max_by(t.id, d.depth) AS id FROM span m JOIN team t ON t.team = m.team JOIN deep d ON d.id = t.id
  WHERE m.first_week <= {first} AND m.last_week >= {last} GROUP BY m.seat_no
) x ON x.seat_no = s.seat_no WHERE {_population(population)}""",  # noqa: S608
        deep,
    )


def _population(population: str) -> str:
    return f"s.population = '{population}'"


def _asked(path: Path, sql: str, deep: pa.Table | None = None) -> pa.Table:
    """The words in it come from our own lists, the numbers from the file: no text of anybody's is in the SQL."""
    with opened(path) as file:
        if deep is not None:
            file.register("deep", deep)
        return read_table(file, sql)
