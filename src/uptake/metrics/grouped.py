"""Figures over weeks and groups: which window or cohort a row means, and the cells of all connections as one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import msgspec

from uptake.domain.days import day_no, from_day_no
from uptake.metrics.fourweeks import TENURES
from uptake.metrics.freshness import NO_USAGE, NOT_YET
from uptake.metrics.history import BRACKETS
from uptake.metrics.metric import Metric
from uptake.metrics.panel import Four
from uptake.metrics.question import By, Cell
from uptake.metrics.rows import Span
from uptake.metrics.scope import Scope, Source, withheld
from uptake.metrics.shown import Cells, PanelShown

NO_ROSTER = "no roster held yet"
NO_SUCH_GROUP = "nobody is in this group"
NOT_ADDABLE = "cannot be added up over connections: ask for one"

OF_WINDOW = frozenset({"window", "index", "parts", "moves", "ways", "top", "lines"})
OF_PANEL = OF_WINDOW | {"whole_week", "since_joining", "bracket", "habit_by_8", "idle"}
DATA_KEYED: frozenset[By | None] = frozenset({
    "role", "joined", "tenure", "started", "started_28d", "feature", "tool", "active_days", "idle", "move", "pair", "path",
})  # fmt: skip
_TILES_ONLY: frozenset[By | None] = frozenset({"role", "joined", "tenure"})


def spans(scope: Scope, metrics: Sequence[Metric], asked: Span) -> list[Span]:
    """The rows of a dimension whose values are in the data, in their own order; one row without any where there are none."""
    keys: dict[str, None] = {}
    days: tuple[date, date] | None = None
    for metric in metrics:
        for source in scope.sources:
            cells = _cells(scope, source, metric, asked)
            if not isinstance(cells, Cell):
                keys |= dict.fromkeys(key for key in cells if key)
            days = days or _days_of(source, metric, asked)
    since, until = days or (asked.since, asked.until)
    bands = list(TENURES)
    order = (
        bands.index
        if asked.by == "tenure"
        else str
        if asked.by in {"role", "joined", "started", "started_28d"}
        else None
    )
    ordered = sorted(keys, key=order) if order else list(keys)
    return [replace(asked, key=key, since=since, until=until, asked=asked.latest) for key in ordered] or [asked]


def cell(scope: Scope, metric: Metric, row: Span, before: bool = False) -> Cell:
    """The figure of one metric in one row. `before`: of the people of the row, in the four weeks before."""
    if not scope.sources and scope.small:
        return withheld()
    sources = [source for source in scope.sources if source.connection.connected or source.owes(row.until)]
    if not sources or any(source.panel is None for source in sources):
        return Cell("not_collected", reason=NO_ROSTER)
    found = [_one(scope, source, metric, row, before) for source in sources]
    return found[0] if len(found) == 1 else together(found)


def _one(scope: Scope, source: Source, metric: Metric, row: Span, before: bool) -> Cell:
    cells = _cells(scope, source, metric, row, before)
    if isinstance(cells, Cell):
        return cells
    key = "" if row.key is None or row.by in {"28d", "week"} else row.key
    found = cells.get(key) or (cells.get("") if row.by in {"active_days", "move"} else None)
    if found is None:
        return _not_over(source, metric, row) or Cell("not_collected", reason=NO_SUCH_GROUP)
    days = None if row.by in {"28d", "week"} else _days_of(source, metric, row)
    return found if days is None else msgspec.structs.replace(found, since=days[0], until=days[1])


def _not_over(source: Source, metric: Metric, row: Span) -> Cell | None:
    """Of a cohort whose bracket is still to come."""
    last = source.panel.panel.last if source.panel is not None else None
    if metric.kind != "bracket" or not row.key or last is None:
        return None
    newest = day_no(date.fromisoformat(row.key)) // 7 + (3 if row.by == "started_28d" else 0)
    ends = newest + BRACKETS[metric.source][1]
    return Cell("not_yet", reason="these weeks are not over") if ends > last else None


def together(found: list[Cell]) -> Cell:
    """One cell of those of several connections: from their released figures alone."""
    lacking = [one for one in found if one.state != "value" and one.reason != NO_SUCH_GROUP]
    known = [one for one in found if one.value is not None]
    if lacking or not known:
        return next((one for one in lacking if one.state == "withheld"), (lacking or found)[0])
    if (len(known) == 1 and len(found) == 1) or len({(one.since, one.until) for one in known}) > 1:
        return known[0] if len(found) == 1 else Cell("not_collected", reason=NOT_ADDABLE)
    if all(isinstance(one.value, int) and one.numerator is None for one in known):
        return msgspec.structs.replace(_of_all(known), value=sum(one.value or 0 for one in known))
    if any(one.numerator is None or one.denominator is None for one in known):
        return Cell("not_collected", reason=NOT_ADDABLE)
    over, under = sum(one.numerator or 0 for one in known), sum(one.denominator or 0 for one in known)
    return msgspec.structs.replace(_of_all(known), value=round(over / under, 4), numerator=over, denominator=under)


def _of_all(known: list[Cell]) -> Cell:
    return msgspec.structs.replace(known[0], rounded=any(one.rounded for one in known))


def _cells(scope: Scope, source: Source, metric: Metric, row: Span, before: bool = False) -> Cells | Cell:
    """All groups of a metric in the row's dimension and window, of one connection; a cell where there is none of them."""
    panel = source.panel
    if panel is None:
        return Cell("not_collected", reason=NO_ROSTER)
    if metric.kind in OF_WINDOW:
        return _of_window(scope, panel, metric, row, before)
    if panel.panel.last is None:
        return _no_week(scope)
    dimension = row.by if row.by in {"role", "joined"} else ""
    found: dict[str, Callable[[], Cells | Cell]] = {
        "whole_week": lambda: _of_week(scope, panel, row),
        "bracket": lambda: panel.brackets(metric.source, 4 if row.by == "started_28d" else 1),
        "since_joining": lambda: panel.since_joining(metric, dimension),
        "habit_by_8": lambda: panel.habit_by_8(metric, dimension),
        "idle": panel.idle,
    }
    return found[metric.kind]()


def _of_window(scope: Scope, panel: PanelShown, metric: Metric, row: Span, before: bool) -> Cells | Cell:
    four = four_of(panel, row)
    if four is None:
        return no_window(scope, row)
    if missing := too_short(panel, metric, four):
        return missing
    if metric.kind in {"parts", "moves", "ways"}:
        return panel.parts(metric, four)
    if not before:
        group = "stays" if row.compare else str(row.by) if row.by in _TILES_ONLY else ""
        return panel.of_window(metric, four, group)
    earlier = next((known for known in panel.panel.fours if known.first == four.first - 4), None)
    missing = Cell("not_collected", reason="the four weeks before are not held whole")
    return missing if earlier is None else panel.of_window(metric, earlier, "stayed")


def four_of(panel: PanelShown, row: Span, tiles: bool = False) -> Four | None:
    """The window a row means: its own tile; else the newest four whole weeks; for groups of people and for days gone by
    the last fixed tile, so that windows of a group never overlap."""
    fours = {four.first: four for four in panel.panel.fours}
    if row.by == "28d":
        return fours.get(day_no(row.since) // 7)
    newest, until = max(fours, default=None), day_no(row.latest)
    if newest is not None and not tiles and row.by not in _TILES_ONLY and 7 * newest + 27 <= until:
        return fours[newest]
    return next((four for four in reversed(fours.values()) if four.tile and 7 * four.first + 27 <= until), None)


def _days_of(source: Source, metric: Metric, row: Span) -> tuple[date, date] | None:
    """The days a figure is about: those of its window, or all whole weeks held."""
    panel = source.panel
    if panel is None or panel.panel.last is None or panel.panel.first_day is None:
        return None
    if metric.kind not in OF_WINDOW:
        first = 7 * panel.panel.last if metric.kind == "whole_week" else panel.panel.first_day
        return from_day_no(first), from_day_no(7 * panel.panel.last + 6)
    four = four_of(panel, row)
    return None if four is None else (from_day_no(7 * four.first), from_day_no(7 * four.first + 27))


def too_short(panel: PanelShown, metric: Metric, four: Four) -> Cell | None:
    last, whole = four.first + 3, set(panel.panel.whole)
    if whole.issuperset(range(last - metric.whole_weeks + 1, last + 1)):
        return None
    reason = f"needs {metric.whole_weeks} whole weeks"
    return Cell("not_yet" if last == panel.panel.last else "not_collected", reason=reason)


def _of_week(scope: Scope, panel: PanelShown, row: Span) -> Cells | Cell:
    week = day_no(row.since) // 7 if row.by == "week" else panel.panel.last
    if week in panel.panel.weeks:
        return {"": panel.weekly(week)}
    return gap(scope, row, "this week ends on")


def no_window(scope: Scope, row: Span) -> Cell:
    if row.by == "28d":
        return gap(scope, row, "these four weeks end on")
    return _no_week(scope)


def _no_week(scope: Scope) -> Cell:
    if scope.calendar.through is None:
        return Cell("not_collected", reason=NO_USAGE)
    return Cell("not_yet", reason="needs whole weeks that follow each other")


def gap(scope: Scope, row: Span, ends: str) -> Cell:
    """Why a week or tile is not there: not over yet, or not all of its days are held."""
    through = scope.calendar.through
    if through is None:
        return Cell("not_collected", reason=NO_USAGE)
    if row.until > through:
        return Cell("not_yet", reason=f"{NOT_YET}: {ends} {row.until}")
    held = len(scope.calendar.held_in(row.since, row.until))
    days = (row.until - row.since).days + 1
    if held == 0:
        state, reason = scope.calendar.gap(row.since, row.until)
        return Cell(state, reason=reason)
    return Cell("not_collected", reason=f"{held} of its {days} days are held")
