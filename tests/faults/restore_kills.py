"""Kills a restore at its calls to the disk: `python -m tests.faults.restore_kills BACKUP ERASED CALLS STEP`.

Run for an installation in which ERASED was erased after BACKUP was made. One fork restores and is killed before a call,
another starts as any command does. Then the home is as it was or as the backup is, and nothing is left lying about.
Prints figures as JSON; ends with 1 at the first violation.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from uptake.lake import Lake
from uptake.site import boot, restoring

CALLS = ("rename", "fsync", "mkdir", "unlink", "rmdir")
SETTINGS = boot.prepare(os.environ)
django.setup()


def forked(work: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
    except BaseException as error:  # noqa: BLE001  # a fork must never come back into its parent
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def killed_before(number: int, calls: list[str]) -> None:
    """From now on the n-th of these calls is never made: the process is dead before."""
    count = 0

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return made

    for name in calls:
        setattr(os, name, deadly(getattr(os, name)))


def restore(backup: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    restoring.restore(SETTINGS, backup, now, lambda: boot.up(SETTINGS))


def facts() -> dict[str, str]:
    """Every day held, by its hash; each seal is looked at."""
    lake = Lake(SETTINGS.lake, SETTINGS.aside)
    assert lake.damaged() == []
    found = {}
    for connection in lake.connections():
        for kind in ("usage", "members", "summaries"):
            for day, entry in lake.held(kind, connection).items():
                found[f"{kind} {day}"] = entry.content_hash
    return found


def judge(erased: str, states: list[dict[str, str]]) -> int:
    """Which of the states it is."""
    assert not restoring.interrupted(SETTINGS)
    assert not [*SETTINGS.home.glob(".restore-*"), *SETTINGS.lake.glob(".restore-*")]
    with sqlite3.connect(SETTINGS.home / "records.sqlite3") as line:
        assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert line.execute("SELECT count(*) FROM records_tombstone WHERE swept_at IS NULL").fetchone() == (0,)
        restores = line.execute("SELECT count(*) FROM records_auditentry WHERE action = 'backup.restore'").fetchone()[0]
    assert not [path for path in Lake(SETTINGS.lake, SETTINGS.aside).files() if erased.encode() in path.read_bytes()]
    now = facts()
    assert now in states, "neither what was there nor the backup"
    state = states.index(now)
    assert restores == state, f"{restores} entries of the audit"
    return state


def main(backup: str, erased: str, calls: str, step: int) -> None:
    kept = Path(f"{SETTINGS.home}.kept")
    shutil.copytree(SETTINGS.home, kept)
    before = facts()
    assert forked(lambda: restore(Path(backup))) == 0
    states = [before, facts()]
    assert judge(erased, states) == 1
    found = {"kills": 0, "as_before": 0, "as_the_backup": 0, "violations": 0}
    number = 1
    while True:
        shutil.rmtree(SETTINGS.home)
        shutil.copytree(kept, SETTINGS.home)
        ended = forked(lambda at=number: (killed_before(at, calls.split(",")), restore(Path(backup))))  # type: ignore[misc]
        if ended == 0:
            break
        assert ended == -signal.SIGKILL, ended
        assert forked(lambda: boot.start(os.environ)) == 0, f"no start after a kill before call {number}"
        found["kills"] += 1
        found[("as_before", "as_the_backup")[judge(erased, states)]] += 1
        number += step
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
