"""What the figures of teams say in one sentence. Between which figures teams lie, never which is the first or the last."""

from __future__ import annotations

from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.dashboards.says import TOOL_LABELS, by_key
from uptake.metrics.question import Answer, Cell
from uptake.metrics.sentences import Answers, day_of, last_known, per_cent, week_of, without
from uptake.metrics.weekly import FEATURE_LABELS

_LABELS = {str(name): label for name, label in SURFACE_LABELS.items()} | FEATURE_LABELS | TOOL_LABELS


def teams(answers: Answers) -> str:
    """Between which figures the teams lie; which of them is where stands in the drawing, and nobody is ranked."""
    found = answers["teams"]
    (metric,) = found.question.metrics
    cells = [row.cells[metric] for row in found.rows if row.key not in {"none", "other"}]
    known = [cell for cell in cells if cell.value is not None]
    if not known:
        return without(cells[0], found) if cells else "No team of this kind is known over four whole weeks yet."
    everybody = last_known(answers["everybody_before"], metric) if "everybody_before" in answers else None
    low, high = (_value(metric, pick(known, key=lambda cell: cell.value or 0)) for pick in (min, max))
    text = f"{_label(metric)} lies between {low} and {high}" if low != high else f"{_label(metric)} is {low} everywhere"
    beside = f", with everybody together at {_value(metric, everybody.cells[metric])}" if everybody else ""
    return f"{text}{beside}, in the four weeks to {day_of(found.rows[0].cells[metric].until)}."


def team(answers: Answers) -> str:
    found = answers["team"]
    metric = found.question.metrics[0]
    row, everybody = found.rows[-1], answers.get("everybody_before")
    if row.cells[metric].value is None:
        return _without_team(row.cells[metric], found)
    text = f"{_label(metric)} is {_value(metric, row.cells[metric])} in the four weeks from {day_of(week_of(row))}"
    known = everybody.rows[-1].cells[metric] if everybody else None
    return (
        f"{text}." if known is None or known.value is None else f"{text}; everybody together {_value(metric, known)}."
    )


def team_over_time(answers: Answers) -> str:
    found = answers["team"]
    (metric,) = found.question.metrics
    row = last_known(found, metric)
    if row is None:
        return _without_team(found.rows[-1].cells[metric], found)
    first = next(one for one in found.rows if one.cells[metric].value is not None)
    text = f"{_label(metric)} is {_value(metric, row.cells[metric])} in the four weeks from {day_of(week_of(row))}"
    if first is row:
        return f"{text}."
    return f"{text}; it was {_value(metric, first.cells[metric])} in those from {day_of(week_of(first))}."


def team_parts(answers: Answers) -> str:
    found, everybody = answers["team"], answers.get("everybody_before")
    (metric,) = found.question.metrics
    cells, all_cells = by_key(found, metric), by_key(everybody, metric) if everybody else {}
    apart = {
        key: (cell.value or 0) - (all_cells[key].value or 0)
        for key, cell in cells.items()
        if cell.value is not None and key in all_cells and all_cells[key].value is not None
    }
    if not apart:
        known = [key for key, cell in cells.items() if cell.value is not None]
        return _most(metric, cells, known) if known else _without_team(next(iter(cells.values())), found)
    key = max(apart, key=lambda one: abs(apart[one]))
    if not round(100 * apart[key]):
        return "The same as everybody together."
    return f"Furthest from everybody: {_LABELS[key]}, {per_cent(cells[key])} beside {per_cent(all_cells[key])}."


def _most(metric: str, cells: dict[str, Cell], known: list[str]) -> str:
    top = max(known, key=lambda one: cells[one].value or 0)
    return f"{CATALOGUE[metric].label} is highest for {_LABELS[top]}: {per_cent(cells[top])}."


def _without_team(cell: Cell, found: Answer) -> str:
    return (
        "Too few people of this team for this figure to be shown." if cell.state == "withheld" else without(cell, found)
    )


def _label(metric: str) -> str:
    return CATALOGUE[metric].label


def _value(metric: str, cell: Cell) -> str:
    return per_cent(cell) if CATALOGUE[metric].unit == "share" else f"{cell.value:,g}"
