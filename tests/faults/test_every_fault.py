"""Every fault the made-up organisation can play: what is held is true or missing, and all heals once it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.conftest import Flat, Rows
from uptake.fake import FAULTS

pytestmark = pytest.mark.full  # the matrix has the everyday slice

CANARY = b"canary"
OUTCOMES = {"current", "partly", "held_back", "stopped", "failed"}


def _wrong(held: Rows, truth: Rows) -> list[tuple[str, str, str]]:
    """Counts that are held and are neither true nor null."""
    return [
        (day, member, column)
        for day, rows in held.items()
        for member, counts in rows.items()
        for column, value in counts.items()
        if value is not None and value != truth[day].get(member, {}).get(column)
    ]


def _require_true(flat: Flat) -> None:
    """All wanted days are held, and every day that is held is the whole truth of it."""
    held, truth = flat.held(), flat.truth()
    assert flat.wanted() <= set(held)
    assert held == {day: truth[day] for day in held}


def _holds(home: Path, mark: bytes) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and mark in path.read_bytes()]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_from_the_first_sync_on(flat: Flat, name: str) -> None:
    """Nothing false is held; nobody is removed; when the fault is over, everything is there and true."""
    flat.fake.fault = name
    result = flat.sync()
    assert result.outcome in OUTCOMES
    assert _wrong(flat.held(), flat.truth()) == []
    assert not [member for member in flat.members() if member.status == "removed"]
    assert _holds(flat.settings.home, CANARY) == []
    assert (result.outcome == "current") == flat.view().healthy

    flat.fake.fault = None
    flat.clock.forward(minutes=2)
    assert flat.sync().outcome == "current"
    _require_true(flat)
    assert flat.view().healthy


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_after_a_good_sync(flat: Flat, name: str) -> None:
    """What was held stays or becomes true news; it never shrinks, and nobody is removed by an answer not to believe."""
    assert flat.sync().outcome == "current"
    before, people = flat.held(), flat.members()
    _require_true(flat)
    flat.clock.forward(hours=20)
    flat.fake.fault = name
    flat.sync()
    held = flat.held()
    assert set(before) <= set(held)
    assert _wrong({day: rows for day, rows in held.items() if rows != before.get(day)}, flat.truth()) == []
    gone = [member for member in flat.members() if member.status == "removed"]
    allowed = max(5, len(people) // 10)
    assert len(gone) <= allowed

    flat.fake.fault = None
    flat.clock.forward(hours=4)
    assert flat.sync().outcome == "current"
    _require_true(flat)
