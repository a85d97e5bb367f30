"""handover.create, handover.withdraw, handover.receive: one key given through a one-time link, without an account.

Whoever makes the link never sees the key. A key that comes before its connection has both waits, sealed, for a week.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import F, QuerySet

from uptake.actions.connections import Claim, is_connected, join, name_of, swap
from uptake.actions.keydesk import looked_at, sealed_row, waiting, waiting_key
from uptake.claude import keys
from uptake.claude.keys import CleanKey
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer, may, require
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, SLOTS, Guide, Slot
from uptake.records import audit
from uptake.records.models import Account, HandOver
from uptake.records.vault import open_vault, require_current

LASTS = timedelta(hours=24)
KEPT = timedelta(days=7)
_TRIES = 10
_FORGOTTEN = timedelta(days=90)

State = Literal["open", "used", "waiting", "withdrawn", "expired"]


class Gone(Problem):
    """The link was used, has expired, was withdrawn, or never was one."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it may be shown: never the link itself, never the key."""

    id: str
    name: str
    slot: Slot
    state: State
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    last_four: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an open link asks for."""

    name: str
    guide: Guide
    asked_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a key that was given. `connected`: it is in use; else it waits for the other one."""

    name: str
    words: str
    connected: bool


def create(viewer: Viewer, *, name: str, slot: Slot, now: datetime) -> str:
    """The path of a link by which one key can be given once, within a day. Only its hash is kept. Raises NotAllowed."""
    require(viewer, "handover.create")
    tidy(now)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        link = HandOver.objects.create(
            name=name_of(name),
            slot=slot,
            hash=_hash(token),
            created_by=viewer.name,
            created_at=now,
            expires_at=now + LASTS,
        )
        audit.record(viewer, "handover.create", link.name, now, slot=slot, link=str(link.pk))
    return f"/hand-over/{token}/"


def withdraw(viewer: Viewer, *, link: str, now: datetime) -> None:
    """End an open link, or destroy the key that waits from a used one. Raises NotAllowed or Problem."""
    require(viewer, "handover.withdraw")
    with transaction.atomic():
        row = HandOver.objects.filter(pk=link).first()
        ended = _open(now).filter(pk=link).update(withdrawn_at=now)
        ended += HandOver.objects.filter(pk=link).exclude(sealed=None).update(sealed=None, withdrawn_at=now)
        if row is None or not ended:
            raise Problem("This hand-over link is no longer open. Nothing was changed.", "Its key, if any, is in use.")
        audit.record(viewer, "handover.withdraw", row.name, now, slot=row.slot, link=str(row.pk))


def links(viewer: Viewer, now: datetime) -> tuple[Link, ...]:
    """Every link of the last weeks, newest first. Raises NotAllowed."""
    require(viewer, "connection.view")
    return tuple(_shown(row, now) for row in HandOver.objects.order_by("-created_at"))


def asked_for(token: str, now: datetime) -> Asked | None:
    """What an open link asks for; None for any other. Looking does not use it up."""
    row = _of(token, now)
    return Asked(row.name, GUIDES[_slot(row)], row.created_by, row.expires_at) if row else None


def receive(settings: Settings, token: str, key: Secret, now: datetime) -> Received:
    """Check a key and take it into use, or keep it sealed until the other one is there; the link is used up by that.

    Raises Gone, or Refused and Problem: then nothing is stored and the link may be tried again.
    """
    row = _of(token, now)
    if row is None or not _open(now).filter(pk=row.pk, tries__lt=_TRIES).update(tries=F("tries") + 1):
        raise gone()
    giver = Viewer(name=f"hand-over link of {row.created_by}"[:254], role=Role.EMPLOYEE)
    require(giver, "handover.receive")
    slot = _slot(row)
    try:
        received = _taken(giver, settings, row, slot, keys.clean(key, GUIDES[slot].label), now)
    except Refused:
        audit.record(giver, "handover.receive", row.name, now, outcome="refused", slot=slot, link=str(row.pk))
        raise
    outcome = "done" if received.connected else "waiting"
    audit.record(giver, "handover.receive", row.name, now, outcome=outcome, slot=slot, link=str(row.pk))
    return received


def _taken(giver: Viewer, settings: Settings, row: HandOver, slot: Slot, key: CleanKey, now: datetime) -> Received:
    def claim() -> None:
        if not _open(now).filter(pk=row.pk).update(used_at=now):
            raise gone()  # given twice at the same moment: the first one counts

    vault = open_vault(settings.master_key_file)  # sealed: said before anything is asked
    if is_connected(row.name):
        done = swap(giver, settings, row.name, slot, key, now, claim)
        return Received(row.name, f"{done.reports[0].words} {done.match}", connected=True)
    other: Slot = "analytics" if slot == "admin" else "admin"
    if waiting(row.name, other):
        return _joined(giver, settings, row.name, slot, key, now, claim)
    report = looked_at(settings, slot, key, now)
    if report.lacks:
        raise Refused(f"The {GUIDES[slot].label} was refused. {report.words} Nothing was stored.", report.hint)
    with transaction.atomic():
        claim()
        require_current(vault)
        row.used_at = now
        sealed_row(vault, row, key).save(update_fields=["sealed", "kind", "last_four", "fingerprint", "used_at"])
    return Received(row.name, report.words, connected=False)


def _joined(
    giver: Viewer, settings: Settings, name: str, slot: Slot, key: CleanKey, now: datetime, claim: Claim
) -> Received:
    """The other key waits already: check both together and connect."""
    vault = open_vault(settings.master_key_file)
    other: Slot = "analytics" if slot == "admin" else "admin"
    kept = keys.clean(waiting_key(vault, name, other) or Secret(""), GUIDES[other].label)
    pair = (key, kept) if slot == "admin" else (kept, key)
    done = join(giver, settings, vault, name, pair, now, claim)
    return Received(name, f"{done.reports[SLOTS.index(slot)].words} {done.match}", connected=True)


def waits(name: str, slot: Slot) -> bool:
    """Whether a key was handed over for a connection that has not both yet."""
    return waiting(name_of(name), slot) is not None


def waited_for() -> str:
    """The name of the connection that a key was last handed over for and that has not both yet; empty without any."""
    newest = HandOver.objects.exclude(sealed=None).order_by("-used_at").first()
    return newest.name if newest else ""


def tidy(now: datetime) -> None:
    """Destroy keys that waited too long, forget links of long ago."""
    HandOver.objects.exclude(sealed=None).filter(used_at__lt=now - KEPT).update(sealed=None)
    HandOver.objects.filter(created_at__lt=now - _FORGOTTEN).delete()


def _of(token: str, now: datetime) -> HandOver | None:
    row = _open(now).filter(hash=_hash(token), tries__lt=_TRIES).first()
    return row if row is not None and _maker_still_may(row) else None


def _maker_still_may(row: HandOver) -> bool:
    """Somebody who left or lost the role must not have links that go on working."""
    if row.created_by == OPERATOR.name:
        return True
    maker = Account.objects.filter(email=row.created_by, is_active=True).first()
    return maker is not None and may(maker.viewer, "handover.create")


def _open(now: datetime) -> QuerySet[HandOver]:
    return HandOver.objects.filter(used_at=None, withdrawn_at=None, expires_at__gt=now)


def gone() -> Gone:
    """What somebody is told whose link is no good."""
    return Gone(
        "This link takes no key any more: it was used, has expired, was withdrawn or is not complete.",
        "Ask the person who sent it for a new one; each link works once, within a day.",
    )


def _shown(row: HandOver, now: datetime) -> Link:
    return Link(
        id=str(row.pk),
        name=row.name,
        slot=_slot(row),
        state=_state(row, now),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        last_four=row.last_four,
    )


def _state(row: HandOver, now: datetime) -> State:
    if row.withdrawn_at:
        return "withdrawn"
    if row.used_at:
        return "waiting" if row.sealed else "used"
    return "open" if row.expires_at > now and row.tries < _TRIES else "expired"


def _slot(row: HandOver) -> Slot:
    return "admin" if row.slot == "admin" else "analytics"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
