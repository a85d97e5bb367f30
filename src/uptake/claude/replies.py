"""From an HTTP response to a Reply or a typed failure. Error texts are looked at for a date or a scope, never kept."""

from __future__ import annotations

import re
from datetime import date

import httpx2
import msgspec

from uptake.claude.answers import (
    ClaudeError,
    CursorExpired,
    NoSuchRoute,
    NotForThisOrganization,
    Rejected,
    Reply,
    TooEarly,
    TooRecent,
    Unreadable,
)
from uptake.claude.dates import newest_named
from uptake.domain.days import ONE_DAY

_KNOWN_SCOPES = ("read:analytics", "read:members", "read:rbac_groups")
_NOT_OFFERED = frozenset(
    {"organization_type_not_supported", "parent_organization_required", "organization_not_enrolled_in_beta"}
)
_ANALYTICS = "/analytics/"
_RECENT = 14 * ONE_DAY


class _Details(msgspec.Struct):
    error_code: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    details: _Details | None = None


class _Body(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


_decode_body = msgspec.json.Decoder(_Body).decode


def read(response: httpx2.Response, path: str, day: date | None, *, cursor: bool, today: date) -> Reply:
    """The reply of a 200; raises the ClaudeError that says what any other answer means on this path."""
    status = response.status_code
    if status == 200:
        return _reply(response)
    error = _error(response)
    if status == 404 and _ANALYTICS not in path:
        raise NoSuchRoute("Anthropic answered 404 on a known route")
    if status in {401, 402, 403, 404}:
        raise Rejected(status, _needed(error.message))
    if status == 410:
        raise CursorExpired("the vendor's cursor expired")
    if status == 400:
        raise _bad_request(error, day, cursor=cursor, today=today)
    raise Unreadable(f"Anthropic answered {status}, which this route does not give")


def _reply(response: httpx2.Response) -> Reply:
    kind = response.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Unreadable(f"the answer is {'HTML' if 'html' in kind else 'not JSON'}: something else answers there")
    organization = response.headers.get("anthropic-organization-id", "")[:128]
    request_id = response.headers.get("request-id", "")[:128]
    return Reply(response.content, organization if organization.isascii() else "", request_id)


def _error(response: httpx2.Response) -> _Error:
    try:
        return _decode_body(response.content).error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _Error()


def _bad_request(error: _Error, day: date | None, *, cursor: bool, today: date) -> ClaudeError:
    if error.details is not None and error.details.error_code in _NOT_OFFERED:
        return NotForThisOrganization("this endpoint is not offered to this organisation")
    if cursor:
        return CursorExpired("the vendor no longer knows its cursor")
    if day is None:
        return Unreadable("Anthropic did not accept the question (400)")
    newest = newest_named(error.message, day, today)
    if newest is not None or day >= today - _RECENT:
        return TooRecent(newest)
    return TooEarly("the vendor does not serve this day")


def _needed(message: str) -> str:
    """The first scope we know that the message says is needed."""
    needed = re.split(r"[Nn]eeded", message[:2_000], maxsplit=1)[-1]
    return next((scope for scope in _KNOWN_SCOPES if scope in needed), "")
