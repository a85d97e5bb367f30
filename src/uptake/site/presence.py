"""Who uses a home: every uptake process says so by a shared lock, so that a restore knows that it is alone.

The kernel frees both kinds at any death. A home that takes no writes has no restores either, and needs no lock.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uptake.domain.problems import Busy

_PATIENCE = 1.0  # seconds; whoever only starts or ends has the lock for a moment
_BETWEEN = 0.05
_joined: dict[Path, int] = {}


def join(home: Path) -> None:
    """Be somebody who uses the home, until the process ends. Raises Busy while it is being restored."""
    if home in _joined:
        return
    handle = _open(home)
    if handle is None:
        return
    try:
        _lock(
            handle, fcntl.LOCK_SH, "A backup is being restored into this home.", "Wait until that is done.", _PATIENCE
        )
    except Busy:
        os.close(handle)
        raise
    _joined[home] = handle


@contextmanager
def alone(home: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Be the only one who uses the home. Raises Busy where somebody else does."""
    handle = _open(home)
    try:
        if handle is not None:
            hint = "Stop `uptake serve` and `uptake worker`, wait for other commands, then do it again."
            _lock(handle, fcntl.LOCK_EX, "uptake is running on this home. Nothing was changed.", hint, patience)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _open(home: Path) -> int | None:
    try:
        return os.open(home / "running.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _lock(handle: int, kind: int, message: str, hint: str, patience: float) -> None:
    ends = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise Busy(message, hint) from None
            time.sleep(_BETWEEN)
        else:
            return
