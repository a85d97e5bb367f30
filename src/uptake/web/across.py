"""What drawings of the second-level pages share: a width across the page, a window by its first day, why there is no figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from uptake.metrics import Cell, Row
from uptake.web import charts, cohorts, words
from uptake.web.cohorts import Field

WITHHELD = "▒"
TALL = 260
_FULL = 1080
"""A drawing across the page."""


def span(row: Row) -> str:
    """Four weeks by their first day."""
    return words.day(date.fromisoformat(str(row.key)))


def across(width: int) -> int:
    """As wide as the page, with room for names at the end."""
    return width if width < charts.WIDE else _FULL - 100


def why(cell: Cell) -> str:
    return {"withheld": "Withheld: too few people", "not_yet": "Not yet available"}.get(cell.state, cell.reason)


def table(fields: list[Field]) -> Callable[[int], charts.Spec]:
    """Tinted fields across the page."""
    return lambda width: cohorts.table(fields, width=width if width < charts.WIDE else _FULL)
