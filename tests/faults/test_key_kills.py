"""Killed while a key is replaced, the master key rotated, the data erased: nothing lost, nothing half done."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import proof
from house import House
from uptake.fake import FakeClaude, Organisation

ROOT = Path(__file__).parents[2]


def _killed(folder: Path, rounds: int, seed: int) -> None:
    with FakeClaude(Organisation(members=30, seed=5), requests_per_minute=None) as fake:
        house = House(folder / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "3"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        assert house.run("sync").returncode == 0
        keys = [fake.keys.analytics, fake.keys.both]  # made up; only here keys go by the command line
        command = [sys.executable, "-m", "tests.faults.key_kills", str(rounds), str(seed), *keys]
        done = subprocess.run(command, cwd=ROOT, env=house.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        proof.figures("kills while keys change hands", seed=seed, **json.loads(done.stdout))
        assert house.run("sync").returncode == 0
        assert house.connection()["usage"]["days_held"] == 3


def test_kills_at_random_moments(tmp_path: Path) -> None:
    _killed(tmp_path, rounds=12, seed=1)


@pytest.mark.full
def test_a_thousand_kills_at_random_moments(tmp_path: Path) -> None:
    _killed(tmp_path, rounds=800, seed=time.time_ns() % 2**32)
