"""The records as a file: copied while they are used, looked at while Django cannot be started on them. SQLite only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from uptake.domain.problems import Problem
from uptake.durable import sync_folder

ERASED = "erased.json"
BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite may keep beside the file; it belongs to that file alone."""


_TOKENS = ("records_apitoken", "records_scimtoken")


class Named(msgspec.Struct, frozen=True):
    """Whose records these are, and of which schema: migrations as `app.name`."""

    installation: str
    key_check: str
    migrations: tuple[str, ...]


class Mark(msgspec.Struct, frozen=True):
    """A tombstone's row."""

    mark: str
    key: int
    erasure: str
    made_at: str


class Kept(msgspec.Struct, frozen=True):
    """A kept key's row, as sealed."""

    version: int
    sealed: bytes
    fingerprint: str


class Ended(msgspec.Struct, frozen=True):
    """What was ended and must stay so, whatever older records say. `known`: the records that say so were readable."""

    known: bool = True
    key_check: str = ""
    marks: tuple[Mark, ...] = ()
    unswept: int = 0
    keys: tuple[Kept, ...] = ()
    live_tokens: tuple[str, ...] = ()  # hashes; every other one is revoked or was never there
    shut_accounts: tuple[str, ...] = ()
    connected: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()  # ids of those there are
    subscribed: tuple[str, ...] = ()  # addresses of accounts that get a digest


def copy(source: Path, target: Path) -> None:
    """A whole copy, made beside whoever reads and writes. Raises sqlite3.Error."""
    with _line(source) as old, _line(target, "rwc") as new:
        old.backup(new)


def trouble(path: Path, *, quick: bool = False) -> str:
    """What is wrong with the file in a few words; empty where every page of it is whole. Only a look."""
    if not path.exists():
        return "there are none"
    try:
        with _line(path) as line:
            found = line.execute("PRAGMA quick_check(1)" if quick else "PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == ("ok",) else "pages of it are damaged"


def named(path: Path) -> Named:
    """Whose records they are. Raises sqlite3.Error."""
    with _line(path) as line:
        rows = _rows(line, "SELECT id, key_check FROM records_installation")
        migrations = _rows(line, "SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    found = rows[0] if rows else ("", "")
    return Named(found[0], found[1], tuple(name for (name,) in migrations))


def ended(path: Path) -> Ended:
    """What was ended according to these records; nothing where there are none, `known` false where they are damaged."""
    if not path.exists():
        return Ended()
    try:
        with _line(path, "rw") as line:  # a transaction that died is rolled back first
            return _ended(line)
    except sqlite3.Error:
        return Ended(known=False)


def _ended(line: sqlite3.Connection) -> Ended:
    live = "SELECT hash FROM {} WHERE revoked_at IS NULL"
    accounts = "records_subscription s JOIN records_account a ON a.id = s.account_id"
    digested = f"SELECT a.email FROM {accounts} WHERE s.cadence <> 'off'"  # noqa: S608  names of our own tables
    tokens = [row for table in _TOKENS for row in _rows(line, live.format(table))]
    checks = _rows(line, "SELECT key_check FROM records_installation")
    return Ended(
        key_check=checks[0][0] if checks else "",
        marks=tuple(Mark(*row) for row in _rows(line, "SELECT mark, key, erasure, made_at FROM records_tombstone")),
        unswept=len(_rows(line, "SELECT mark FROM records_tombstone WHERE swept_at IS NULL")),
        keys=tuple(Kept(*row) for row in _rows(line, "SELECT version, sealed, fingerprint FROM records_keptkey") if row[1]),
        live_tokens=tuple(text for (text,) in tokens),
        shut_accounts=tuple(text for (text,) in _rows(line, "SELECT email FROM records_account WHERE NOT is_active")),
        connected=tuple(
            text for (text,) in _rows(line, "SELECT name FROM records_connection WHERE state = 'connected'")
        ),
        channels=tuple(text for (text,) in _rows(line, "SELECT id FROM records_channel")),
        subscribed=tuple(text for (text,) in _rows(line, digested)),
    )  # fmt: skip


def note(path: Path, ended: Ended) -> None:
    """Keep the marks of people who were erased in a file of their own, durable, for when the records are damaged."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(Ended(key_check=ended.key_check, marks=ended.marks, keys=ended.keys)))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def noted(path: Path) -> Ended | None:
    """The marks as noted beside the records; None where there is no such file, or none to believe."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Ended)
    except (OSError, msgspec.MsgspecError):
        return None


def at(text: str) -> datetime:
    """A moment as Django writes it into SQLite: UTC without saying so."""
    return datetime.fromisoformat(text.replace(" ", "T") + ("" if "+" in text else "+00:00"))


@contextmanager
def _line(path: Path, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    line = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=10)
    try:
        yield line
    finally:
        line.close()


def _rows(line: sqlite3.Connection, query: str) -> list[Any]:
    """The rows; none where an older schema has no such table."""
    try:
        return line.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            return []
        raise


def require_whole(path: Path) -> None:
    """Raise Problem unless every page of the file is whole."""
    if found := trouble(path):
        raise Problem(
            f"The records of this backup are not whole ({found}). Nothing was changed.", "Use another backup."
        )
