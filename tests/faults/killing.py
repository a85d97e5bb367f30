"""An installation that is killed, or whose disk fails, at a chosen call: what is left, and whether it converges."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import proof
from faults.forked import KEYS, STRACE, Ended, Forks
from uptake.domain.measures import COLUMNS
from uptake.fake import FakeClaude, Organisation
from uptake.lake import Lake

DAYS = 4
CALLS = (
    "write", "pwrite64", "fsync", "fdatasync", "?rename,?renameat,?renameat2", "?mkdir,?mkdirat",
    "?unlink,?unlinkat,?rmdir", "ftruncate",
)  # fmt: skip
"""Every way in which a change reaches the disk. One name at a time, so that each call is met once."""

Days = dict[date, dict[str, tuple[int | None, ...]]]


@dataclass
class Found:
    """What was found after all kills of one action."""

    points: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    lost: int = 0
    mixed: int = 0
    duplicated: int = 0
    runs: int = 0  # most runs until everything was well again
    unclean: list[str] = field(default_factory=list)  # ended neither by the kill nor by a Problem

    def tell(self, proof_of: str, action: str) -> None:
        """Leave the figures for the page."""
        counts = {name: getattr(self, name) for name in ("kills", "lost", "duplicated", "mixed", "runs")}
        proof.figures(proof_of, action=action, unclean=len(self.unclean), **counts)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.mixed or self.duplicated or self.unclean) and self.runs <= 2


class Site:
    """One home, its made-up organisation, and snapshots of the home to begin from."""

    def __init__(self, folder: Path, fake: FakeClaude, company: Organisation) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.fake = fake
        self.company = company
        self.forks: Forks

    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("UPTAKE_", "DJANGO_"))}
        ours = {"UPTAKE_HOME": str(self.home), "UPTAKE_CLAUDE_URL": self.fake.url, "UPTAKE_BACKFILL_DAYS": str(DAYS)}
        keys = self.fake.keys
        given = {KEYS["admin"]: keys.members, KEYS["analytics"]: keys.analytics, KEYS["both"]: keys.both}
        return kept | ours | given | {"UPTAKE_REQUESTS_PER_MINUTE": "60000", "UPTAKE_RESERVE_MB": "0"}

    def keep(self, name: str) -> None:
        """Remember the home as it is now."""
        shutil.copytree(self.home, self.folder / name)

    def back_to(self, name: str) -> None:
        shutil.rmtree(self.home)
        shutil.copytree(self.folder / name, self.home)

    def held(self) -> Days:
        """Every day file, its seal checked. A file that cannot be believed raises Damaged."""
        lake = Lake(self.home / "lake", self.home / "aside")
        return {
            date.fromisoformat(path.parent.name.removeprefix("day=")): _rows(
                lake.read("usage", connection, date.fromisoformat(path.parent.name.removeprefix("day="))).to_pylist()
            )
            for connection in lake.connections()
            for path in lake.root.glob(f"usage/connection={connection}/day=*/day.parquet")
        }

    def truth(self) -> Days:
        now = datetime.now(UTC)
        newest = now.date() - timedelta(days=1)
        days = [newest - timedelta(days=back) for back in range(DAYS)]
        return {day: _rows(self.company.truth(day, as_of=now)) for day in days}

    def database_is_whole(self) -> bool:
        with sqlite3.connect(self.home / "records.sqlite3") as line:
            return bool(line.execute("PRAGMA integrity_check").fetchone()[0] == "ok")

    def leftovers(self) -> list[Path]:
        return list(self.home.rglob("*.tmp"))

    def names_somebody(self) -> list[str]:
        """Files of the home in which a member's id or address stands."""
        marks = [text.encode() for text in (*self.company.crew.ids, *self.company.crew.emails)]
        marks += [mark.lower() for mark in marks]
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]


def _rows(rows: list[dict[str, Any]]) -> dict[str, tuple[int | None, ...]]:
    found = {row["member_id"]: tuple(row[column] for column in COLUMNS) for row in rows}
    assert len(found) == len(rows), "one member twice on a day"
    return found


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A site with three snapshots: connected; synced; and synced long ago, with revisions and a missing day to come."""
    company = Organisation(members=40, seed=13)
    with FakeClaude(company, requests_per_minute=None) as fake:
        made = Site(folder, fake, company)
        with Forks(made.environ()) as made.forks:
            assert made.forks.run("connect").code == 0
            made.keep("connected")
            fake.fault = "revised-up"
            assert made.forks.run("sync").code == 0
            shutil.rmtree(sorted(made.home.glob("lake/usage/*/day=*"))[-1])
            made.keep("behind")
            fake.fault = None
            assert made.forks.run("sync").code == 0
            made.keep("synced")
            yield made


START = {"sync": "behind", "replace": "synced", "rotate": "synced", "erase": "synced"}


def killed_everywhere(made: Site, action: str, most: int | None = None) -> Found:
    """Kill an action before each of its calls that change the disk, each call once."""
    if STRACE is None:
        pytest.skip("strace is not installed: nothing can be killed at a chosen call")
    found = Found()
    for call in CALLS:
        for number in range(1, (most or 10_000) + 1):
            made.back_to(START[action])
            ended = made.forks.injected(action, call, f"signal=SIGKILL:when={number}")
            if ended.signal != signal.SIGKILL:
                break
            found.points[call.split(",")[0].strip("?")] += 1
            judge(made, action, ended, found)
    return found


def killed_at_random(made: Site, action: str, times: int, seconds: float, random: Any) -> Found:
    """Kill an action after a random time, so many times."""
    found = Found()
    while found.kills < times:
        made.back_to(START[action])
        ended = made.forks.killed_after(action, random.uniform(0, seconds))
        if ended.signal == signal.SIGKILL:
            judge(made, action, ended, found)
        else:
            seconds *= 0.97  # it was done before the kill
    return found


def judge(made: Site, action: str, ended: Ended, found: Found) -> None:
    """After a kill or a failure: nothing lost or mixed, and everything well again after at most two runs."""
    found.kills += 1
    if ended.signal not in {0, signal.SIGKILL} or (not ended.signal and ended.code == 1):
        found.unclean.append(f"{action}: {ended.signal} {ended.code} {ended.said}")
    try:
        now = made.held()
    except AssertionError:
        found.duplicated += 1
        return
    if action == "erase":
        _judge_erased(made, found)
        return
    made_before = _held_in(made, START[action])
    truth = made.truth()
    found.lost += len(set(made_before) - set(now))
    found.mixed += sum(1 for day, rows in now.items() if rows not in (made_before.get(day), truth.get(day)))
    found.runs = max(found.runs, _converged(made, action))


def _converged(made: Site, action: str) -> int:
    """Runs until the lake is the truth, no leftover is there, and the action itself can be done."""
    runs = 1
    while runs < 3 and not (made.forks.run("sync").code == 0 and _is_well(made)):
        runs += 1
    if action != "sync" and made.forks.run(action).code != 0:
        return 3
    return runs


def _is_well(made: Site) -> bool:
    return made.held() == made.truth() and not made.leftovers() and made.database_is_whole()


def _erased(ended: Ended) -> bool:
    return ended.code == 0 or "There is no connection" in ended.said


def _judge_erased(made: Site, found: Found) -> None:
    """An erase that was killed is done again and leaves nobody's id or address anywhere."""
    runs = 1
    while runs < 3 and not _erased(made.forks.run("erase")):
        runs += 1
    found.runs = max(found.runs, runs)
    left = made.names_somebody()
    if left:
        found.unclean.append(f"erased people stand in {left}")


_snapshots: dict[tuple[Path, str], Days] = {}


def _held_in(made: Site, name: str) -> Days:
    key = (made.folder, name)
    if key not in _snapshots:
        _snapshots[key] = Site.held(_At(made.folder / name))  # type: ignore[arg-type]
    return _snapshots[key]


@dataclass
class _At:
    home: Path
