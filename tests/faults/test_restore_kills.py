"""Killed in the middle of a restore: the next start finishes or undoes it, and nobody comes back who was erased."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import proof
from house import House
from stories.operating import erase, somebody
from uptake.fake import FakeClaude, Organisation

ROOT = Path(__file__).parents[2]


def _killed(folder: Path, calls: str, step: int) -> dict[str, int]:
    backup = folder / "backup.tar"
    with FakeClaude(Organisation(members=30, seed=5), requests_per_minute=None) as fake:
        house = House(folder / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "3"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        assert house.run("sync").returncode == 0
        assert house.run("backup", str(backup)).returncode == 0
        member_id, email = somebody(house)
        erase(house, email)
        shutil.rmtree(sorted(house.home.glob("lake/usage/*/day=*"))[0])  # so that before and after are two
        command = [sys.executable, "-m", "tests.faults.restore_kills", str(backup), member_id, calls, str(step)]
        done = subprocess.run(command, cwd=ROOT, env=house.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert house.run("sync").returncode == 0
        assert house.connection()["usage"]["days_held"] == 3
    found: dict[str, int] = json.loads(done.stdout)
    proof.figures("kills during a restore", calls=calls, **found)
    return found


def test_kills_between_the_moves(tmp_path: Path) -> None:
    found = _killed(tmp_path, "rename", 4)
    assert found["kills"] >= 3
    assert found["as_the_backup"] >= 2


@pytest.mark.full
def test_a_kill_before_every_call_to_the_disk(tmp_path: Path) -> None:
    found = _killed(tmp_path, "rename,fsync,mkdir,unlink,rmdir", 1)
    assert found["kills"] >= 50
    assert found["as_before"] > 0 < found["as_the_backup"]
