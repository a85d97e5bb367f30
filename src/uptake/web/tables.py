"""What a figure's drawing shows, as text: its tables. Pure: answers in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uptake import metrics
from uptake.metrics import BY, Answer, By, Cell, FigureAnswer, Row
from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.rungs import LADDER, parts, seats
from uptake.metrics.rungs import STATES as RUNG_STATES
from uptake.web import words
from uptake.web.cellwords import change, name, row_name, shown
from uptake.web.ladders import earlier, rungs_of

_HEADS: dict[By, str] = dict.fromkeys(BY, "Group") | {
    "day": "Day",
    "week": "Week from",
    "28d": "Four weeks from",
    "surface": "Surface",
    "role": "Role in Claude",
    "joined": "Joined in",
    "tenure": "Seat held for",
    "started": "Started in the week from",
    "started_28d": "Started in the four weeks from",
    "feature": "Feature",
    "tool": "Tool",
    "idle": "Idle for",
    "active_days": "Active days",
    "move": "From and to",
    "pair": "Two surfaces",
    "path": "From the first to the next",
    "department": "Department",
    "location": "Location",
    "title": "Job title",
    "tree": "Manager",
}
_OVER_TIME = frozenset({"day", "week", "28d"})


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(figure: FigureAnswer) -> tuple[Table, ...]:
    """The tiles in one table, or a table an answer; windows that follow each other are the rows of one."""
    if figure.tiles:
        return (_of_tiles(figure.tiles),)
    if figure.draws == "mix":
        return (_of_windows(figure.answers),)
    if figure.draws == "funnel":
        return (_of_rungs(figure),)
    if figure.draws == "states":
        return (_of_states(figure),)
    return tuple(_of_answer(answer) for answer in figure.answers)


def _of_tiles(tiles: Sequence[metrics.Tile]) -> Table:
    rows = tuple(
        (
            tile.label,
            shown(tile.metric, tile.now),
            shown(tile.metric, tile.before) if tile.before else "",
            "" if tile.change is None else change(tile.metric, tile.change),
        )
        for tile in tiles
    )
    return Table(("Figure", "Now", "Before", "Change"), rows)


def _of_windows(answers: Sequence[Answer]) -> Table:
    rows = []
    for answer in reversed(answers):
        cells = {row.key: row.cells["surface_active"] for row in answer.rows}
        found = [shown("surface_active", cells[key]) if key in cells else words.DASH for key in SURFACE_LABELS]
        rows.append((words.day_and_year(answer.until) if answer.until else "", *found))
    return Table(("28 days to", *SURFACE_LABELS.values()), tuple(rows))


def _of_rungs(figure: FigureAnswer) -> Table:
    then = {one.name: one.people for one in earlier(figure)}
    rows = tuple(
        (
            rung.name,
            _people(rung.people, rung.cell),
            "" if rung.of_before is None else f"{words.percent(rung.of_before)} of {rung.above.lower()}",
            words.number(then[rung.name] or 0) if then.get(rung.name) is not None else "",
        )
        for rung in rungs_of(figure)
    )
    return Table(("", "People", "Share of the one before", "Twelve weeks before"), rows)


def _people(people: int | None, cell: Cell) -> str:
    return shown(LADDER[0], cell) if people is None else words.number(people)


def _of_states(figure: FigureAnswer) -> Table:
    """The states as differences of what is shown; where the core is not known it is among the habitual."""
    k = figure.asked.k if figure.asked else 1
    answer = figure.answers[0]
    rows = []
    for row in answer.rows:
        found = {
            part.name: f"fewer than {k}" if part.people is None else words.number(part.people) for part in parts(row, k)
        }
        why = shown(LADDER[1], row.cells[LADDER[1]]) if not found else ""
        held = seats(row)
        rows.append(
            (row_name(row), *(found.get(state, why) for state in RUNG_STATES), words.number(held) if held else "")
        )
    return Table(("Four weeks from", *RUNG_STATES, "Seat holders"), tuple(rows))


def _of_answer(answer: Answer) -> Table:
    asked = answer.question.metrics
    if answer.question.by is None:
        cells = answer.rows[0].cells
        return Table(("Figure", "Now"), tuple((name(metric), shown(metric, cells[metric])) for metric in asked))
    rows = tuple(_row(row, answer) for row in answer.rows)
    return Table((_HEADS[answer.question.by], *map(name, asked)), rows)


def _row(row: Row, answer: Answer) -> tuple[str, ...]:
    marks = [f"{row.days} of {row.days_expected} days"] if 0 < row.days < row.days_expected else []
    marks += ["settling"] if row.settling else []
    named = f"{row_name(row)} ({', '.join(marks)})" if marks and answer.question.by in _OVER_TIME else row_name(row)
    return (named or "Everybody", *(shown(metric, row.cells[metric]) for metric in answer.question.metrics))
