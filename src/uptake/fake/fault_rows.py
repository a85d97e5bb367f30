"""Faults of single rows and values: wrong types, missing blocks, hostile text, twins, collapsing days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_roster, is_usage

CANARY = "canary: a prompt that nobody may ever keep"
_HOSTILE_NAMES = ("\u202egnp.exe", "=HYPERLINK(1)", "a\x00b\x1b[31mred", "<script>alert(1)</script>", "x" * 10_000)

Row = dict[str, Any]


def rows_changed(change: Callable[[list[Row]], list[Row]], where: Callable[[Asked], bool] = is_usage) -> Play:
    """A change to the rows of a page."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        if not where(asked) or given.status != 200:
            return given
        page = given.value()
        return given.with_value(page | {"data": change(page["data"])})

    return play


def each(change: Callable[[Row], object], every: int = 3) -> Play:
    """A change to every third row."""

    def on(rows: list[Row]) -> list[Row]:
        for row in rows[::every]:
            change(row)
        return rows

    return rows_changed(on)


def _twins(rows: list[Row]) -> list[Row]:
    return rows + rows[:2]


def _unequal_twins(rows: list[Row]) -> list[Row]:
    other = {**rows[0], "chat_metrics": {**rows[0]["chat_metrics"], "message_count": 77}} if rows else {}
    return [*rows, other] if rows else rows


def _hostile(rows: list[Row]) -> list[Row]:
    for number, row in enumerate(rows):
        row["name"] = _HOSTILE_NAMES[number % len(_HOSTILE_NAMES)]
    return rows


def _with_content(row: Row) -> None:
    row["prompt"] = CANARY
    row["chat_metrics"]["last_message"] = {"text": CANARY, "files": [CANARY]}
    row["user"]["full_name"] = CANARY


ROWS: tuple[Fault, ...] = (
    Fault("null-block", "a block that is null", each(lambda row: row.update(office_metrics=None))),
    Fault("missing-block", "a block that is missing", each(lambda row: row.pop("office_metrics"))),
    Fault("text-block", "a block that is text", each(lambda row: row.update(office_metrics="none"))),
    Fault("one-no-user", "one row without a user", each(lambda row: row.pop("user"), every=1_000)),
    Fault("no-users", "rows without a user", each(lambda row: row.update(user=None), every=1), "F47"),
    Fault("content", "prompts and names where nobody asked for them", each(_with_content), "F39"),
    Fault("twins", "two members come twice", rows_changed(_twins), "F32"),
    Fault("unequal-twins", "one member comes twice with different counts", rows_changed(_unequal_twins), "F33"),
    Fault(
        "hostile-names", "names that attack terminals, pages and spreadsheets", rows_changed(_hostile, is_roster), "F62"
    ),
    Fault("empty-days", "days without anybody", rows_changed(lambda _rows: []), "F51"),
    Fault("collapsed-days", "days with a tenth of their rows", rows_changed(lambda rows: rows[::10]), "F51"),
)
