"""Answers as files: every format carries the same figures, and in itself what they are, until when, and what is withheld."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from metrics.world import FIRST, World, member
from uptake.domain.access import OPERATOR
from uptake.metrics import Answer, Question, answer, to_csv
from uptake.metrics.files import Made, filters, write
from uptake.people.spreadsheet import harmless

AT = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
TODAY = FIRST + timedelta(days=6)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Four days held; two people only on the third."""
    world = World(tmp_path)
    for number, size in enumerate((20, 19, 2, 21)):
        rows = [{"id": f"m{one}", "chat_messages": 3} for one in range(size)]
        world.day("one", FIRST + timedelta(days=number), rows)
    return world.roster("one", [member(number) for number in range(30)])


@pytest.fixture
def found(world: World) -> Answer:
    return answer(Question(("active_day", "members"), by="day", since=FIRST, until=TODAY), OPERATOR, world.facts, TODAY)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(AT, tmp_path, "=Acme")


def body(found: Answer, format: str, made: Made) -> bytes:
    output = io.BytesIO()
    write(found, format, made, output)  # type: ignore[arg-type]
    return output.getvalue()


def cells(found: Answer) -> list[float | int | None]:
    return [cell.value for row in found.rows for cell in row.cells.values()]


def sheets(workbook: bytes) -> Iterator[list[list[str | float | None]]]:
    """The rows of each sheet, read without a library: text where the cell is text, a number where it is one."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        assert not any("vba" in name or "external" in name for name in parts.namelist())
        for name in sorted(name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")):
            tree = ElementTree.fromstring(parts.read(name))
            assert tree.find(f".//{SHEET}f") is None  # no formula anywhere
            yield [[_value(cell) for cell in row] for row in tree.iter(f"{SHEET}row")]


def _value(cell: ElementTree.Element) -> str | float | None:
    text = cell.findtext(f"{SHEET}is/{SHEET}t")
    number = cell.findtext(f"{SHEET}v")
    return text if text is not None else float(number) if number is not None else None


def test_csv_has_its_provenance_on_every_line(found: Answer, made: Made) -> None:
    lines = list(csv.DictReader(io.StringIO(body(found, "csv", made).decode(), newline="")))
    assert [line["value"] for line in lines] == ["" if value is None else str(value) for value in cells(found)]
    for line in lines:
        assert line["made_at"] == AT.isoformat() and line["withheld"] == str(found.withheld) != "0"
        assert line["data_through"] == str(found.freshness.data_through) and line["definition"] and line["version"]
        assert line["filters"] == f"by day; since {FIRST}; until {TODAY}; connection =Acme"


def test_a_workbook_has_the_same_figures_and_a_sheet_about_them(found: Answer, made: Made) -> None:
    figures, about = sheets(body(found, "xlsx", made))
    head = next(csv.reader(io.StringIO(to_csv(found))))
    assert [str(cell) for cell in figures[0]] == head
    values = [line[2] if isinstance(line[2], float) else None for line in figures[1:]]
    assert values == cells(found)
    told = {str(row[0]): str(row[1]) for row in about if len(row) == 2}
    assert told["withheld"] == str(found.withheld) and told["data_through"] == str(found.freshness.data_through)
    assert told["made_at"] == AT.isoformat() and "Seat holders" in told["members"]


def test_parquet_keeps_types_and_tells_in_its_metadata(found: Answer, made: Made, tmp_path: Path) -> None:
    path = tmp_path / "answer.parquet"
    path.write_bytes(body(found, "parquet", made))
    table = pq.read_table(path)
    assert table["value"].to_pylist() == cells(found)
    assert table["data_through"].to_pylist()[0] == found.freshness.data_through
    assert {state for state in table["state"].to_pylist()} >= {"value", "withheld"}
    told = {name.decode(): text.decode() for name, text in pq.read_schema(path).metadata.items()}
    assert told["uptake.withheld"] == str(found.withheld) and told["uptake.made_at"] == AT.isoformat()
    assert json.loads(told["uptake.definitions"])["active_day"]["formula"]


def test_json_says_what_the_file_is(found: Answer, made: Made) -> None:
    told = json.loads(body(found, "json", made))
    assert [cell["value"] for row in told["rows"] for cell in row["cells"].values()] == cells(found)
    assert told["file"]["made_at"] == AT.isoformat() and told["definitions"]["members"]["caveat"]


def test_an_answer_without_rows_is_still_a_file_of_each_format(world: World, made: Made, tmp_path: Path) -> None:
    none = answer(Question(("messages",), by="day", since=TODAY, until=TODAY), OPERATOR, world.facts, TODAY)
    empty = Answer(none.question, none.since, none.until, (), none.freshness)
    for format in ("csv", "xlsx", "parquet", "json"):
        assert body(empty, format, made)
    (tmp_path / "empty.parquet").write_bytes(body(empty, "parquet", made))
    assert pq.read_table(tmp_path / "empty.parquet").num_rows == 0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_numbers_are_not(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("ok") == "ok"


def test_filters_name_only_what_was_asked_for() -> None:
    assert filters(Question(("members",))) == ""
    assert filters(Question(("active_28d",), by="28d", compare=True, connection="c1"), "Acme") == (
        "by 28d; connection Acme; compare"
    )
