"""numbers.export, facts.export: figures as a file, and the facts as held, streamed day by day as JSON lines, CSV or Parquet.

Facts tell of people day by day. Off the host they leave only where the visibility policy shows usage by name and lets
files about persons be made.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from uptake import __version__, metrics
from uptake.actions.visibility import require_person_exports
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.measures import COLUMNS, SUMMARY_COUNTS
from uptake.domain.problems import NotAllowed, Problem
from uptake.domain.visibility import Relation, sees_named
from uptake.lake import Damaged, Kind, Lake, members, reader
from uptake.metrics import Answer, Question, files
from uptake.people.spreadsheet import harmless
from uptake.records import audit
from uptake.records.models import Connection
from uptake.records.privacy import in_force

What = Literal["usage", "members", "summaries"]
Format = Literal["jsonl", "csv", "parquet"]

_AT = pa.timestamp("us", tz="UTC")
_SCHEMAS: dict[What, pa.Schema] = {
    "usage": pa.schema(
        [("day", pa.date32()), ("connection", pa.string()), ("member_id", pa.string()), ("email", pa.string())]
        + [(column, pa.int32()) for column in COLUMNS]
    ),
    "members": pa.schema(
        [(name, pa.string()) for name in ("connection", "member_id", "name", "email", "claude_role", "status")]
        + [("joined_at", _AT), ("left_at", _AT)]
    ),
    "summaries": pa.schema(
        [("day", pa.date32()), ("connection", pa.string())] + [(count, pa.int64()) for count in SUMMARY_COUNTS]
    ),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export. `since` and `until` are both inclusive and do not apply to members."""

    what: What
    format: Format
    since: date | None = None
    until: date | None = None


def figures(
    viewer: Viewer, settings: Settings, question: Question, format: files.Format, output: BinaryIO, now: datetime
) -> None:
    """Answer a question into a file. `question.connection` may be a name. Raises NotAllowed or Problem."""
    require(viewer, "numbers.export")
    facts = metrics.current_facts(settings)
    asked = msgspec.structs.replace(question, connection=facts.named(question.connection))
    found = metrics.answer(asked, viewer, facts, now.date())
    taken(viewer, settings, found, format, output, now)


def taken(
    viewer: Viewer, settings: Settings, answer: Answer, format: files.Format, output: BinaryIO, now: datetime
) -> None:
    """Write an answer of this viewer's as a file; the audit says so first. Raises NotAllowed."""
    require(viewer, "numbers.export")
    of = answer.question
    audit.record(viewer, "numbers.export", " ".join(of.metrics), now, format=format, by=of.by or "none")
    write_figures(settings, answer, format, output, now)


def write_figures(settings: Settings, answer: Answer, format: files.Format, output: BinaryIO, now: datetime) -> None:
    """An answer into a file, for those who have asked whether they may."""
    settings.temp.mkdir(parents=True, exist_ok=True, mode=0o700)
    of = answer.question.connection
    connection = Connection.objects.filter(pk=of).first() if of else None
    made = files.Made(now, settings.temp, connection.name if connection else "")
    files.write(answer, format, made, output)


def export(viewer: Viewer, settings: Settings, wanted: Wanted, output: BinaryIO, now: datetime) -> int:
    """Write the facts of every connection; returns the rows written. Raises NotAllowed or Problem."""
    require(viewer, "facts.export")
    require_opened(viewer, wanted.what)
    audit.record(viewer, "facts.export", wanted.what, now, format=wanted.format)
    return write(settings, wanted, output, now)


def require_opened(viewer: Viewer, what: What) -> None:
    """Raise NotAllowed where the visibility policy keeps such a file from anybody but the host."""
    if viewer.on_host:
        return
    require_person_exports()
    # Claude's own totals are exact: without the rounding that hides a few people they go with what people did.
    if what != "members" and not sees_named(in_force(), viewer.role, Relation.OTHER):
        raise NotAllowed(
            "The visibility policy shows nobody's usage by name, so facts about a day leave on the host only. Nothing "
            "was exported.",
            "Ask for figures instead. A Company Admin sets the policy.",
        )


def write(settings: Settings, wanted: Wanted, output: BinaryIO, now: datetime) -> int:
    """The facts into a file, for those who have asked whether they may; returns the rows written. Raises Problem."""
    names = dict(Connection.objects.values_list("id", "name"))
    tables = _tables(reader(settings.lake, settings.aside), names, wanted, now)
    if wanted.format == "parquet":
        return _write_parquet(_SCHEMAS[wanted.what].with_metadata(_provenance(wanted, now)), tables, output)
    return _write_lines(wanted, tables, output)


def _provenance(wanted: Wanted, now: datetime) -> dict[str, str]:
    days = {"since": _plain(wanted.since), "until": _plain(wanted.until)}
    told = {"what": wanted.what, "made_at": _plain(now), "made_by": f"uptake {__version__}", **days}
    return {f"uptake.{name}": str(value or "") for name, value in told.items()}


def _tables(lake: Lake, names: dict[str, str], wanted: Wanted, now: datetime) -> Iterator[pa.Table]:
    for connection in lake.connections():
        name = names.get(connection, connection)
        if wanted.what == "members":
            yield _members(lake, connection, name, now)
        else:
            yield from _days(lake, wanted.what, connection, name, wanted)


def _days(lake: Lake, kind: Kind, connection: str, name: str, wanted: Wanted) -> Iterator[pa.Table]:
    for day in lake.held(kind, connection):
        if (wanted.since and day < wanted.since) or (wanted.until and day > wanted.until):
            continue
        try:
            table = lake.read(kind, connection, day)
        except Damaged as damage:
            raise Problem(
                f"The file of {day} is damaged ({damage}); the export would lack it.",
                "Run `uptake sync`: it sets the file aside and fetches the day again.",
            ) from None
        whole = {"day": pa.array([day] * table.num_rows, pa.date32()), "connection": [name] * table.num_rows}
        whole |= {column: table[column] for column in table.column_names}
        yield pa.table(whole, schema=_SCHEMAS["usage" if kind == "usage" else "summaries"])


def _members(lake: Lake, connection: str, name: str, now: datetime) -> pa.Table:
    schema = _SCHEMAS["members"]
    rows = [{field: getattr(member, field) for field in schema.names} for member in members(lake, connection, now)]
    return pa.Table.from_pylist([row | {"connection": name} for row in rows], schema=schema)


def _write_parquet(schema: pa.Schema, tables: Iterator[pa.Table], output: BinaryIO) -> int:
    rows = 0
    with pq.ParquetWriter(output, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.replace_schema_metadata(schema.metadata))
            rows += table.num_rows
    return rows


def _write_lines(wanted: Wanted, tables: Iterator[pa.Table], output: BinaryIO) -> int:
    rows = 0
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    names = _SCHEMAS[wanted.what].names
    table_writer = csv.writer(text, lineterminator="\n")
    if wanted.format == "csv":
        table_writer.writerow(names)
    for table in tables:
        for row in table.to_pylist():
            plain = {name: _plain(row[name]) for name in names}
            if wanted.format == "csv":
                table_writer.writerow([_safe(value) for value in plain.values()])
            else:
                text.write(json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n")
            rows += 1
    text.flush()
    text.detach()
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _safe(value: Any) -> Any:
    """Text that no spreadsheet runs; numbers untouched; null is empty."""
    return harmless(value) if value is None or isinstance(value, str) else value
