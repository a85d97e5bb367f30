"""Rows F13–F29: statuses, keys, dates, limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from faults.conftest import HURRY, Flat
from faults.expect import Before, Expect, heals, played, require_true
from faults.matrix import Case, Row
from faults.matrix_transport import unread
from uptake.actions.syncing import _standing
from uptake.records.models import Connection
from uptake.sync.run import RunResult
from uptake.sync.schedule import due

STOPPED = {"usage": "stopped", "summaries": "stopped"}


def refused(cause: str, **more: object) -> Expect:
    """The Analytics key is refused: its streams stop, nothing arrives any more, the roster goes on."""
    expect = Expect("stopped", "same", STOPPED, {"analytics": "suspect"}, cause, requests=6)
    return replace(expect, **more)  # type: ignore[arg-type]


def _stops(flat: Flat, before: Before, _result: RunResult) -> None:
    """A minute later the suspicion is certain; still nothing came in, and the other stream is as in a good run."""
    flat.clock.forward(minutes=2)
    flat.fake.clear_requests()
    assert flat.sync().outcome == "stopped"
    assert {key.slot: key.state for key in flat.view().keys}["analytics"] == "stopped"
    assert flat.held() == before.held
    assert len([request for request in flat.fake.requests if "/analytics/" in request.path]) <= 3
    listed = {(m.id, m.email.lower()) for m in flat.company.roster(flat.clock())}
    assert {(m.member_id, m.email) for m in flat.members() if m.status == "active"} == listed


def _watermark(days: int) -> Callable[[Flat, Before, RunResult], None]:
    def check(flat: Flat, _before: Before, _result: RunResult) -> None:
        newest = flat.clock().date() - timedelta(days=days)
        assert flat.view().data_through == newest
        usage = [request for request in flat.fake.requests if request.path.endswith("/analytics/users")]
        assert len([request for request in usage if request.status == 400]) <= max(1, days)
        assert len(usage) <= 7 + max(1, days)

    return check


def _floor(flat: Flat, _before: Before, _result: RunResult) -> None:
    view = flat.view()
    assert view.days_held == 20
    assert view.missing == ()
    refused = [request for request in flat.fake.requests if request.status == 400]
    assert len(refused) <= 4  # as many as are under way at once


def _once(flat: Flat) -> None:
    """A wait of thirty seconds is waited for, in real time, and the question comes once more."""
    flat.fake.fault = "limited-30"
    start = time.monotonic()
    result = flat.sync(replace(HURRY, usage=75.0))
    assert 30 <= time.monotonic() - start <= 36
    assert result.outcome == "current"
    assert len([request for request in flat.fake.requests if request.status == 429]) == 1
    require_true(flat)
    flat.fake.fault = None
    heals(flat)


def _later(seconds: float) -> Callable[[Flat, Before, RunResult], None]:
    """The schedule leaves the vendor alone as long as asked, an hour at most."""

    def check(flat: Flat, _before: Before, _result: RunResult) -> None:
        (usage,) = Connection.objects.get().streams.filter(name="usage")
        assert usage.not_before is not None
        assert timedelta(0) < usage.not_before - flat.clock() <= timedelta(seconds=seconds)
        assert not due(_standing(Connection.objects.get()), flat.clock() + timedelta(seconds=1), 4)

    return check


def _a_day_of_nothing(flat: Flat) -> None:
    """Twenty-four hours without an answer, the schedule looking every minute."""
    assert flat.sync().outcome == "current"
    before = flat.held()
    flat.clock.forward(hours=4)
    flat.fake.clear_requests()
    flat.fake.fault = "down"
    runs: list[datetime] = []
    for _ in range(24 * 60):
        if due(_standing(Connection.objects.get()), flat.clock(), 4):
            runs.append(flat.clock())
            assert flat.sync().outcome == "failed"
        flat.clock.forward(minutes=1)
    assert len(flat.fake.requests) <= 150, f"{len(flat.fake.requests)} requests in {len(runs)} runs"
    assert len(runs) >= 6
    assert flat.held() == before
    assert not flat.view().healthy
    flat.fake.fault = None
    heals(flat)


LATE = Expect("current", "true")
CAUSES = "revoked, or API access was switched off"
ROWS = (
    Row("F13", "401 at the first request", "`revoked`, `roster-401`", "suspect, then stopped; 0 rows; the other stream as ever",
        (Case("usage", played("revoked", refused("401"), _stops), everyday=True),
         Case("roster", played("roster-401", Expect("stopped", "true", {"roster": "stopped", "invites": "stopped"},
                                                    {"admin": "suspect"}, "401"))))),
    Row("F14", "401 on page 3 of 5", "`revoked-midway`", "pages dropped, the old day stays",
        (Case("midway", played("revoked-midway", refused("401", requests=28, streams={"usage": "stopped"}))),)),
    Row("F15", "403, the scope is lost", "`forbidden`", "as F13, the scope named",
        (Case("scope", played("forbidden", refused("lacks read:analytics"), _stops)),)),
    Row("F16", "404 on a known analytics route", "`analytics-404`", "one probe, stopped, three causes named",
        (Case("route", played("analytics-404", refused(CAUSES), _stops)),)),
    Row("F17", "404 on the roster's route", "`roster-404`", "the contract changed; nobody left",
        (Case("route", played("roster-404", Expect("partly", "true", {"roster": "failing"}, {"admin": "degraded"},
                                                   "newer version of uptake"))),)),
    Row("F18", "one stray 401", "`stray-401`", "one probe, goes on, both are told",
        (Case("stray", played("stray-401", Expect(note="refused the Analytics key once and accepted it")), everyday=True),)),
    Row("F19", "400 too recent, with a date", "`lag-1` to `lag-3`, old wording", "the newest day is learned; no error",
        (*(Case(f"lag-{days}", played(f"lag-{days}", LATE, _watermark(days), fresh=True)) for days in (1, 2, 3)),
         Case("old-words", played("too-recent-old-words", LATE, _watermark(3), fresh=True)))),
    Row("F20", "400 with garbled or hostile text, 2999, 1970", "`too-recent-hostile`, `-2999`, `-silent`",
        "ignored, a step back, text never kept",
        tuple(Case(name, played(f"too-recent-{name}", LATE, _watermark(2), fresh=True))
              for name in ("hostile", "2999", "silent"))),
    Row("F21", "400 before the first day served", "`history-20`", "the backfill ends, no error",
        (Case("history", played("history-20", Expect(), _floor, fresh=True, backfill=40)),)),
    Row("F22", "410 in the middle", "`cursor-410`, `cursor-410-once`", "the day begins anew, three times at most; then as before",
        (Case("always", played("cursor-410", unread("cursor", requests=45))),
         Case("once", played("cursor-410-once", Expect()), everyday=True))),
    Row("F23", "429 with retry-after 30", "`limited-30`, in real time", "waits 30 to 33 s, one more question", (Case("wait", _once),)),
    Row("F24", "retry-after: date, past, −5, 1e9, words, none", "`limited-*`", "clamped, or an own back-off",
        (*(Case(name, played(f"limited-{name}", Expect(requests=16)))
           for name in ("past", "negative", "words", "silent", "date")),
         Case("1e9", played("limited-endless-wait", unread("asks to wait 3600 s", requests=10), _later(3600))))),
    Row("F25", "429 for ever", "`limited-forever`", "budget spent, the schedule waits, requests bounded",
        (Case("ever", played("limited-forever", unread("wait", requests=20), _later(3600))),)),
    Row("F26", "500, 502, 503, 504, 529 three times", "`thrice-*`", "recovers in the run",
        tuple(Case(str(status), played(f"thrice-{status}", Expect(requests=20))) for status in (500, 502, 503, 504, 529))),
    Row("F27", "5xx for 24 h", "`down`, the schedule's clock moved by minutes", "150 requests a day at most, honest, heals",
        (Case("day", _a_day_of_nothing),)),
    Row("F28", "every second answer a 500", "`storm-500`", "completes",
        (Case("storm", played("storm-500", Expect(requests=40))),)),
    Row("F29", "an error of 50 MB, HTML, no text, a key in it", "`error-*`", "the status counts; nothing of it is kept",
        (Case("huge", played("error-huge", refused("401", streams={"usage": "stopped"}))),
         Case("html", played("error-html", refused("403", streams={"usage": "stopped"}))),
         Case("key", played("error-key", refused("401", streams={"usage": "stopped"}))),
         Case("bytes", played("error-bytes", unread("500", requests=20))))),
)  # fmt: skip
