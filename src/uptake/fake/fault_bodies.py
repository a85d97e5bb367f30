"""Faults of whole bodies: no JSON, too much of it, pages that never end or come again."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_invites, is_roster, is_summaries, is_usage

_HTML = b"<html><body>Please sign in to the proxy</body></html>"
_BOMB = b'{"data":[' + b" " * (20 << 20) + b'],"next_page":null}'
_NESTED = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _instead(body: bytes, kind: str = "application/json", times: int = 1_000_000) -> Play:
    """Another body on every answer about usage."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        given = following()
        if not is_usage(asked) or given.status != 200 or memory.seen("usage") > times:
            return given
        return replace(given, body=body, headers=given.headers | {"Content-Type": kind})

    return play


def _bytes(change: Callable[[bytes], bytes], **headers: str) -> Play:
    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        if not is_usage(asked) or given.status != 200:
            return given
        added = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(given, body=change(given.body), headers=given.headers | added)

    return play


def _page(change: Callable[[Any, Asked], Any], where: Callable[[Asked], bool] = is_usage) -> Play:
    """A change to the decoded page."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        return given.with_value(change(given.value(), asked)) if where(asked) and given.status == 200 else given

    return play


BODIES: tuple[Fault, ...] = (
    Fault("html", "a login page answers instead (200)", _instead(_HTML, "text/html"), "F09"),
    Fault("html-once", "a login page answers once", _instead(_HTML, "text/html", 1)),
    Fault("html-as-json", "a login page that says it is JSON", _instead(_HTML)),
    Fault("empty-body", "an empty body (200)", _instead(b"")),
    Fault("invalid-json", "no JSON at all", _instead(b"{not json")),
    Fault(
        "truncated-json", "half of the JSON, with the right length", _bytes(lambda body: body[: len(body) // 2]), "F04"
    ),
    Fault("another-shape", "JSON of another shape", _instead(b'{"items":[]}')),
    Fault("wrong-content-type", "text/plain", _instead(b'{"data":[],"next_page":null}', "text/plain")),
    Fault("gzip", "compressed although nobody asked", _bytes(gzip.compress, Content_Encoding="gzip")),
    Fault("size-bomb", "20 MiB of nothing", _instead(_BOMB), "F10"),
    Fault("nesting-bomb", "brackets without end", _instead(_NESTED), "F45"),
    Fault(
        "old-summaries",
        "the vendor's figures in the older envelope",
        _page(lambda page, _: {"summaries": page["data"]}, is_summaries),
    ),
    Fault(
        "empty-roster",
        "nobody is on the roster",
        _page(lambda page, _: page | {"data": [], "has_more": False}, is_roster),
        "F55",
    ),
    Fault(
        "half-roster",
        "half of the roster is missing",
        _page(lambda page, _: page | {"data": page["data"][::2]}, is_roster),
    ),
    Fault(
        "twice-on-roster",
        "everybody is on the roster twice",
        _page(lambda page, _: page | {"data": page["data"] * 2}, is_roster),
    ),
    Fault(
        "endless-roster",
        "the roster goes round in a circle",
        _page(lambda page, _: page | {"has_more": True}, is_roster),
    ),
    Fault("invites-no-json", "invites are no list", _page(lambda _page, _asked: {"data": 5}, is_invites)),
)
