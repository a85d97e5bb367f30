"""DuckDB, tamed: in process, on files in the cache only, with no other file, no network and no setting left to change.

It is handed rows that the lake has verified; it never opens a day file (it checks no page checksums).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from uptake.metrics.activity import surfaces_sql
from uptake.metrics.parts import contributions_sql, masks_sql, sums_sql
from uptake.metrics.weekly import KEPT, folded_sql, weekly_sql

Connection = duckdb.DuckDBPyConnection

_TURNS: dict[Path, Lock] = {}

_BATCH_ROWS = 100_000

_WEEKLY = ", ".join(f"{kept.name} {'DOUBLE' if kept.name == 'actions_per_session' else 'BIGINT'}" for kept in KEPT)

_SCHEMA = f"""
CREATE TEMP TABLE staged (day_no INTEGER, member_id VARCHAR, email VARCHAR, surfaces UTINYINT);
CREATE TEMP TABLE staged_week (member_id VARCHAR, week_no INTEGER, {_WEEKLY});
CREATE TABLE held (day_no INTEGER, sums BIGINT[]);
CREATE TABLE contributed (day_no INTEGER, family VARCHAR, mask INTEGER, people BIGINT);
"""

# People are numbered within a file: four bytes a row, and no text to compare when the rows are read.
_SORT = f"""
CREATE TABLE person AS
  SELECT row_number() OVER (ORDER BY member_id) - 1 AS person_no, member_id, max_by(email, day_no) AS email
  FROM staged GROUP BY member_id;
CREATE TABLE active AS
  SELECT s.day_no, CAST(p.person_no AS INTEGER) AS person_no, s.surfaces
  FROM staged s JOIN person p ON p.member_id = s.member_id ORDER BY s.day_no, person_no;
CREATE TABLE weekly AS
  SELECT CAST(p.person_no AS INTEGER) AS person_no, w.* EXCLUDE (member_id)
  FROM ({folded_sql("staged_week", "member_id")}) w JOIN person p ON p.member_id = w.member_id
  ORDER BY w.week_no, person_no;
DROP TABLE staged;
DROP TABLE staged_week;
"""  # noqa: S608


@contextmanager
def opened(path: Path, read_only: bool = True) -> Iterator[Connection]:
    """A locked-down connection to one cache file. Raises duckdb.Error where the file cannot be used.

    One at a time a file: two connections to the same one are the same database to DuckDB, whose settings are locked by then.
    """
    with (
        _TURNS.setdefault(path, Lock()),
        _locked(duckdb.connect(str(path), read_only=read_only, config=_config(path.parent))) as connection,
    ):
        yield connection


@contextmanager
def in_memory(cache: Path) -> Iterator[Connection]:
    """A locked-down connection without any file; what does not fit in memory goes to a folder beside the cache files."""
    with _locked(duckdb.connect(":memory:", config=_config(cache))) as connection:
        yield connection


def _config(cache: Path) -> dict[str, Any]:
    return {
        "enable_external_access": "false",
        "temp_directory": str(cache / "spill"),
        "memory_limit": "512MB",
        "threads": "2",
    }


@contextmanager
def _locked(connection: Connection) -> Iterator[Connection]:
    try:
        connection.execute("SET enable_progress_bar = false")  # it draws even where there is no terminal
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


# No text of anybody's goes into these statements: only day numbers and names from our own lists.


def write_chunk(path: Path, days: Iterable[tuple[int, pa.Table]]) -> None:
    """Make a cache file of days: (day number, usage rows as the lake verified them)."""
    with opened(path, read_only=False) as connection:
        connection.execute(_SCHEMA)
        for batch in _batches(connection, days):
            _add(connection, batch)
        connection.execute(_SORT)


def _batches(connection: Connection, days: Iterable[tuple[int, pa.Table]]) -> Iterator[pa.Table]:
    """Days together, up to a number of rows: a statement costs more than the rows of a small organisation."""
    batch: list[pa.Table] = []
    for number, rows in days:
        if rows.num_rows == 0:
            connection.execute("INSERT INTO held VALUES (?, [0])", [number])
            continue
        batch.append(rows.append_column("day_no", pa.array(np.full(rows.num_rows, number, np.int32))))
        if sum(part.num_rows for part in batch) >= _BATCH_ROWS:
            yield pa.concat_tables(batch)
            batch = []
    if batch:
        yield pa.concat_tables(batch)


def _add(connection: Connection, rows: pa.Table) -> None:
    connection.register("usage", rows)
    connection.execute(f"CREATE TEMP TABLE worked AS SELECT *, {surfaces_sql()} AS surfaces FROM usage")  # noqa: S608
    connection.execute("INSERT INTO staged SELECT day_no, member_id, email, surfaces FROM worked WHERE surfaces > 0")
    connection.execute(f"INSERT INTO staged_week {weekly_sql('worked')}")
    connection.execute("DROP TABLE worked")
    connection.execute(f"CREATE TEMP TABLE contributions AS {contributions_sql('usage')}")
    connection.execute(f"INSERT INTO held {sums_sql('contributions')}")
    connection.execute(f"INSERT INTO contributed {masks_sql('contributions')}")
    connection.execute("DROP TABLE contributions")
    connection.unregister("usage")


def read_table(connection: Connection, sql: str) -> pa.Table:
    return connection.sql(sql).to_arrow_table()
