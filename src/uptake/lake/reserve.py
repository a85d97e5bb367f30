"""Room kept back on the disk: a file of nothing, given away when people are to be erased and the disk is full.

Erasing is a rewrite, so it needs room just like keeping does. While the reserve cannot be kept, no sync writes anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from uptake.domain.problems import Problem

_NAME = "reserve"


def keep(folders: Sequence[Path], size: int) -> None:
    """Keep `size` bytes back on the disk of each folder. Raises Problem where a disk has not that much."""
    for folder in _disks(folders) if size else ():
        try:
            _make(folder / _NAME, size)
        except OSError as error:
            (folder / _NAME).unlink(missing_ok=True)
            raise Problem(
                f"The disk of {folder} is nearly full ({error.strerror}), so nothing was read. What is held "
                "stays, and can be looked at and erased.",
                f"Free at least {2 * size // 2**20} MB there, then sync again.",
            ) from None


@contextmanager
def given_away(folders: Sequence[Path], size: int) -> Iterator[None]:
    """On a full disk, use the reserve for what is done in here. Afterwards it is kept again, as soon as there is room."""
    full = [folder for folder in _disks(folders) if _free(folder) < size]
    for folder in full:
        (folder / _NAME).unlink(missing_ok=True)
    try:
        yield
    finally:
        with suppress(Problem):
            keep(full, size)


def _make(path: Path, size: int) -> None:
    if path.exists() and path.stat().st_size == size:
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)


def _disks(folders: Sequence[Path]) -> list[Path]:
    """The folders there are, one a disk."""
    there = [folder for folder in folders if folder.is_dir()]
    return list({folder.stat().st_dev: folder for folder in reversed(there)}.values())


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
