"""Keys of our own under the master key: for the audit's chain, for marks of persons, for tombstones. They outlive a rotation.

Each use has a key of its own, derived by HKDF from a random one that is sealed like an API key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction

from uptake.domain.secret import Secret
from uptake.records import masters
from uptake.records.masters import Sealed
from uptake.records.models import KeptKey
from uptake.records.vault import Vault, place_of


@dataclass(frozen=True, slots=True)
class Root:
    """One kept key, opened."""

    version: int
    key: Secret

    def derived(self, use: bytes) -> bytes:
        return _derived(self.key.expose(), use)


@lru_cache(maxsize=32)
def _derived(key: str, use: bytes) -> bytes:
    return masters.derived(bytes.fromhex(key), use)


def newest(vault: Vault) -> Root:
    """The kept key in force; made where there is none yet, or where the newest went with a lost master key."""
    row = KeptKey.objects.order_by("-version").first()
    if row is None:
        return _made(vault, 1)
    found = _opened(vault, row)
    return found or _made(vault, row.version + 1)


def every(vault: Vault) -> list[Root]:
    """All kept keys that open, those of before included."""
    return [root for row in KeptKey.objects.order_by("version") if (root := _opened(vault, row))]


def lost() -> frozenset[int]:
    """The versions that went with a master key that was lost."""
    return frozenset(KeptKey.objects.filter(sealed=None).values_list("version", flat=True))


def _opened(vault: Vault, row: KeptKey) -> Root | None:
    if row.sealed is None:
        return None
    try:
        return Root(row.version, vault.open(bytes(row.sealed), place_of(row)))
    except Sealed:
        return None


def _made(vault: Vault, version: int) -> Root:
    key = Secret(secrets.token_hex(32))
    row = KeptKey(version=version)
    row.sealed, row.fingerprint = vault.seal(key, place_of(row)), vault.fingerprint(key)
    with transaction.atomic():
        # What does not open any more would keep every later rotation from being done.
        KeptKey.objects.filter(version__lt=version).update(sealed=None)
        row.save(force_insert=True)
    return Root(version, key)
