"""What a row of the fault matrix expects, and how a fault is played: a good sync, the fault, what is left, the healing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from faults.conftest import DAYS, Flat, Rows
from uptake.fake import FAULTS
from uptake.fake.fault_rows import CANARY
from uptake.lake import Member, is_held
from uptake.records.models import STREAMS, Connection
from uptake.sync.run import RunResult

Held = Literal["true", "same", "nulls", "partial", "any"]
"""What is held under the fault: the whole truth; exactly what was held before; the truth but for nulls where a value was
not to be believed; day by day the old rows or the true ones; or what the case itself checks."""

SECRETS = (CANARY.encode(), b"nobody-may-keep", b"2999-12-31", b"1970-01-01")


@dataclass(frozen=True)
class Expect:
    """The expected outcome of a run under a fault. Streams and keys that are not named must be `ok`."""

    outcome: str = "current"
    held: Held = "true"
    streams: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""  # words that some stream's cause has
    note: str = ""  # words that some note of the run has
    flaws: Mapping[str, int] = field(default_factory=dict)  # at least so many
    requests: int | None = None  # at most so many
    seconds: float | None = None  # at most so long
    members: Literal["same", "any"] = "same"


@dataclass
class Before:
    """What there was before the fault."""

    held: Rows
    members: list[Member]


Check = Callable[[Flat, Before, RunResult], None]


def played(
    name: str, expect: Expect, *more: Check, fresh: bool = False, backfill: int = DAYS
) -> Callable[[Flat], None]:
    """A case: the fault is played against an installation that is current (or has never synced), then it passes."""

    def run(flat: Flat) -> None:
        flat.settings = replace(flat.settings, backfill_days=backfill)
        before = _prepared(flat, fresh=fresh)
        flat.fake.fault = name
        result, seconds = timed(flat)
        require(flat, before, result, seconds, expect)
        for check in more:
            check(flat, before, result)
        flat.fake.fault = None
        heals(flat)

    assert name in FAULTS, name
    return run


def _prepared(flat: Flat, *, fresh: bool) -> Before:
    if not fresh:
        assert flat.sync().outcome == "current"
        require_true(flat)
    before = Before(flat.held(), flat.members())
    if not fresh:
        flat.clock.forward(hours=20)
    flat.fake.clear_requests()
    return before


def timed(flat: Flat) -> tuple[RunResult, float]:
    start = time.monotonic()
    return flat.sync(), time.monotonic() - start


def require(flat: Flat, before: Before, result: RunResult, seconds: float, expect: Expect) -> None:
    """Everything an expectation names, and what holds after any fault."""
    view = flat.view()
    streams = {stream.name: stream.state for stream in view.streams}
    said = " ".join(f"{stream.cause} {stream.hint}" for stream in view.streams)
    assert result.outcome == expect.outcome, (result.notes, said)
    assert streams == dict.fromkeys(STREAMS, "ok") | dict(expect.streams), said
    assert {key.slot: key.state for key in view.keys} == {"admin": "ok", "analytics": "ok"} | dict(expect.keys)
    assert expect.cause.lower() in said.lower(), said
    assert expect.note.lower() in " ".join(result.notes).lower(), result.notes
    for name, least in expect.flaws.items():
        assert getattr(result.flaws, name) >= least, result.flaws
    asked = len(flat.fake.requests)
    assert expect.requests is None or asked <= expect.requests, f"{asked} requests"
    assert expect.seconds is None or seconds <= expect.seconds, f"{seconds:.1f} s"
    assert (result.outcome == "current") == view.healthy
    _require_held(flat, before, expect.held)
    if expect.members == "same":
        assert standing(flat.members()) >= standing(before.members), "the roster shrank"
    require_clean(flat)


def standing(members: list[Member]) -> set[tuple[str | None, str]]:
    """Who is known as a member of the roster or in usage, and how; invites come and go by the clock."""
    return {(m.member_id, m.status) for m in members if m.member_id and m.status != "unlisted"}


def _require_held(flat: Flat, before: Before, kind: Held) -> None:
    held = flat.held()
    truth = flat.truth_of(map(date.fromisoformat, held))
    if kind == "same":
        assert held == before.held
    elif kind == "true":
        assert held == truth
        assert flat.view().missing == ()
    elif kind == "nulls":
        assert flat.view().missing == ()
        assert {day: set(rows) for day, rows in held.items()} == {day: set(truth[day]) for day in held}
        assert wrong(held, truth) == []
    elif kind == "partial":
        assert set(before.held) <= set(held)
        assert all(rows in (truth[day], before.held.get(day)) for day, rows in held.items())


def require_true(flat: Flat) -> None:
    """All wanted days are held, and every day that is held is the whole truth of it."""
    held = flat.held()
    assert flat.wanted() <= set(held)
    assert held == flat.truth_of(map(date.fromisoformat, held))


def wrong(held: Rows, truth: Rows) -> list[tuple[str, str, str, Any]]:
    """Counts that are held and are neither true nor null."""
    return [
        (day, member, column, value)
        for day, rows in held.items()
        for member, counts in rows.items()
        for column, value in counts.items()
        if value is not None and value != truth[day].get(member, {}).get(column)
    ]


def require_clean(flat: Flat) -> None:
    """No lock, no leftover, no byte of content or of a hostile text anywhere in the home."""
    assert not is_held(flat.settings.lake)
    files = [path for path in flat.settings.home.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".tmp"]
    kept = {path.name: mark for path in files for mark in SECRETS if mark in path.read_bytes()}
    assert kept == {}
    said = " ".join(str(value) for stream in Connection.objects.get().streams.values() for value in stream.values())
    assert not [mark for mark in SECRETS if mark.decode() in said]


def heals(flat: Flat, hours: float = 4) -> None:
    """The fault is over: at most two runs later everything is there, true, and said to be well."""
    for _ in range(2):
        flat.clock.forward(hours=hours)
        if flat.sync().outcome == "current":
            break
    require_true(flat)
    assert flat.view().healthy, [(stream.name, stream.state, stream.cause) for stream in flat.view().streams]
    assert not [path for path in Path(flat.settings.home).rglob("*.tmp")]
