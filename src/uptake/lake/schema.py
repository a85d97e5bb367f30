"""The kinds of day files and their columns. The usage columns are the list of measures, nothing beside it."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from uptake.domain.measures import COLUMNS, SUMMARY_COUNTS

Kind = Literal["usage", "members", "summaries", "people"]

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

PEOPLE = pa.schema(
    [
        ("person_id", pa.string()),  # ours, never told to anybody outside
        ("source", pa.string()),
        ("rank", pa.int32()),  # the source's place in the order of precedence when this was written
        ("key", pa.string()),
        ("name", pa.string()),
        ("email", pa.string()),
        ("other_emails", pa.string()),  # one a line
        ("employee_id", pa.string()),
        ("claude_id", pa.string()),
        ("manager_id", pa.string()),  # a person_id
        ("department", pa.string()),
        ("location", pa.string()),
        ("title", pa.string()),
        ("groups", pa.string()),  # one a line
        ("population", pa.string()),  # employee, contractor, service
        ("started_on", pa.string()),  # 2026-11-23
        ("ended_on", pa.string()),
        ("on_leave", pa.int32()),
        ("listed", pa.int32()),  # 0: the source does not name the person any more
    ],
)
"""The org chart of the week that starts on the file's day, one row a person and source; people who left stay in it."""

SCHEMAS: dict[Kind, pa.Schema] = {"usage": USAGE, "members": MEMBERS, "summaries": SUMMARIES, "people": PEOPLE}

SORT_KEYS: dict[Kind, tuple[str, ...]] = {
    "usage": ("member_id",),
    "members": ("member_id", "email"),
    "summaries": (),
    "people": ("person_id", "source"),
}

PERSON_COLUMNS = frozenset({"member_id", "email", "name"}) | frozenset(
    {"person_id", "key", "other_emails", "employee_id", "claude_id", "manager_id", "title", "started_on", "ended_on"}
)
"""Plain strings without statistics or dictionary: a footer or a dictionary page would keep an erased person."""
