"""The sieve: a page of usage as columns. Fields that the list of measures does not name are skipped while decoding.

A well-formed page takes the fast road: typed structs made from the measures. A page with any wrong value is decoded
again value by value from raw bytes, so that one bad count costs one null and not the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated, Any

import msgspec
import pyarrow as pa

from uptake.claude.answers import Unreadable
from uptake.claude.twice import names_a_key_twice
from uptake.domain.measures import COLUMNS, MAX_COUNT, Measure, Tree, tree
from uptake.domain.members import clean_email, clean_id

MAX_ROWS = 10_000
"""Ten times what a page may hold by its limit. More rows are no page; their structs alone would fill the memory."""
MAX_CURSOR = 2_048
_COUNT = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)] | None
_ABSENT = msgspec.Raw(b"")


class User(msgspec.Struct, gc=False):
    """Who a row is about."""

    id: str
    email_address: str | None = None


class _Bare(msgspec.Struct, gc=False):
    """Somebody of whom only the id can be believed."""

    id: str


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a row: its struct with strict counts, the same with raw bytes, and an empty one."""

    typed: type[Any]
    raw: type[Any]
    empty: Any
    below: dict[str, Block]
    counts: dict[str, Measure]


def _block(name: str, node: Tree, extra: Sequence[tuple[str, Any, Any]] = ()) -> Block:
    counts = {key: below for key, below in node.items() if isinstance(below, Measure)}
    below = {key: _block(f"{name}_{key}", part) for key, part in node.items() if not isinstance(part, Measure)}
    kinds: dict[str, Any] = dict.fromkeys(counts, _COUNT) | {key: block.typed | None for key, block in below.items()}
    typed = msgspec.defstruct(name, [*((key, kinds[key], None) for key in node), *extra], gc=False)
    raw_fields = [(key, msgspec.Raw, _ABSENT) for key in (*node, *(field[0] for field in extra))]
    return Block(typed, msgspec.defstruct(f"{name}_raw", raw_fields, gc=False), typed(), below, counts)


_ROW = _block("Row", tree(), extra=[("user", User | None, None)])
_Rows: Any = Annotated[list.__class_getitem__(_ROW.typed), msgspec.Meta(max_length=MAX_ROWS)]  # made while running
_PAGE = msgspec.defstruct("Page", [("data", _Rows), ("next_page", str | None, None)])
_decode_row = msgspec.json.Decoder(_ROW.typed).decode
_decode_page = msgspec.json.Decoder(_PAGE).decode


class _RawPage(msgspec.Struct):
    data: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_ROWS)]
    next_page: str | None = None


_decode_raw_page = msgspec.json.Decoder(_RawPage).decode
_decode_user = msgspec.json.Decoder(User).decode
_decode_bare = msgspec.json.Decoder(_Bare).decode


@dataclass(slots=True)
class Flaws:
    """What was wrong with the data of a run, counted and never kept."""

    wrong_values: int = 0
    missing_values: int = 0
    rejected_rows: int = 0
    duplicates: int = 0

    def add(self, other: Flaws) -> None:
        self.wrong_values += other.wrong_values
        self.missing_values += other.missing_values
        self.rejected_rows += other.rejected_rows
        self.duplicates += other.duplicates


@dataclass(frozen=True, slots=True)
class UsagePage:
    """A page as columns: member_id, email, then the counts as nullable int32, in the order of the measures."""

    rows: pa.RecordBatch
    next_page: str | None
    flaws: Flaws = field(default_factory=Flaws)
    absent: dict[str, int] = field(default_factory=dict)  # blocks that no row has → values that are missing for it


def usage_page(body: bytes) -> UsagePage:
    """Decode a page of /analytics/users. Raises Unreadable where it is no such page at all."""
    flaws = Flaws()
    if names_a_key_twice(body):
        raise Unreadable("a row of the answer names the same count twice")
    try:
        page: Any = _decode_page(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _careful(body, flaws)
    absent: dict[str, int] = {}
    return UsagePage(_batch(page.data, flaws, absent), _cursor(page.next_page), flaws, absent)


def _careful(body: bytes, flaws: Flaws) -> UsagePage:
    try:
        page = _decode_raw_page(without_lone_surrogates(_without_nan(body)))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable("the answer is not a page of usage, or only a part of one") from error
    rows = [_row_from_raw(raw, flaws) for raw in page.data]
    absent: dict[str, int] = {}
    return UsagePage(_batch(rows, flaws, absent), _cursor(page.next_page), flaws, absent)


def _cursor(next_page: str | None) -> str | None:
    if next_page and len(next_page) > MAX_CURSOR:
        raise Unreadable("the answer's cursor is longer than any cursor")
    return next_page or None


# A string without an end is taken to the end of the body: trying again from each of its quotes would take for ever.
_NOT_A_NUMBER = re.compile(rb'("(?:[^"\\]++|\\[\s\S])*+"?)|-?\b(?:NaN|Infinity)\b')


def _without_nan(body: bytes) -> bytes:
    """NaN and Infinity are not JSON: outside strings they become `false`, a wrong value like any other."""
    if b"NaN" not in body and b"Infinity" not in body:
        return body
    return _NOT_A_NUMBER.sub(lambda match: match.group(1) or b"false", body)


_ESCAPE = re.compile(
    rb"\\(?:\\|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2}))"
)


def without_lone_surrogates(body: bytes) -> bytes:
    """Half a character by escape (\\ud800 alone) is no text: one in a name must not cost the page. Pairs stay as they are."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match.group(1) else match.group(0), body)


def _row_from_raw(raw: msgspec.Raw, flaws: Flaws) -> Any:
    try:
        return _decode_row(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass  # something in this row is wrong: value by value, then
    row = _block_from_raw(_ROW, raw, flaws)
    row.user = _user_from_raw(raw, flaws)
    return row


def _user_from_raw(raw: msgspec.Raw, flaws: Flaws) -> User | None:
    """Who a row is about. An e-mail that is no text is a wrong value; without a text as id there is nobody."""
    try:
        user = msgspec.json.decode(raw, type=_ROW.raw).user
        member_id = _decode_bare(user).id
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    try:
        return _decode_user(user)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        flaws.wrong_values += 1
        return User(member_id)


def _block_from_raw(block: Block, raw: msgspec.Raw, flaws: Flaws) -> Any:
    """One block, value by value. A block that is no object has all its counts null and counts as one wrong value."""
    values = block.typed()
    try:
        holder = msgspec.json.decode(raw, type=block.raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        flaws.wrong_values += 1
        return values
    for key in (*block.counts, *block.below):
        text = bytes(getattr(holder, key))
        if text in {b"", b"null"}:
            continue
        if key in block.counts:
            count = strict_count(text)
            flaws.wrong_values += count is None
            setattr(values, key, count)
        else:
            setattr(values, key, _block_from_raw(block.below[key], getattr(holder, key), flaws))
    return values


_INTEGER = re.compile(rb"-?\d{1,40}")
_DECIMAL = re.compile(rb"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")


def strict_count(text: bytes) -> int | None:
    """A plain integer in 0 … 10^9 as JSON writes it (3.0 is one, true is not), else None."""
    value = -1.0
    if _INTEGER.fullmatch(text):
        value = float(int(text))
    elif _DECIMAL.fullmatch(text):
        value = float(text)
    return int(value) if 0 <= value <= MAX_COUNT and value.is_integer() else None


def _batch(rows: list[Any], flaws: Flaws, absent: dict[str, int]) -> pa.RecordBatch:
    """Rows to columns. Rows without a usable member id are left out and counted."""
    ids = [clean_id(row.user.id) if row.user is not None else None for row in rows]
    kept = [row for row, member_id in zip(rows, ids, strict=True) if member_id is not None]
    flaws.rejected_rows += len(rows) - len(kept)
    emails = [clean_email(row.user.email_address or "") for row in kept]
    columns: dict[str, pa.Array] = {}
    _columns(_ROW, kept, columns, flaws, absent)
    people = [pa.array([member_id for member_id in ids if member_id], pa.string()), pa.array(emails, pa.string())]
    return pa.RecordBatch.from_arrays(
        [*people, *(columns[name] for name in COLUMNS)], names=["member_id", "email", *COLUMNS]
    )


def _columns(
    block: Block, rows: Sequence[Any], into: dict[str, pa.Array], flaws: Flaws, absent: dict[str, int]
) -> None:
    """Collect a block's counts over all rows; a block that a row does not have gives nulls."""
    for key, measure in block.counts.items():
        column = into[measure.column] = pa.array(list(map(attrgetter(key), rows)), pa.int32())
        if column.null_count and not (measure.nullable or measure.optional):
            flaws.missing_values += column.null_count
    for key, below in block.below.items():
        found = list(map(attrgetter(key), rows))
        if all(value is None for value in found):
            _absent(below, len(rows), into, absent)
        else:
            _columns(below, [value or below.empty for value in found], into, flaws, absent)


def _absent(block: Block, rows: int, into: dict[str, pa.Array], absent: dict[str, int]) -> None:
    """A block that no row of the page has: all its counts are null. Whether that is a flaw the whole day tells."""
    for measure in block.counts.values():
        into[measure.column] = pa.nulls(rows, pa.int32())
    promised = sum(not (measure.nullable or measure.optional) for measure in block.counts.values())
    if promised:
        absent[block.typed.__name__] = rows * promised
    for below in block.below.values():
        _absent(below, rows, into, absent)
