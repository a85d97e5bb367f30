"""The SQL of an explanation, run by itself on rows of usage, gives the number it explains; and everything is listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from metrics.slow import Slow
from metrics.weeks_world import weeks_world
from metrics.world import World
from uptake.domain.access import OPERATOR
from uptake.domain.days import day_no
from uptake.domain.measures import COLUMNS
from uptake.metrics import CATALOGUE, Cell, Explanation, Question, answer, explain
from uptake.metrics.metric import TOPICS

TODAY = date(2026, 12, 20)
NO_QUERY = {"reported", "invited", "old_invites", "coverage"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return weeks_world(tmp_path_factory.mktemp("explain"), 11, people=80, days=120)


@pytest.fixture(scope="module")
def tables(world: World) -> duckdb.DuckDBPyConnection:
    """What an analyst would make from an export: usage_day, seat, week."""
    slow = Slow(world.usage["one"], world.rosters["one"])
    number = {id(row): at for at, p in enumerate(slow.people) for rows in p.days.values() for row in rows}
    rows: list[dict[str, Any]] = [
        dict.fromkeys(COLUMNS)
        | row
        | {"day_no": day_no(day), "person_no": number.get(id(row), 10_000 + int(row["member_id"][1:]))}
        for day, found in world.usage["one"].items()
        for row in found
    ]
    whole = {day_no(day) // 7 for day in slow.whole}
    days = sorted(map(day_no, world.usage["one"]))
    seats = [
        {
            "person_no": at,
            "joined": day_no(p.joined),
            "left_day": day_no(p.seat["left_at"].date()) if p.seat["left_at"] else 1_000_000,
            "role": p.seat["claude_role"] or "unknown",
            "joined_month": f"{p.joined:%Y-%m}",
        }
        for at, p in enumerate(slow.people)
    ]
    kinds = pa.schema(
        [*((column, pa.int32()) for column in COLUMNS), ("day_no", pa.int32()), ("person_no", pa.int32())]
    )
    engine = duckdb.connect()
    for name, table in {
        "usage_day": pa.Table.from_pylist(rows, kinds),
        "seat": pa.Table.from_pylist(seats),
        "week": pa.Table.from_pylist(
            [{"week_no": n, "whole": n in whole} for n in range(days[0] // 7, days[-1] // 7 + 1)]
        ),
    }.items():
        engine.register(name, table)
    return engine


def one(world: World, metric: str, by: str | None) -> tuple[Explanation, Cell, str | None]:
    question = Question((metric,), by=by)  # type: ignore[arg-type]
    (found,) = explain(question, OPERATOR, world.facts, TODAY)
    row = answer(question, OPERATOR, world.facts, TODAY).rows[-1]
    return found, row.cells[metric], row.key


@pytest.mark.parametrize("metric", [m.id for m in CATALOGUE.values() if m.kind not in NO_QUERY])
def test_the_query_gives_the_number(world: World, tables: duckdb.DuckDBPyConnection, metric: str) -> None:
    defined = CATALOGUE[metric]
    by = None if None in defined.by else defined.by[0]
    found, cell, key = one(world, metric, by)
    result = tables.execute(found.sql)
    names, rows = [column[0] for column in result.description or ()], result.fetchall()
    first = dict(zip(names, rows[0], strict=True)) if rows else {}
    if cell.value is None or defined.kind in {"since_joining", "surface", "surface_share", "top", "index"}:
        assert names
    elif defined.kind == "bracket":
        mine = [row for row in rows if row[1] == defined.source]
        assert (sum(row[3] for row in mine), sum(row[2] for row in mine)) == (cell.numerator, cell.denominator)
    elif defined.kind == "habit_by_8":
        assert (sum(row[2] for row in rows), sum(row[1] for row in rows)) == (cell.numerator, cell.denominator)
    elif defined.kind == "idle":
        assert sum(seats for band, seats in rows if band != "used") == cell.value
    elif defined.kind == "whole_week":
        assert (rows[-1][2], rows[-1][1]) == (cell.numerator, cell.denominator)
    elif metric == "quick_ratio":
        assert first["numerator"] / (first["denominator"] - first["numerator"]) == pytest.approx(cell.value, abs=1e-4)
    elif "denominator" in first:
        assert first["numerator"] / first["denominator"] == pytest.approx(cell.value, abs=1e-4)
    elif metric == "power_user_curve":
        assert key == "20" and first["value"] == cell.value
    else:
        assert first["value"] == pytest.approx(cell.value, abs=1e-4)


def test_most_metrics_were_compared(world: World) -> None:
    cells = [
        one(world, m.id, None if None in m.by else m.by[0])[1] for m in CATALOGUE.values() if m.kind not in NO_QUERY
    ]
    assert sum(cell.value is not None for cell in cells) > 55


def test_everything_behind_a_number_is_listed(world: World) -> None:
    found, cell, _ = one(world, "acceptance_person_weighted", None)
    assert {field.column for field in found.fields} >= {"code_edit_accepted", "code_notebook_edit_rejected"}
    assert {field.endpoint for field in found.fields} == {"/v1/organizations/analytics/users"}
    assert any(field.path.endswith("tool_actions.edit_tool.accepted_count") for field in found.fields)
    assert found.endpoints == ("/v1/organizations/analytics/users", "/v1/organizations/users")
    assert (found.since, found.until) == (cell.since, cell.until) and found.days_held == found.days_expected == 28
    assert found.members.state == "value" and found.definition["version"] == 1 and not found.rounded
    (reach,) = explain(Question(("eligible_reach",), by="role"), OPERATOR, world.facts, TODAY)
    assert "GROUP BY role" in reach.sql and "chat_messages" in {field.column for field in reach.fields}


def test_withheld_groups_are_counted(tmp_path: Path) -> None:
    world = weeks_world(tmp_path, 11, people=40, days=90, threshold=10)
    (found,) = explain(Question(("eligible_reach",), by="joined"), OPERATOR, world.facts, TODAY)
    assert 0 < found.withheld <= found.rows and any("rounded" in remark for remark in found.remarks) == found.rounded


def test_every_definition_is_complete() -> None:
    for metric in CATALOGUE.values():
        assert metric.section and metric.version >= 1 and metric.topic in TOPICS, metric.id
        assert metric.label and metric.formula.endswith(".") and metric.caveat.endswith("."), metric.id
        assert not metric.least or metric.needs, metric.id
