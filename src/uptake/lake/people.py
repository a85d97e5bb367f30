"""The company's org charts: one file a week on which something changed, under the name of no Claude connection.

`<root>/people/connection=directory/day=<Monday>/day.parquet`. A week without a file is as the week before it.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from uptake.lake.dayfile import Entry
from uptake.lake.schema import PEOPLE
from uptake.lake.store import Lake

DIRECTORY = "directory"


def charts(lake: Lake) -> dict[date, Entry]:
    """The Mondays whose weeks have a chart of their own, oldest first."""
    return lake.held("people", DIRECTORY)


def chart(lake: Lake, monday: date | None = None) -> pa.Table:
    """The chart of a week, or the newest; no rows where there is none. Raises Damaged: a chart is never guessed.

    Weeks before the first chart take the first one: nothing older is known of anybody's team.
    """
    held = charts(lake)
    if not held:
        return PEOPLE.empty_table()
    wanted = max(held) if monday is None else max((day for day in held if day <= monday), default=min(held))
    return lake.read("people", DIRECTORY, wanted)
