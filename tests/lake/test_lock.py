"""One writer: the second is told so, a death frees at once, and a folder made anew is not the folder locked."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from uptake.domain.problems import Busy, Problem
from uptake.lake import is_held, writer
from uptake.lake import lock as lock_module

HOLDER = "import sys, time; from pathlib import Path; from uptake.lake.lock import writer\n"
HOLDER += "with writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_the_second_holder_is_told_that_another_sync_runs(tmp_path: Path) -> None:
    with writer(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(Busy, match="Another sync"), writer(tmp_path):
            pytest.fail("two writers")
        assert is_held(tmp_path)  # the one who was refused took nothing away
    assert not is_held(tmp_path)
    with writer(tmp_path):
        pass


def test_the_lock_is_freed_where_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writer(tmp_path):
        raise ZeroDivisionError
    assert not is_held(tmp_path)


def test_a_killed_holder_frees_it_at_once(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert is_held(tmp_path)
    with pytest.raises(Busy), writer(tmp_path):
        pytest.fail("two writers")
    holder.kill()
    holder.wait()
    holder.stdout.close()
    start = time.monotonic()
    with writer(tmp_path):
        assert time.monotonic() - start < 1


def test_who_only_looks_does_not_stop_a_writer(tmp_path: Path) -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(tmp_path)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        taken = sum(_took(tmp_path) for _ in range(20))
    finally:
        stop.set()
        watcher.join()
    assert taken == 20


def _took(root: Path) -> bool:
    with writer(root):
        return True


def test_a_new_lake_gets_its_folder(tmp_path: Path) -> None:
    with writer(tmp_path / "home" / "lake"):
        assert (tmp_path / "home" / "lake").stat().st_mode & 0o777 == 0o700


def test_nobody_holds_what_is_not_there(tmp_path: Path) -> None:
    assert is_held(tmp_path / "nothing") is False


def test_a_folder_that_is_none_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    with pytest.raises(Problem, match="cannot be opened"), writer(tmp_path / "lake"):
        pytest.fail("a lock on a file")


def test_a_folder_replaced_while_it_is_locked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "lake"
    lock = lock_module._lock

    def lock_too_late(handle: int) -> None:
        root.rename(tmp_path / "before")
        root.mkdir()
        lock(handle)

    monkeypatch.setattr(lock_module, "_lock", lock_too_late)
    with pytest.raises(Problem, match="replaced"), writer(root):
        pytest.fail("a lock on a folder that is gone")
    assert not is_held(root)
