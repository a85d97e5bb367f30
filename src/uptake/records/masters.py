"""The master key file: read, made once, replaced by way of a file beside it. No half-written key ever stands under a name.

A file beside (`master.key.next-1a2b3c4d`) carries the check value of the key it holds, so that whoever finds it knows
whether it is the one the records were sealed with.
"""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from uptake.domain.problems import Problem
from uptake.durable import sync_folder

_BYTES = 32
_MARK = 8


class Sealed(Problem):
    """The master key is missing or not the one the keys were sealed with. Data stay readable; sync and connect are off."""


def derived(master: bytes, label: bytes) -> bytes:
    """A key for another purpose, from which the master key cannot be found."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"uptake/" + label).derive(master)


def check_of(master: bytes) -> str:
    """The value that tells whether a master key is the right one; 64 hex digits that say nothing else about it."""
    return hmac.new(derived(master, b"check"), b"uptake", sha256).hexdigest()


def vouched(master: bytes, text: bytes) -> str:
    """64 hex digits over a text that nobody can make without the master key: who wrote a backup had it."""
    return hmac.new(derived(master, b"backup"), text, sha256).hexdigest()


def mark_of(check: str) -> str:
    """The part of a check value that people compare."""
    return check[:_MARK]


def read(path: Path) -> bytes | None:
    """The master key, or None where there is no file. Raises Sealed where the file holds no key."""
    try:
        text = path.read_bytes().strip().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Sealed(f"The master key file cannot be read: {error.strerror}.", "Check its owner and mode.") from None
    try:
        master = bytes.fromhex(text)
    except ValueError:
        master = b""
    if len(master) != _BYTES or len(set(master)) < 8:
        raise Sealed(
            "The master key file does not hold a key of 64 random hex digits.",
            "Put back the right file, or make a new one with: openssl rand -hex 32",
        )
    return master


def make(path: Path) -> bytes:
    """The master key of a first start. Of several starts at once one makes it; the others take that one. Raises Sealed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _written(path, secrets.token_bytes(_BYTES))
    try:
        os.link(draft, path)  # whole or not at all, and never over another one
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)  # a key lost to a power cut would take every sealed key with it
    master = read(path)
    if master is None:
        raise Sealed("The master key file vanished while it was made.", "Start the command again.")
    return master


def beside(path: Path, check: str) -> Path:
    """Where the key of that check value stands until it takes the place of the one before."""
    return path.with_name(f"{path.name}.next-{mark_of(check)}")


def put_beside(path: Path) -> tuple[Path, bytes]:
    """A new master key, durable beside the running one; as read back from the disk. Raises OSError, Sealed."""
    master = secrets.token_bytes(_BYTES)
    place = beside(path, check_of(master))
    _written(path, master).rename(place)
    sync_folder(path.parent)
    return place, read(place) or b""


def promote(path: Path, place: Path) -> None:
    """Let a key beside take the place of the one before. Doing it again changes nothing. Raises OSError."""
    try:
        place.rename(path)
    except FileNotFoundError:
        return  # another process did it
    sync_folder(path.parent)


def remove_strays(path: Path, check: str) -> None:
    """Remove keys beside that never came into use, and drafts: whoever made them died before they had their place."""
    for place in (*path.parent.glob(f"{path.name}.next-*"), *path.parent.glob(f".{path.name}.*")):
        if place != beside(path, check):
            place.unlink(missing_ok=True)


def _written(path: Path, master: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, master.hex().encode() + b"\n")
        os.fsync(handle)
    except OSError:
        draft.unlink()
        raise
    finally:
        os.close(handle)
    return draft
