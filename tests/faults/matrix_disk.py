"""Rows F71–F74: disks that are full, report errors, take no writes, or give back something else."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from faults.killing import START, Found, Site, judge
from faults.matrix import Case, Row
from faults.matrix_process import NO_STRACE, converges
from house import House
from uptake.lake import Lake

FLIPS = 1_000
WRITES = ("write", "pwrite64", "?mkdir,?mkdirat", "?rename,?renameat,?renameat2")
SYNCS = ("fsync", "fdatasync")
MOUNT = shutil.which("mount") if hasattr(os, "geteuid") and os.geteuid() == 0 else None
NO_MOUNT = "" if MOUNT else "needs root and mount"


def _failing(calls: tuple[str, ...], error: str, *, on: bool) -> Callable[[Site], None]:
    """The n-th call of a sync fails, for all n; with `on` every later one too."""

    def run(made: Site) -> None:
        found = Found()
        for call in calls:
            name = call.split(",")[0].strip("?")
            for number in range(1, 10_000):
                made.back_to(START["sync"])
                when = f"{number}+" if on else str(number)
                ended = made.forks.injected("sync", call, f"error={error}:when={when}")
                if ended.code == 0 and _reached(made, found, name, number, on=on):
                    break
                found.points[name] += 1
                judge(made, "sync", ended, found)
        assert found.points, "nothing failed"
        assert found.clean, found

    return run


def _reached(made: Site, found: Found, name: str, number: int, *, on: bool) -> bool:
    """Whether the sync did not even get to that call. A call that failed once may have been made up for by a new file."""
    return on or number > found.points[name] + 3 or number > _calls(made, name)


_counted: dict[str, int] = {}


def _calls(made: Site, name: str) -> int:
    """How many calls of that name a whole sync has, at least; counted once by killing."""
    if name not in _counted:
        number = 1
        while True:
            made.back_to(START["sync"])
            if not made.forks.injected("sync", name, f"signal=SIGKILL:when={number}").signal:
                break
            number += 1
        _counted[name] = number - 1
    return _counted[name]


@contextmanager
def _mounted(at: Path, megabytes: int) -> Iterator[None]:
    at.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(MOUNT), "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def _on_a_small_disk(house: House, then: Callable[[House], None]) -> None:
    """The same installation on a disk of its own."""
    aside = house.home.with_name("before")
    house.home.rename(aside)
    with _mounted(house.home, 24):
        shutil.copytree(aside, house.home, dirs_exist_ok=True)
        then(house)


def _full(house: House) -> None:
    def run(house: House) -> None:
        assert house.run("sync").returncode == 0
        held = {path: path.read_bytes() for path in house.home.glob("lake/usage/**/day.parquet")}
        victim = sorted(held)[0]
        victim.unlink()
        filler = _fill(house.home)
        done = house.run("sync")
        assert done.returncode in {2, 3}
        assert "Traceback" not in done.stderr
        assert "full" in done.stderr.lower() or "no space" in done.stderr.lower(), done.stderr
        assert {path: path.read_bytes() for path in held if path != victim} == {
            path: body for path, body in held.items() if path != victim
        }
        filler.unlink()
        converges(house)

    _on_a_small_disk(house, run)


def _fill(disk: Path) -> Path:
    """Somebody else's file that takes what room there is, to the last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler


def _erased_when_full(house: House) -> None:
    """Nothing fits on the disk any more: what is held can be looked at, and all of it can be erased."""

    def run(house: House) -> None:
        assert house.run("sync").returncode == 0
        assert (house.home / "reserve").stat().st_size == 4 * 2**20
        members = json.loads(house.run("export", "members", "--format", "jsonl").stdout.splitlines()[0])
        filler = _fill(house.home)
        assert house.connection()["usage"]["days_held"] == 8
        refused = house.run("export", "members", "--format", "jsonl")  # what the audit cannot note does not happen
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "disk is full" in refused.stderr
        assert list(house.home.glob("lake/**/day.parquet"))
        done = house.run("disconnect", "claude", "--erase", "--yes")
        assert done.returncode == 0, done.stderr
        assert not list(house.home.glob("lake/**/day.parquet"))
        assert members["member_id"].encode() not in (house.home / "records.sqlite3").read_bytes()
        assert filler.exists()

    house.environ["UPTAKE_RESERVE_MB"] = "4"
    _on_a_small_disk(house, run)


def _nearly_full(house: House) -> None:
    """Where the room for erasing cannot be kept back, nothing is read; afterwards everything is."""

    def run(house: House) -> None:
        done = house.run("sync")
        assert done.returncode == 3
        assert "nearly full" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(house.home.glob("lake/usage/**/day.parquet"))
        assert house.connection()["last_run"]["outcome"] == "failed"
        house.environ["UPTAKE_RESERVE_MB"] = "1"
        converges(house)

    house.environ["UPTAKE_RESERVE_MB"] = "64"
    _on_a_small_disk(house, run)


def _read_only(house: House) -> None:
    def run(house: House) -> None:
        assert house.run("sync").returncode == 0
        held = sorted(house.home.glob("lake/usage/**/day.parquet"))
        subprocess.run([str(MOUNT), "-o", "remount,ro", str(house.home)], check=True)
        try:
            done = house.run("sync")
            assert done.returncode == 3
            assert "cannot be written" in done.stderr
            assert "Traceback" not in done.stderr
        finally:
            subprocess.run([str(MOUNT), "-o", "remount,rw", str(house.home)], check=True)
        assert sorted(house.home.glob("lake/usage/**/day.parquet")) == held
        converges(house)

    _on_a_small_disk(house, run)


def _days(made: Site) -> list[Path]:
    return sorted(made.home.glob("lake/usage/*/day=*/day.parquet"))


def _noticed_and_healed(made: Site, damage: Callable[[Path], None]) -> None:
    """A day file that is not what was written is never read as something else, and is fetched again."""
    made.back_to("synced")
    damage(_days(made)[0])
    lake = Lake(made.home / "lake", made.home / "aside")
    (connection,) = lake.connections()
    truth = made.truth()
    for day in lake.held("usage", connection):
        try:
            table = lake.read("usage", connection, day)
        except Exception as error:  # noqa: BLE001
            assert type(error).__name__ == "Damaged", error
            continue
        assert table.num_rows == len(truth[day])
    ended = made.forks.run("sync")
    assert (ended.signal, ended.code) == (0, 0), ended
    assert made.held() == truth


def _flips(made: Site) -> None:
    """A thousand single bits, anywhere in any day file: each is found, none is ever read over."""
    made.back_to("synced")
    lake = Lake(made.home / "lake", made.home / "aside")
    chance = random.Random(74)
    files = [
        path
        for kind in ("usage", "members", "summaries")
        for path in made.home.glob(f"lake/{kind}/*/day=*/day.parquet")
    ]
    for _ in range(FLIPS):
        path = chance.choice(files)
        body = path.read_bytes()
        flipped = bytearray(body)
        flipped[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        (damaged,) = lake.gate()
        assert not path.exists()
        assert damaged.day.isoformat() == path.parent.name.removeprefix("day=")
        path.write_bytes(body)
    _noticed_and_healed(made, lambda day: day.write_bytes(day.read_bytes()[:100] + b"\xff" + day.read_bytes()[101:]))


def _other_day(path: Path) -> None:
    shutil.copy(sorted(path.parent.parent.glob("day=*/day.parquet"))[-1], path)


def _older(made: Site) -> None:
    """An older version of a day put back is whole and true to its time; within the settling window it is read again."""
    made.back_to("synced")
    for path in _days(made):
        old = made.folder / "behind" / path.relative_to(made.home)
        if old.exists():
            shutil.copy(old, path)
    assert made.held() != made.truth()
    assert made.forks.run("sync").code == 0
    assert made.held() == made.truth()


def _database(damage: Callable[[Path], None]) -> Callable[[House], None]:
    """Damaged records are told: never taken for an empty installation, never a crash; put back, all goes on."""

    def run(house: House) -> None:
        assert house.run("sync").returncode == 0
        records = house.home / "records.sqlite3"
        body, held = records.read_bytes(), sorted(house.home.glob("lake/usage/**/day.parquet"))
        damage(records)
        for command in ("status", "sync"):
            done = house.run(command)
            assert done.returncode in {2, 3}, (command, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr
            assert done.stderr + done.stdout
        assert sorted(house.home.glob("lake/usage/**/day.parquet")) == held
        records.write_bytes(body)
        converges(house)

    return run


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scribble(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[:4096] = os.urandom(4096)
    path.write_bytes(body)


def _journal(house: House) -> None:
    """A writer died with its journal beside the records: the next start rolls it back."""
    assert house.run("sync").returncode == 0
    script = "import os, sqlite3, sys\nline = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    script += "line.execute('PRAGMA cache_size=1'); line.execute('BEGIN IMMEDIATE')\n"
    script += (
        "line.execute(\"UPDATE records_connection SET name = name || 'x'\"); line.execute('DELETE FROM records_run')\n"
    )
    script += (
        "line.execute('CREATE TABLE big(x)'); line.execute('INSERT INTO big VALUES (zeroblob(4000000))'); os._exit(9)\n"
    )
    records = house.home / "records.sqlite3"
    subprocess.run(["python3", "-c", script, str(records)], check=False)
    assert records.with_name("records.sqlite3-journal").exists()
    assert house.connection()["name"] == "Claude"
    with sqlite3.connect(records) as line:
        assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    converges(house)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": _cut,
    "zero-length": lambda path: path.write_bytes(b""),
    "nul": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "missing": lambda path: path.unlink(),
    "other-day": _other_day,
}

ROWS = (
    Row("F71", "no space at the n-th write, for all n", "strace error=ENOSPC; a tmpfs that is full",
        "the old day stays, no leftovers, told, erasing works, heals",
        (Case("nth", _failing(WRITES, "ENOSPC", on=False), "site", skip=NO_STRACE),
         Case("from-nth-on", _failing(("write", "pwrite64"), "ENOSPC", on=True), "site", skip=NO_STRACE),
         Case("full", _full, "house", skip=NO_MOUNT),
         Case("erase", _erased_when_full, "house", skip=NO_MOUNT),
         Case("nearly-full", _nearly_full, "house", skip=NO_MOUNT))),
    Row("F72", "an error of the disk at fsync of file, folder, records", "strace error=EIO, each fsync once",
        "a new file once, or the run ends; never the same fsync again", (Case("nth", _failing(SYNCS, "EIO", on=False), "site", skip=NO_STRACE),)),
    Row("F73", "read-only, or rights lost", "tmpfs mounted anew read-only", "nothing changes, told, heals",
        (Case("read-only", _read_only, "house", skip=NO_MOUNT),)),
    Row("F74", "damaged files", f"{FLIPS:,} flipped bits; truncated, empty, NUL, missing, another day's, an older file; records damaged, journal left",
        "found and fetched again, or told; never silently empty or wrong",
        (Case("flips", _flips, "site"),
         *(Case(name, partial(_noticed_and_healed, damage=damage), "site") for name, damage in DAMAGES.items()),
         Case("older", _older, "site"),
         *(Case(f"records-{name}", _database(damage), "house") for name, damage in
           (("truncated", _cut), ("scribbled", _scribble), ("nul", DAMAGES["nul"]), ("missing", DAMAGES["missing"]))),
         Case("journal", _journal, "house"))),
)  # fmt: skip
