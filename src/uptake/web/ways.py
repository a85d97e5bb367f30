"""Drawings of surfaces that are used together, and of the way from a first surface to the next."""

from __future__ import annotations

from collections.abc import Callable

from uptake.metrics import Cell, FigureAnswer
from uptake.metrics.activity import SURFACE_LABELS
from uptake.web import bars, cohorts
from uptake.web.bars import Bar
from uptake.web.cellwords import WITHHELD, row_name, shown
from uptake.web.cohorts import Field
from uptake.web.plots import Chart, drawing

_MOST = 8
_MARK = "▒"


def pairs(figure: FigureAnswer) -> list[Chart]:
    """A bar a pair, the most used ones; the table has them all."""
    known = [(row, row.cells["surface_pairs"]) for row in figure.answers[0].rows if row.cells["surface_pairs"].value]
    known = sorted(known, key=lambda one: -(one[1].value or 0))[:_MOST]
    if not known:
        return []
    found = [
        Bar(row_name(row), "accent", cell.value, said, f"{row_name(row)}: {said} of active members")
        for row, cell in known
        if (said := shown("surface_pairs", cell))
    ]
    label = f"{figure.title}: " + ", ".join(f"{bar.name} {bar.shown}" for bar in found)
    return [drawing(lambda width: bars.bars(found, width=width, top=1.0), label, "Of active members")]


def paths(figure: FigureAnswer) -> list[Chart]:
    """A row a surface somebody began with, a column a surface they went on to. Where nobody began is no row."""
    cells = {str(row.key): row.cells["next_surface"] for row in figure.answers[0].rows if row.key}
    began = [one for one in SURFACE_LABELS if any(_told(cells.get(f"{one} to {other}")) for other in SURFACE_LABELS)]
    then = [other for other in SURFACE_LABELS if any(_told(cells.get(f"{one} to {other}")) for one in began)]
    fields = [_field(one, other, cells.get(f"{one} to {other}")) for one in began for other in then]
    if not any(field.value is not None for field in fields):
        return []
    label = f"{figure.title}. " + ", ".join(field.title for field in fields if field.value)
    caption = "Of those who began with the surface at the left, how many went on to the one above"
    return [drawing(lambda width: cohorts.table(fields, width=width), label, caption)]


def _told(cell: Cell | None) -> bool:
    return cell is not None and cell.state in {"value", "withheld"}


def _field(one: str, other: str, cell: Cell | None) -> Field:
    first, then = SURFACE_LABELS[one], SURFACE_LABELS[other]  # type: ignore[index]
    if cell is None or not _told(cell):
        return Field(first, then, None, "", f"{first}, {then}: nobody it could be about")
    text = _MARK if cell.state == "withheld" else shown("next_surface", cell)
    said = WITHHELD if cell.state == "withheld" else text
    return Field(first, then, None if cell.value is None else float(cell.value), text, f"{first} to {then}: {said}")


DRAWN: dict[str, Callable[[FigureAnswer], list[Chart]]] = {"pairs": pairs, "paths": paths}
