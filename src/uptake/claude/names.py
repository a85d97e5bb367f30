"""The watch over field names: which fields of a usage row are new to us. Names only, never a value, never below them.

A sample of each page's rows is walked by its brackets and quotes. What stands inside a field that we do not know is
skipped whole: there the names could be somebody's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from uptake.domain.measures import IGNORED_FIELDS, MEASURES

UNNAMED = "a field with an unusual name"
"""Stands for every name that is not a plain lower-case word: such a name could be anything."""

_PLAIN = re.compile(rb"[a-z][a-z0-9_]{0,63}")
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\[\s\S])*+)"(\s*:)?|[{}\[\]]')
_ROWS = re.compile(rb'"data"\s*:\s*\[')
_HEAD = 4096  # where a page says that its rows begin
_SHARE = 250  # one row in so many is looked at: a walked row costs ten decoded ones
_MOST = 4

Known: TypeAlias = "dict[bytes, Known]"


def _known(paths: Iterable[str]) -> Known:
    root: Known = {}
    for path in paths:
        node = root
        for part in path.encode().split(b"."):
            node = node.setdefault(part, {})
    return root


_ROW = _known([*(measure.path for measure in MEASURES), *IGNORED_FIELDS])


def unknown_fields(body: bytes, rows: int) -> frozenset[str]:
    """Dotted names of fields that are neither measures nor ignored by name, in the first rows of a page of `rows`."""
    start = _ROWS.search(body, 0, _HEAD)
    found: set[str] = set()
    at = start.end() if start else len(body)
    for _ in range(max(1, min(_MOST, rows // _SHARE)) if rows else 0):
        at = _walk(body, at, found)
    return frozenset(found)


def _walk(body: bytes, start: int, found: set[str]) -> int:
    """Walk one row; returns where it ends. `open_` holds what is known at each bracket that is open; None: not looked at."""
    open_: list[tuple[Known | None, bytes]] = []
    key = b""
    for token in _TOKEN.finditer(body, start):
        sign = body[token.start()]
        if sign == 0x22:  # a quote: a name if a colon follows, else a value, which is left alone
            if token.end(2) > 0 and open_ and open_[-1][0] is not None:
                key = token[1]
                _judge(key, *open_[-1], found)
        elif sign == 0x7B:
            open_.append(_below(open_, key) if open_ else (_ROW, b""))
        elif sign == 0x5B:
            if not open_:
                return len(body)  # the rows are no objects: not ours to walk
            open_.append((None, b""))
        else:
            if open_:
                open_.pop()
            if not open_:
                return token.end()
    return len(body)


def _below(open_: list[tuple[Known | None, bytes]], key: bytes) -> tuple[Known | None, bytes]:
    """What is known of the object under `key`: a block of ours, or nothing."""
    known, prefix = open_[-1]
    block = known.get(key) if known is not None else None
    return (block, prefix + key + b".") if block else (None, b"")


def _judge(key: bytes, known: Known | None, prefix: bytes, found: set[str]) -> None:
    if known is None or key in known:
        return
    found.add((prefix + key).decode() if _PLAIN.fullmatch(key) else UNNAMED)
