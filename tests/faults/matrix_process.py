"""Rows F63–F70: processes that die, stand still, or meet."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from faults.forked import STRACE
from faults.killing import Site, killed_everywhere
from faults.matrix import Case, Row
from house import House, end, until

HOLDER = "import sys, time; from pathlib import Path; from uptake.lake.lock import writer\n"
HOLDER += "with writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
NO_STRACE = "" if STRACE else "strace is not installed"


def _days(house: House) -> int:
    return len(list(house.home.glob("lake/usage/*/day=*/day.parquet")))


def _slow(house: House) -> None:
    house.environ["UPTAKE_REQUESTS_PER_MINUTE"] = "120"


def _fast(house: House) -> None:
    house.environ["UPTAKE_REQUESTS_PER_MINUTE"] = "60000"


def converges(house: House) -> None:
    """At most two syncs later all is well, and nothing is left over."""
    _fast(house)
    assert 0 in [house.run("sync").returncode for _ in range(2)]
    assert house.run("status").returncode == 0
    assert house.connection()["usage"]["missing"] == []
    assert not list(house.home.glob("lake/**/*.tmp"))


def _everywhere(made: Site) -> None:
    found = killed_everywhere(made, "sync")
    found.tell("SIGKILL at every call", "sync")
    assert found.points
    assert found.clean, found


def _ended(number: int, code: int) -> Callable[[House], None]:
    def run(house: House) -> None:
        _slow(house)
        process = house.start("sync")
        until(lambda: _days(house) >= 2)
        start = time.monotonic()
        assert end(process, number) == code
        assert time.monotonic() - start < 10
        assert house.connection()["last_run"]["outcome"] == "interrupted"
        converges(house)

    return run


def _two(house: House) -> None:
    _slow(house)
    process = house.start("sync")
    until(lambda: _days(house) >= 2)
    second = house.run("sync")
    assert second.returncode == 4
    assert "Another sync is running" in second.stderr
    _fast(house)
    assert end(process, signal.SIGTERM) == 143
    converges(house)


def _frozen(then: int) -> Callable[[House], None]:
    """The holder of the lock stands still; nobody writes beside it; then it goes on, or dies."""

    def run(house: House) -> None:
        _slow(house)
        process = house.start("sync")
        until(lambda: _days(house) >= 2)
        process.send_signal(signal.SIGSTOP)
        held = sorted(house.home.glob("lake/**/day.parquet"))
        assert house.run("sync").returncode == 4
        assert sorted(house.home.glob("lake/**/day.parquet")) == held
        process.send_signal(then)
        process.send_signal(signal.SIGCONT)
        code = process.wait(60)
        assert code == (0 if then == signal.SIGCONT else -signal.SIGKILL)
        converges(house)

    return run


def _meanwhile(*command: str, gone: bool) -> Callable[[House], None]:
    """Somebody changes the connection while it is synced: the run drops its pages and ends."""

    def run(house: House) -> None:
        _slow(house)
        process = house.start("sync")
        until(lambda: _days(house) >= 2)
        start = time.monotonic()
        done = house.run(*command)
        assert done.returncode == 0, done.stderr
        process.wait(60)
        assert time.monotonic() - start < 60
        if gone:
            assert _days(house) == 0, "rows came back after they were erased"
        else:
            held = _days(house)
            time.sleep(1)
            assert _days(house) == held
        assert process.returncode in {2, 3}

    return run


def _swapped(house: House) -> None:
    """A key is replaced during a run: what the run read with the old one is dropped; the next completes it."""
    _slow(house)
    process = house.start("sync")
    until(lambda: _days(house) >= 2)
    keys = [(house.home.parent / f"{slot}.key").read_text() for slot in ("admin", "analytics")]
    _fast(house)
    assert house.connect(*keys).returncode == 0
    assert process.wait(60) == 3
    assert house.connection()["last_run"]["outcome"] == "interrupted"
    converges(house)


@contextmanager
def holding(house: House) -> Iterator[None]:
    """Somebody else has the writer's lock."""
    command = [sys.executable, "-c", HOLDER, str(house.home / "lake")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.kill()


def _fifty(flat: object) -> None:
    """Fifty requests for a sync, while one runs and after it: one more run, not fifty."""
    from uptake.actions.syncing import Scheduler, request_sync
    from uptake.domain.access import OPERATOR
    from uptake.records.models import Run

    settings = flat.settings  # type: ignore[attr-defined]
    flat.fake._clock = lambda: datetime.now(UTC)  # type: ignore[attr-defined]
    scheduler = Scheduler(settings)
    scheduler.look(datetime.now(UTC))
    runs = Run.objects.count()
    with holding(House(settings.home, "")):
        for _ in range(50):
            request_sync(OPERATOR, settings, name="Claude")
            scheduler.look(datetime.now(UTC))
    assert Run.objects.count() == runs
    for _ in range(50):
        scheduler.look(datetime.now(UTC))
    assert Run.objects.count() == runs + 1


def _locked(seconds: float, code: int) -> Callable[[House], None]:
    """Another program holds the records' lock. A short while is waited for; a long one is told, and nothing is lost."""

    def run(house: House) -> None:
        assert house.run("sync").returncode == 0
        held = _days(house)
        line = sqlite3.connect(house.home / "records.sqlite3", check_same_thread=False, isolation_level=None)
        line.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(seconds, lambda: line.execute("COMMIT"))
        timer.start()
        done = house.run("sync")
        timer.join()
        line.close()
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert code == 0 or "locked" in done.stderr
        assert _days(house) == held
        converges(house)

    return run


def _numbers(house: House) -> dict[str, Any]:
    """What is answered, without the moments at which days were read."""
    return {name: value for name, value in house.ask("ask", "active_28d").items() if name != "freshness"}


def _cache_goes(house: House) -> None:
    """Queries while days are replaced and the cache is deleted under them: never a wrong number."""
    import shutil

    assert house.run("sync").returncode == 0
    right = _numbers(house)
    answers = []
    for number in range(8):
        deleting = threading.Timer(0.2 + 0.15 * number, shutil.rmtree, (house.home / "cache", True))
        deleting.start()
        answers.append(_numbers(house))
        deleting.join()
    assert house.run("sync").returncode == 0
    assert right in answers
    for answer in answers:
        assert answer == right or "error" in answer
    assert _numbers(house) == right
    converges(house)


def _little_memory(house: House) -> None:
    """Not enough memory, more and more of it: it dies without a rest or goes through."""
    codes = []
    for megabytes in (200, 300, 400, 600, 900):
        size = megabytes << 20

        def limited(size: int = size) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        process = house.start("sync", preexec_fn=limited)
        process.communicate(timeout=120)
        codes.append(process.returncode)
    assert any(code != 0 for code in codes), codes
    converges(house)


ROWS = (
    Row("F63", "SIGKILL before every write, fsync, rename, mkdir, unlink", "strace, each call of a sync once",
        "the old day or the new one, whole; no leftovers after the next start",
        (Case("everywhere", _everywhere, "site", skip=NO_STRACE),)),
    Row("F64", "SIGTERM in the middle", "SIGTERM, SIGINT after two days", "ends within 10 s, lock free, completes later",
        (Case("term", _ended(signal.SIGTERM, 143), "house"), Case("int", _ended(signal.SIGINT, 130), "house"))),
    Row("F65", "two processes, the same sync", "two commands", "one works, the other says so", (Case("two", _two, "house"),)),
    Row("F66", "the holder stands still, goes on or is killed", "SIGSTOP, then SIGCONT or SIGKILL",
        "others are told, nothing is written beside it; a kill frees at once",
        (Case("goes-on", _frozen(signal.SIGCONT), "house"), Case("killed", _frozen(signal.SIGKILL), "house"))),
    Row("F67", "key swap, disconnect, erase during a run", "commands beside a running sync", "the run drops its pages and ends; nothing comes back",
        (Case("disconnect", _meanwhile("disconnect", "claude", "--yes", gone=False), "house"),
         Case("erase", _meanwhile("disconnect", "claude", "--erase", "--yes", gone=True), "house"),
         Case("swap", _swapped, "house"))),
    Row("F68", "fifty requests for a sync", "the web's request and the scheduler, lock held and free", "one run", (Case("fifty", _fifty),)),
    Row("F69", "records locked; cache deleted under queries", "a second program with the lock, 3 s and 30 s; the cache deleted at eight moments",
        "waited for, or told; no wrong number",
        (Case("3-s", _locked(3, 0), "house"), Case("30-s", _locked(30, 3), "house"), Case("cache", _cache_goes, "house"))),
    Row("F70", "out of memory", "RLIMIT_AS from 200 to 900 MB", "dies without a rest, completes later", (Case("memory", _little_memory, "house"),)),
)  # fmt: skip
