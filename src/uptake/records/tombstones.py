"""Marks of people who were erased: keyed, so that they tell nobody who it was, and equal for what comes again."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from uptake.records import keptkeys
from uptake.records.masters import Sealed
from uptake.records.models import Tombstone
from uptake.records.vault import Vault, open_vault

What = Literal["member", "email", "person", "employee"]
_USE = b"tombstone"


@dataclass(slots=True)
class Tombs:
    """Every mark there is, and the keys they were made with. Asked once for each text; what was asked is remembered."""

    keys: tuple[bytes, ...] = ()
    marks: frozenset[str] = frozenset()
    _known: dict[tuple[What, str], bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.marks)

    def holds(self, what: What, text: str | None) -> bool:
        """Whether this id or address belongs to somebody who was erased."""
        if not text or not self.marks:
            return False
        known = self._known.get((what, text))
        if known is None:
            known = self._known[what, text] = any(_mark(key, what, text) in self.marks for key in self.keys)
        return known


def known(master_key_file: Path) -> Tombs:
    """All marks, without a look at the master key where nobody was erased. Raises Sealed."""
    return every(open_vault(master_key_file)) if Tombstone.objects.exists() else Tombs()


def every(vault: Vault) -> Tombs:
    """All marks. Raises Sealed where the key of one is gone: people who were erased could come back unnoticed."""
    rows = dict(Tombstone.objects.values_list("mark", "key"))
    if not rows:
        return Tombs()
    roots = {root.version: root.derived(_USE) for root in keptkeys.every(vault)}
    if not set(rows.values()) <= set(roots):
        raise Sealed(
            "The key that knows people who were erased is gone, so they could come back. Nothing is read or imported.",
            "Bring back the master key file of the time of the erasure.",
        )
    return Tombs(tuple(roots.values()), frozenset(rows))


def put(vault: Vault, erasure: str, texts: Iterable[tuple[What, str]], now: datetime) -> int:
    """Mark the ids and addresses of one person. Returns how many there are."""
    root = keptkeys.newest(vault)
    marks = {_mark(root.derived(_USE), what, text) for what, text in texts if text}
    for mark in marks:
        Tombstone.objects.update_or_create(
            mark=mark, defaults={"key": root.version, "erasure": erasure, "made_at": now, "swept_at": None}
        )
    return len(marks)


def erasure_of(vault: Vault, text: str) -> str | None:
    """The erasure of whoever had this id or address; None where nobody of it was erased. Raises Sealed."""
    keys, kinds = every(vault).keys, get_args(What)
    marks = [_mark(key, what, text) for key in keys for what in kinds]
    return Tombstone.objects.filter(mark__in=marks).values_list("erasure", flat=True).first()


def lift(erasure: str) -> int | None:
    """Take the marks of an erasure away. How many there were; None, and nothing is done, while it is under way."""
    marks = Tombstone.objects.filter(erasure=erasure)
    return None if marks.filter(swept_at=None).exists() else marks.delete()[0]


def _mark(key: bytes, what: What, text: str) -> str:
    return hmac.new(key, f"{what}:{text.strip().lower()}".encode(), sha256).hexdigest()
