"""Served days move: each is replaced whole, and what was first shown stays known."""

from __future__ import annotations

from datetime import date
from typing import Any

from faults.conftest import Flat
from sync.conftest import Twisted
from uptake.records.models import DayCheck, Revision

Rows = list[dict[str, Any]]
USAGE = "/analytics/users"
DAY = "2026-11-17"


def one_more_message(rows: Rows, asked: Any) -> Rows:
    if str(asked.day) == DAY:
        rows[0]["chat_metrics"]["message_count"] += 1
    return rows


def total(flat: Flat, column: str) -> int:
    return sum(counts[column] or 0 for counts in flat.held()[DAY].values())


def kept(measure: str) -> tuple[int | None, int | None]:
    row = Revision.objects.get(day=DAY, measure=measure)
    return row.old_total, row.new_total


def test_what_a_day_moved_is_kept_against_what_was_first_shown(flat: Flat, twist: Twisted) -> None:
    flat.sync()
    first = total(flat, "chat_messages")
    assert kept("chat_messages") == (first, first)
    twist(USAGE, one_more_message)
    flat.clock.forward(hours=1)
    flat.sync()
    assert total(flat, "chat_messages") == first + 1
    assert kept("chat_messages") == (first, first + 1)
    assert not Revision.objects.filter(day=DAY, measure="code_commits").exists()

    twist()
    flat.clock.forward(hours=1)
    flat.sync()
    assert kept("chat_messages") == (first, first)


def asked_days(flat: Flat) -> set[date]:
    days = {request.query["date"] for request in flat.fake.requests if request.path.endswith(USAGE)}
    flat.fake.clear_requests()
    return {date.fromisoformat(day) for day in days}


def test_fourteen_days_are_read_nightly_and_thirty_one_weekly(flat: Flat) -> None:
    object.__setattr__(flat.settings, "backfill_days", 40)
    flat.sync()
    assert len(asked_days(flat)) == 40
    flat.clock.forward(hours=4)
    flat.sync()
    assert len(asked_days(flat)) == 7
    flat.clock.forward(hours=16)  # the next day: one that is new, and those that settled lately
    flat.sync()
    assert len(asked_days(flat)) == 14
    assert DayCheck.objects.exists()
    flat.clock.forward(hours=4)
    flat.sync()
    assert len(asked_days(flat)) == 7
    flat.clock.forward(days=7)
    flat.sync()
    assert len(asked_days(flat)) == 31
