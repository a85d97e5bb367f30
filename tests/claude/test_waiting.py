"""Pacing, patience and Retry-After: even, bounded, and deaf to nonsense."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude.limiter import Limiter
from uptake.claude.patience import LONGEST_WAIT, Backoff, Patience, retry_after

NOON = 1_795_176_000.0  # 2026-11-20 12:00:00 UTC


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_slots_come_one_gap_apart_and_never_in_a_burst() -> None:
    limiter = Limiter(50, clock := Clock())
    assert limiter.gap == pytest.approx(1.2)
    assert [limiter.reserve() for _ in range(4)] == pytest.approx([0, 1.2, 2.4, 3.6])
    clock.now += 100  # a long rest saves nothing up
    assert [limiter.reserve() for _ in range(3)] == pytest.approx([0, 1.2, 2.4])
    assert limiter.requests == 7


def test_a_minute_holds_no_more_requests_than_its_budget() -> None:
    limiter = Limiter(50, clock := Clock())
    starts = [clock.now + limiter.reserve() for _ in range(200)]
    assert max(sum(at <= other < at + 59.999 for other in starts) for at in starts) == 50


def test_a_pause_holds_for_everybody_and_never_shortens_another() -> None:
    limiter = Limiter(60, clock := Clock())
    limiter.pause(30)
    limiter.pause(5)
    assert limiter.reserve() == pytest.approx(30)
    assert limiter.reserve() == pytest.approx(31)
    clock.now += 60
    assert limiter.reserve() == 0


def test_threads_never_share_a_slot() -> None:
    limiter, waits = Limiter(6_000, Clock()), list[float]()
    threads = [threading.Thread(target=lambda: waits.append(limiter.reserve())) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([n * limiter.gap for n in range(40)])


def test_patience_ends_and_only_progress_or_a_grant_gives_more() -> None:
    patience = Patience(60, clock := Clock())
    clock.now += 50
    assert patience.left() == pytest.approx(10)
    patience.granted(5)
    assert patience.left() == pytest.approx(15)
    patience.progress()
    assert patience.left() == pytest.approx(60)
    clock.now += 1_000
    assert patience.left() == 0


def test_who_is_cancelled_waits_no_longer() -> None:
    patience = Patience(60)
    sleeper = threading.Timer(0.05, patience.cancel)
    sleeper.start()
    start = time.monotonic()
    assert patience.sleep(30) is False
    assert time.monotonic() - start < 5
    assert patience.left() == 0
    assert Patience(60).sleep(0.001) is True


@pytest.mark.parametrize(("failures", "at_most"), [(1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (50, 30), (1_000, 30)])
def test_the_backoff_doubles_to_a_cap_with_full_jitter(failures: int, at_most: float) -> None:
    assert Backoff(lambda: 1.0).seconds(failures) == at_most
    assert Backoff(lambda: 0.25).seconds(failures) == at_most / 4
    assert Backoff(lambda: 0.0).seconds(failures) == 0
    assert 0 <= Backoff().seconds(failures) <= at_most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("0.5", 0.5),
        ("0", 0),
        ("-5", 0),
        ("1e9", LONGEST_WAIT),
        ("inf", LONGEST_WAIT),
        ("-inf", 0),
        ("999999999999999999999999", LONGEST_WAIT),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 12:00:30 -0000", 30),
        ("Fri, 20 Nov 2026 13:00:30 +0100", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 20 Nov 2099 12:00:00 GMT", LONGEST_WAIT),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
        ("Fri, 99 Nov 2026 12:00:30 GMT", None),
        ("2026-11-20T12:00:30Z", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_clamped(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOON) == seconds


def test_retry_after_reads_the_same_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert retry_after("Fri, 20 Nov 2026 12:00:30 -0000", NOON) == 30
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9,:+ -]{0,40}", fullmatch=True))
def test_no_header_breaks_the_reading(header: str) -> None:
    seconds = retry_after(header, NOON)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT
