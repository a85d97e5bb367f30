"""Rows F30–F38: pages and cursors."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from faults.conftest import Flat
from faults.expect import Before, Expect, played
from faults.matrix import Case, Row
from faults.matrix_transport import unread
from uptake.sync.run import RunResult


def held_back(note: str = "", **more: Any) -> Expect:
    """Days that contradict themselves: the version before stays, the reason is told."""
    return replace(Expect("held_back", "same", {"usage": "held_back"}, note=note), **more)


def _reasons(flat: Flat, _before: Before, _result: RunResult) -> None:
    holds = flat.view().held_back
    assert holds
    assert all(hold.reason for hold in holds)


def _read_twice(flat: Flat, _before: Before, _result: RunResult) -> None:
    first = [request for request in flat.fake.requests if request.path.endswith("/analytics/users")]
    days = Counter(request.query["date"] for request in first if "page" not in request.query)
    held_back = {hold.day.isoformat() for hold in flat.view().held_back}
    assert held_back
    assert days == {day: 2 if day in held_back else 1 for day in days}


def _one_short(flat: Flat, _before: Before, _result: RunResult) -> None:
    truth = flat.truth()
    for day, rows in flat.held().items():
        assert set(rows) <= set(truth[day])
        assert all(rows[member] == truth[day][member] for member in rows)


def _capped(flat: Flat, _before: Before, _result: RunResult) -> None:
    usage = Counter(request.query["date"] for request in flat.fake.requests if "date" in request.query)
    assert max(usage.values()) <= 1_000


ROWS = (
    Row("F30", "a cursor that repeats; a cycle of three", "`circle`, `cycle-3`, `same-page`", "the circle is found; held back",
        (Case("itself", played("circle", held_back(requests=60), _reasons)),
         Case("three", played("cycle-3", held_back("circle", held="partial", requests=60), _reasons), everyday=True),
         Case("same-page", played("same-page", held_back(requests=60), _reasons)))),
    Row("F31", "next_page is never null", "`endless` (real rows), `endless-empty`", "a cap of pages; held back",
        (Case("rows", played("endless", Expect("held_back", "partial", {"usage": "held_back"}, note="does not end"), _capped)),
         Case("empty", played("endless-empty", held_back("does not end"), _capped)))),
    Row("F32", "a member on two pages, alike", "`twins-across`, `twins`", "one row, counted",
        (Case("across", played("twins-across", Expect(flaws={"duplicates": 7}))),
         Case("same-page", played("twins", Expect(flaws={"duplicates": 7}))))),
    Row("F33", "a member on two pages, differing", "`unequal-across`", "read once more, then held back",
        (Case("across", played("unequal-across", held_back("different counts", held="partial"), _read_twice)),
         Case("same-page", played("unequal-twins", held_back("different counts"), _read_twice)))),
    Row("F34", "a row lost between pages", "`row-lost`", "the next read brings it back",
        (Case("lost", played("row-lost", Expect("current", "any"), _one_short)),)),
    Row("F35", "a cursor said to be another query's (400)", "`cursor-400-once`", "the day begins anew",
        (Case("once", played("cursor-400-once", Expect())),)),
    Row("F36", "an empty page in the middle", "`empty-page`", "goes on", (Case("middle", played("empty-page", Expect())),)),
    Row("F37", "next_page: empty text, a number, 10 kB", "`cursor-empty`, `cursor-number`, `cursor-10k`",
        "empty ends the list; the others are no page, usage as before",
        (Case("empty", played("cursor-empty", Expect())),
         *(Case(name, played(f"cursor-{name}", unread(requests=40))) for name in ("number", "10k")))),
    Row("F38", "has_more without last_id", "`roster-no-cursor`", "the roster is not applied",
        (Case("roster", played("roster-no-cursor", Expect("partly", "true", {"roster": "failing"}, {"admin": "degraded"}))),)),
)  # fmt: skip
