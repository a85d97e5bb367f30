"""What the Integrations page says of a connection, state by state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from uptake.actions.views import ConnectionView, DayView, HeldBackView, KeyView, MemberCounts, RunView, StreamView
from uptake.domain.days import span
from uptake.web import standing

NOW = datetime(2026, 11, 19, 14, 2, tzinfo=UTC)


def connection(**values: Any) -> ConnectionView:
    plain: dict[str, Any] = {
        "id": "abc",
        "name": "Acme",
        "state": "connected",
        "connected_at": NOW - timedelta(days=9),
        "keys": (KeyView("admin", "ok"), KeyView("analytics", "ok")),
        "streams": tuple(StreamView(name, "ok") for name in ("roster", "invites", "summaries", "usage")),
        "members": MemberCounts(active=1240, invited=3, removed=2),
        "roster_held_back": (),
        "data_through": date(2026, 11, 16),
        "settling_since": date(2026, 11, 10),
        "days_held": 31,
        "missing": (),
        "held_back": (),
        "settling": (),
        "days": (),
        "runs": (),
    }
    return ConnectionView(**(plain | values))


def run(outcome: str = "current", started_at: datetime = NOW - timedelta(hours=2), **values: Any) -> RunView:
    finished = None if outcome == "running" else started_at + timedelta(seconds=41)
    return RunView(
        "r", "schedule", started_at, finished, outcome, values.get("progress", {}), values.get("flaws", {}), ()
    )


def test_streams_in_words() -> None:
    said = {line.name: line.words for line in standing.stream_lines(connection())}
    assert said["Roster"] == "1,240 members, 2 removed"
    assert said["Invites"] == "3 pending"
    assert said["Usage"] == "through 16 Nov 2026, 31 days held, settling since 10 Nov"


@pytest.mark.parametrize(
    ("state", "tone"),
    [("ok", "good"), ("degraded", "attention"), ("suspect", "attention"), ("stopped", "bad"), ("missing", "bad")],
)
def test_every_state_of_a_key_has_a_word_and_a_tone(state: Any, tone: str) -> None:
    line = standing.key_lines(connection(keys=(KeyView("admin", state), KeyView("analytics", "ok"))))[0]
    assert line.tone == tone
    assert line.state


def test_a_lost_key_is_told_once_not_again_for_the_stream_it_stops() -> None:
    cause = "Anthropic refused the Analytics key."
    view = connection(
        keys=(KeyView("admin", "ok"), KeyView("analytics", "stopped", cause=cause, hint="Ask.")),
        streams=(StreamView("usage", "stopped", cause=cause),),
    )
    assert [(line.name, line.cause) for line in standing.troubles(view)] == [("Analytics key", cause)]
    assert [line.cause for line in standing.stream_lines(view)] == [""]
    assert standing.troubles(connection(state="disconnected", keys=view.keys)) == ()


def test_a_roster_held_back_is_told() -> None:
    view = connection(roster_held_back=(HeldBackView(date(2026, 11, 19), "400 of 500 members vanished.", NOW),))
    assert [line.cause for line in standing.troubles(view)] == ["400 of 500 members vanished."]


def test_the_calendar_has_weeks_from_monday_newest_first() -> None:
    days = [DayView(day, "held") for day in reversed(span(date(2026, 11, 11), date(2026, 11, 19)))]
    newest, before = standing.calendar(days)
    assert (newest.label, before.label) == ("16 Nov", "9 Nov")
    assert [cell.number if cell else None for cell in newest.cells] == [16, 17, 18, 19, None, None, None]
    assert [cell.number if cell else None for cell in before.cells] == [None, None, 11, 12, 13, 14, 15]
    assert before.cells[2] is not None
    assert before.cells[2].title == "Wed 11 Nov 2026: held"


def test_a_held_back_day_says_why() -> None:
    (week,) = standing.calendar([DayView(date(2026, 11, 18), "held_back", reason="It shrank.")])
    assert week.cells[2] is not None
    assert "held back: It shrank." in week.cells[2].title


def test_while_a_sync_runs_missing_days_are_no_trouble_yet() -> None:
    days = (DayView(date(2026, 11, 1), "missing"),)
    assert standing.days_now(connection(days=days))[0].state == "missing"
    assert standing.days_now(connection(days=days, runs=(run("running"),)))[0].state == "waiting"


def test_flaws_become_sentences() -> None:
    (line,) = standing.run_lines(
        connection(runs=(run(flaws={"wrong_values": 1, "duplicates": 2, "missing_values": 0}),))
    )
    assert line.notes == ("1 value was no count and reads as not collected.", "2 rows came twice.")
    assert line.took == "41 seconds"


@pytest.mark.parametrize(
    ("asked", "runs", "waits"),
    [
        (None, (run(),), False),
        (NOW - timedelta(seconds=5), (run(),), True),
        (NOW - timedelta(seconds=5), (run(started_at=NOW),), False),
        (NOW - timedelta(minutes=5), (run(),), False),
        (None, (), False),
    ],
)
def test_a_sync_that_was_asked_for_is_awaited_until_it_starts(
    asked: datetime | None, runs: tuple[RunView, ...], waits: bool
) -> None:
    assert standing.awaited(connection(runs=runs, sync_requested_at=asked), NOW) == waits


def test_a_new_connection_waits_for_its_first_sync() -> None:
    assert standing.awaited(connection(connected_at=NOW - timedelta(seconds=3)), NOW)
