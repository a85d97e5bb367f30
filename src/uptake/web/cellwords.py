"""How a cell, a metric and a row of an answer read: the four states stay apart, and none of them looks like zero."""

from __future__ import annotations

from datetime import date

from uptake.metrics import CATALOGUE, Cell, Row
from uptake.metrics.activity import SURFACE_LABELS
from uptake.web import words

WITHHELD = "Withheld: too few people"


def shown(metric: str, cell: Cell) -> str:
    """A cell in words: the value, blank for not yet, – for not collected, or that it is withheld."""
    if cell.state == "value" and cell.value is not None:
        return words.percent(cell.value) if is_share(metric) else words.number(cell.value)
    return {"not_yet": "", "not_collected": words.DASH}.get(cell.state, WITHHELD)


def change(metric: str, difference: float) -> str:
    """+12, −3 or +7 points; "no change" where it rounds to nothing."""
    share = is_share(metric)
    size = round(abs(difference) * (100 if share else 1))
    if size == 0:
        return "no change"
    sign = "+" if difference > 0 else "−"
    return sign + (words.plural(size, "point") if share else words.number(size))


def is_share(metric: str) -> bool:
    return CATALOGUE[metric].unit == "share"


def name(metric: str) -> str:
    return CATALOGUE[metric].label


def row_name(row: Row) -> str:
    """A row's name: a day or Monday as a date, a surface by its name; empty for the whole window."""
    key = str(row.key or "")
    for surface, label in SURFACE_LABELS.items():
        if key == surface:
            return label
    return words.day_and_year(date.fromisoformat(key)) if key else ""
