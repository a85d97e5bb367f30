"""A backup as one tar file: a manifest, a copy of the records, every day file. Read back, each byte is checked.

Nothing in an archive chooses a path: only regular files of the names that are written here are taken out.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO

import msgspec

from uptake.domain.problems import Refused
from uptake.lake import dayfile
from uptake.lake.dayfile import Damaged
from uptake.lake.schema import SCHEMAS
from uptake.lake.store import Lake

FORMAT = 1
RECORDS = "records.sqlite3"
FACTS = "lake"
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 256 << 20
_CHUNK = 1 << 20
_DAY = re.compile(
    rf"{FACTS}/(?P<kind>{'|'.join(SCHEMAS)})/connection=(?P<connection>[0-9a-z_-]{{1,40}})"
    r"/day=(?P<day>\d{4}-\d\d-\d\d)/day\.parquet"
)


class Piece(msgspec.Struct, frozen=True):
    """One file of the archive."""

    size: int
    sha256: str


class About(msgspec.Struct, frozen=True):
    """What a backup is of. `master_key` is the mark of the master key's check value: which key file it needs."""

    version: str
    made_at: datetime
    installation: str
    master_key: str
    migrations: tuple[str, ...]
    erased: int


class Manifest(msgspec.Struct, frozen=True):
    """What is in an archive. `seal` is made over all the rest under the master key; empty where that was away."""

    uptake_backup: int
    about: About
    files: dict[str, Piece]
    root: str
    seal: str = ""

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.files.values())

    def sealed_text(self) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(self, seal=""), order="sorted")


def write(path: Path, about: About, records: Path, lake: Lake, seal: Callable[[bytes], str]) -> Manifest:
    """Write the archive, 0600 and durable. `path` must not exist. For the holder of the writer's lock; raises OSError."""
    sources = {RECORDS: records}
    sources |= {f"{FACTS}/{file.relative_to(lake.root).as_posix()}": file for file in sorted(lake.files())}
    files = {name: _piece(source) for name, source in sources.items()}
    manifest = Manifest(FORMAT, about, files, _root_of(files))
    manifest = msgspec.structs.replace(manifest, seal=seal(manifest.sealed_text()))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            told = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
            _add(tar, _MANIFEST, io.BytesIO(told), len(told), about.made_at)
            for name, source in sources.items():
                with source.open("rb") as body:
                    _add(tar, name, body, files[name].size, about.made_at)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What the archive says of itself. Raises Refused where it is none of ours."""
    with _opened(path) as tar:
        return _manifest(tar)


def unpack(path: Path, records: Path, facts: Path | None) -> Manifest:
    """Take the archive out: the records' copy and a folder like the lake's. Every sum and seal is checked.

    Without a folder the facts are checked and not kept. Raises Refused where a file is missing, altered or too much,
    OSError where the disk does not take it.
    """
    with _opened(path) as tar:
        manifest = _manifest(tar)
        seen: set[str] = set()
        while (info := tar.next()) is not None:
            piece = manifest.files.get(info.name)
            if piece is None or info.name in seen or not info.isreg() or info.issparse() or info.size != piece.size:
                raise _altered(f"{info.name[:80]!r} is not what its manifest lists")
            seen.add(info.name)
            _take(tar, info, piece, records if info.name == RECORDS else _place(info.name, facts))
        missing = sorted(set(manifest.files) - seen)
        if missing:
            raise _altered(f"{len(missing)} of its files are missing, {missing[0]} first")
        _require_an_end(tar)
    return manifest


def _add(tar: tarfile.TarFile, name: str, body: IO[bytes], size: int, at: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    tar.addfile(info, body)


def _piece(path: Path) -> Piece:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Piece(file.tell(), digest.hexdigest())


def _root_of(files: dict[str, Piece]) -> str:
    lines = (f"{name}\0{piece.size}\0{piece.sha256}\n" for name, piece in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, ValueError):
        raise _altered("it is cut short or no tar file") from None


def _manifest(tar: tarfile.TarFile) -> Manifest:
    info = tar.next()
    body = tar.extractfile(info) if info and info.isreg() and info.name == _MANIFEST else None
    if info is None or body is None or info.size > _LARGEST_MANIFEST:
        raise Refused("This is no backup of uptake. Nothing was changed.", "Name a file that `uptake backup` made.")
    text = body.read()
    try:
        form = msgspec.json.decode(text, type=_Form).uptake_backup
        if form != FORMAT:
            raise Refused(
                f"This backup has format {form}; this program reads {FORMAT}. Nothing was changed.",
                "Restore it with the version of uptake that made it, or a newer one.",
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError:
        raise _altered("its manifest is not readable") from None
    if manifest.root != _root_of(manifest.files) or RECORDS not in manifest.files:
        raise _altered("its manifest does not agree with itself")
    for name in manifest.files.keys() - {RECORDS}:
        _day_of(name)
    return manifest


class _Form(msgspec.Struct):
    uptake_backup: int


def _day_of(name: str) -> tuple[str, str, date]:
    found = _DAY.fullmatch(name)
    if found is None:
        raise _altered(f"{name[:80]!r} is no file of a backup")
    return found["kind"], found["connection"], date.fromisoformat(found["day"])


def _place(name: str, facts: Path | None) -> Path | None:
    return facts / name.removeprefix(f"{FACTS}/") if facts else None


def _take(tar: tarfile.TarFile, info: tarfile.TarInfo, piece: Piece, place: Path | None) -> None:
    body = tar.extractfile(info)
    if body is None:
        raise _altered(f"{info.name} is not readable")
    if info.name == RECORDS:
        chunks: Iterator[bytes] = iter(lambda: body.read(_CHUNK), b"")
    else:
        chunks = iter([_whole_day(info.name, body.read())])
    if _written(chunks, place) != piece.sha256:
        raise _altered(f"{info.name} was altered")


def _whole_day(name: str, body: bytes) -> bytes:
    """A day file whose seal holds and that stands where it says."""
    try:
        entry = dayfile.verify(body)
    except Damaged as damage:
        raise _altered(f"{name} was altered: {damage}") from None
    if (entry.kind, entry.connection, entry.day) != _day_of(name):
        raise _altered(f"{name} belongs to another day or connection")
    return body


def _written(chunks: Iterator[bytes], path: Path | None) -> str:
    """The sum of what came; written where there is a place for it."""
    digest = hashlib.sha256()
    if path is None:
        for chunk in chunks:
            digest.update(chunk)
        return digest.hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _require_an_end(tar: tarfile.TarFile) -> None:
    """Behind the last file there are zeros up to the end of a record, nothing else."""
    file = tar.fileobj
    if file is None:
        raise _altered("it is not readable")
    file.seek(tar.offset)
    rest = file.read(tarfile.RECORDSIZE + tarfile.BLOCKSIZE)
    if rest.strip(b"\0") or len(rest) > tarfile.RECORDSIZE:
        raise _altered("there is more in it than its manifest lists")


def _altered(what: str) -> Refused:
    return Refused(f"The backup is not what was written: {what}. Nothing was changed.", "Use another backup.")
