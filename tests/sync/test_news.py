"""Anthropic sends something new: its name is announced once, with the day, and nothing else of it is kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from faults.conftest import Flat
from sync.conftest import Twisted
from uptake.actions import state
from uptake.records.models import Connection
from uptake.sync import news

Rows = list[dict[str, Any]]
USAGE = "/analytics/users"


def with_news(rows: Rows, _asked: object) -> Rows:
    return [row | {"x_metrics": {"secret_plan": "layoffs"}} for row in rows]


def test_a_new_block_is_announced_once_and_stays_on_the_page(flat: Flat, twist: Twisted) -> None:
    flat.sync()
    assert flat.view().unknown_fields == ()
    twist(USAGE, with_news)
    flat.clock.forward(days=1)
    first = flat.sync()
    assert first.outcome == "current"
    assert [note for note in first.notes if "x_metrics" in note] == [
        "Anthropic started sending x_metrics on 21 Nov 2026. uptake does not read it; only its name is kept."
    ]
    flat.clock.forward(days=1)
    assert not any("x_metrics" in note for note in flat.sync().notes)
    told = state.as_json([flat.view()])["connections"][0]["unknown_fields"]
    assert told == [{"name": "x_metrics", "first_seen": "2026-11-21", "first_day": "2026-11-13"}]
    assert flat.view().healthy
    home = flat.settings.home
    assert not any(b"secret_plan" in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_whoever_sends_more_names_than_there_can_be_sends_noise(flat: Flat) -> None:
    connection = Connection.objects.get()
    seen = {f"field_{number:03}": date(2026, 11, 1) for number in range(news.MOST + 20)}
    assert len(news.keep(connection, seen, flat.clock())) == news.MOST
    assert news.keep(connection, {"another": date(2026, 11, 1)}, flat.clock()) == []


def test_a_block_that_no_row_of_a_day_has_is_no_flaw_and_one_that_some_rows_lack_is(flat: Flat, twist: Twisted) -> None:
    def without(rows: Rows, share: int) -> Rows:
        for row in rows[::share]:
            row.pop("science_metrics")
        return rows

    twist(USAGE, lambda rows, _asked: without(rows, 1))
    assert flat.sync().flaws.missing_values == 0
    twist(USAGE, lambda rows, _asked: without(rows, 2))
    flat.clock.forward(hours=1)
    assert flat.sync().flaws.missing_values > 0
