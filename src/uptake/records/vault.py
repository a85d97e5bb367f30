"""The vault: API keys sealed in an AES-256-GCM envelope under the installation's master key.

Each key has a data key of its own, wrapped by the master key; both layers are bound to installation, connection, slot and
version, so that a row copied to another place does not open.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.records.models import Installation, SealedKey

_MASTER_BYTES = 32
_ALGORITHM = "AES-256-GCM/1"


class Sealed(Problem):
    """The master key is missing or not the one the keys were sealed with. Data stay readable; sync and connect are off."""


class _Envelope(msgspec.Struct, frozen=True):
    """Self-describing, so that a later cipher can live beside this one."""

    algorithm: str
    data_key_id: str
    wrapped: bytes  # nonce + data key under the master key
    sealed: bytes  # nonce + API key under the data key


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed key belongs. It opens nowhere else."""

    connection: str
    slot: str
    version: int


class Vault:
    """Seals and opens API keys. Made once per command or request from the master key file."""

    def __init__(self, master: bytes, installation: str) -> None:
        self._master = master
        self._installation = installation

    def seal(self, key: Secret, place: Place) -> bytes:
        data_key = AESGCM.generate_key(256)
        data_key_id = secrets.token_hex(4)
        bound = self._bound(place, data_key_id)
        envelope = _Envelope(
            algorithm=_ALGORITHM,
            data_key_id=data_key_id,
            wrapped=_encrypt(self._master, data_key, bound),
            sealed=_encrypt(data_key, key.expose().encode(), bound),
        )
        return msgspec.msgpack.encode(envelope)

    def open(self, sealed: bytes, place: Place) -> Secret:
        """The key again. Raises Sealed where master key or place are not those it was sealed with."""
        try:
            envelope = msgspec.msgpack.decode(sealed, type=_Envelope)
            if envelope.algorithm != _ALGORITHM:
                raise ValueError("another cipher")
            bound = self._bound(place, envelope.data_key_id)
            data_key = _decrypt(self._master, envelope.wrapped, bound)
            return Secret(_decrypt(data_key, envelope.sealed, bound).decode())
        except (InvalidTag, msgspec.MsgspecError, ValueError):
            raise Sealed(
                "A stored key does not open with this master key, so its data are not synced.",
                "Bring back the master key file of this installation, or connect again with new keys.",
            ) from None

    def fingerprint(self, key: Secret) -> str:
        """Eight hex digits that tell two keys apart and nothing about them without the master key."""
        return hmac.new(_derived(self._master, b"fingerprint"), key.expose().encode(), sha256).hexdigest()[:8]

    def _bound(self, place: Place, data_key_id: str) -> bytes:
        return f"v1/{self._installation}/{place.connection}/{place.slot}/{place.version}/{data_key_id}".encode()


def open_vault(master_key_file: Path) -> Vault:
    """The vault of this installation; the master key file is made on first start (0600). Raises Sealed."""
    installation = Installation.objects.first()
    master = _read_master(master_key_file)
    if master is None:
        if SealedKey.objects.exists():
            raise Sealed(
                f"The master key file is missing ({master_key_file.name}): stored keys cannot be opened, syncs are off.",
                "Bring the file back from your own safe copy. It is never made again over keys sealed with the lost one.",
            )
        master = _make_master(master_key_file)
        Installation.objects.all().delete()
        installation = None
    check = hmac.new(_derived(master, b"check"), b"uptake", sha256).hexdigest()
    if installation is None:
        installation = Installation.objects.create(key_check=check)
    if not hmac.compare_digest(installation.key_check, check):
        raise Sealed(
            "The master key file is not the one of this installation: stored keys cannot be opened, syncs are off.",
            f"Put back the file whose check value starts with {installation.key_check[:8]}.",
        )
    return Vault(master, installation.id)


def _read_master(path: Path) -> bytes | None:
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
    if len(master) != _MASTER_BYTES or len(set(master)) < 8:
        raise Sealed(
            "The master key file does not hold a key of 64 random hex digits.",
            "Put back the right file, or make a new one with: openssl rand -hex 32",
        )
    return master


def _make_master(path: Path) -> bytes:
    master = secrets.token_bytes(_MASTER_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, master.hex().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)  # a key lost to a power cut would take every sealed key with it
    finally:
        os.close(folder)
    return master


def _derived(master: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"uptake/" + label).derive(master)


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], bound)
