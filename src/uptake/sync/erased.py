"""People who were erased are left out of whatever is about to be held, and taken out of what is. Pure: tables and marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from uptake.lake import Kind
from uptake.records.tombstones import Tombs


def without(kind: Kind, table: pa.Table, tombs: Tombs, *, held: bool = False) -> pa.Table:
    """The rows of nobody who was erased; the same table where that is all of them.

    What comes under a member id of its own is known by that id alone: an address goes to somebody else after a while.
    `held`: rows that lie here already, from before the erasure; then an address is enough.
    """
    if not tombs or kind == "summaries" or table.num_rows == 0:
        return table
    columns = [name for name in _LOOKED_AT if name in table.column_names]
    rows = table.select(columns).to_pylist()
    test = _person_gone if kind == "people" else _member_gone
    kept = pa.array([not test(row, tombs, held=held) for row in rows], pa.bool_())
    left = table if kept.true_count == table.num_rows else table.filter(kept).combine_chunks()
    return _without_manager(left, tombs) if kind == "people" else left


_LOOKED_AT = ("member_id", "email", "person_id", "other_emails", "employee_id", "claude_id")


def _member_gone(row: Mapping[str, Any], tombs: Tombs, *, held: bool) -> bool:
    by_email = held or row["member_id"] is None
    return tombs.holds("member", row["member_id"]) or (by_email and tombs.holds("email", row["email"]))


def _person_gone(row: Mapping[str, Any], tombs: Tombs, *, held: bool) -> bool:  # noqa: ARG001  # one shape for both
    emails = (row["email"], *(row["other_emails"] or "").split("\n"))
    return (
        tombs.holds("person", row["person_id"])
        or tombs.holds("employee", row["employee_id"])
        or tombs.holds("member", row["claude_id"])
        or any(tombs.holds("email", email) for email in emails)
    )


def _without_manager(table: pa.Table, tombs: Tombs) -> pa.Table:
    """Whoever reported to somebody who was erased stands at the top until the directory says otherwise."""
    managers = table["manager_id"].to_pylist()
    left = [None if tombs.holds("person", manager) else manager for manager in managers]
    if left == managers:
        return table
    at = table.column_names.index("manager_id")
    return table.set_column(at, table.schema.field(at), pa.array(left, pa.string())).combine_chunks()
