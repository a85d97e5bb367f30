"""Content where it does not belong: canaries in unknown fields, key names, wrong types, errors, headers, cookies, pages.

Every canary holds MARK and its place. None may ever be found anywhere but here and on the wire. True counts stay true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from uptake.domain.measures import MEASURES
from uptake.fake.answers import ERROR_TYPES, Answer, Asked
from uptake.fake.fault import Fault, Memory, Next
from uptake.fake.fault_lines import is_invites, is_roster, is_summaries, is_usage

MARK = "vqZk7WmXr2LdPbT9"
"""The beginning of every canary: random enough to occur nowhere by chance."""

Plant = Callable[[str], str]
"""A place to a canary that no other place and no other request has."""

_CONTENT = ("prompt", "completion", "system", "diff", "title", "project_name", "file_name", "summary", "source_code")
_WRONG_EVERY = 3
_DEEP = 40


def _planter(memory: Memory) -> Plant:
    def plant(place: str) -> str:
        return f"{MARK}.{place}.{memory.seen('planted'):07d}"

    return plant


def _laden(thing: dict[str, Any], where: str, plant: Plant) -> None:
    """Content in one object: a text, a key name, arrays within arrays."""
    thing["last_message"] = plant(f"{where}-text")
    thing[plant(f"{where}-key")] = 1
    thing["files"] = [plant(f"{where}-array"), [[{"path": plant(f"{where}-nested-array")}]]]


def _laden_below(thing: dict[str, Any], where: str, plant: Plant) -> None:
    """Content in an object and in every object below it."""
    for name, below in list(thing.items()):
        if isinstance(below, dict):
            _laden_below(below, f"{where}-{name}", plant)
    _laden(thing, where, plant)


def _conversation(plant: Plant) -> dict[str, Any]:
    """The fields in which content would really come."""
    texts = {name: plant(name) for name in _CONTENT}
    messages = [{"role": plant("messages-role"), "content": [{"type": "text", "text": plant("messages-content")}]}]
    deep: Any = plant("deep")
    for _ in range(_DEEP):
        deep = {"in": [deep]}
    return {**texts, "messages": messages, "deep": deep, "long": "x" * 4_000 + plant("long") + "y" * 4_000}


def _wrong_values(plant: Plant) -> tuple[Any, ...]:
    return (
        plant("count-text"),
        {"text": plant("count-object")},
        [plant("count-array")],
        {plant("count-key"): 1},
        [[plant("count-nested-array")]],
    )


def _put(row: dict[str, Any], path: str, value: Any) -> None:
    *blocks, leaf = path.split(".")
    for block in blocks:
        row = row.get(block) or {}
    row[leaf] = value


def _usage(page: dict[str, Any], plant: Plant) -> None:
    for number, row in enumerate(page["data"]):
        _laden_below(row, "usage", plant)
        row.update(_conversation(plant))
        row["last_activity_date"] = plant("unlisted-text")
        if number % _WRONG_EVERY == 1:  # never the first row: no count vanishes from a whole day
            wrong = _wrong_values(plant)
            _put(row, MEASURES[number % len(MEASURES)].path, wrong[number % len(wrong)])
        if number % 11 == 0:
            row["user"]["email_address"] = {"text": plant("e-mail-object")}


def _roster(page: dict[str, Any], plant: Plant) -> None:
    for number, row in enumerate(page["data"]):
        _laden(row, "roster", plant)
        row["type"] = plant("roster-unlisted-text")
        wrong = {"name": [plant("name-array")], "role": {"text": plant("role-object")}, "added_at": plant("time-text")}
        field = ("name", "role", "added_at")[number % 3]
        if number % _WRONG_EVERY == 0:
            row[field] = wrong[field]


def _invites(page: dict[str, Any], plant: Plant) -> None:
    for row in page["data"]:
        _laden(row, "invite", plant)
        row["invited_at"] = plant("invite-time")
        row["rbac_group_ids"] = [plant("invite-groups")]
    page["data"] += [{"email": "guest@example.com", "status": plant("invite-status")}]


def _summaries(page: dict[str, Any], plant: Plant) -> None:
    for row in page["data"]:
        _laden_below(row, "summary", plant)
        row["ending_at"] = plant("summary-unlisted-text")


_LOADS = ((is_usage, _usage), (is_roster, _roster), (is_invites, _invites), (is_summaries, _summaries))


def _headers(plant: Plant) -> dict[str, str]:
    names = ("X-Prompt", "ETag", "Link", "Warning", "Server-Timing", "request-id", "WWW-Authenticate", "x-should-retry")
    cookie = f"{plant('cookie-name')}={plant('cookie')}; Path=/"
    disposition = f'attachment; filename="{plant("file-name")}.txt"'
    return {name: plant(f"header-{name}") for name in names} | {
        "Set-Cookie": cookie,
        "Content-Disposition": disposition,
    }


def _canaries(asked: Asked, following: Next, memory: Memory) -> Answer:
    """Every good answer laden with content; its listed values stay."""
    given, plant = following(), _planter(memory)
    if given.status == 200:
        page = given.value()
        for about, load in _LOADS:
            if about(asked):
                load(page, plant)
        _laden(page, "page", plant)
        given = given.with_value(page)
    return replace(given, headers=given.headers | _headers(plant))


def _error(status: int, plant: Plant) -> Answer:
    details = {"error_code": plant("error-code"), plant("error-key"): [plant("error-array")]}
    told = {
        "type": plant("error-type"),
        "message": f"{plant('error-message')} sk-ant-api01-{plant('error-key-like')} Needed: {plant('error-scope')}",
        "details": details,
    }
    body = {"type": ERROR_TYPES[status], "error": told, "request_id": plant("error-request-id")}
    return Answer(status, msgspec.json.encode(body), {"Retry-After": plant("retry-after")} if status == 429 else {})


def _html(plant: Plant) -> Answer:
    body = f"<html><title>{plant('html-title')}</title><body>{plant('html-body')}</body></html>"
    return Answer(200, body.encode(), {"Content-Type": f"text/html; charset={plant('charset')}"})


def _redirect(plant: Plant) -> Answer:
    return Answer(302, b"", {"Location": f"http://127.0.0.1:1/{plant('redirect-path')}?q={plant('redirect-query')}"})


def _other_bodies(plant: Plant) -> tuple[Answer, ...]:
    """Bodies of a 200 that are no page: text, half of a page, broken bytes, another type, another coding."""
    return (
        Answer(200, plant("no-json").encode()),
        Answer(200, f'{{"data":[{{"prompt":"{plant("cut")}'.encode()),
        Answer(200, b'{"data":["\xff\xfe' + plant("bad-utf8").encode() + b'"]}'),
        Answer(200, f'"{plant("json-text")}"'.encode()),
        Answer(200, f'{{"data":"{plant("data-text")}","next_page":null}}'.encode()),
        Answer(200, f'{{"data":[],"next_page":["{plant("cursor-array")}"]}}'.encode()),
        Answer(200, b"{}", {"Content-Type": plant("content-type")}),
        Answer(200, b"{}", {"Content-Encoding": plant("content-encoding")}),
    )


def _too_recent(asked: Asked, plant: Plant) -> Answer:
    message = f"{plant('too-recent')}: no data for {asked.day}; {plant('too-recent-end')}"
    return Answer(400, msgspec.json.encode({"error": {"message": message}}))


def _canary_errors(asked: Asked, following: Next, memory: Memory) -> Answer:
    """Every second answer is trouble of the next kind, full of content."""
    plant, number = _planter(memory), memory.seen("asked")
    if number % 2:
        return _canaries(asked, following, memory)
    kinds = (
        lambda: _error(500, plant),
        lambda: _error(429, plant),
        lambda: _html(plant),
        lambda: _redirect(plant),
        lambda: _too_recent(asked, plant),
        lambda: _other_bodies(plant)[number // 18 % 8],
        lambda: _error((403, 401, 404, 410)[number // 18 % 4], plant),
        lambda: _error(529, plant),
        lambda: _other_bodies(plant)[(number // 18 + 4) % 8],
    )
    given = kinds[number // 2 % len(kinds)]()
    return replace(given, headers=_headers(plant) | given.headers)


CANARIES: tuple[Fault, ...] = (
    Fault("canaries", "content in unknown fields, key names, wrong types, headers and cookies", _canaries),
    Fault("canary-errors", "every second answer an error, a page or a redirect full of content", _canary_errors),
)
