"""Faults of paging: cursors that go round, die, or are none; pages that come twice, empty, or without end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from uptake.fake import paging
from uptake.fake.answers import Answer, Asked, error
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_roster, is_usage

_ROWS = 12
_EVER = 1_000_000
_MARK = "made-up:"


def _cursor(status: int, times: int, words: str = "cursor expired") -> Play:
    """The cursor after the first page dies."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        dead = is_usage(asked) and asked.one("page") and memory.seen(f"{asked.day}") <= times
        return error(status, words) if dead else following()

    return play


def _with_page(asked: Asked, cursor: str | None) -> Asked:
    """The same question with another cursor."""
    query = {name: values for name, values in asked.query.items() if name != "page"}
    return replace(asked, query=query | ({"page": [cursor]} if cursor else {}))


def _first_again(mark: str) -> Play:
    """Every page is the first one; its cursor is made by `mark`."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        if not is_usage(asked):
            return following()
        given = following(_with_page(asked, None))
        return (
            given.with_value(given.value() | {"next_page": mark.format(memory.seen("pages"))}) if _ok(given) else given
        )

    return play


def _cycle(asked: Asked, following: Next, _memory: Memory) -> Answer:
    """The third page's cursor leads back to the second."""
    given = following()
    if not is_usage(asked) or not _ok(given) or paging.start(asked) < 2 * _ROWS:
        return given
    return given.with_value(given.value() | {"next_page": paging.cursor(asked, _ROWS)})


def _endless(asked: Asked, following: Next, memory: Memory) -> Answer:
    """The newest day goes on and on, each page with somebody new."""
    if not is_usage(asked) or asked.day is None or (asked.at.date() - asked.day).days != 1:
        return following()
    given = following(_with_page(asked, None))
    if not _ok(given):
        return given
    row, number = given.value()["data"][0], memory.seen("pages")
    user = row["user"] | {"id": f"user_00made_up_{number}", "email_address": f"nobody.{number}@halden.example"}
    return given.with_value({"data": [row | {"user": user}], "next_page": f"page-{number}"})


def _endless_empty(asked: Asked, following: Next, _memory: Memory) -> Answer:
    given = following(_with_page(asked, None)) if is_usage(asked) else following()
    page = {"data": [], "next_page": (asked.one("page") or "page") + "x"}
    return given.with_value(page) if is_usage(asked) and _ok(given) else given


def _empty_page(asked: Asked, following: Next, _memory: Memory) -> Answer:
    """Between the first page and the second comes one without rows."""
    if not is_usage(asked):
        return following()
    cursor = asked.one("page") or ""
    if cursor.startswith(_MARK):
        return replace(following(_with_page(asked, None))).with_value(
            {"data": [], "next_page": cursor.removeprefix(_MARK)}
        )
    given = following()
    page = given.value() if _ok(given) else {}
    if cursor or not page.get("next_page"):
        return given
    return given.with_value(page | {"next_page": _MARK + page["next_page"]})


def _row_lost(asked: Asked, following: Next, _memory: Memory) -> Answer:
    """The first row of each second page gets lost between two pages."""
    given = following()
    if not is_usage(asked) or not asked.one("page") or not _ok(given):
        return given
    page = given.value()
    return given.with_value(page | {"data": page["data"][1:]})


def _twin_across(**changed: int) -> Play:
    """The first member of the first page comes again on the second, perhaps with other counts."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        if not is_usage(asked) or not asked.one("page") or not _ok(given):
            return given
        page = given.value()
        twin = following(_with_page(asked, None)).value()["data"][0]
        chat = twin["chat_metrics"] | changed
        return given.with_value(page | {"data": [*page["data"], twin | {"chat_metrics": chat}]})

    return play


def _last_cursor(value: Any) -> Play:
    """Where a list should end there is a cursor that is none."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        if not is_usage(asked) or not _ok(given) or given.value()["next_page"] is not None:
            return given
        return given.with_value(given.value() | {"next_page": value})

    return play


def _no_last_id(asked: Asked, following: Next, _memory: Memory) -> Answer:
    given = following()
    if not is_roster(asked) or not _ok(given):
        return given
    return given.with_value(given.value() | {"has_more": True, "last_id": None})


def _ok(given: Answer) -> bool:
    return given.status == 200


PAGES: tuple[Fault, ...] = (
    Fault("cursor-410", "cursors are always dead", _cursor(410, _EVER), "F22", _ROWS),
    Fault("cursor-410-once", "each day's cursor dies once", _cursor(410, 1), "F22", _ROWS),
    Fault("circle", "the cursor points to itself", _first_again(_MARK), "F30", _ROWS),
    Fault("cycle-3", "the third page leads back to the second", _cycle, "F30", _ROWS),
    Fault("same-page", "the same page again and again, each time under another cursor", _first_again(_MARK + "{}"), "F30"),
    Fault("endless", "the newest day has pages without end, each with somebody new", _endless, "F31"),
    Fault("endless-empty", "pages without end and without rows", _endless_empty, "F31"),
    Fault("twins-across", "a member comes on two pages alike", _twin_across(), "F32", _ROWS),
    Fault("unequal-across", "a member comes on two pages with different counts", _twin_across(message_count=77), "F33", _ROWS),
    Fault("row-lost", "one row gets lost between two pages", _row_lost, "F34", _ROWS),
    Fault(
        "cursor-400-once",
        "each day's cursor is once said to be another query's",
        _cursor(400, 1, "cursor does not match current query parameters"),
        "F35",
        _ROWS,
    ),
    Fault("empty-page", "an empty page in the middle", _empty_page, "F36", _ROWS),
    Fault("cursor-empty", "the last cursor is an empty text", _last_cursor(""), "F37"),
    Fault("cursor-number", "the last cursor is a number", _last_cursor(7), "F37"),
    Fault("cursor-10k", "the last cursor has 10,000 letters", _last_cursor("x" * 10_000), "F37"),
    Fault("roster-no-cursor", "there is more of the roster, but nobody says where", _no_last_id, "F38"),
)  # fmt: skip
