"""Weeks of people for teams: who held a seat and was active, a row a member and week, beside each cache file of weeks.

The columns are named as those of a window file, so that a week is asked as a window is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from uptake.metrics import fourweeks
from uptake.metrics.engine import in_memory, opened, read_table
from uptake.metrics.fourweeks import WEEK_WORKDAYS
from uptake.metrics.roster import Roster

_PEOPLE = f"""
WITH seat_week AS ({fourweeks.SEAT_WEEK})
SELECT w.week_no, s.member_id, s.left_day > 7 * w.week_no + 6 AS seat_end,
  coalesce(h.seat_workdays, 0) >= {WEEK_WORKDAYS} AS eligible, CASE WHEN a.person_no IS NULL THEN 0 ELSE 1 END AS days
FROM seat s CROSS JOIN week w LEFT JOIN seat_week h ON h.person_no = s.person_no AND h.week_no = w.week_no
  LEFT JOIN active a ON a.person_no = s.person_no AND a.week_no = w.week_no
WHERE s.joined <= 7 * w.week_no + 6 AND s.left_day > 7 * w.week_no ORDER BY w.week_no
""".strip()  # noqa: S608


def write(path: Path, roster: Roster, rows: pa.Table, first: int, last: int) -> None:
    """Make the file of the weeks from first to last. `rows`: member-weeks with person_no (a seat's) and week_no."""
    seats = pa.table(
        {
            "person_no": pa.array(np.arange(len(roster.joined), dtype=np.int32)),
            "member_id": roster.ids,
            "joined": pa.array(roster.joined),
            "left_day": pa.array(roster.left),
        }
    )
    with in_memory(path.parent) as engine:
        engine.register("seat", seats)
        engine.register("week", pa.table({"week_no": pa.array(range(first, last + 1), pa.int32())}))
        engine.register(
            "active", rows.select(["person_no", "week_no"]).group_by(["person_no", "week_no"]).aggregate([])
        )
        people = read_table(engine, _PEOPLE)
    with opened(path, read_only=False) as file:
        file.register("given", people)
        file.execute("CREATE TABLE person_window AS SELECT * FROM given")
