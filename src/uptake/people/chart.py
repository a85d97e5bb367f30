"""The org chart as a table, one row a person and source: what the lake keeps for a week. Nothing here touches a file.

Texts of several values are joined by line breaks, dates are written 2026-11-23: the seal counts over plain columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from uptake.people.person import Said

_TEXT = ("person_id", "source", "key", "name", "email", "employee_id", "claude_id", "manager_id", "department",
         "location", "title", "population")  # fmt: skip
_LISTS = ("other_emails", "groups")
_DATES = ("started_on", "ended_on")
_NUMBERS = ("rank", "on_leave", "listed")

COLUMNS = (
    "person_id", "source", "rank", "key", "name", "email", "other_emails", "employee_id", "claude_id", "manager_id",
    "department", "location", "title", "groups", "population", "started_on", "ended_on", "on_leave", "listed",
)  # fmt: skip
"""The columns of a chart, in the lake's order (lake.PEOPLE; a test holds both together)."""


def to_table(said: Sequence[Said]) -> pa.Table:
    """A chart's rows as columns."""
    made = {name: pa.array([_written(name, getattr(one, name)) for one in said], _type(name)) for name in COLUMNS}
    return pa.table(made)


def from_table(table: pa.Table) -> list[Said]:
    """A chart's rows again."""
    columns = [_read(name, table[name].to_pylist()) for name in COLUMNS]
    return [Said(**dict(zip(COLUMNS, row, strict=True))) for row in zip(*columns, strict=True)]


def _type(name: str) -> pa.DataType:
    return pa.int32() if name in _NUMBERS else pa.string()


def _written(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _LISTS:
        return "\n".join(value) or None
    if name in _DATES:
        return value.isoformat()
    return int(value) if name in _NUMBERS else value


def _read(name: str, values: Iterable[Any]) -> list[Any]:
    if name in _LISTS:
        return [tuple(value.split("\n")) if value else () for value in values]
    if name in _DATES:
        return [date.fromisoformat(value) if value else None for value in values]
    if name in ("on_leave", "listed"):
        return [None if value is None else bool(value) for value in values]
    return list(values)


Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much."""


def silent(_what: str, _done: int, _of: int) -> None:
    """For callers that show no progress."""
