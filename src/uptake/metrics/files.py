"""An answer as a file: CSV, workbook, Parquet or JSON. Each carries in itself where its numbers are from and what is withheld.

One line a row and metric. In CSV the provenance is in columns of every line, so no cut can lose it; a workbook has it on a
second sheet too, Parquet in its metadata. Text that a spreadsheet would run is made harmless; numbers stay as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from uptake import __version__
from uptake.domain.problems import Problem
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.question import Answer, Cell, Question, Row
from uptake.metrics.render import STATES, to_json
from uptake.people.spreadsheet import harmless

Format = Literal["csv", "xlsx", "parquet", "json"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}

_COLUMNS: dict[str, pa.DataType] = {
    "metric": pa.string(), "value": pa.float64(), "unit": pa.string(), "state": pa.string(), "reason": pa.string(),
    "settling": pa.bool_(), "days": pa.int32(), "days_expected": pa.int32(), "days_left_out": pa.int32(),
    "data_through": pa.date32(), "settling_since": pa.date32(), "withheld": pa.int32(), "definition": pa.string(),
    "notes": pa.string(), "numerator": pa.float64(), "denominator": pa.float64(), "rounded": pa.bool_(),
    "from": pa.date32(), "to": pa.date32(), "before": pa.float64(), "before_state": pa.string(), "version": pa.int32(),
    "name": pa.string(), "filters": pa.string(), "made_at": pa.timestamp("us", tz="UTC"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """When a file is made, the name of the connection it was asked for, and where a workbook may put its parts."""

    at: datetime
    temp: Path
    connection: str = ""


def write(answer: Answer, format: Format, made: Made, output: BinaryIO) -> None:
    """Write an answer as a file of that format."""
    if format == "csv":
        output.write(to_csv(answer, made).encode())
    elif format == "xlsx":
        _write_workbook(answer, made, output)
    elif format == "parquet":
        _write_parquet(answer, made, output)
    else:
        output.write(msgspec.json.format(msgspec.json.encode(to_json(answer) | {"file": _provenance(answer, made)})))


def to_csv(answer: Answer, made: Made | None = None) -> str:
    """One heading, then one line a row and metric."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_head(answer))
    writer.writerows([_plain(value) for value in line] for line in _lines(answer, made))
    return text.getvalue()


def filters(question: Question, connection: str = "") -> str:
    """What narrows a question, in words; only what was asked for."""
    asked = msgspec.structs.asdict(question) | ({"connection": connection} if connection else {})
    told = ((name, value) for name, value in asked.items() if name != "metrics" and value)
    return "; ".join(f"{name} {value}" if value is not True else name for name, value in told)


def _head(answer: Answer) -> list[str]:
    return [answer.question.by or "window", *_COLUMNS]


def _lines(answer: Answer, made: Made | None) -> Iterator[list[object]]:
    narrowed = filters(answer.question, made.connection if made else "")
    made_at = made.at.astimezone(UTC) if made else None
    for row in answer.rows:
        for name, cell in row.cells.items():
            yield [*_line(answer, row, name, cell), narrowed, made_at]


def _line(answer: Answer, row: Row, name: str, cell: Cell) -> list[object]:
    metric, fresh, before = CATALOGUE[name], answer.freshness, row.before.get(name)
    return [
        row.key or f"{answer.since} to {answer.until}",
        name,
        cell.value if cell.state == "value" else None,
        metric.unit,
        STATES[cell.state],
        cell.reason,
        row.settling,
        row.days,
        row.days_expected,
        cell.left_out,
        fresh.data_through,
        fresh.settling_since,
        answer.withheld,
        f"{metric.label}: {metric.formula} {metric.caveat}",
        " ".join((*answer.notes, fresh.trouble)).strip(),
        cell.numerator,
        cell.denominator,
        cell.rounded,
        cell.since,
        cell.until,
        before.value if before else None,
        STATES[before.state] if before else None,
        metric.version,
        row.label,
    ]


def _plain(value: object) -> str | float | int:
    """A value as a line of text has it: nothing where there is none, numbers untouched."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    return harmless(value.isoformat() if isinstance(value, date) else str(value))


def _provenance(answer: Answer, made: Made) -> dict[str, str]:
    """What somebody who only has the file must know, for people and programs."""
    fresh = answer.freshness
    told: dict[str, object] = {
        "made_at": made.at.astimezone(UTC).isoformat(),
        "made_by": f"uptake {__version__}",
        "by": answer.question.by or "the whole window",
        "filters": filters(answer.question, made.connection) or "none",
        "since": answer.since or "",
        "until": answer.until or "",
        "data_through": fresh.data_through or "no usage held yet",
        "settling_since": fresh.settling_since or "",
        "days_missing": len(fresh.missing),
        "days_held_back": len(fresh.held_back),
        "withheld": answer.withheld,
        "notes": " ".join((*answer.notes, fresh.trouble)).strip(),
        "lake_version": answer.lake_version,
    }
    return {name: str(value) for name, value in told.items()}


def _write_parquet(answer: Answer, made: Made, output: BinaryIO) -> None:
    told = _provenance(answer, made) | {"definitions": msgspec.json.encode(to_json(answer)["definitions"]).decode()}
    names = _head(answer)
    schema = pa.schema(zip(names, [pa.string(), *_COLUMNS.values()], strict=True)).with_metadata(
        {f"uptake.{name}": text for name, text in told.items()}
    )
    columns = zip(*_lines(answer, made), strict=True) if answer.rows else ([] for _ in names)
    pq.write_table(pa.table([*map(list, columns)], schema=schema), output, compression="zstd")


def _write_workbook(answer: Answer, made: Made, output: BinaryIO) -> None:
    never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(output, {"constant_memory": True, "tmpdir": str(made.temp), **never}) as book:
            _fill(book, answer, made)
    except XlsxWriterException:
        raise Problem(
            "The workbook could not be written. Nothing else was changed.",
            "Free disk space in UPTAKE_HOME, then ask again.",
        ) from None


def _fill(book: xlsxwriter.Workbook, answer: Answer, made: Made) -> None:
    book.set_properties({"created": made.at.astimezone(UTC).replace(tzinfo=None), "title": "uptake"})
    bold = book.add_format({"bold": True})
    figures, about = book.add_worksheet("Figures"), book.add_worksheet("About")
    figures.freeze_panes(1, 0)
    figures.write_row(0, 0, _head(answer), bold)
    for at, line in enumerate(_lines(answer, made), start=1):
        figures.write_row(at, 0, [_plain(value) for value in line])
    about.write_row(0, 0, ["uptake", "what these figures are"], bold)
    for at, told in enumerate(_about(answer, made), start=1):
        about.write_row(at, 0, told)


def _about(answer: Answer, made: Made) -> Iterator[tuple[str, str]]:
    yield from ((name, harmless(text)) for name, text in _provenance(answer, made).items())
    for name in dict.fromkeys(answer.question.metrics):
        metric = CATALOGUE[name]
        yield name, harmless(f"{metric.label} ({metric.section}, definition {metric.version})")
        yield "", harmless(f"{metric.formula} {metric.caveat} {metric.needs}".strip())
