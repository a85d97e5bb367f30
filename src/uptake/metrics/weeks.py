"""Member-weeks out of cache files: whose they are by seat, in few or in all columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from uptake.metrics.engine import opened, read_table
from uptake.metrics.history import HIGHEST_DAY
from uptake.metrics.weekly import KEPT
from uptake.metrics.windows import Numbers

_NARROW = ("days", "surfaces")


@dataclass(frozen=True, slots=True)
class ChunkWeeks:
    """The people of a cache file by their number in it, and their weeks with active days and surfaces alone."""

    ids: pa.Array
    emails: pa.Array
    narrow: pa.Table


def read(path: Path) -> ChunkWeeks:
    with opened(path) as connection:
        people = read_table(connection, "SELECT member_id, email FROM person ORDER BY person_no").combine_chunks()
        columns = ", ".join(f"CAST({name} AS INTEGER) AS {name}" for name in _NARROW)
        return ChunkWeeks(
            ids=people["member_id"].combine_chunks(),
            emails=people["email"].combine_chunks(),
            narrow=read_table(connection, f"SELECT person_no, week_no, {columns} FROM weekly"),  # noqa: S608
        )


def read_last(path: Path) -> ChunkWeeks:
    """Of everybody in a cache file the last active day alone: person_no, last_day."""
    with opened(path) as connection:
        people = read_table(connection, "SELECT member_id, email FROM person ORDER BY person_no").combine_chunks()
        found = f"SELECT person_no, CAST(max(7 * week_no + {HIGHEST_DAY}) AS INTEGER) AS last_day FROM weekly"  # noqa: S608
        return ChunkWeeks(
            ids=people["member_id"].combine_chunks(),
            emails=people["email"].combine_chunks(),
            narrow=read_table(connection, f"{found} WHERE days > 0 GROUP BY person_no"),
        )


def read_all(path: Path, first: int, last: int) -> pa.Table:
    """All that is kept of the weeks from first to last."""
    columns = ", ".join(kept.name for kept in KEPT)
    wanted = f"SELECT person_no, week_no, {columns} FROM weekly WHERE week_no BETWEEN {first} AND {last}"  # noqa: S608
    with opened(path) as connection:
        return read_table(connection, wanted)


def of_seats(parts: Iterable[tuple[pa.Table, Numbers]]) -> pa.Table:
    """Weeks of seat holders alone, with the number of the seat as person_no. `Numbers` maps a file's people to seats."""
    found = [_numbered(rows, numbers) for rows, numbers in parts]
    return pa.concat_tables(found) if found else _NOTHING


def _numbered(rows: pa.Table, numbers: Numbers) -> pa.Table:
    people = rows["person_no"].to_numpy()
    seats = numbers[people] if len(numbers) else np.empty(0, np.int32)
    place = rows.schema.get_field_index("person_no")
    return rows.set_column(place, "person_no", pa.array(seats)).filter(pa.array(seats >= 0))


_NOTHING = pa.table(
    {
        name: pa.array([], pa.float64() if name == "actions_per_session" else pa.int32() if at < 4 else pa.int64())
        for at, name in enumerate(("person_no", "week_no", *(kept.name for kept in KEPT)))
    }
)
