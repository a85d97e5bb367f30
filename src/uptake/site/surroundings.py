"""What uptake stands on: program, home, its disk. Looked at without Django and without changing anything."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from uptake import __version__
from uptake.config import Settings
from uptake.domain.findings import Finding, attention, broken, ok

_MEASURED = frozenset({"ext4", "xfs"})
_NOT_FOR_US = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "overlay", "tmpfs", "ramfs", "vfat", "exfat"}
)
_LEAST = 64 << 20


def look(settings: Settings) -> Iterator[Finding]:
    """One line a part."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield ok("program", f"uptake {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}")
    if not settings.home.is_dir():
        yield attention("home", f"{settings.home} is not there.", "Any command of uptake makes it; check UPTAKE_HOME.")
        return
    yield _rights(settings.home)
    folders = [settings.home] + ([settings.lake] if settings.lake.is_dir() else [])
    for folder in list({path.stat().st_dev: path for path in reversed(folders)}.values()):
        yield _file_system(folder)
        yield _room(folder, settings.reserve)


def _rights(home: Path) -> Finding:
    found = home.stat()
    if os.statvfs(home).f_flag & os.ST_RDONLY:
        return broken("home", f"{home} is mounted for reading only.", "Mount its disk for writing.")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return broken("home", f"{home} cannot be written by this user.", "Give it to the user that runs uptake.")
    open_to_others = [
        path.name
        for path in (home, *(home / name for name in ("records.sqlite3", "master.key", "django.key")))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077 and path.is_file()
    ]
    if open_to_others:
        names = ", ".join(open_to_others)
        return attention("home", f"Others on this machine may read {names}.", f"chmod 600 {names} in {home}")
    if found.st_uid != os.geteuid():
        return attention(
            "home", f"{home} belongs to another user than the one who asks.", "Run uptake as the user of its service."
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        return attention("home", f"Others on this machine may look into {home}.", f"chmod 700 {home}")
    return ok("home", str(home))


def _file_system(folder: Path) -> Finding:
    kind = kind_of(folder)
    if kind in _NOT_FOR_US or kind.startswith("fuse"):
        return attention(
            "file system",
            f"{folder} is on {kind}: it may lose what it confirmed, or not keep locks.",
            "Move the home to a local ext4 or xfs.",
        )
    tested = "" if kind in _MEASURED else ", which was not put to the test; ext4 and xfs were"
    return ok("file system", f"{kind or 'not told by this system'}{tested}")


def kind_of(folder: Path, mounts: str | None = None) -> str:
    """The file system a folder is on, as the kernel names it; empty where it does not tell."""
    try:
        text = mounts if mounts is not None else Path("/proc/self/mountinfo").read_text()
    except OSError:
        return ""
    best, kind = -1, ""
    place = str(folder.resolve())
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4].replace("\\040", " ")
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), after.split()[0]
    return kind


def _room(folder: Path, reserve: int) -> Finding:
    disk = shutil.disk_usage(folder)
    free = f"{disk.free / 2**30:,.1f} GB free ({disk.free / disk.total:.0%})"
    if disk.free < _LEAST:
        return broken(
            "disk", f"The disk of {folder} is full: {free}.", "Free space. What is held stays; nothing is synced."
        )
    if disk.free < max(4 * reserve, disk.total // 20):
        return attention("disk", f"The disk of {folder} is nearly full: {free}.", "Free space, or make it larger.")
    kept = not reserve or any((place / "reserve").exists() for place in (folder,))
    return ok("disk", free + ("" if kept else f"; {reserve >> 20} MB are kept back from the first sync on"))
