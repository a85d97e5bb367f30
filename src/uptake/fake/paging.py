"""Both families of pages: after_id/before_id with has_more, and opaque cursors bound to their exact query."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from uptake.fake.answers import Asked, Refusal

_LARGEST = 1000


def limit(asked: Asked, default: int) -> int:
    """The page size asked for. Raises Refusal (400)."""
    text = asked.one("limit")
    if text is None:
        return min(default, asked.largest)
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST:
        raise Refusal(400, f"limit: Input should be between 1 and {_LARGEST}")
    return min(int(text), asked.largest)


def by_id(asked: Asked, rows: Sequence[dict[str, Any]], positions: Mapping[str, int]) -> dict[str, Any]:
    """A page of the users and invites family. `last_id` is set on the last page too."""
    size, after, before = limit(asked, 20), asked.one("after_id"), asked.one("before_id")
    if after and before:
        raise Refusal(400, "Only one of after_id and before_id may be given")
    start = _position(after, positions) + 1 if after else 0
    if before:
        start = max(0, _position(before, positions) - size)
    page = rows[start : start + size]
    more = start > 0 if before else start + size < len(rows)
    first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    return {"data": page, "has_more": more, "first_id": first, "last_id": last}


def _position(member_id: str, positions: Mapping[str, int]) -> int:
    if member_id not in positions:
        raise Refusal(400, "after_id: no such object")
    return positions[member_id]


def start(asked: Asked) -> int:
    """Where the cursor of this query points; 0 without one. Raises Refusal (400) for any other query's cursor."""
    cursor = asked.one("page")
    if not cursor:
        return 0
    try:
        mark, offset = base64.urlsafe_b64decode(cursor.encode()).decode().split(":")
        number = int(offset)
    except ValueError:
        raise Refusal(400, "page: invalid cursor") from None
    if mark != _mark(asked):
        raise Refusal(400, "cursor does not match current query parameters")
    return number


def cursor(asked: Asked, offset: int) -> str:
    """An opaque cursor to a row of this very query."""
    return base64.urlsafe_b64encode(f"{_mark(asked)}:{offset}".encode()).decode()


def _mark(asked: Asked) -> str:
    query = sorted((name, value) for name, value in asked.query.items() if name != "page")
    return hashlib.sha256(f"{asked.path}{query}".encode()).hexdigest()[:16]


def by_cursor(asked: Asked, rows: Sequence[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """A page of a short list with a cursor, with `has_more` where the family has it."""
    at, size = start(asked), limit(asked, 20)
    following = cursor(asked, at + size) if at + size < len(rows) else None
    page: dict[str, Any] = {"data": rows[at : at + size], "next_page": following}
    return page | {"has_more": following is not None} if has_more else page
