"""A backup put in the place of what a home holds, without Django, since the records there may be damaged.

Everything is unpacked and checked beside first. Then an intent is written, and from then on the restore only goes forward:
each step is a rename that can be asked for twice, so that whoever starts next finishes what a death left half done.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import msgspec

from uptake.config import Settings
from uptake.domain.problems import Problem, Refused
from uptake.durable import sync_folder
from uptake.lake import archive, writer
from uptake.lake.archive import RECORDS, Manifest
from uptake.lake.schema import SCHEMAS
from uptake.lake.store import sync_file_system
from uptake.records import sqlitefile
from uptake.records.sqlitefile import ERASED, Ended
from uptake.site import fitting, presence

_INTENT = "restore.json"
_STAGE = ".restore-"
KEPT = "before-restore-"
_LONGEST_WAIT = 60.0


class Intent(msgspec.Struct, frozen=True):
    """What a restore is about to do. Places are `home:…` or `lake:…`, so that a home may be moved in between."""

    restore: str
    made_at: datetime
    moves: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]
    ended: Ended
    days: int
    notes: tuple[str, ...] = ()


def restore(settings: Settings, path: Path, now: datetime, up: Callable[[], None]) -> tuple[Intent, dict[str, int]]:
    """Put a backup in place; what was there is kept beside. Raises Busy, Refused or Problem; then nothing was changed."""
    _require_sqlite(settings)
    with presence.alone(settings.home):
        with writer(settings.lake):
            before = _gone_before(settings)
            _clear(settings)
            with ExitStack() as undo:
                undo.callback(_clear, settings)
                intent = _staged(settings, path, now, before)
                _write(settings, intent)
                undo.pop_all()
            _swap(settings, intent)
        return intent, _settle(settings, intent, up)


def finish(settings: Settings, up: Callable[[], None]) -> None:
    """Finish a restore that died, and remove what one left that died before it had begun. Raises Busy or Problem."""
    if not interrupted(settings) and not any(_stages(settings)):
        return
    patience = _LONGEST_WAIT if interrupted(settings) else 0
    try:
        with presence.alone(settings.home, patience):
            with writer(settings.lake):
                intent = _read(settings)
                _clear(settings) if intent is None else _swap(settings, intent)
            if intent is not None:
                _settle(settings, intent, up)
    except Problem:
        if interrupted(settings):
            raise  # else somebody is at work there


def interrupted(settings: Settings) -> bool:
    return (settings.home / _INTENT).exists()


def _require_sqlite(settings: Settings) -> None:
    if settings.database_url:
        raise Refused(
            "The records are in PostgreSQL, which has its own backups. Nothing was changed.",
            "Stop uptake, bring the records back with pg_restore and the lake's folder with it; see docs/operate.md.",
        )


def _gone_before(settings: Settings) -> Ended:
    """What was ended so far: by the records that are there, and by those that a restore just replaced and died."""
    intent = _read(settings)
    if intent is not None:
        _swap(settings, intent)
    ended = fitting.noted(sqlitefile.ended(settings.home / RECORDS), sqlitefile.noted(settings.home / ERASED))
    return fitting.together(intent.ended, ended) if intent else ended


def _staged(settings: Settings, path: Path, now: datetime, before: Ended) -> Intent:
    """Everything unpacked, checked, durable beside; what is to be done with it. Raises Refused or Problem."""
    mark = f"{now:%Y%m%dT%H%M%SZ}"
    stage = f"{_STAGE}{mark}"
    (settings.home / stage).mkdir(mode=0o700)
    where = "home" if _renames(settings, stage) else "lake"
    records, facts = settings.home / stage / RECORDS, at(settings, f"{where}:{stage}/lake")
    try:
        _require_room(facts.parent, archive.read_manifest(path))
        facts.mkdir(parents=True, mode=0o700)
        manifest = archive.unpack(path, records, facts)
        carried, notes = fitting.require(settings, manifest, records, before)
        sync_file_system(settings.home)
        sync_file_system(settings.lake)
    except OSError as error:
        raise Problem(f"The backup could not be unpacked: {error.strerror}. Nothing was changed.") from None
    except sqlite3.Error:
        raise Refused(
            "The records of this backup cannot be read. Nothing was changed.", "Use another backup."
        ) from None
    kept = f"{KEPT}{mark}" if where == "home" else f".{KEPT}{mark}"
    moves = (*_out(settings, f"{KEPT}{mark}", f"{where}:{kept}"), *_in(stage, facts, f"{where}:{stage}"))
    folders = dict.fromkeys(target.split("/")[0] for _, target in moves if KEPT in target)
    return Intent(mark, manifest.about.made_at, moves, tuple(folders), carried, len(manifest.files) - 1, tuple(notes))


def _require_room(folder: Path, manifest: Manifest) -> None:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < manifest.size + (64 << 20):
        raise Refused(
            f"There is not enough room: the backup needs {manifest.size >> 20:,} MB and 64 MB more, {free >> 20:,} MB "
            "are free. Nothing was changed.",
            "Free disk space, then restore again.",
        )


def _renames(settings: Settings, stage: str) -> bool:
    """Whether a folder can be renamed from the home into the lake: it cannot where they are two file systems."""
    probe, there = settings.home / stage / "probe", settings.lake / f"{stage}-probe"
    probe.mkdir()
    try:
        probe.rename(there)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        probe.rmdir()
        return False
    there.rmdir()
    return True


def _out(settings: Settings, kept: str, kept_facts: str) -> Iterator[tuple[str, str]]:
    """What is there goes first: no journal of before may ever lie beside the new records."""
    for name in (RECORDS, *(RECORDS + beside for beside in sqlitefile.BESIDE), "aside"):
        if (settings.home / name).exists():
            yield f"home:{name}", f"home:{kept}/{name}"
    for kind in SCHEMAS:
        if (settings.lake / kind).exists():
            yield f"lake:{kind}", f"{kept_facts}/lake/{kind}"


def _in(stage: str, facts: Path, stage_facts: str) -> Iterator[tuple[str, str]]:
    for kind in SCHEMAS:
        if (facts / kind).exists():
            yield f"{stage_facts}/lake/{kind}", f"lake:{kind}"
    yield f"home:{stage}/{RECORDS}", f"home:{RECORDS}"


def _swap(settings: Settings, intent: Intent) -> None:
    """The moves. What was done already is left as it is."""
    try:
        for source, target in intent.moves:
            _move(at(settings, source), at(settings, target))
        for folder in (settings.cache, settings.exports):
            shutil.rmtree(folder, ignore_errors=True)
        for upload in settings.temp.glob("people-*.csv"):  # they are an account's, and ids of accounts may differ
            upload.unlink(missing_ok=True)
        _clear(settings)
        # From here on what was kept may be thrown away: the moves must not be looked at again.
        _write(settings, msgspec.structs.replace(intent, moves=()))
    except OSError as error:
        raise Problem(
            f"The restore is half done: {error.strerror}. Nothing is lost: what was there and what comes are both whole.",
            "Check the disk and the rights of UPTAKE_HOME; the next start of uptake goes on where this one ended.",
        ) from error


def _move(source: Path, target: Path) -> None:
    if target.exists() or not source.exists():
        return
    new = [folder for folder in target.parents if not folder.exists()]
    for folder in reversed(new):
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _settle(settings: Settings, intent: Intent, up: Callable[[], None]) -> dict[str, int]:
    """With the records in place: who was erased goes again, old sessions and links end. Then the restore is done."""
    up()
    from uptake.actions import backups

    counts = backups.settle(settings, intent.restore, intent.made_at, intent.ended)
    (settings.home / _INTENT).unlink(missing_ok=True)
    sync_folder(settings.home)
    return counts


def _read(settings: Settings) -> Intent | None:
    try:
        return msgspec.json.decode((settings.home / _INTENT).read_bytes(), type=Intent)
    except FileNotFoundError:
        return None


def _write(settings: Settings, intent: Intent) -> None:
    draft = settings.temp / _INTENT
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(intent))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(settings.home / _INTENT)
    sync_folder(settings.home)


def _stages(settings: Settings) -> Iterator[Path]:
    for folder in {settings.home, settings.lake}:
        yield from folder.glob(f"{_STAGE}*")


def _clear(settings: Settings) -> None:
    for stage in _stages(settings):
        shutil.rmtree(stage)


def at(settings: Settings, place: str) -> Path:
    where, _, rest = place.partition(":")
    return (settings.home if where == "home" else settings.lake) / rest
