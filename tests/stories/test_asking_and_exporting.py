"""ask and export as an analyst uses them: same numbers in every format, clear words for a wrong question."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from house import House


def test_a_day_counts_whoever_was_active(connected: House) -> None:
    (day,) = connected.connection()["usage"]["settling"][-1:]
    rows = connected.usage("--since", day, "--until", day)
    assert {row["day"] for row in rows} == {day}
    sent = sum((row["chat_messages"] or 0) + (row["unified_chat_messages"] or 0) for row in rows)
    answer = connected.ask("ask", "chat_messages_total", "--by", "day", "--since", day, "--until", day)
    assert json.dumps(answer).count(str(sent)) >= 1
    assert day in json.dumps(answer)


def test_a_number_is_asked_by_group_and_explains_itself(connected: House) -> None:
    listed = connected.run("ask", "--list").stdout
    assert "eligible_reach" in listed and "Retention: who stays" in listed
    answer = connected.ask("ask", "eligible_reach_week", "--by", "week", "--explain")
    cells = [row["cells"]["eligible_reach_week"] for row in answer["rows"]]
    assert {cell["state"] for cell in cells} <= {"value", "not_yet", "not_collected", "withheld"}
    assert any(cell["state"] == "value" and 0 < cell["numerator"] <= cell["denominator"] for cell in cells)
    explained = answer["explained"]["eligible_reach_week"]
    assert explained["definition"]["formula"] and explained["sql"].startswith("WITH worked AS")
    words = connected.run("ask", "messages", "--explain").stdout
    assert "Read from: /v1/organizations/analytics/users" in words and "SELECT" in words
    refused = connected.run("ask", "messages", "--by", "28d")
    assert refused.returncode == 2 and "cannot be asked by 28d" in refused.stderr


def test_the_formats_agree(connected: House) -> None:
    lines = [json.loads(line) for line in connected.run("export", "usage", "--format", "jsonl").stdout.splitlines()]
    table = list(csv.DictReader(io.StringIO(connected.run("export", "usage", "--format", "csv").stdout)))
    path = connected.home.parent / "usage.parquet"
    assert connected.run("export", "usage", "--format", "parquet", "--output", str(path)).returncode == 0
    parquet = pq.read_table(path).to_pylist()
    assert len(lines) == len(table) == len(parquet)
    for line, text, row in zip(lines, table, parquet, strict=True):
        assert {name: "" if value is None else str(value) for name, value in line.items()} == text
        assert line == {**row, "day": row["day"].isoformat()}


def test_exports_leave_what_was_there_on_failure(connected: House) -> None:
    done = connected.run("export", "usage", "--output", "/nonexistent/usage.jsonl")
    assert done.returncode == 2
    assert "could not be written" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ask", "nonsense"), "active_day"),
        (("ask", "messages", "--since", "19.11.2026"), "YYYY-MM-DD"),
        (("ask", "messages", "--since", "2026-11-19", "--until", "2026-11-01"), "is after the last"),
        (("export", "usage", "--since", "tomorrow"), "YYYY-MM-DD"),
    ],
)
def test_a_wrong_question_is_answered_in_words(connected: House, arguments: tuple[str, ...], words: str) -> None:
    done = connected.run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_summaries_are_the_vendors_own_figures(connected: House) -> None:
    rows = [json.loads(line) for line in connected.run("export", "summaries").stdout.splitlines()]
    assert len(rows) >= 12
    assert {"day", "connection", "assigned_seat_count", "daily_active_user_count"} <= set(rows[0])
