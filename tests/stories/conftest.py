"""A company in a box and an installation beside it, for stories that go through the commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House
from uptake.fake import FakeClaude, Organisation

SETTINGS = {"UPTAKE_BACKFILL_DAYS": "12"}


@pytest.fixture(scope="session")
def company() -> Organisation:
    return Organisation(members=120, seed=7)


@pytest.fixture
def fake(company: Organisation) -> Iterator[FakeClaude]:
    with FakeClaude(company, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def house(fake: FakeClaude, tmp_path: Path) -> House:
    return House(tmp_path / "home", fake.url, dict(SETTINGS))


@pytest.fixture(scope="session")
def synced_home(company: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation that is connected and synced, to be copied: its files know no address or path."""
    home = tmp_path_factory.mktemp("synced") / "home"
    with FakeClaude(company, requests_per_minute=None) as fake:
        house = House(home, fake.url, dict(SETTINGS))
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        done = house.run("sync")
        assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def connected(house: House, synced_home: Path) -> House:
    """An installation that is connected and synced."""
    shutil.copytree(synced_home, house.home)
    return house
