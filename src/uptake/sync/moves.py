"""What moved: the totals of a day as first shown and as they are now. Pure; totals only, nobody's counts."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.measures import COLUMNS, MEASURES

MEMBERS = "members"
"""Beside the measures: how many members had usage on the day."""

HEADLINES = (MEMBERS, "chat_messages", "code_sessions", "cowork_actions")
"""What is kept of every day, moved or not: a week that half moved is measured against the whole of it."""

ALWAYS_TOLD = frozenset(measure.column for measure in MEASURES if not (measure.nullable or measure.optional))
"""Measures that every row tells by contract: a null among them is a flaw, never a fact."""

Totals = dict[str, int | None]
"""Measure to its sum over the members of one day; None where no row told it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One measure of one day: its total before and after; None where no row told it."""

    measure: str
    old: int | None
    new: int | None


def totals(table: pa.Table) -> Totals:
    """The sums of a usage table, or of those columns of it that there are, and its rows."""
    sums = {name: pc.sum(table[name]).as_py() for name in COLUMNS if name in table.column_names}
    return {MEMBERS: table.num_rows, **sums}


def silent(table: pa.Table) -> int:
    """How many values are missing that every row should tell."""
    return sum(table[name].null_count for name in table.column_names if name in ALWAYS_TOLD)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a day held tells: its totals, and how many values are missing that every row should tell."""

    totals: Totals
    silent: int


def since(before: Totals | None, table: pa.Table) -> list[Move]:
    """What a revision moved, in the order of the measures; of a day not held before its headlines as first shown."""
    now = totals(table)
    if before is None:
        return [Move(name, now[name], now[name]) for name in HEADLINES]
    return [Move(name, before.get(name), total) for name, total in now.items() if before.get(name) != total]
