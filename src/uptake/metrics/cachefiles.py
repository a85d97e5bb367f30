"""Files of the cache: whole by rename or not at all, and gone at any moment without harm."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import duckdb
import msgspec

from uptake.domain.problems import Problem
from uptake.metrics.engine import opened
from uptake.metrics.memo import Memo

_T = TypeVar("_T")

_READABLE = Memo(512)


def readable(path: Path) -> bool:
    """Whether a database file is there and whole; looked into once while it is the same file."""
    try:
        stat = path.stat()
    except OSError:
        return False
    return _READABLE.get((path, stat.st_ino, stat.st_mtime_ns), lambda: _looked_into(path))


def _looked_into(path: Path) -> tuple[bool, bool]:
    try:
        with opened(path):
            return True, True
    except duckdb.Error:
        return False, False


def read_json(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError):
        return None  # not there, or cut off by a power loss: made again


def written(folder: Path, write: Callable[[Path], Path]) -> None:
    """A file whole or not at all. `write` makes it under a temporary name and says what it is to be called."""
    temporary = _temporary(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.rename(write(temporary))
    except (OSError, duckdb.IOException) as error:
        raise Problem(
            "The cache beside the lake cannot be written, so nothing can be answered. The facts are not touched.",
            "Free disk space or mount the disk of UPTAKE_HOME for writing, then ask again.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def publish(path: Path, write: Callable[[Path], object]) -> None:
    """Put a file in place whole. A cache that takes no file is no error: the answer is there already."""
    temporary = _temporary(path.parent)
    with suppress(OSError):
        write(temporary)
        temporary.rename(path)
    temporary.unlink(missing_ok=True)


def _temporary(folder: Path) -> Path:
    return folder / f".{uuid.uuid4().hex}.tmp"
