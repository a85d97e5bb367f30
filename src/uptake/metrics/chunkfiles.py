"""The cache's files of days: made from day files where they are missing, and what of them is wanted read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from uptake.domain.days import day_no
from uptake.domain.problems import Problem
from uptake.lake import Damaged
from uptake.metrics.activity import ACTIVE_IF
from uptake.metrics.cachefiles import written
from uptake.metrics.chunks import Chunk
from uptake.metrics.engine import opened, read_table, write_chunk
from uptake.metrics.facts import Facts
from uptake.metrics.parts import PARTS
from uptake.metrics.series import ChunkRows
from uptake.metrics.weekly import READS

_T = TypeVar("_T")

_ATTEMPTS = 3
_ACTIVITY = {column for columns in ACTIVE_IF.values() for column in columns}
_COLUMNS = ["member_id", "email", *sorted(_ACTIVITY.union(READS, *(part.fields for part in PARTS)))]


def rows_of(facts: Facts, chunk: Chunk, read: Callable[[Path], _T]) -> tuple[Chunk, _T]:
    """What is read of a chunk and what was really in it; its file is made first where it is missing or unreadable."""
    made = chunk
    for _ in range(_ATTEMPTS):
        with suppress(duckdb.Error):  # missing, removed a moment ago, or torn
            return made, read(facts.cache / made.name)
        made = _make(facts, chunk)
    raise Problem(
        "The cache cannot be read back; the facts are not touched.", "Check the disk of UPTAKE_HOME, then ask again."
    )


def read_days(path: Path) -> ChunkRows:
    with opened(path) as connection:
        people = read_table(connection, "SELECT member_id, email FROM person ORDER BY person_no").combine_chunks()
        return ChunkRows(
            held=[
                (day, sums) for day, sums in connection.execute("SELECT day_no, sums FROM held ORDER BY 1").fetchall()
            ],
            contributed=connection.execute("SELECT day_no, family, mask, people FROM contributed").fetchall(),
            ids=people["member_id"].combine_chunks(),
            emails=people["email"].combine_chunks(),
            active=read_table(connection, "SELECT day_no, person_no, surfaces FROM active"),
        )


def _make(facts: Facts, chunk: Chunk) -> Chunk:
    """Make the chunk's file and return what it holds: the chunk without its damaged days, under its own name."""
    damaged: set[date] = set()

    def days() -> Iterator[tuple[int, pa.Table]]:
        for day, _ in chunk.days:
            try:
                yield day_no(day), facts.lake.read("usage", chunk.connection, day, columns=_COLUMNS)
            except (Damaged, FileNotFoundError):
                damaged.add(day)

    def write(temporary: Path) -> Path:
        write_chunk(temporary, days())
        return facts.cache / chunk.without(frozenset(damaged)).name

    written(facts.cache, write)
    return chunk.without(frozenset(damaged))
