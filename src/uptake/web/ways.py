"""Drawings of surfaces that are used together, and of the way from a first surface to the next."""

from __future__ import annotations

from collections.abc import Callable

from uptake.metrics import Cell, FigureAnswer
from uptake.metrics.activity import SURFACE_LABELS
from uptake.web import bars, cohorts
from uptake.web.bars import Bar
from uptake.web.cellwords import WITHHELD, row_name, shown
from uptake.web.charts import ROOMY, Spec
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
    """A row a surface somebody began with, a column a surface they went on to; on a phone a bar a way. Surfaces of which
    nothing is shown are left out."""
    cells = {str(row.key): row.cells["next_surface"] for row in figure.answers[0].rows if row.key}
    known = {way for way, cell in cells.items() if cell.value is not None}
    began = [one for one in SURFACE_LABELS if any(f"{one} to {other}" in known for other in SURFACE_LABELS)]
    then = [other for other in SURFACE_LABELS if any(f"{one} to {other}" in known for one in began)]
    if not known:
        return []
    fields = [_field(one, other, cells.get(f"{one} to {other}")) for one in began for other in then]
    ways = [
        Bar(row_name(row), "accent", cell.value, shown("next_surface", cell), row_name(row))
        for row in figure.answers[0].rows
        if (cell := row.cells["next_surface"]).value is not None
    ]

    def make(width: int) -> Spec:
        return cohorts.table(fields, width=width) if width > ROOMY else bars.bars(ways, width=width, top=1.0)

    label = f"{figure.title}. " + ", ".join(field.title for field in fields if field.value is not None)
    return [drawing(make, label, "Of those who began with the first surface alone, how many went on to the next")]


def _field(one: str, other: str, cell: Cell | None) -> Field:
    first, then = SURFACE_LABELS[one], SURFACE_LABELS[other]  # type: ignore[index]
    if cell is None or cell.state not in {"value", "withheld"}:
        return Field(first, then, None, "", f"{first}, {then}: nobody it could be about")
    text = _MARK if cell.state == "withheld" else shown("next_surface", cell)
    said = WITHHELD if cell.state == "withheld" else text
    return Field(first, then, None if cell.value is None else float(cell.value), text, f"{first} to {then}: {said}")


DRAWN: dict[str, Callable[[FigureAnswer], list[Chart]]] = {"pairs": pairs, "paths": paths}
