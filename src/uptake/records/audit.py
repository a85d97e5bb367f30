"""The audit: one function that writes an entry into the chain. Callers write it in the transaction of the change it tells of.

Every entry is sealed with a key under the master key, over itself and the seal before it. While the master key is away
entries are chained all the same, without a key, and `verify` says which: somebody must be able to sign in and see why.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from django.conf import settings
from django.db import transaction

from uptake.domain.access import PERMISSIONS, SCHEDULE, Viewer
from uptake.records import keptkeys
from uptake.records.keptkeys import Root
from uptake.records.masters import Sealed
from uptake.records.models import AuditEnd, AuditEntry
from uptake.records.vault import Vault, open_vault

UNKEYED = 0
_NO_KEY = b"uptake: chained while sealed"
_CHAIN = b"audit-chain"
_PERSON = b"audit-person"
_MOST_FAULTS = 100


def record(
    viewer: Viewer,
    action: str,
    subject: str,
    now: datetime,
    about: str = "",
    vault: Vault | None = None,
    /,
    *,
    outcome: str = "done",
    **details: str | int,
) -> None:
    """Write who did what. `action` is a word of the permission table; `details` never hold a secret or a member.

    `about` is the id or e-mail address of the one person that is read or changed; only a keyed mark of it is kept, so
    that the person can be told who looked. Raises Sealed for a person while the master key is away, KeyError for an
    action that is none, DatabaseError where the entry cannot be written: then what it tells of must not happen.
    """
    if action not in PERMISSIONS:
        raise KeyError(action)
    with transaction.atomic():
        end, _ = AuditEnd.objects.select_for_update().get_or_create(only=True)
        root = _root(vault, needed=bool(about))
        entry = AuditEntry(
            id=end.number + 1,
            at=now.astimezone(UTC),
            actor=viewer.name[:254],
            role=viewer.own_role.value,
            action=action,
            subject=subject[:254],
            outcome=outcome,
            about=mark_of(root, about) if root and about else "",
            details={**details, **({"looking_as": viewer.role.value} if viewer.real else {})},
            key=root.version if root else UNKEYED,
        )
        entry.seal = seal_of(entry, end.seal, _chain_key(root))
        entry.save()
        end.number, end.seal = entry.pk, entry.seal
        end.save()


def _root(vault: Vault | None, *, needed: bool) -> Root | None:
    try:
        return keptkeys.newest(vault or open_vault(settings.UPTAKE.master_key_file))
    except Sealed:
        if needed:
            raise
        return None


def _chain_key(root: Root | None) -> bytes:
    return root.derived(_CHAIN) if root else _NO_KEY


def mark_of(root: Root, person: str) -> str:
    """How the audit names a person: equal for equal ids or addresses, and nothing about them without the key."""
    plain = f"person:{person.strip().lower()}".encode()
    return hmac.new(root.derived(_PERSON), plain, sha256).hexdigest()


def seal_of(entry: AuditEntry, before: str, key: bytes) -> str:
    """64 hex digits over every field of an entry and the seal of the one before."""
    told = [
        entry.pk, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.role, entry.action, entry.subject,
        entry.outcome, entry.about, entry.details, entry.key,
    ]  # fmt: skip
    return hmac.new(key, before.encode() + b"\n" + msgspec.json.encode(told, order="sorted"), sha256).hexdigest()


def take(through: int) -> int:
    """Remove the entries up to a number, for the retention: it has written before, as `audit.prune`, which ones."""
    old = AuditEntry.objects.filter(pk__lte=through)
    count = old.count()
    old._raw_delete(old.db)
    return count


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry that is not what it was, or a place where one is missing."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain says of itself. `unkeyed` and `lost` are counts of entries whose seal no key of ours vouches for."""

    entries: int
    first: int
    last: int
    seal: str
    faults: tuple[Fault, ...]
    unkeyed: int = 0
    lost: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def intact(self) -> bool:
        return not self.faults


def verify(vault: Vault, anchor: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `anchor` is a number and seal noted elsewhere: it tells a chain cut short and rebuilt."""
    walk = _Walk(vault)
    for entry in AuditEntry.objects.order_by("pk").iterator(2000):
        walk.step(entry)
    walk.end()
    if anchor and walk.seals.get(anchor[0]) != anchor[1]:
        walk.fault(anchor[0], "is not the entry that was noted outside")
    return walk.verdict()


class _Walk:
    """One pass over the chain. After a fault it goes on from what is there, so that one change is one fault."""

    def __init__(self, vault: Vault) -> None:
        self._keys = {UNKEYED: _NO_KEY} | {root.version: root.derived(_CHAIN) for root in keptkeys.every(vault)}
        self._gone = keptkeys.lost()
        self._newest_key = 0
        self._faults: list[Fault] = []
        self._first = self._last = self._entries = 0
        self._seal = ""
        self._unkeyed = self._lost = 0
        self.seals: dict[int, str] = {}

    def step(self, entry: AuditEntry) -> None:
        if self._entries == 0:
            self._open(entry)
        if entry.pk != self._last + 1:
            gone = f"{self._last + 1}" + (f" to {entry.pk - 1}" if entry.pk > self._last + 2 else "")
            self.fault(self._last + 1, f"is missing ({gone})")
        self._check(entry)
        self._entries += 1
        self._last, self._seal = entry.pk, entry.seal
        self.seals[entry.pk] = entry.seal

    def _open(self, entry: AuditEntry) -> None:
        """The chain begins at 1, or where the newest entry of the retention says; that one is under a seal itself."""
        self._first = entry.pk
        taken = AuditEntry.objects.filter(action="audit.prune", actor=SCHEDULE.name).order_by("-pk").first()
        if taken is not None:
            self._last, self._seal = int(taken.details.get("through", 0)), str(taken.details.get("seal", ""))

    def _check(self, entry: AuditEntry) -> None:
        if entry.key != UNKEYED and entry.key in self._gone and entry.key >= self._newest_key:
            self._lost += 1
            return
        key = self._keys.get(entry.key)
        self._unkeyed += entry.key == UNKEYED
        self._newest_key = max(self._newest_key, entry.key)
        if key is None or not hmac.compare_digest(seal_of(entry, self._seal, key), entry.seal):
            self.fault(entry.pk, "was changed, moved or put in")

    def end(self) -> None:
        end = AuditEnd.objects.first() or AuditEnd(number=0, seal="")
        if (end.number, end.seal) != (self._last, self._seal):
            words = f"is not the last one: the chain was written up to {end.number}"
            self.fault(max(self._last, end.number), words)

    def fault(self, number: int, words: str) -> None:
        if len(self._faults) < _MOST_FAULTS:
            self._faults.append(Fault(number, words))

    def verdict(self) -> Verdict:
        return Verdict(
            self._entries, self._first, self._last, self._seal, tuple(self._faults), self._unkeyed, self._lost,
            tuple(self._notes()),
        )  # fmt: skip

    def _notes(self) -> list[str]:
        notes = []
        if self._unkeyed:
            notes.append(
                f"{self._unkeyed:,} entries were written while the master key was away, or before there was a chain: "
                "they are chained, but whoever can write the database could have made them."
            )
        if self._lost:
            notes.append(
                f"{self._lost:,} entries were sealed under a master key that was lost: they cannot be checked one by one."
            )
        return notes
