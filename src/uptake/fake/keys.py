"""The keys of the made-up organisations: which each opens. Deterministic, so that a demo can be started again."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, fields

from uptake.fake.answers import Refusal


@dataclass(frozen=True, slots=True)
class Keys:
    """One key a purpose."""

    members: str
    analytics: str
    both: str
    console: str
    foreign_members: str
    foreign_analytics: str


SCOPES: dict[str, frozenset[str]] = {
    "members": frozenset({"read:members"}),
    "analytics": frozenset({"read:analytics"}),
    "both": frozenset({"read:members", "read:analytics", "read:rbac_groups", "read:spend_limits"}),
    "console": frozenset({"api:admin"}),
    "foreign_members": frozenset({"read:members"}),
    "foreign_analytics": frozenset({"read:analytics"}),
}


def made_up_keys(seed: int) -> Keys:
    return Keys(**{name: _key(name, seed) for name in SCOPES})


def _key(label: str, seed: int) -> str:
    kind = "admin01" if label == "console" else "api01"
    digest = hashlib.sha256(f"made-up/{label}/{seed}".encode()).hexdigest()
    return f"sk-ant-{kind}-made-up-{digest[:40]}"


class KeyTable:
    """Which key is which, and which are revoked."""

    def __init__(self, keys: Keys) -> None:
        self._labels = {getattr(keys, name.name): name.name for name in fields(keys)}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()

    def revoke(self, key: str) -> None:
        with self._lock:
            self._revoked.add(key)

    def restore(self, key: str) -> None:
        with self._lock:
            self._revoked.discard(key)

    def label(self, authorization: str, x_api_key: str) -> str:
        """The key's label. Raises Refusal (401) where it is missing, unknown or revoked."""
        key = authorization[7:].strip() if authorization.lower().startswith("bearer ") else x_api_key
        if not key:
            raise Refusal(401, "x-api-key header is required")
        with self._lock:
            if key not in self._labels or key in self._revoked:
                raise Refusal(401, "invalid x-api-key")
        return self._labels[key]


def require_scope(scopes: frozenset[str], needed: frozenset[str]) -> None:
    """Any of the needed scopes will do. Raises Refusal (403)."""
    if not scopes & needed:
        raise Refusal(403, f"Missing required scopes. Got: {sorted(scopes)} Needed: {sorted(needed)}")
