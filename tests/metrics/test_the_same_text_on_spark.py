"""The SQL of every metric, as its explanation shows it, gives on Spark what it gives on DuckDB: not a letter is changed.

On Sail (Spark Connect without Java) and on a cluster of Spark's own: a master, two workers, a Connect server, all on loopback.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from environments import SPARK
from metrics.test_a_number_explains_itself import NO_QUERY, TODAY, tables, world
from metrics.world import World
from proof import figures
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.metrics import CATALOGUE, Question, explain

__all__ = ["tables", "world"]
TABLES = ("usage_day", "seat", "week")


def queries(world: World) -> dict[str, str]:
    """Each metric, by each dimension it can be asked by."""
    found: dict[str, str] = {}
    for metric in CATALOGUE.values():
        for by in metric.by if metric.kind not in NO_QUERY else ():
            try:
                (told,) = explain(Question((metric.id,), by=by), OPERATOR, world.facts, TODAY)
            except Problem:
                continue  # by team: there is no org chart here
            if told.sql:
                found[f"{metric.id} by {by}"] = told.sql
    return found


def alike(rows: list[Any]) -> list[tuple[object, ...]]:
    """Rows without their order, numbers to nine digits: engines add floats in another order."""
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str) else float(f"{float(value):.9g}")  # type: ignore[arg-type]


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sail", "cluster"])
def test_spark_gives_the_same_numbers(
    world: World, tables: duckdb.DuckDBPyConnection, tmp_path: Path, engine: str
) -> None:
    if engine == "cluster" and not shutil.which("java") and not os.environ.get("UPTAKE_REQUIRE_SPARK"):
        pytest.skip("Spark's own cluster needs Java")
    assert SPARK.prepare() == ""
    for name in TABLES:
        tables.execute(f"COPY {name} TO '{tmp_path / name}.parquet' (FORMAT parquet)")
    asked = queries(world)
    (tmp_path / "queries.json").write_text(json.dumps(asked))
    script = Path(__file__).with_name("spark_answers.py")
    subprocess.run([SPARK.bin / "python", script, engine, tmp_path], check=True, timeout=900)
    told = json.loads((tmp_path / f"{engine}.json").read_text())
    assert told["refused"] == {}
    differ = [
        name for name, sql in asked.items() if alike(told["answers"][name]) != alike(tables.execute(sql).fetchall())
    ]
    assert differ == []
    assert len({name.split(" by ")[0] for name in asked}) == sum(m.kind not in NO_QUERY for m in CATALOGUE.values())
    figures("same SQL on Spark", engine=engine, version=told["version"], queries=len(asked), differ=0)


def test_numbers_are_compared_and_not_their_kinds() -> None:
    assert alike([(1, None), ("a", Decimal("0.50"))]) == alike([("a", 0.5), (1.0, None)])
    assert alike([(1,)]) != alike([(2,)]) and alike([(None,)]) != alike([(0,)])
