"""The lake for those who only read: one a process, so that a ledger entry is read once and not by every page and poll."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from uptake.lake.store import Lake


@lru_cache(maxsize=8)
def reader(root: Path, aside: Path) -> Lake:
    """The lake at a folder. It looks at the disk each time and remembers only what it read of files that are the same."""
    return Lake(root, aside)
