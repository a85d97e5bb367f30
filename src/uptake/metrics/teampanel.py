"""Figures of teams over four weeks: who is in which, which are large enough to stand alone, and every figure as a cell.

What is withheld follows from teams, window, metric and threshold alone: the same for all questions and viewers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uptake.metrics import membership, rounding, teamrules
from uptake.metrics.engine import opened
from uptake.metrics.formula import Formula, count
from uptake.metrics.membership import DIRECT, NONE, OTHER, Teams
from uptake.metrics.memo import Memo
from uptake.metrics.metric import Metric
from uptake.metrics.panel import Counted, Four, Group, grouped
from uptake.metrics.question import Cell
from uptake.metrics.shown import Cells, PanelShown, counted_since, withheld
from uptake.metrics.teamrules import Part

PARTITIONS = frozenset({"department", "location", "title"})
ROOT = "root"
_SIZE = {"size": count("eligible")}
_REACH = "eligible_reach"
_NOBODY = Counted(0)


@dataclass(frozen=True, slots=True)
class Place:
    """Among which teams somebody is looked for. `within` is a tree; empty: the level below the company's top."""

    kind: str
    population: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """`people`: (member_id, team); `sizes`: eligible people by team, those rolled up under `other`; `rolled`: the teams that
    are not shown alone."""

    people: pa.Table
    sizes: Mapping[str, int]
    rolled: frozenset[str] = frozenset()


class TeamPanel:
    """One connection's teams. Its windows and threshold are those of the connection's panel."""

    def __init__(self, shown: PanelShown, file: Path, windows: Callable[[int], Path]) -> None:
        self.shown = shown
        self.teams: Teams = membership.structure(file)
        self._file = file
        self._windows = windows
        self._groupings, self._figures = Memo(64), Memo(512)

    def by_team(self, metric: Metric, four: Four, place: Place) -> Cells:
        """A metric's cells by team in one window."""
        return self._split(metric, metric.id, metric.how, four, place)

    def of_team(self, metric: Metric, four: Four, team: str, population: str) -> Cells:
        """A metric's cell of one team, under "", or its cells by part."""
        place = self.place_of(four, team, population)
        formulas = (
            {metric.id: metric.how} if not metric.rows else {f"{metric.id}:{r}": how for r, how in metric.rows.items()}
        )
        if place is None:
            return {name.partition(":")[2]: withheld() for name in formulas}
        found = {name: self._split(metric, name, how, four, place) for name, how in formulas.items()}
        if metric.id == "power_user_curve":
            return self._curve(metric, four, team, place)
        return {name.partition(":")[2]: cells.get(team) or withheld() for name, cells in found.items()}

    def place_of(self, four: Four, team: str, population: str) -> Place | None:
        """Where a team stands alone in a window; None where it does not."""
        place = self.place_in(team, population, four.first, four.first + 3)
        return place if place is not None and self.grouping(four, place).sizes.get(team) else None

    def place_in(self, team: str, population: str, first: int, last: int) -> Place | None:
        """Among which teams one is from week first to last; None for a tree that moved meanwhile."""
        if not team.startswith("tree:"):
            return Place(team.partition(":")[0], population)
        above = self.teams.above(team, first, last)
        return None if above is None else Place("tree", population, above) if above else Place(ROOT, population)

    def level(self, place: Place, first: int, last: int) -> tuple[str, list[str]]:
        """The tree whose next level a place of trees is, empty where it is everybody, and the trees on that level."""
        roots = self.teams.below("", first, last)
        whole = place.within or (roots[0] if len(roots) == 1 and place.kind == "tree" else "")
        return whole, self.teams.below(whole, first, last) if whole else roots

    def grouping(self, four: Four, place: Place) -> Grouping:
        def make() -> tuple[Grouping, bool]:
            return self._grouped(four, place), True

        return self._groupings.get((four.first, place), make)

    def _grouped(self, four: Four, place: Place) -> Grouping:
        people = self._people(four, place)
        sizes = {team: one["size"].people for team, one in self._asked(four, people, _SIZE).items()}
        rolled = self.rolled(sizes, place)
        left = {team: size for team, size in sizes.items() if team not in rolled}
        if not rolled or place.kind == "group":  # groups overlap: put together they would be another one
            return Grouping(people, left, rolled)
        merged = people.set_column(1, "team", _merged(people["team"], rolled))
        return Grouping(merged, left | {OTHER: sum(sizes[team] for team in rolled)}, rolled)

    def rolled(self, sizes: Mapping[str, int], place: Place) -> frozenset[str]:
        """The teams of a place that are too small to be shown alone."""
        k = self.shown.k
        if place.kind in PARTITIONS:
            return teamrules.rolled_up(sizes, k)
        rolled = frozenset(team for team, size in sizes.items() if size < k and team not in {NONE, DIRECT})
        few = place.kind == "tree" and 0 < sum(sizes[team] for team in rolled) < k
        return rolled | {DIRECT} if few and DIRECT in sizes else rolled

    def _people(self, four: Four, place: Place) -> pa.Table:
        first, last = four.first, four.first + 3
        if place.kind not in {"tree", ROOT}:
            return membership.in_kind(self._file, place.kind, place.population, first, last)
        whole, rows = self.level(place, first, last)
        found = membership.in_trees(self._file, whole, rows, place.population, first, last)
        return found.filter(pc.not_equal(found["team"], NONE)) if place.within else found

    def _counted(self, four: Four, place: Place, name: str, how: Formula) -> dict[str, Counted]:
        def make() -> tuple[dict[str, Group], bool]:
            return self._asked(four, self.grouping(four, place).people, {name: how}), True

        found = self._figures.get((four.first, place, name), make)
        return {team: found.get(team, {}).get(name, _NOBODY) for team in self.grouping(four, place).sizes}

    def _asked(self, four: Four, people: pa.Table, formulas: dict[str, Formula]) -> dict[str, Group]:
        with opened(self._windows(four.first)) as engine:
            engine.register("asked", people)
            source = "(SELECT w.*, a.team FROM person_window w JOIN asked a ON a.member_id = w.member_id) one"
            return grouped(engine, "team", "true", formulas, source)

    def _split(self, metric: Metric, name: str, how: Formula | None, four: Four, place: Place) -> Cells:
        if metric.since is not None and 7 * four.first < metric.since:
            return dict.fromkeys(
                self.grouping(four, place).sizes, Cell("not_collected", reason=counted_since(metric.since))
            )
        if how is None:
            return {}
        counted = self._counted(four, place, name, how)
        hidden = self._hidden(metric, name, how, counted, four, place)
        everybody = four.groups[""].get("", {}).get(name, _NOBODY)

        def cell(one: Counted) -> Cell:
            return self.shown.index(one, everybody) if metric.kind == "index" else self.shown.cell(metric, how, one)

        return {team: withheld() if team in hidden else cell(one) for team, one in counted.items()}

    def _curve(self, metric: Metric, four: Four, team: str, place: Place) -> Cells:
        bars = {
            row: self._counted(four, place, f"{metric.id}:{row}", how).get(team, _NOBODY)
            for row, how in metric.rows.items()
        }
        return self.shown.curve(metric, {row: bar.people for row, bar in bars.items()})

    def _hidden(
        self, metric: Metric, name: str, how: Formula, counted: Mapping[str, Counted], four: Four, place: Place
    ) -> frozenset[str]:
        k, sizes = self.shown.k, self.grouping(four, place).sizes
        least = k if place.kind in PARTITIONS or metric.small_teams else 2 * k
        hidden = frozenset(team for team in counted if 0 < sizes[team] < least)
        if place.kind in PARTITIONS:
            hidden |= rounding.hidden({team: one.people for team, one in counted.items()}, k)
        if how.shape not in {"share", "count"}:
            return hidden
        everybody = four.groups[""].get("", {})
        eligible = everybody.get(_REACH, _NOBODY).people
        parts = {team: _part(how, one, sizes[team]) for team, one in counted.items()}
        hidden |= {team for team, part in parts.items() if part[1] and not teamrules.told(part, k)}
        left = {team: part for team, part in parts.items() if team not in hidden}
        hidden |= teamrules.beside_exact(left, _part(how, everybody.get(name, _NOBODY), eligible), k)
        return hidden | teamrules.rest_told(parts, hidden, k) if place.kind in PARTITIONS else hidden


def _part(how: Formula, one: Counted, eligible: int) -> Part:
    """For whom it holds, and all it could hold for."""
    return (one.people, eligible) if how.shape == "count" else (int(one.top or 0), one.people)


def _merged(teams: pa.ChunkedArray, rolled: frozenset[str]) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(teams, value_set=pa.array(sorted(rolled), pa.string())), OTHER, teams)
