"""The three kinds of day files and their columns. The usage columns are the list of measures, nothing beside it."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from uptake.domain.measures import COLUMNS, SUMMARY_COUNTS

Kind = Literal["usage", "members", "summaries"]

SCHEMA_VERSION = 1

_AT = pa.timestamp("us", tz="UTC")

USAGE = pa.schema(
    [("member_id", pa.string()), ("email", pa.string())] + [(column, pa.int32()) for column in COLUMNS],
)
"""One row per member with activity on the day; a count is null where it was not reported."""

MEMBERS = pa.schema(
    [
        ("member_id", pa.string()),  # null for somebody who is only invited
        ("email", pa.string()),
        ("name", pa.string()),
        ("claude_role", pa.string()),
        ("status", pa.string()),  # active, removed, or an invite's own word: pending, expired, deleted
        ("joined_at", _AT),
        ("left_at", _AT),
        ("invited_at", _AT),
        ("expires_at", _AT),
    ],
)
"""Everybody known when the snapshot was taken, members who left included: the newest snapshot is the whole truth."""

SUMMARIES = pa.schema([(count, pa.int64()) for count in SUMMARY_COUNTS])
"""One row: the vendor's own figures for the day."""

SCHEMAS: dict[Kind, pa.Schema] = {"usage": USAGE, "members": MEMBERS, "summaries": SUMMARIES}

SORT_KEYS: dict[Kind, tuple[str, ...]] = {"usage": ("member_id",), "members": ("member_id", "email"), "summaries": ()}

PERSON_COLUMNS = frozenset({"member_id", "email", "name"})
"""Plain strings without statistics or dictionary: a footer or a dictionary page would keep an erased person."""
