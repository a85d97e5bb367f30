"""Faults of the roster: people who vanish, change, come back, or carry hostile names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from uptake.fake.answers import Answer, Asked, error
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_roster
from uptake.fake.fault_rows import Row, rows_changed

_ROWS = 12
_PARTS = (11, 30, 95)


def _without(share: float) -> Play:
    """The newest part of the roster is gone."""
    return rows_changed(lambda rows: rows[math.ceil(share * len(rows)) :], is_roster)


def _first(change: Callable[[Row], object]) -> Play:
    """A change to the newest member of the roster."""

    def on(rows: list[Row]) -> list[Row]:
        for row in rows[:1]:
            change(row)
        return rows

    return rows_changed(on, is_roster)


def _page_two(asked: Asked, following: Next, _memory: Memory) -> Answer:
    return error(500, "made-up trouble") if is_roster(asked) and asked.one("after_id") else following()


def _renamed(row: Row) -> None:
    row["email"] = "renamed@halden.example"


def _another(row: Row) -> None:
    row["id"] = "user_01made_up_anew"


def _promoted(rows: list[Row]) -> list[Row]:
    changed: list[dict[str, Any]] = [row | {"role": "owner"} for row in rows]
    return changed


PEOPLE: tuple[Fault, ...] = (
    *(Fault(f"roster-minus-{part}", f"{part} % of the roster vanish", _without(part / 100), "F56") for part in _PARTS),
    Fault("roster-page-2-500", "the second page of the roster ends in 500", _page_two, "F57", _ROWS),
    Fault("email-changed", "a member's address has changed", _first(_renamed), "F58"),
    Fault("one-gone", "one member is gone", rows_changed(lambda rows: rows[1:], is_roster), "F59"),
    Fault("new-id", "an address belongs to another member now", _first(_another), "F60"),
    Fault("roles-changed", "everybody is an owner", rows_changed(_promoted, is_roster), "F61"),
)  # fmt: skip
