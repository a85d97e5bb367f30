"""Figures of teams over four weeks or one: every figure as a cell, with what is withheld of it.

What is withheld follows from teams, window, metric and threshold alone: the same for all questions and viewers.
"""

from __future__ import annotations

from collections.abc import Mapping

from uptake.metrics import rounding, teamrules
from uptake.metrics.formula import Formula, count, share
from uptake.metrics.memo import Memo
from uptake.metrics.metric import Kind, Metric
from uptake.metrics.panel import Counted, Group
from uptake.metrics.privacy import shown
from uptake.metrics.question import Cell
from uptake.metrics.shown import Cells, PanelShown, counted_since, withheld
from uptake.metrics.teamplaces import PARTITIONS, Place, Stretch, TeamPlaces
from uptake.metrics.teamrules import Part

_REACH = "eligible_reach"
_NOBODY = Counted(0)
_OF_WEEK: dict[Kind, Formula] = {
    "whole_week": share("eligible", "days > 0", seats=True),
    "week": count("eligible AND days > 0"),
    "members": count("seat_end"),
}


class TeamPanel:
    """One connection's teams. Its windows and threshold are those of the connection's panel."""

    def __init__(self, shown: PanelShown, places: TeamPlaces) -> None:
        self.shown = shown
        self.places = places
        self._figures = Memo(512)

    def by_team(self, metric: Metric, stretch: Stretch, place: Place) -> Cells:
        """A metric's cells by team."""
        return self._split(metric, metric.id, _how(metric), stretch, place)

    def of_team(self, metric: Metric, stretch: Stretch, team: str, population: str) -> Cells:
        """A metric's cell of one team, under "", or its cells by part."""
        place = self.places.place_of(stretch, team, population)
        formulas = {f"{metric.id}:{row}": how for row, how in metric.rows.items()} or {metric.id: _how(metric)}
        if place is None:
            return {name.partition(":")[2]: withheld() for name in formulas}
        if metric.id == "power_user_curve":
            return self._curve(metric, stretch, team, place)
        found = {name: self._split(metric, name, how, stretch, place) for name, how in formulas.items()}
        return {name.partition(":")[2]: cells.get(team) or withheld() for name, cells in found.items()}

    def _counted(self, stretch: Stretch, place: Place, name: str, how: Formula) -> dict[str, Counted]:
        def make() -> tuple[dict[str, Group], bool]:
            return self.places.asked(stretch, self.places.grouping(stretch, place).people, {name: how}), True

        found = self._figures.get((stretch, place, name), make)
        return {team: found.get(team, {}).get(name, _NOBODY) for team in self.places.grouping(stretch, place).sizes}

    def _split(self, metric: Metric, name: str, how: Formula, stretch: Stretch, place: Place) -> Cells:
        if metric.since is not None and 7 * stretch.first < metric.since:
            return dict.fromkeys(
                self.places.grouping(stretch, place).sizes, Cell("not_collected", reason=counted_since(metric.since))
            )
        counted = self._counted(stretch, place, name, how)
        hidden = self._hidden(metric, name, how, counted, stretch, place)
        everybody = self._everybody(stretch).get(name, _NOBODY)

        def cell(one: Counted) -> Cell:
            if metric.kind == "members":  # seats follow from the roster and tell nothing of use: not rounded
                return Cell("value", one.people) if shown(one.people, self.shown.k) else withheld()
            return self.shown.index(one, everybody) if metric.kind == "index" else self.shown.cell(metric, how, one)

        return {team: withheld() if team in hidden else cell(one) for team, one in counted.items()}

    def _curve(self, metric: Metric, stretch: Stretch, team: str, place: Place) -> Cells:
        bars = {
            row: self._counted(stretch, place, f"{metric.id}:{row}", how).get(team, _NOBODY)
            for row, how in metric.rows.items()
        }
        return self.shown.curve(metric, {row: bar.people for row, bar in bars.items()})

    def _everybody(self, stretch: Stretch) -> Group:
        """Of all people, whatever their team."""
        if stretch.first != stretch.last:
            fours = {four.first: four for four in self.shown.panel.fours}
            return fours[stretch.first].groups[""].get("", {})
        people, reached = self.shown.panel.weeks.get(stretch.first, (0, 0))
        share = Counted(people, reached)
        return {
            _REACH: share,
            "eligible_reach_week": share,
            "active_week": Counted(reached),
            "members": Counted(people),
        }

    def _hidden(
        self, metric: Metric, name: str, how: Formula, counted: Mapping[str, Counted], stretch: Stretch, place: Place
    ) -> frozenset[str]:
        k, sizes = self.shown.k, self.places.grouping(stretch, place).sizes
        small = place.kind in PARTITIONS or metric.small_teams or metric.kind in _OF_WEEK
        hidden = frozenset(team for team in counted if 0 < sizes[team] < (k if small else 2 * k))
        hidden |= self.places.grouping(stretch, place).hidden
        if metric.kind == "members":
            return hidden
        if place.kind in PARTITIONS:
            hidden |= rounding.hidden({team: one.people for team, one in counted.items()}, k)
        if how.shape not in {"share", "count"}:
            return hidden
        everybody = self._everybody(stretch)
        eligible = everybody.get(_REACH, _NOBODY).people
        parts = {team: _part(how, one, sizes[team]) for team, one in counted.items()}
        hidden |= {team for team, part in parts.items() if part[1] and not teamrules.told(part, k)}
        left = {team: part for team, part in parts.items() if team not in hidden}
        hidden |= teamrules.beside_exact(left, _part(how, everybody.get(name, _NOBODY), eligible), k)
        return hidden | teamrules.rest_told(parts, hidden, k) if place.kind in PARTITIONS else hidden


def _how(metric: Metric) -> Formula:
    if metric.kind in _OF_WEEK:
        return _OF_WEEK[metric.kind]
    assert metric.how is not None
    return metric.how


def _part(how: Formula, one: Counted, eligible: int) -> Part:
    """For whom it holds, and all it could hold for."""
    return (one.people, eligible) if how.shape == "count" else (int(one.top or 0), one.people)
