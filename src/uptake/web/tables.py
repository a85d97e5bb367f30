"""What a figure's drawing shows, as text: its tables. Pure: answers in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uptake import metrics
from uptake.metrics import BY, Answer, By, FigureAnswer, Row
from uptake.metrics.activity import SURFACE_LABELS
from uptake.web import words
from uptake.web.cellwords import change, name, row_name, shown

_HEADS: dict[By, str] = dict.fromkeys(BY, "Group") | {
    "day": "Day",
    "week": "Week from",
    "28d": "Four weeks from",
    "surface": "Surface",
    "role": "Role in Claude",
    "joined": "Joined in",
    "tenure": "Seat held for",
    "started": "Started in the week from",
    "feature": "Feature",
    "tool": "Tool",
    "idle": "Idle for",
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
