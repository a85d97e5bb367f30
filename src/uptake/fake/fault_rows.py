"""Faults of single rows and values: wrong types, missing blocks, hostile text, twins, collapsing days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_roster, is_usage

CANARY = "canary: a prompt that nobody may ever keep"
_HOSTILE_NAMES = ("\u202egnp.exe", "=HYPERLINK(1)", "a\x00b\x1b[31mred", "<script>alert(1)</script>", "x" * 10_000)

Row = dict[str, Any]


def _rows(change: Callable[[list[Row]], list[Row]], where: Callable[[Asked], bool] = is_usage) -> Play:
    """A change to the rows of a page."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        if not where(asked) or given.status != 200:
            return given
        page = given.value()
        return given.with_value(page | {"data": change(page["data"])})

    return play


def _each(change: Callable[[Row], object], every: int = 3) -> Play:
    """A change to every third row."""

    def on(rows: list[Row]) -> list[Row]:
        for row in rows[::every]:
            change(row)
        return rows

    return _rows(on)


def _value(value: Any) -> Play:
    """A wrong value where the chat messages are."""
    return _each(lambda row: row["chat_metrics"].update(message_count=value))


def _raw(old: bytes, new: bytes) -> Play:
    """Bytes that no JSON encoder would write."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        return replace(given, body=given.body.replace(old, new, 1)) if is_usage(asked) else given

    return play


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
    Fault("text-value", "a count as text", _value("12")),
    Fault("true-value", "a count as true", _value(True)),
    Fault("fraction-value", "a count of 3.5", _value(3.5)),
    Fault("negative-value", "a negative count", _value(-4)),
    Fault("huge-value", "a count beyond belief", _value(10**18)),
    Fault("object-value", "an object where a count should be", _value({"n": 1})),
    Fault("nan-value", "a count that is not a number", _raw(b'"message_count":0', b'"message_count":NaN')),
    Fault("null-block", "a block that is null", _each(lambda row: row.update(office_metrics=None))),
    Fault("missing-block", "a block that is missing", _each(lambda row: row.pop("office_metrics"))),
    Fault("text-block", "a block that is text", _each(lambda row: row.update(office_metrics="none"))),
    Fault("one-no-user", "one row without a user", _each(lambda row: row.pop("user"), every=1_000)),
    Fault("no-users", "rows without a user", _each(lambda row: row.update(user=None), every=1)),
    Fault("content", "prompts and names where nobody asked for them", _each(_with_content)),
    Fault("twins", "two members come twice", _rows(_twins)),
    Fault("unequal-twins", "one member comes twice with different counts", _rows(_unequal_twins)),
    Fault("hostile-names", "names that attack terminals, pages and spreadsheets", _rows(_hostile, is_roster)),
    Fault("empty-days", "days without anybody", _rows(lambda _rows: [])),
    Fault("collapsed-days", "days with a tenth of their rows", _rows(lambda rows: rows[::10])),
)
