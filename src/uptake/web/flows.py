"""Drawings of who came and who went, and of our count less Claude's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from uptake.metrics import FigureAnswer, Row
from uptake.metrics.dashboards.trust import compared
from uptake.web import stacks, words
from uptake.web.across import TALL, across, span
from uptake.web.cellwords import shown
from uptake.web.plots import HEIGHT, Chart, drawing
from uptake.web.stacks import Net, Piece

_FLOWS = (
    ("flow_new", "new", "accent", 1, 1.0),
    ("flow_resurrected", "came back", "accent", 1, 0.45),
    ("flow_churned", "went quiet", "slack", -1, 1.0),
    ("flow_left", "left", "slack", -1, 0.45),
)
_ACTIVE = (
    ("flow_retained", "kept", "accent", 1, 0.3),
    ("flow_resurrected", "came back", "accent", 1, 0.6),
    ("flow_new", "new", "accent", 1, 1.0),
)


def growth(figure: FigureAnswer) -> list[Chart]:
    """Who came above the line, who went below it, and what is left as a line."""
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _flow(row, _FLOWS)]
    if not any(one.start != one.end for one in found):
        return []
    drawn = {one.span for one in found}
    net = [one for one in map(_net, rows) if one.span in drawn]
    last = [one.title for one in found if one.span == found[-1].span] + [one.title for one in net[-1:] if one.title]
    label = f"{figure.title}, newest four weeks: " + ", ".join(last)
    caption = "By four weeks; above the line who came, below it who went; the line is the difference"
    few = _few(rows)
    make = lambda width: stacks.columns(found, net=net, few=few, width=across(width), height=TALL, gap=0.35)  # noqa: E731
    return [drawing(make, label, caption)]


def growth_active(figure: FigureAnswer) -> list[Chart]:
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _flow(row, _ACTIVE)]
    if not any(one.start != one.end for one in found):
        return []
    label = f"{figure.title}: " + ", ".join(one.title for one in found if one.span == found[-1].span)
    few = _few(rows)
    make = lambda width: stacks.columns(found, few=few, width=across(width), height=HEIGHT, gap=0.2)  # noqa: E731
    return [drawing(make, label, "By four weeks")]


def _flow(row: Row, flows: tuple[tuple[str, str, str, int, float], ...]) -> Iterator[Piece]:
    """The pieces of a column; a flow of too few is not drawn, and said in the table."""
    when, at = span(row), {1: 0.0, -1: 0.0}
    cells = {metric: row.cells[metric] for metric, *_ in flows}
    if all(cell.value is None for cell in cells.values()):
        return
    for metric, text, ink, sign, opacity in flows:
        size = float(cells[metric].value or 0)
        said = shown(metric, cells[metric]) or "not yet available"
        start, at[sign] = at[sign], at[sign] + sign * size
        end = f"{said} {text}" if size else ""
        yield Piece(when, text, ink, start, at[sign], opacity, f"Four weeks from {when}: {said} {text}", end)


def _few(rows: list[Row]) -> tuple[str, ...]:
    """The columns of which a piece is withheld."""
    return tuple(span(row) for row in rows if any(cell.state == "withheld" for cell in row.cells.values()))


def _net(row: Row) -> Net:
    """A gap in the line where some of it is too few to be shown."""
    values = [(sign, row.cells[metric].value) for metric, _, _, sign, _ in _FLOWS]
    if any(value is None for _, value in values):
        return Net(span(row), None, "")
    total = sum(sign * (value or 0) for sign, value in values)
    said = f"{'+' if total > 0 else '−' if total < 0 else ''}{words.number(abs(total))}"
    return Net(span(row), total, f"Four weeks from {span(row)}: {said} together")


def reconciled(figure: FigureAnswer) -> list[Chart]:
    """A bar a day: by how many people our count is above Claude's own, or below it."""
    found = [_apart(*one) for one in compared(*figure.answers)]
    if not any(one.end for one in found):
        return []
    label = f"{figure.title}: {words.plural(len(found), 'day')}; " + found[-1].title
    caption = "Our count of people active in a day less Claude's own"
    make = lambda width: stacks.columns(found, width=across(width), height=HEIGHT, gap=0.2)  # noqa: E731
    return [drawing(make, label, caption)]


def _apart(day: date, ours: int, told: int) -> Piece:
    title = f"{words.day_and_year(day)}: {words.number(ours)} people here, {words.number(told)} as Claude counts"
    return Piece(words.day(day), "apart", "accent", 0, ours - told, 1.0, title)
