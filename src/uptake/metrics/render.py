"""An Answer as JSON and as CSV. Both carry until when it is known, what is settling, what was withheld, and definitions.

In CSV a figure that is no value has an empty value and a state spelt out; text that a spreadsheet would run is quoted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from uptake.metrics.catalogue import CATALOGUE, describe
from uptake.metrics.question import Answer, Cell, Row

if TYPE_CHECKING:
    from uptake.metrics.explained import Explanation

STATES = {
    "value": "value",
    "not_yet": "not yet available",
    "not_collected": "not collected",
    "withheld": "withheld",
}

_COLUMNS = (
    "metric", "value", "unit", "state", "reason", "settling", "days", "days_expected", "days_left_out",
    "data_through", "settling_since", "withheld", "definition", "notes", "numerator", "denominator", "rounded", "from",
    "to", "before", "before_state", "version",
)  # fmt: skip


def to_json(answer: Answer) -> dict[str, Any]:
    """Plain JSON values: dates as text, and the definition of every metric asked for."""
    found: dict[str, Any] = msgspec.to_builtins(answer)
    found["data_through"] = found["freshness"]["data_through"]
    found["settling_since"] = found["freshness"]["settling_since"]
    found["definitions"] = {name: msgspec.to_builtins(describe(CATALOGUE[name])) for name in answer.question.metrics}
    return found


def explained_json(explained: Iterable[Explanation]) -> dict[str, Any]:
    """Explanations by metric as plain JSON values."""
    return {one.id: msgspec.to_builtins(one) for one in explained}


def in_words(one: Explanation) -> str:
    """An explanation as text, one thing a line."""
    defined = one.definition
    members = one.members.value if one.members.state == "value" else STATES[one.members.state]
    lines = [
        f"{defined['label']} ({one.id}, {defined['section']}, definition {defined['version']})",
        str(defined["formula"]),
        f"{defined['caveat']} {'Needs: ' + str(defined['needs']) if defined['needs'] else ''}".strip(),
        f"Days: {one.since} to {one.until}, {one.days_held} of {one.days_expected} held. Seat holders on the last: {members}.",
        f"Withheld: {one.withheld} of {one.rows} cells.",
        f"Read from: {', '.join(one.endpoints)}",
        *(["Fields: " + ", ".join(field.path for field in one.fields)] if one.fields else []),
        *one.remarks,
        *(["", one.sql] if one.sql else []),
    ]
    return "\n".join(lines)


def to_csv(answer: Answer) -> str:
    """One line a row and metric under one heading. Provenance is in columns of every line, so no cut can lose it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([answer.question.by or "window", *_COLUMNS])
    for row in answer.rows:
        writer.writerows(_line(answer, row, name, cell) for name, cell in row.cells.items())
    return text.getvalue()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _line(answer: Answer, row: Row, name: str, cell: Cell) -> list[object]:
    metric, fresh = CATALOGUE[name], answer.freshness
    value = "" if cell.state != "value" or cell.value is None else cell.value
    return [
        safe(row.key or f"{answer.since} to {answer.until}"),
        name,
        value,
        metric.unit,
        STATES[cell.state],
        safe(cell.reason),
        "yes" if row.settling else "no",
        row.days,
        row.days_expected,
        cell.left_out,
        fresh.data_through or "",
        fresh.settling_since or "",
        answer.withheld,
        safe(f"{metric.label}: {metric.formula} {metric.caveat}"),
        safe(" ".join((*answer.notes, fresh.trouble)).strip()),
        *_more(cell, row.before.get(name)),
        metric.version,
    ]


def _more(cell: Cell, before: Cell | None) -> list[object]:
    """What only some figures have; empty where they have not."""
    parts = [cell.numerator, cell.denominator, "yes" if cell.rounded else "no", cell.since, cell.until]
    parts += [before.value, STATES[before.state]] if before else [None, None]
    return ["" if part is None else part for part in parts]
