"""The lake: `<root>/<kind>/connection=<id>/day=YYYY-MM-DD/day.parquet`. A day is held if its file is there.

`replace` is the one place in uptake that writes facts: temporary name, fsync, rename, fsync of the folder.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from uptake.domain.problems import Problem
from uptake.durable import sync_folder
from uptake.lake import dayfile
from uptake.lake.dayfile import Damaged, Entry
from uptake.lake.schema import Kind

FILE = "day.parquet"
_TAIL = 1 << 16  # ample for our footer; the whole file is read where it is not enough


@dataclass(frozen=True, slots=True)
class DamagedDay:
    """A day file whose seal does not hold; it was moved aside and counts as missing."""

    kind: Kind
    connection: str
    day: date
    cause: str


class Lake:
    """The facts on disk. Reading needs no lock; `replace`, `gate` and `erase` are for its holder."""

    def __init__(self, root: Path, aside: Path) -> None:
        self.root = root
        self.aside = aside
        self._entries: dict[str, tuple[tuple[int, int, int], Entry]] = {}

    def connections(self) -> list[str]:
        """Ids of the connections that hold any facts."""
        folders = (folder for kind in _OF_CLAUDE for folder in self.root.glob(f"{kind}/connection=*"))
        return sorted({folder.name.removeprefix("connection=") for folder in folders})

    def held(self, kind: Kind, connection: str) -> dict[date, Entry]:
        """The days held, oldest first, with their ledger entries. Files that are not ours to believe are left out."""
        found: dict[date, Entry] = {}
        folder = str(self._folder(kind, connection))
        for name in sorted(_days_in(folder)):
            entry = self._entry(f"{folder}/{name}/{FILE}")
            place = (entry.kind, entry.connection, f"day={entry.day}") if entry is not None else None
            if entry is not None and place == (kind, connection, name):
                found[entry.day] = entry
        return found

    def newest(self, kind: Kind, connection: str) -> Entry | None:
        held = self.held(kind, connection)
        return held[max(held)] if held else None

    def read(self, kind: Kind, connection: str, day: date, columns: list[str] | None = None) -> pa.Table:
        """The rows of one day, seal checked on what was read. Raises Damaged, or FileNotFoundError if not held."""
        entry, table = dayfile.decode(self.path(kind, connection, day).read_bytes(), columns)
        if (entry.kind, entry.connection, entry.day) != (kind, connection, day):
            raise Damaged("the file belongs to another day or connection")
        return table

    def version(self, kinds: tuple[Kind, ...] = ("usage", "members")) -> str:
        """A name for everything held: equal names mean equal facts. 16 hex digits."""
        digest = hashlib.sha256()
        for connection in self.connections():
            for kind in kinds:
                for entry in self.held(kind, connection).values():
                    digest.update(entry.content_hash.encode())
        return digest.hexdigest()[:16]

    def replace(self, entry: Entry, table: pa.Table) -> bool:
        """Put one day in place, whole and durable. False if the day held says the same already: nothing is written.

        `table` is sorted. Raises Problem where the disk does not take it; the day held before stays.
        """
        path = self.path(entry.kind, entry.connection, entry.day)
        before = self._entry(str(path))
        if before is not None and before.content_hash == entry.content_hash:
            return False
        body = dayfile.encode(entry, table)
        try:
            _make_folders(path.parent, self.root.parent)
            _write_whole(path, body, entry.run)
        except OSError as error:
            raise Problem(
                f"The disk did not take {entry.kind} of {entry.day}: {error.strerror}. What was held before stays.",
                "Free disk space or mount the disk for writing, then sync again; nothing was lost.",
            ) from error
        _confirm(path.parent, entry)
        return True

    def gate(self) -> list[DamagedDay]:
        """Make the lake believable before a run: no leftovers, every seal checked, damaged days moved aside."""
        if not self.root.exists():
            return []
        try:
            # A rename seen before may not be durable yet: believe nothing before the disk has it.
            sync_file_system(self.root)
            for leftover in self.root.glob("*/connection=*/day=*/.*.tmp"):
                leftover.unlink()
            return [damaged for damaged in map(self._checked, self.files()) if damaged is not None]
        except OSError as error:
            raise Problem(
                f"The lake could not be checked: {error.strerror or 'the disk reports an error'}. Nothing was changed.",
                "Check the disk and the rights of UPTAKE_HOME, then sync again.",
            ) from error

    def damaged(self) -> list[DamagedDay]:
        """Every day whose seal does not hold. Only a look: nothing is moved. Raises OSError."""
        return [damaged for damaged in map(self._damage, self.files()) if damaged is not None]

    def erase(self, connection: str) -> dict[str, int]:
        """Remove every fact of a connection. Returns files removed by kind; raises Problem where one cannot be removed."""
        counts: dict[str, int] = {}
        for kind in _OF_CLAUDE:
            folder = self.root / kind / f"connection={connection}"
            counts[kind] = sum(1 for _ in folder.glob(f"day=*/{FILE}"))
            _remove(folder)
        _remove(self.aside)
        self._entries.clear()
        return counts

    def remove(self, kind: Kind, connection: str, day: date) -> bool:
        """Remove one day, durably. False if it is not held; raises Problem where it cannot be removed."""
        folder = self.path(kind, connection, day).parent
        there = folder.exists()
        _remove(folder)
        self._entries.pop(str(folder / FILE), None)
        return there

    def path(self, kind: Kind, connection: str, day: date) -> Path:
        return self._folder(kind, connection) / f"day={day.isoformat()}" / FILE

    def files(self) -> Iterator[Path]:
        """Every file that stands where a day stands. Folders that we did not name are nobody's facts."""
        return (path for path in self.root.glob(f"*/connection=*/day=*/{FILE}") if _is_place(path))

    def _folder(self, kind: Kind, connection: str) -> Path:
        return self.root / kind / f"connection={connection}"

    def _entry(self, path: str) -> Entry | None:
        """The ledger entry, remembered while the file is the same one; None where there is none to believe."""
        try:
            stat = os.stat(path)  # noqa: PTH116  for each day of each answer, and a Path takes longer than the disk
            mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            known = self._entries.get(path)
            if known is None or known[0] != mark:
                known = self._entries[path] = (mark, _read_entry(Path(path), stat.st_size))
            return known[1]
        except (OSError, Damaged):
            return None

    def _checked(self, path: Path) -> DamagedDay | None:
        damaged = self._damage(path)
        if damaged is not None:
            self.aside.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = ".".join([*path.parts[-4:-1], str(os.getpid())])
            shutil.move(path, self.aside / name)  # perhaps to another disk
            sync_folder(path.parent)
        return damaged

    def _damage(self, path: Path) -> DamagedDay | None:
        kind, connection, day = path.parts[-4:-1]
        try:
            entry = dayfile.verify(path.read_bytes())
            if path != self.path(entry.kind, entry.connection, entry.day):
                raise Damaged("the file belongs to another day or connection")
        except Damaged as damage:
            since = date.fromisoformat(day.removeprefix("day="))
            return DamagedDay(_KINDS[kind], connection.removeprefix("connection="), since, str(damage))
        return None


_OF_CLAUDE: tuple[Kind, ...] = ("usage", "members", "summaries")
"""The kinds that belong to a Claude connection. The company's directory belongs to none and outlives them."""

_KINDS: dict[str, Kind] = {"people": "people", **{str(kind): kind for kind in _OF_CLAUDE}}


def _days_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as found:
            return [entry.name for entry in found if entry.name.startswith("day=")]
    except OSError:
        return []


def _is_place(path: Path) -> bool:
    kind, _, day = path.parts[-4:-1]
    try:
        date.fromisoformat(day.removeprefix("day="))
    except ValueError:
        return False
    return kind in _KINDS


def _remove(folder: Path) -> None:
    """Remove a folder durably. What could not be erased must never pass for erased."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise Problem(
            f"Not everything could be erased: {error.strerror}. Some facts are still on the disk.",
            "Check owner and rights of UPTAKE_HOME and that its disk is mounted for writing, then erase again.",
        ) from error


def _read_entry(path: Path, size: int) -> Entry:
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    try:
        return dayfile.entry_of(tail)
    except Damaged:
        return dayfile.entry_of(path.read_bytes())


def _make_folders(folder: Path, above: Path) -> None:
    """Make the folders down to `folder` durable: a new folder is only there once its parent was synced."""
    missing = [parent for parent in (folder, *folder.parents) if above in parent.parents and not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=0o700, exist_ok=True)
        sync_folder(parent.parent)


def _write_whole(path: Path, body: bytes, run: str) -> None:
    temporary = path.with_name(f".{path.name}.{run}.tmp")
    try:
        _twice(lambda: _write_synced(temporary, body))
        temporary.rename(path)
    except OSError:
        with suppress(OSError):  # the next start removes it; the first error is the one to tell
            temporary.unlink(missing_ok=True)
        raise


def _confirm(folder: Path, entry: Entry) -> None:
    """The new day is in place; only the disk's word that it will stay there is still missing."""
    try:
        sync_folder(folder)
    except OSError as error:
        raise Problem(
            f"The disk took {entry.kind} of {entry.day} but did not confirm it: {error.strerror}. The day is whole, "
            "as it was or as it is now; which of both survives a power cut is open.",
            "Check the disk, then sync again: the lake is checked first, and the day is read again.",
        ) from error


def _twice(write: Callable[[], None]) -> None:
    # After a failed fsync the kernel may drop the pages and report success next time: a new file, once, never the same.
    try:
        write()
    except OSError:
        write()


def _write_synced(path: Path, body: bytes) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(body)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file_system(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    except AttributeError:  # not Linux
        os.sync()
    finally:
        os.close(handle)
