"""Window files: one row a seat holder for four weeks, kept in the cache, so that any group of people can be asked later.

`person_window` has what fourweeks.person_window gives and the member's id; `person_week` has the weeks with Claude Code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from uptake.metrics import fourweeks
from uptake.metrics.engine import Connection, opened, read_table
from uptake.metrics.fourweeks import Window
from uptake.metrics.roster import Roster
from uptake.metrics.weekly import KEPT, folded_sql

_PEOPLE = "SELECT s.member_id, p.* FROM person_window p JOIN seat s ON s.person_no = p.person_no"
_CODING = "SELECT person_no, week_no, code_days, lines_added, lines_removed FROM person_week WHERE code_days > 0"


@cache
def made_by() -> str:
    """A name for how window files are made: 8 hex digits."""
    texts = (fourweeks.person_window(Window(0, True, True, True)), fourweeks.SEAT_WEEK, _PEOPLE, _CODING)
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]


def prepare(engine: Connection, days: Sequence[int], whole: set[int], roster: Roster, narrow: pa.Table) -> None:
    """The tables that every window and history reads: seat, week, seat_week, active_week."""
    _seats(engine, roster)
    weeks = range(days[0] // 7, days[-1] // 7 + 1) if days else range(0)
    engine.register("given", pa.table({"week_no": pa.array(weeks, pa.int32()), "whole": [w in whole for w in weeks]}))
    engine.execute("CREATE TABLE week AS SELECT week_no, CAST(whole AS BOOLEAN) AS whole FROM given")
    engine.unregister("given")
    engine.execute(f"CREATE TABLE seat_week AS {fourweeks.SEAT_WEEK}")
    _weeks(engine, "active_week", narrow, ("days", "surfaces"))


def write(engine: Connection, path: Path, window: Window, rows: pa.Table) -> None:
    """Make a window's file. `rows`: all that is kept of the weeks of the window."""
    _weeks(engine, "person_week", rows, (kept.name for kept in KEPT))
    engine.execute(f"CREATE TEMP TABLE person_window AS {fourweeks.person_window(window)}")
    people, coding = read_table(engine, _PEOPLE), read_table(engine, _CODING)
    engine.execute("DROP TABLE person_window")
    with opened(path, read_only=False) as file:
        for name, found in (("person_window", people), ("person_week", coding)):
            file.register("given", found)
            file.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608
            file.unregister("given")


def _seats(engine: Connection, roster: Roster) -> None:
    seats = pa.table(
        {
            "person_no": pa.array(np.arange(len(roster.joined), dtype=np.int32)),
            "member_id": roster.ids,
            "joined": pa.array(roster.joined),
            "left_day": pa.array(roster.left),
            "role": roster.roles,
            "joined_month": roster.months,
            "everybody": pa.array([""] * len(roster.joined), pa.string()),
        }
    )
    engine.register("roster", seats)
    engine.execute("CREATE TABLE seat AS SELECT * FROM roster")


def _weeks(engine: Connection, name: str, rows: pa.Table, columns: Iterable[str]) -> None:
    """A table of member-weeks with one row each, also where two ids of the usage stand for one seat."""
    engine.execute(f"DROP TABLE IF EXISTS {name}")
    engine.register("given", rows)
    distinct = engine.execute("SELECT count(*) FROM (SELECT DISTINCT person_no, week_no FROM given)").fetchone()
    folded = folded_sql("given", "person_no", frozenset(columns))
    source = "given" if distinct == (rows.num_rows,) else f"({folded})"
    engine.execute(f"CREATE TABLE {name} AS SELECT * FROM {source} AS source")  # noqa: S608
    engine.unregister("given")
