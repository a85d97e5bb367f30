"""One writer: an exclusive flock on the lake folder. The kernel frees it at any death; nobody ever breaks it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uptake.domain.problems import Busy, Problem

_TRIES = 5
_BETWEEN = 0.05  # somebody who only looks whether the lock is held has it for a moment


@contextmanager
def writer(root: Path) -> Iterator[None]:
    """Hold the writer's lock. Raises Busy where somebody else has it, Problem where the folder is not ours."""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Problem(
            f"The lake folder cannot be opened: {error.strerror}. Nothing was read or written.",
            "Check owner and rights of UPTAKE_HOME, and that its disk is mounted for writing.",
        ) from error
    try:
        _lock(handle)
        _require_same_folder(handle, root)
        yield
    finally:
        os.close(handle)


def is_held(root: Path) -> bool:
    """Whether somebody is writing now, as the kernel knows it: a run that died holds nothing."""
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _lock(handle: int) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN)
        else:
            return
    raise Busy("Another sync is running on this lake.", "Wait until it ends; `uptake status` shows it.")


def _require_same_folder(handle: int, root: Path) -> None:
    # A folder that was renamed and made again would give two holders: the lock is on the inode, not on the name.
    if os.fstat(handle).st_ino != root.stat().st_ino:
        raise Problem("The lake folder was replaced while it was being locked.", "Start the command again.")
