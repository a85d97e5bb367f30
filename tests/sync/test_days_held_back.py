"""A day that is not believed keeps its version before, with the reason, until it is good again or somebody accepts it."""

from __future__ import annotations

from typing import Any

from faults.conftest import Flat
from sync.conftest import Twisted

Rows = list[dict[str, Any]]
USAGE = "/analytics/users"


def without_messages(rows: Rows, _asked: object) -> Rows:
    """What a rename looks like from here."""
    for row in rows:
        row["chat_metrics"]["messages"] = row["chat_metrics"].pop("message_count")
    return rows


def test_a_count_that_vanishes_from_every_row_is_held_back(flat: Flat, twist: Twisted) -> None:
    assert flat.sync().outcome == "current"
    before = flat.held()
    twist(USAGE, without_messages)
    flat.clock.forward(hours=4)
    assert flat.sync().outcome == "held_back"
    assert flat.held() == before
    holds = flat.view().held_back
    assert holds
    assert all("No row tells chat_messages any more" in hold.reason for hold in holds)

    flat.clock.forward(hours=20)  # a rename does not become true by repetition, and a new day is no way around
    assert flat.sync().outcome == "held_back"
    assert set(flat.held()) == set(before)

    twist()
    flat.clock.forward(hours=4)
    assert flat.sync().outcome == "current"
    assert not flat.view().held_back
