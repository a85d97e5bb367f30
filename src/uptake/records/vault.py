"""The vault: API keys sealed in an AES-256-GCM envelope under the installation's master key.

Each key has a data key of its own, wrapped by the master key; both layers are bound to installation, connection, slot and
version, so that a row copied to another place does not open.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, transaction

from uptake.domain.secret import Secret
from uptake.records import masters
from uptake.records.masters import Sealed
from uptake.records.models import Channel, DirectorySource, HandOver, Installation, KeptKey, SealedKey, Tombstone

_ALGORITHM = "AES-256-GCM/1"


SealedRow = SealedKey | HandOver | DirectorySource | Channel | KeptKey
SEALING: tuple[type[SealedRow], ...] = (SealedKey, HandOver, DirectorySource, Channel, KeptKey)
"""Every kind of row with something sealed in it; a rotation seals all of them anew."""

_GIVEN: tuple[type[SealedRow], ...] = (SealedKey, HandOver, DirectorySource, Channel)
"""Those that hold what somebody gave: it does not open under another master key, so that is never replaced over them."""


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
        self.check = masters.check_of(master)
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
        return hmac.new(masters.derived(self._master, b"fingerprint"), key.expose().encode(), sha256).hexdigest()[:8]

    def _bound(self, place: Place, data_key_id: str) -> bytes:
        return f"v1/{self._installation}/{place.connection}/{place.slot}/{place.version}/{data_key_id}".encode()


def open_vault(master_key_file: Path) -> Vault:
    """The vault of this installation; the master key file is made on first start (0600). Raises Sealed."""
    master = _right_master(master_key_file)
    if master is None:
        master = masters.make(master_key_file)
    return Vault(master, _installed(master).id)


def current(vault: Vault, master_key_file: Path) -> Vault:
    """The vault; opened again where the master key was rotated since. Raises Sealed."""
    same = Installation.objects.filter(key_check=vault.check).exists()
    return vault if same else open_vault(master_key_file)


def trouble(master_key_file: Path) -> Sealed | None:
    """Why the vault does not open, if it does not. Nothing is made by looking."""
    try:
        _right_master(master_key_file)
    except Sealed as sealed:
        return sealed
    return None


def require_current(vault: Vault) -> None:
    """To be asked inside the transaction that stores what was sealed: the master key is still the one in force."""
    if Installation.objects.select_for_update().get().key_check != vault.check:
        raise Sealed("The master key was rotated meanwhile. Nothing was stored.", "Do it again.")


def rewrap(old: Vault, new: Vault) -> int:
    """Seal everything with the new master key, opened again from the records as a proof. Returns how many; raises Sealed.

    For one transaction: whoever calls this rolls back where it raises.
    """
    require_current(old)
    rows = list(_sealed_rows())
    for row in rows:
        key, place = old.open(bytes(row.sealed or b""), place_of(row)), place_of(row)
        row.sealed, row.fingerprint = new.seal(key, place), new.fingerprint(key)
        row.save(update_fields=["sealed", "fingerprint"])
        row.refresh_from_db()
        if new.open(bytes(row.sealed or b""), place) != key:
            raise Sealed("A key did not open after it was sealed anew. Nothing was changed.", "Try again.")
    Installation.objects.update(key_check=new.check)
    return len(rows)


def open_all(vault: Vault) -> int:
    """Open everything that is sealed, to see that it opens. Returns how many; raises Sealed."""
    return len([vault.open(bytes(row.sealed or b""), place_of(row)) for row in _sealed_rows()])


def place_of(row: SealedRow) -> Place:
    """Where a row's key belongs. A key that waits belongs to its link, not yet to a connection."""
    if isinstance(row, HandOver):
        return Place(f"handover:{row.pk}", row.slot, 1)
    if isinstance(row, DirectorySource):
        return Place("directory", row.name, row.version)
    if isinstance(row, Channel):
        return Place("channel", row.pk, row.version)
    if isinstance(row, KeptKey):
        return Place("kept", "root", row.version)
    return Place(str(row.connection_id), row.slot, row.version)


def _sealed_rows() -> Iterator[SealedRow]:
    for kind in SEALING:
        yield from kind._default_manager.exclude(sealed=None).order_by("pk")


def _right_master(path: Path) -> bytes | None:
    """The master key in force; None where there is none yet and nothing that needs one. Raises Sealed."""
    installation = Installation.objects.first()
    if installation is not None:
        finished = _after_rotation(path, installation.key_check)
        if finished is not None:
            return finished
    try:
        master = masters.read(path)
    except Sealed as sealed:
        hint = f"Put back the file {_expected(installation)}: its owner and mode must let this program read it."
        raise Sealed(sealed.message, hint if _something_sealed() else sealed.hint) from None
    # The records are asked for what is sealed only where something is wrong: the schedule looks every two seconds.
    right = master is not None and (installation is None or masters.check_of(master) == installation.key_check)
    if not right and _something_sealed():
        raise _no_master(path, master, installation)
    return master


def _no_master(path: Path, master: bytes | None, installation: Installation | None) -> Sealed:
    """What to say where stored keys need another master key than the one there is."""
    if master is None:
        return Sealed(
            f"The master key file is missing ({path.name}): stored keys cannot be opened, syncs are off.",
            f"Bring back the file {_expected(installation)} from your own safe copy. "
            "It is never made again over keys sealed with it.",
        )
    return Sealed(
        "The master key file is not the one of this installation: stored keys cannot be opened, syncs are off. "
        f"Its check value starts with {masters.mark_of(masters.check_of(master))}.",
        f"Put back the file {_expected(installation)}.",
    )


def _expected(installation: Installation | None) -> str:
    return f"whose check value starts with {masters.mark_of(installation.key_check)}" if installation else "before"


def _after_rotation(path: Path, check: str) -> bytes | None:
    """The key of a rotation that was through but died before the new file had its name; it gets it now."""
    place = masters.beside(path, check)
    if not place.exists():
        return None
    with suppress(Sealed):
        master = masters.read(place)
        if master is not None and masters.check_of(master) == check:
            with suppress(OSError):  # a folder that takes no writes: the key is right all the same
                masters.promote(path, place)
            return master
    return None


def _something_sealed() -> bool:
    return any(kind._default_manager.exclude(sealed=None).exists() for kind in _GIVEN) or (
        Tombstone.objects.exists()  # under another master key people who were erased would come back
    )


def _installed(master: bytes) -> Installation:
    """The one installation. While nothing is sealed it takes any master key, a new one after a loss too."""
    check = masters.check_of(master)
    known = Installation.objects.filter(key_check=check).first()
    if known is not None:
        return known
    with transaction.atomic():
        installation = Installation.objects.select_for_update().first() or _first_installation(check)
        if installation.key_check != check:
            if _something_sealed():
                raise Sealed("Another start made the master key of this installation.", "Start the command again.")
            installation.key_check = check
            installation.save(update_fields=["key_check"])
    return installation


def _first_installation(check: str) -> Installation:
    try:
        with transaction.atomic():
            return Installation.objects.create(key_check=check)
    except IntegrityError:  # another start was faster
        return Installation.objects.get()


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], bound)
