"""Rows F75–F76: clocks that are wrong or stood still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from faults.conftest import HURRY, NOW, Flat
from faults.expect import heals, require_true
from faults.matrix import Case, Row
from uptake.records.models import Connection
from uptake.records.vault import open_vault
from uptake.sync.run import sync


def _at(*moments: datetime) -> Callable[[Flat], None]:
    """Both sides' clocks go through these moments; each sync holds exactly the days there are."""

    def run(flat: Flat) -> None:
        for moment in moments:
            flat.clock.at = moment
            assert flat.sync().outcome == "current"
            held = flat.held()
            newest = (moment.date() - timedelta(days=1)).isoformat()
            assert max(held) == newest
            assert flat.view().missing == ()
        require_true(flat)

    return run


def _off(**wrong: float) -> Callable[[Flat], None]:
    """Only our clock is wrong. Days come from the vendor's answers, so none is invented and none lost."""

    def run(flat: Flat) -> None:
        assert flat.sync().outcome == "current"
        before = flat.held()
        connection, vault = Connection.objects.get(), open_vault(flat.settings.master_key_file)
        clock = flat.clock
        sync(
            connection, flat.settings, vault, trigger="command", clock=lambda: clock() + timedelta(**wrong), waits=HURRY
        )
        held = flat.held()
        assert set(before) <= set(held)
        assert max(held) <= (flat.clock().date() - timedelta(days=1)).isoformat(), "no day of the future"
        assert held == {day: flat.truth_of([datetime.fromisoformat(day).date()])[day] for day in held}
        heals(flat, hours=5)

    return run


def _asleep(flat: Flat) -> None:
    assert flat.sync().outcome == "current"
    flat.clock.forward(days=9)
    flat.fake.clear_requests()
    assert flat.sync().outcome == "current"
    require_true(flat)
    assert flat.view().missing == ()
    assert len(flat.held()) == 7 + 9
    usage = [request.query["date"] for request in flat.fake.requests if request.path.endswith("/analytics/users")]
    assert len(usage) == len(set(usage)), "no day is asked for twice"
    assert len(usage) <= 7 + 9


YEAR_END = [datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)]
LEAP_DAY = [datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2028, 3, 1, 12, tzinfo=UTC)]
SUMMER_TIME = [datetime(2027, 3, 28, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)]
LEAP_SECOND = [datetime(2027, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)]

ROWS = (
    Row("F75", "clock ±3 years, ±1 hour, summer time, 29 Feb, year end, leap second", "our clock beside the vendor's; both clocks",
        "no day of the future, none twice, none missed",
        (Case("3-years-ahead", _off(days=1_096)), Case("3-years-behind", _off(days=-1_096)),
         Case("an-hour-ahead", _off(hours=1)), Case("an-hour-behind", _off(hours=-1)),
         Case("ten-hours-ahead", _off(hours=10)),
         Case("year-end", _at(NOW, *YEAR_END)), Case("29-february", _at(*LEAP_DAY)),
         Case("summer-time", _at(*SUMMER_TIME)), Case("leap-second", _at(*LEAP_SECOND)))),
    Row("F76", "asleep for nine days", "both clocks nine days on", "catches up without a gap, no day asked for twice",
        (Case("asleep", _asleep, everyday=True),)),
)  # fmt: skip
