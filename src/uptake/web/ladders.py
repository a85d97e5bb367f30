"""Drawings of the ladder from seat to core, everybody's and by team, of states of use and of moves between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from uptake.metrics import Cell, FigureAnswer, Row
from uptake.metrics.defined.ladder import STATES
from uptake.metrics.rungs import LADDER, NAMES, Rung, parts, rungs, seats
from uptake.web import bars, charts, cohorts, flows, newcomers, stacks, words
from uptake.web.across import TALL, WITHHELD, across, span, table, why
from uptake.web.bars import Bar
from uptake.web.cellwords import row_name, short_name, shown
from uptake.web.cohorts import Field
from uptake.web.plots import Chart, chart, drawing
from uptake.web.stacks import Piece

_MOST = 40
"""Rows of a drawing; the table has all of them."""
_LOOK = {"Core": ("accent", 1.0), "Habitual": ("accent", 0.65), "Occasional": ("accent", 0.3), "Dormant": ("slack", 0.45),
         "Never used": ("slack", 0.2)}  # fmt: skip


def funnel(figure: FigureAnswer) -> list[Chart]:
    """A bar a rung, with its share of the one above; the mark is where it stood twelve weeks before."""
    found = rungs_of(figure)
    if not any(rung.people for rung in found if rung.name in NAMES):
        return []
    then = {one.name: one.people for one in earlier(figure)} if _compares(figure) else {}
    rows = [_rung(rung, then.get(rung.name)) for rung in found]
    label = f"{figure.title}: " + ", ".join(bar.title for bar in rows)
    caption = "People, and of how many of the bar above"
    caption += "; the mark is twelve weeks before" if any(bar.before for bar in rows) else ""
    full = max(bar.value or 0 for bar in rows)
    make = lambda width: bars.bars(rows, width=width, top=full * (1.1 if width > charts.ROOMY else 1.9))  # noqa: E731
    return [drawing(make, label, caption)]


def _rung(rung: Rung, then: int | None) -> Bar:
    if rung.people is None:
        return Bar(rung.name, "accent", None, why(rung.cell), f"{rung.name}: {why(rung.cell)}")
    share = "" if rung.of_before is None else words.percent(rung.of_before)
    share = f"{words.percent(rung.cell.value or 0)} seated" if rung.name == "Employees" else share
    text = " · ".join(filter(None, (words.number(rung.people), share)))
    title = f"{rung.name}: {words.number(rung.people)}" + (
        f", {share} of {rung.above.lower()}" if rung.above else f", {share}" if share else ""
    )
    ink = "slack" if rung.name in {"Employees", "Seat holders"} else "accent"
    return Bar(rung.name, ink, float(rung.people), text, title, None if then is None else float(then))


def rungs_of(figure: FigureAnswer) -> tuple[Rung, ...]:
    """The rungs of the newest four weeks."""
    row = figure.answers[0].rows[-1]
    coverage = next((one.rows[0].cells["coverage"] for one in figure.answers[1:]), None)
    return rungs(row, coverage)


def earlier(figure: FigureAnswer) -> tuple[Rung, ...]:
    """The rungs twelve weeks before; nothing where those are not held."""
    rows = figure.answers[0].rows
    return rungs(rows[-4]) if len(rows) > 3 else ()


def _compares(figure: FigureAnswer) -> bool:
    return figure.asked is None or figure.asked.choice.compare


def over_time(figure: FigureAnswer) -> list[Chart]:
    found = chart(figure.answers[0], figure.title)
    return [found] if found else []


def by_team(figure: FigureAnswer) -> list[Chart]:
    """A field a rung and team, in the order of the directory: shares of the team's seat holders."""
    (answer,) = figure.answers
    rows = [row for row in answer.rows if row.key]
    if not any(cell.value is not None for row in rows for cell in row.cells.values()):
        return []
    fields = [field for row in rows[:_MOST] for field in _team(row)]
    caption = "In per cent of seat holders, whose number is in brackets"
    caption += f"; {words.number(len(rows) - _MOST)} more in the table" if len(rows) > _MOST else ""
    label = f"{figure.title}: " + ", ".join(one.title for one in fields[:_MOST])
    return [drawing(table(fields), label, caption)]


def _team(row: Row) -> Iterator[Field]:
    held = seats(row)
    label = f"{row_name(row)} ({words.number(held)})" if held else row_name(row)
    for metric in LADDER:
        cell = row.cells[metric]
        text = WITHHELD if cell.state == "withheld" else shown(metric, cell)
        value = None if cell.value is None else float(cell.value)
        said = why(cell) if value is None else text
        yield Field(label, short_name(metric), value, text, f"{label}, {short_name(metric).lower()}: {said}")


def states(figure: FigureAnswer) -> list[Chart]:
    """A column a window: the states of use on one another, all of them the seats."""
    k = figure.asked.k if figure.asked else 1
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _parts(row, k)]
    if not found:
        return []
    newest = [one for one in found if one.span == found[-1].span]
    label = f"{figure.title}, newest four weeks: " + ", ".join(one.title for one in newest)
    wide = lambda width: stacks.columns(found, width=across(width), height=TALL, gap=0.04)  # noqa: E731
    return [drawing(wide, label, "Seat holders at the end of each four weeks, by their first day")]


def _parts(row: Row, k: int) -> Iterator[Piece]:
    when = span(row)
    for part in parts(row, k):
        ink, opacity = _LOOK[part.name]
        said = f"fewer than {k}" if part.people is None else words.number(part.people)
        title = f"Four weeks from {when}: {said} {part.name.lower()}"
        yield Piece(when, part.name, ink, part.start, part.end, opacity, title, f"{said} {part.name.lower()}")


def moves(figure: FigureAnswer) -> list[Chart]:
    (answer,) = figure.answers
    cells = {str(row.key): row.cells["state_moves"] for row in answer.rows if row.key}
    if not any(cell.value for cell in cells.values()):
        return []
    fields = [_move(move, cell, cells) for move, cell in cells.items()]
    label = f"{figure.title}: " + ", ".join(one.title for one in fields)
    make = lambda width: cohorts.table(fields, width=width)  # noqa: E731
    return [drawing(make, label, "People: a row is their state twelve weeks ago, a column their state now")]


def _move(move: str, cell: Cell, cells: dict[str, Cell]) -> Field:
    then, now = move.split(" to ")
    known = sum(one.value or 0 for other, one in cells.items() if other.split(" to ")[0] == then)
    text = WITHHELD if cell.state == "withheld" else shown("state_moves", cell)
    tint = None if cell.value is None or not known else cell.value / known
    said = why(cell) if cell.value is None else f"{text} people"
    return Field(STATES[then], STATES[now], tint, text, f"{STATES[then]} then, {STATES[now].lower()} now: {said}")


DRAWN: dict[str, Callable[[FigureAnswer], list[Chart]]] = {
    "funnel": funnel,
    "ladder": over_time,
    "ladder-teams": by_team,
    "states": states,
    "growth": flows.growth,
    "growth-active": flows.growth_active,
    "curve": newcomers.curve,
    "moves": moves,
    "cohorts-12": newcomers.cohorts_12,
    "newer": newcomers.newer,
    "reconciled": flows.reconciled,
}
