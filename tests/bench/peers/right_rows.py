"""How many rows a tool holds that say exactly what the organisation says: all 108 counts, null apart from zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from uptake.domain.measures import COLUMNS, MEASURES
from uptake.fake import Organisation

Counts = tuple[int | None, ...]
Rows = dict[tuple[str, str], Counts]
"""(day, member id) to the counts, in the order of the measures."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows held against the truth: `right` of `true`, `missing` ones, and `wrong` ones (other counts, or nobody's)."""

    true: int
    right: int
    missing: int
    wrong: int

    def text(self) -> str:
        more = [f"{count:,} {word}" for count, word in ((self.missing, "missing"), (self.wrong, "wrong")) if count]
        return ", ".join([f"{self.right:,} of {self.true:,}", *more])


def judge(held: Rows, true: Rows) -> Judged:
    right = sum(held.get(key) == counts for key, counts in true.items())
    missing = len(true.keys() - held.keys())
    return Judged(len(true), right, missing, len(held) - right)


def truth(organisation: Organisation, days: list[date], as_of: datetime) -> Rows:
    """What the organisation tells of these days on `as_of`."""
    return {
        (day.isoformat(), row["member_id"]): tuple(row[column] for column in COLUMNS)
        for day in days
        for row in organisation.truth(day, as_of=as_of)
    }


def nested(row: Mapping[str, Any]) -> Counts:
    """The counts of a row as the vendor nests it."""
    return tuple(_at(row, measure.path) for measure in MEASURES)


def flattened(row: Mapping[str, Any]) -> Counts:
    """The counts of a row whose nested fields became columns joined by two underscores."""
    return tuple(row.get(measure.path.replace(".", "__")) for measure in MEASURES)


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
