"""numbers.export for the talk about a renewal: the totals of seats as one file, with a cost where a price is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from uptake import metrics
from uptake.actions.seat_price import PRICED, Price
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.metrics import CATALOGUE, Answer, Question, Row
from uptake.metrics.dashboards.seats import RENEWAL
from uptake.people import spreadsheet
from uptake.records import audit

_BANDS = {"30-59": "30 to 59 days", "60-89": "60 to 89 days", "90+": "90 days or longer", "never": "never used"}


def totals(viewer: Viewer, settings: Settings, *, price: Price | None, now: datetime) -> str:
    """CSV that no spreadsheet program runs. The price is written into the file. Raises NotAllowed."""
    require(viewer, "numbers.export")
    facts = metrics.current_facts(settings)
    asked = [Question((name,)) for name in RENEWAL] + [Question(("idle_seats",), by="idle")]
    answers = [metrics.answer(one, viewer, facts, now.date()) for one in asked]
    audit.record(viewer, "numbers.export", "seats for the renewal", now, format="csv")
    head = ("figure", "value", "unit", "as of", "note", *([f"cost at {price}"] if price else []))
    rows = (cells for one in answers for cells in _rows(one, price, facts.threshold))
    return "\ufeff" + spreadsheet.write(head, rows)


def _rows(answer: Answer, price: Price | None, k: int) -> Iterator[tuple[str, ...]]:
    (name,) = answer.question.metrics
    for row in answer.rows:
        if answer.question.by is None or row.key in _BANDS:
            yield _cells(name, row, answer, price, k)


def _cells(name: str, row: Row, answer: Answer, price: Price | None, k: int) -> tuple[str, ...]:
    metric, cell = CATALOGUE[name], row.cells[name]
    label = f"{metric.label}, {_BANDS[row.key]}" if row.key in _BANDS else metric.label
    why = {"withheld": f"withheld: fewer than {k} people", "value": ""}.get(cell.state, cell.reason)
    why = why or ("rounded, so that nobody is found in it" if cell.rounded else "")
    as_of = cell.until or answer.freshness.data_through
    told = (label, "" if cell.value is None else f"{cell.value:g}" if metric.unit == "share" else str(cell.value))
    cells = (*told, metric.unit, as_of.isoformat() if as_of else "", why)
    if price is None:
        return cells
    cost = str(price.of(cell.value)) if name in PRICED and cell.value is not None else ""
    return (*cells, cost)
