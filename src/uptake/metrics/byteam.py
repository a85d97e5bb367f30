"""Figures of teams in an answer: the rows of a dimension of teams, and a metric's cell in a row. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import msgspec

from uptake.domain.days import day_no, from_day_no
from uptake.domain.problems import Problem
from uptake.metrics.grouped import NO_ROSTER, NO_SUCH_GROUP, four_of, gap, no_window, together, too_short
from uptake.metrics.membership import DIRECT, NONE, OTHER
from uptake.metrics.metric import Metric
from uptake.metrics.question import TEAMS, Cell, Question
from uptake.metrics.rows import Span
from uptake.metrics.scope import Scope, Source, TeamsAsked, withheld
from uptake.metrics.shown import Cells, PanelShown
from uptake.metrics.teampanel import TeamPanel
from uptake.metrics.teamplaces import Place, Stretch

NO_DIRECTORY = "no directory of the company is held yet"
LABELS = {DIRECT: "Reports directly", OTHER: "Other, too small alone", NONE: "No team"}


NOT_YOURS = "not a part of your tree in these weeks"
_OF_WEEK = frozenset({"members", "week", "whole_week"})


def asked(question: Question, under: str | None) -> TeamsAsked:
    return TeamsAsked(question.population or "employee", question.team, question.within, under)


def known(scope: Scope) -> None:
    """Raise Problem where a team that is asked for is in no org chart."""
    teams = [source.teams.places.teams for source in scope.sources if source.teams is not None]
    for name in (scope.teams.team, scope.teams.within) if scope.teams and teams else ():
        if name is not None and not any(name in one.names for one in teams):
            raise Problem("There is no such team.", "The list of teams says which there are.")


def label(scope: Scope, row: Span) -> str:
    """How a row's team is called; empty for other rows."""
    if row.by not in TEAMS or row.key is None:
        return ""
    found = (source.teams.places.teams.names.get(row.key) for source in scope.sources if source.teams is not None)
    return LABELS.get(row.key) or next((name for name in found if name), row.key)


def spans(scope: Scope, metrics: Sequence[Metric], asked: Span) -> list[Span]:
    """The rows of a dimension: teams by name and those put together after them, or a metric's own parts."""
    keys: dict[str, None] = {}
    for metric in metrics:
        for source in scope.sources:
            cells = _cells(scope, source, metric, asked)
            keys |= dict.fromkeys(key for key in cells if key) if not isinstance(cells, Cell) else {}
    known = (_days(source, asked, metric) for metric in metrics for source in scope.sources)
    days = next((found for found in known if found), (asked.since, asked.until))
    rows = [replace(asked, key=key, since=days[0], until=days[1], asked=asked.latest) for key in keys]
    return _sorted(scope, rows) if asked.by in TEAMS else rows or [asked]


def _sorted(scope: Scope, rows: Iterable[Span]) -> list[Span]:
    last = list(LABELS)
    return sorted(
        rows, key=lambda row: (row.key in last and 1 + last.index(row.key), label(scope, row).casefold(), row.key)
    )


def cell(scope: Scope, metric: Metric, row: Span) -> Cell:
    """The figure of one metric in one row."""
    sources = [source for source in scope.sources if source.connection.connected or source.owes(row.until)]
    if not sources or any(source.panel is None for source in sources):
        return Cell("not_collected", reason=NO_ROSTER)
    found = [_one(scope, source, metric, row) for source in sources]
    return found[0] if len(found) == 1 else together(found)


def _one(scope: Scope, source: Source, metric: Metric, row: Span) -> Cell:
    cells = _cells(scope, source, metric, row)
    if isinstance(cells, Cell):
        return cells
    key = "" if row.key is None or row.by in {"28d", "week"} else row.key
    found = cells.get(key) or (cells.get("") if row.by == "active_days" else None)
    days = None if row.by in {"28d", "week"} else _days(source, row, metric)
    if found is None:
        return Cell("not_collected", reason=NO_SUCH_GROUP)
    return found if days is None else msgspec.structs.replace(found, since=days[0], until=days[1])


def _cells(scope: Scope, source: Source, metric: Metric, row: Span) -> Cells | Cell:
    """All teams, or all parts of one, of one connection; a cell where there is none of them."""
    panel, teams, ask = source.panel, source.teams, scope.teams
    if panel is None or ask is None:
        return Cell("not_collected", reason=NO_ROSTER)
    if teams is None:
        return Cell("not_collected", reason=NO_DIRECTORY)
    if metric.kind in _OF_WEEK:
        return _of_week(scope, source, ask, metric, row)
    return _of_window(scope, panel, teams, ask, metric, row)


def _of_window(
    scope: Scope, panel: PanelShown, teams: TeamPanel, ask: TeamsAsked, metric: Metric, row: Span
) -> Cells | Cell:
    four = four_of(panel, row, tiles=True)
    if four is None:
        return no_window(scope, row)
    if missing := _not_yours(teams, ask, four.first, four.first + 3) or too_short(panel, metric, four):
        return missing
    return _told(teams, ask, metric, Stretch(four.first, four.first + 3), str(row.by))


def _of_week(scope: Scope, source: Source, ask: TeamsAsked, metric: Metric, row: Span) -> Cells | Cell:
    week = _week(source, row)
    if week is None or source.teams is None:
        return gap(scope, row, "this week ends on") if row.by == "week" else no_window(scope, row)
    missing = _not_yours(source.teams, ask, week, week)
    return missing or _told(source.teams, ask, metric, Stretch(week, week), str(row.by))


def _told(teams: TeamPanel, ask: TeamsAsked, metric: Metric, stretch: Stretch, by: str) -> Cells | Cell:
    if ask.team is not None:
        return teams.of_team(metric, stretch, ask.team, ask.population)
    if ask.within is not None and teams.places.place_of(stretch, ask.within, ask.population) is None:
        return withheld()
    return teams.by_team(metric, stretch, Place(by, ask.population, ask.within or ""))


def _not_yours(teams: TeamPanel, ask: TeamsAsked, first: int, last: int) -> Cell | None:
    """A tree is a viewer's own only in weeks in which it was all that time below the viewer."""
    tree = ask.team if ask.team is not None else ask.within
    if ask.under is None or tree == ask.under:
        return None
    chain = teams.places.teams.chain(tree, first, last) if tree else None
    return None if chain is not None and ask.under in chain else Cell("not_collected", reason=NOT_YOURS)


def _week(source: Source, row: Span) -> int | None:
    """The whole week a row means: its own, else the last one that ends by the day asked for."""
    whole = source.panel.panel.whole if source.panel is not None else []
    if row.by == "week":
        return day_no(row.since) // 7 if day_no(row.since) // 7 in whole else None
    return max((week for week in whole if 7 * week + 6 <= day_no(row.latest)), default=None)


def _days(source: Source, row: Span, metric: Metric) -> tuple[date, date] | None:
    """The days a figure is about."""
    if metric.kind in _OF_WEEK:
        week = _week(source, row)
        return None if week is None else (from_day_no(7 * week), from_day_no(7 * week + 6))
    four = four_of(source.panel, row, tiles=True) if source.panel is not None else None
    return None if four is None else (from_day_no(7 * four.first), from_day_no(7 * four.first + 27))
