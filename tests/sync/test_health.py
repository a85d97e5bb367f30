"""A key's health: only a refusal can stop it, one refusal is a suspicion, and one good answer heals all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.sync.health import (
    CONFIRM_AFTER,
    TRIED_FOR,
    Health,
    Move,
    accepted,
    failed,
    left_alone,
    rejected,
    state_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STATES = ("ok", "degraded", "suspect", "stopped")


@pytest.mark.parametrize(
    ("state", "move", "minutes", "after"),
    [
        ("ok", accepted, 1, "ok"),
        ("degraded", accepted, 1, "ok"),
        ("suspect", accepted, 1, "ok"),
        ("stopped", accepted, 1, "ok"),
        ("ok", failed, 1, "degraded"),
        ("degraded", failed, 1, "degraded"),
        ("suspect", failed, 1, "suspect"),
        ("stopped", failed, 1, "stopped"),
        ("ok", rejected, 1, "suspect"),
        ("degraded", rejected, 1, "suspect"),
        ("suspect", rejected, 0.5, "suspect"),
        ("suspect", rejected, 1, "stopped"),
        ("stopped", rejected, 1, "stopped"),
    ],
)
def test_each_state_and_each_answer(state: str, move: Move, minutes: float, after: str) -> None:
    before = Health(state_of(state), NOON, rejected_at=NOON if state in {"suspect", "stopped"} else None)
    now = NOON + minutes * MINUTE
    moved = move(before, now)
    assert moved.state == after
    assert moved.since == (before.since if after == state else now)


def test_a_suspicion_keeps_the_time_of_its_first_refusal() -> None:
    first = rejected(Health("ok", NOON - 99 * MINUTE), NOON)
    again = rejected(first, NOON + timedelta(seconds=20))
    assert first == again == Health("suspect", NOON, rejected_at=NOON)
    stopped = rejected(again, NOON + CONFIRM_AFTER)
    assert stopped == Health("stopped", NOON + CONFIRM_AFTER, rejected_at=NOON)


def test_a_healed_key_starts_anew() -> None:
    healed = accepted(Health("stopped", NOON, rejected_at=NOON), NOON + MINUTE)
    assert healed == Health("ok", NOON + MINUTE)
    assert rejected(healed, NOON + 2 * MINUTE).state == "suspect"


@given(st.lists(st.tuples(st.sampled_from([accepted, failed]), st.integers(0, 10**6)), max_size=20))
def test_no_trouble_on_the_way_ever_stops_a_key(steps: list[tuple[Move, int]]) -> None:
    health, now = Health("ok", NOON), NOON
    for move, seconds in steps:
        now += timedelta(seconds=seconds)
        health = move(health, now)
        assert health.state in {"ok", "degraded"}


@given(st.lists(st.tuples(st.sampled_from([accepted, failed, rejected]), st.integers(0, 300)), max_size=30))
def test_a_stop_always_has_two_refusals_a_minute_apart_with_nothing_good_between(steps: list[tuple[Move, int]]) -> None:
    health, now, refusals = Health("ok", NOON), NOON, list[datetime]()
    for move, seconds in steps:
        now += timedelta(seconds=seconds)
        health = move(health, now)
        refusals = [] if move is accepted else [*refusals, now] if move is rejected else refusals
        waited = bool(refusals) and refusals[-1] - refusals[0] >= CONFIRM_AFTER
        assert (health.state == "stopped") == waited
        assert (health.rejected_at is None) == (not refusals)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_name(state: str) -> None:
    assert state_of(state) == state


def test_an_unknown_state_is_a_fault() -> None:
    with pytest.raises(KeyError):
        state_of("fine")


@pytest.mark.parametrize(
    ("state", "hours", "by_hand", "alone"),
    [
        ("stopped", 23, False, False),
        ("stopped", 25, False, True),
        ("stopped", 25, True, False),
        ("suspect", 99, False, False),
        ("degraded", 99, False, False),
        ("ok", 9999, False, False),
    ],
)
def test_a_key_stopped_for_a_day_is_asked_again_only_by_hand(
    state: str, hours: int, by_hand: bool, alone: bool
) -> None:
    assert timedelta(hours=24) == TRIED_FOR
    health = Health(state_of(state), NOON, rejected_at=NOON)
    assert left_alone(health, NOON + timedelta(hours=hours), by_hand=by_hand) is alone
