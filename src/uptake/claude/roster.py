"""The sieve for everything but usage: roster, invites and the vendor's own figures. Unlisted fields are skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from uptake.claude.answers import Unreadable
from uptake.claude.sieve import MAX_ROWS, Flaws, strict_count, without_lone_surrogates
from uptake.domain.measures import SUMMARY_COUNTS
from uptake.domain.members import MAX_NAME, clean_email, clean_id, clean_text

_BROKEN = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member on the roster, cleaned."""

    id: str
    email: str | None
    name: str | None
    role: str | None
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class InviteRow:
    """An invite, cleaned. `status` is the vendor's word: pending, accepted, expired or deleted."""

    email: str
    role: str | None
    status: str
    invited_at: datetime | None
    expires_at: datetime | None


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """A page of a list. `next_id` is None on the last page."""

    rows: list[Row]
    next_id: str | None
    flaws: Flaws = field(default_factory=Flaws)


class _Member(msgspec.Struct):
    id: str
    email: str | None = None
    name: str | None = None
    role: str | None = None
    added_at: str | None = None


class _Bare(msgspec.Struct):
    """A member of whom only the id can be believed."""

    id: str


class _Invite(msgspec.Struct):
    email: str
    status: str
    role: str | None = None
    invited_at: str | None = None
    expires_at: str | None = None


class _List(msgspec.Struct):
    data: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_ROWS)]
    has_more: bool
    last_id: str | None = None


_decode_list = msgspec.json.Decoder(_List).decode
_decode_member = msgspec.json.Decoder(_Member).decode
_decode_bare = msgspec.json.Decoder(_Bare).decode
_decode_invite = msgspec.json.Decoder(_Invite).decode


def members_page(body: bytes) -> ListPage[MemberRow]:
    """Decode a page of /users. Raises Unreadable where it is no such page."""
    return _list_page(body, _member)


def invites_page(body: bytes) -> ListPage[InviteRow]:
    """Decode a page of /invites. Raises Unreadable where it is no such page."""
    return _list_page(body, _invite)


def _list_page(body: bytes, read: Callable[[msgspec.Raw], Row | None]) -> ListPage[Row]:
    try:
        page = _decode_list(without_lone_surrogates(body))
    except _BROKEN as error:
        raise Unreadable("the answer is not a page of this list, or only a part of one") from error
    if page.has_more and not page.last_id:
        raise Unreadable("the list says there is more but not where")
    rows = [row for raw in page.data if (row := read(raw)) is not None]
    return ListPage(rows, page.last_id if page.has_more else None, Flaws(rejected_rows=len(page.data) - len(rows)))


def _member(raw: msgspec.Raw) -> MemberRow | None:
    try:
        row = _decode_member(raw)
    except _BROKEN:
        try:
            row = _Member(id=_decode_bare(raw).id)
        except _BROKEN:
            return None
    member_id = clean_id(row.id)
    if member_id is None:
        return None
    email = clean_email(row.email) if row.email else None
    return MemberRow(member_id, email, _text(row.name, MAX_NAME), _text(row.role, 64), moment(row.added_at))


def _invite(raw: msgspec.Raw) -> InviteRow | None:
    try:
        row = _decode_invite(raw)
    except _BROKEN:
        return None
    email = clean_email(row.email)
    if email is None:
        return None
    return InviteRow(email, _text(row.role, 64), row.status[:32], moment(row.invited_at), moment(row.expires_at))


def _text(text: str | None, longest: int) -> str | None:
    return (clean_text(text, longest) or None) if text is not None else None


def moment(text: str | None) -> datetime | None:
    """An RFC 3339 time as an aware UTC datetime; None where it is none."""
    if not text or len(text) > 64:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 or 9999 in a zone that pushes it over the edge
        return None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The vendor's own figures of one day; a count is None where it was not reported."""

    day: date
    counts: dict[str, int | None]


_SUMMARY = msgspec.defstruct(
    "Summary", [(name, msgspec.Raw, msgspec.Raw(b"")) for name in ("starting_at", "starting_date", *SUMMARY_COUNTS)]
)


class _SummaryList(msgspec.Struct):
    data: list[_SUMMARY] | None = None  # type: ignore[valid-type]
    summaries: list[_SUMMARY] | None = None  # type: ignore[valid-type]


_decode_summaries = msgspec.json.Decoder(_SummaryList).decode


def summaries(body: bytes) -> list[SummaryRow]:
    """Decode /analytics/summaries, present and older envelope. Raises Unreadable where it is neither."""
    try:
        page = _decode_summaries(body)
    except _BROKEN as error:
        raise Unreadable("the answer is not a list of summaries, or only a part of one") from error
    rows = page.data if page.data is not None else page.summaries
    if rows is None:
        raise Unreadable("the answer has neither `data` nor `summaries`")
    found = [(_start(row), row) for row in rows]
    return [SummaryRow(day, _counts(row)) for day, row in found if day is not None]


def _start(row: Any) -> date | None:
    raw = bytes(row.starting_at) or bytes(row.starting_date)
    try:
        at = moment(msgspec.json.decode(raw, type=str)) if raw else None
    except _BROKEN:
        return None
    return at.date() if at is not None else None


def _counts(row: msgspec.Struct) -> dict[str, int | None]:
    return {name: strict_count(bytes(getattr(row, name))) for name in SUMMARY_COUNTS}
