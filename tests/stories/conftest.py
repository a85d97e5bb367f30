"""A company in a box and an installation beside it, for stories that go through the commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House
from uptake.fake import FakeClaude, Organisation


@pytest.fixture(scope="session")
def company() -> Organisation:
    return Organisation(members=120, seed=7)


@pytest.fixture
def fake(company: Organisation) -> Iterator[FakeClaude]:
    with FakeClaude(company, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def house(fake: FakeClaude, tmp_path: Path) -> House:
    return House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "12"})


@pytest.fixture
def connected(house: House, fake: FakeClaude) -> House:
    """An installation that is connected and synced."""
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    done = house.run("sync")
    assert done.returncode == 0, done.stdout + done.stderr
    return house
