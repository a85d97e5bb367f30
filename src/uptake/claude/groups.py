"""The sieve for RBAC groups: who is in which, by name of the group. Read only where an administrator switched it on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec

from uptake.claude.answers import Unreadable
from uptake.claude.sieve import MAX_ROWS, without_lone_surrogates
from uptake.domain.members import clean_id, clean_text

_BROKEN = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_NAME = 200
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group, cleaned. Its id stands in an address and is nothing but letters, digits, - and _."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of groups, or of the ids of a group's members. `next_page` is None on the last one; a page may be empty."""

    groups: tuple[GroupRow, ...]
    members: tuple[str, ...]
    next_page: str | None


class _Row(msgspec.Struct):
    id: str = ""
    name: str = ""
    user_id: str = ""


class _List(msgspec.Struct):
    data: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_ROWS)]
    next_page: str | None = None


_decode_list = msgspec.json.Decoder(_List).decode
_decode_row = msgspec.json.Decoder(_Row).decode


def page(body: bytes) -> Page:
    """Decode a page of /rbac_groups or of a group's members. Raises Unreadable where it is no such page."""
    try:
        found = _decode_list(without_lone_surrogates(body))
    except _BROKEN:
        raise Unreadable("the answer is no list of groups") from None
    rows = [row for row in map(_row, found.data) if row is not None]
    groups = (GroupRow(row.id, clean_text(row.name, _NAME)) for row in rows if _ID.fullmatch(row.id))
    members = (clean_id(row.user_id) for row in rows)
    return Page(
        tuple(group for group in groups if group.name),
        tuple(member for member in members if member),
        found.next_page or None,
    )


def _row(raw: msgspec.Raw) -> _Row | None:
    try:
        return _decode_row(raw)
    except _BROKEN:
        return None
