"""Rows of counts as the vendor's JSON, fast enough to carry benchmarks: one text template a shape of row.

Null is written as -1 first: no count is negative, so one replacement over a page makes it null.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from uptake.domain.measures import COLUMNS, Measure, Tree, tree
from uptake.fake.counts import ABSENT, Matrix

_AT = {column: number for number, column in enumerate(COLUMNS)}


def encode_rows(ids: Sequence[str], emails: Sequence[str], matrix: Matrix, last_activity: str) -> list[bytes]:
    """One JSON object a row, in the same order."""
    texts: list[bytes] = [b""] * len(ids)
    shapes, which = np.unique(matrix == ABSENT, axis=0, return_inverse=True)
    for number, shape in enumerate(shapes):
        template, columns = _template(shape.tobytes())
        rows = np.flatnonzero(which.ravel() == number)
        values = matrix[np.ix_(rows, np.array(columns))].tolist()
        for row, counts in zip(rows.tolist(), values, strict=True):
            text = template % (ids[row], json.dumps(emails[row])[1:-1], last_activity, *counts)
            texts[row] = text.encode()
    return texts


def page(rows: Sequence[bytes], next_page: str | None) -> bytes:
    """A page of the engagement family."""
    cursor = json.dumps(next_page).encode()
    body = b'{"data":[' + b",".join(rows) + b'],"next_page":' + cursor + b"}"
    return body.replace(b":-1,", b":null,").replace(b":-1}", b":null}")


@lru_cache(maxsize=64)
def _template(absent: bytes) -> tuple[str, list[int]]:
    """The row's text with a %s for id, e-mail and day and a %d for each count it has; and which counts those are."""
    missing = {column for column, gone in zip(COLUMNS, absent, strict=True) if gone}
    columns: list[int] = []
    blocks = _object(tree(), missing, columns)
    user = '"user":{"id":"%s","email_address":"%s","type":"user"},"last_activity_date":"%s",'
    return "{" + user + blocks[1:], columns


def _object(node: Tree, missing: set[str], columns: list[int]) -> str:
    fields = []
    for key, below in node.items():
        if isinstance(below, Measure):
            if below.column not in missing:
                columns.append(_AT[below.column])
                fields.append(f'"{key}":%d')
            continue
        if not all(measure.column in missing for measure in _leaves(below)):
            fields.append(f'"{key}":{_object(below, missing, columns)}')
    return "{" + ",".join(fields) + "}"


def _leaves(node: Tree) -> list[Measure]:
    found: list[Measure] = []
    for below in node.values():
        found.extend([below] if isinstance(below, Measure) else _leaves(below))
    return found
