"""connection.connect, connection.replace_key, connection.check_key: keys are checked, then swapped in one step.

Every change is made under the writer's lock, with its audit entry in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from uptake.actions import changes
from uptake.actions.keydesk import Pair, checked, checked_one, looked_at, other_side, sealed_row, waiting_key
from uptake.claude import keys
from uptake.claude.keys import CleanKey
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, SLOTS, Slot
from uptake.records import audit
from uptake.records.models import Connection, HandOver, SealedKey, Stream
from uptake.records.vault import Vault, open_vault, require_current
from uptake.sync.doctor import Checkup, KeyReport
from uptake.sync.words import SLOT

_NAME = 120

Claim = Callable[[], None]
"""Called inside the transaction of a change; raises where the change must not be."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What was connected and what the check found: a report for each key that was given."""

    name: str
    connection_id: str
    replaced: bool
    reports: tuple[KeyReport, ...]
    match: str
    warnings: tuple[str, ...]


def connect(
    viewer: Viewer,
    settings: Settings,
    *,
    name: str,
    admin_key: Secret | None,
    analytics_key: Secret | None,
    now: datetime,
) -> Connected:
    """Check both keys and store them sealed; keys of a connection of the same name are replaced in one step.

    A key that is None was handed over by a link and waits. Raises NotAllowed, Refused or Problem; then nothing is
    stored and the keys before stay in force.
    """
    require(viewer, "connection.connect")
    name = name_of(name)
    vault = open_vault(settings.master_key_file)
    try:
        given: dict[Slot, Secret | None] = {"admin": admin_key, "analytics": analytics_key}
        admin, analytics = (_given(vault, name, slot, given[slot]) for slot in SLOTS)
        return join(viewer, settings, vault, name, (admin, analytics), now)
    except Refused:
        audit.record(viewer, "connection.connect", name, now, outcome="refused")
        raise


def name_of(text: str) -> str:
    """What a connection may be called."""
    return clean_text(text, _NAME) or "Claude"


def is_connected(name: str) -> bool:
    """Whether a connection of that name has its keys."""
    return Connection.objects.filter(name=name_of(name), state="connected").exists()


def _given(vault: Vault, name: str, slot: Slot, given: Secret | None) -> CleanKey:
    label = GUIDES[slot].label
    raw = given or waiting_key(vault, name, slot)
    if raw is None:
        raise Refused(f"No {label} was given. Nothing was stored.", GUIDES[slot].who)
    return keys.clean(raw, label)


def join(
    viewer: Viewer,
    settings: Settings,
    vault: Vault,
    name: str,
    pair: Pair,
    now: datetime,
    claim: Claim = lambda: None,
) -> Connected:
    """Check two keys together and store them. Rights are the caller's concern. Raises Refused or Problem."""
    checkup = checked(settings, pair, now)
    _require_same_organization(name, checkup)
    with changes.alone(settings), transaction.atomic():
        claim()
        require_current(vault)
        connection, replaced = _connection(name, checkup, now)
        for slot, key in zip(SLOTS, pair, strict=True):
            _seal(viewer, vault, connection, slot, key, now)
        HandOver.objects.filter(name=name).update(sealed=None)
        kinds = {slot: key.kind for slot, key in zip(SLOTS, pair, strict=True)}
        audit.record(viewer, "connection.connect", name, now, replaced=int(replaced), **kinds)
    return Connected(name, str(connection.pk), replaced, checkup.reports, checkup.match.words, checkup.warnings)


def _require_same_organization(name: str, checkup: Checkup) -> None:
    known = Connection.objects.filter(name=name).values_list("organization_id", flat=True).first()
    if known and checkup.organization_id and known != checkup.organization_id:
        raise Refused(
            f"These keys belong to another Claude organisation than the connection {name!r}. Nothing was stored.",
            "Give the new organisation a connection of its own, under another name.",
        )


def _connection(name: str, checkup: Checkup, now: datetime) -> tuple[Connection, bool]:
    connection, created = Connection.objects.get_or_create(name=name, defaults={"connected_at": now})
    if connection.leaving == "erase":
        raise Problem(
            f"The data of {name!r} are being erased. Nothing was stored.", "Erase again to its end, then connect."
        )
    replaced = not created and connection.state == "connected"
    if connection.state != "connected":
        connection.connected_at = now
    connection.state = "connected"
    connection.leaving = ""
    connection.disconnected_at = None
    _learn(connection, checkup, now)
    Stream.objects.filter(connection=connection).exclude(state="held_back").update(**_FRESH)
    return connection, replaced


_FRESH = {"state": "ok", "cause": "", "hint": "", "not_before": None}


def _learn(connection: Connection, checkup: Checkup, now: datetime) -> None:
    connection.organization_id = checkup.organization_id or connection.organization_id
    connection.roster_kind = "console" if checkup.roster_kind == "console" else "enterprise"
    connection.sync_requested_at = now
    connection.save()


def check_key(viewer: Viewer, settings: Settings, *, slot: Slot, key: Secret, now: datetime) -> KeyReport:
    """Say what a key is and what it can read, good for the slot or not; nothing is stored.

    Raises NotAllowed, Refused (no key, or one that Anthropic does not know) or Problem (no answer).
    """
    require(viewer, "connection.check_key")
    return looked_at(settings, slot, keys.clean(key, GUIDES[slot].label), now)


def replace_key(viewer: Viewer, settings: Settings, *, name: str, slot: Slot, key: Secret, now: datetime) -> Connected:
    """Check one key and put it in the place of the running one; the other key stays as it is.

    Raises NotAllowed, Refused or Problem; then nothing is stored and the key before stays in force.
    """
    require(viewer, "connection.replace_key")
    name = name_of(name)
    try:
        return swap(viewer, settings, name, slot, keys.clean(key, GUIDES[slot].label), now)
    except Refused:
        audit.record(viewer, "connection.replace_key", name, now, outcome="refused", slot=slot)
        raise


def swap(
    viewer: Viewer,
    settings: Settings,
    name: str,
    slot: Slot,
    key: CleanKey,
    now: datetime,
    claim: Claim = lambda: None,
) -> Connected:
    """Check one key against what is held of the other side and swap it. Rights are the caller's concern."""
    vault = open_vault(settings.master_key_file)
    connection = _connected(name)
    checkup = checked_one(settings, slot, key, other_side(settings, connection, slot), now)
    with changes.alone(settings), transaction.atomic():
        claim()
        require_current(vault)
        connection = _connected(name)
        _learn(connection, checkup, now)
        _seal(viewer, vault, connection, slot, key, now)
        streams = [stream for stream, of in SLOT.items() if of == slot]
        connection.streams.filter(name__in=streams).exclude(state="held_back").update(**_FRESH)
        audit.record(viewer, "connection.replace_key", name, now, slot=slot, kind=key.kind)
    return Connected(name, str(connection.pk), True, checkup.reports, checkup.match.words, checkup.warnings)


def _connected(name: str) -> Connection:
    connection = Connection.objects.filter(name=name, state="connected").first()
    if connection is None:
        raise Problem(
            f"There is no connected connection named {name!r}. Nothing was stored.",
            "`uptake status` and the Integrations page list the connections; connect with both keys first.",
        )
    return connection


def _seal(viewer: Viewer, vault: Vault, connection: Connection, slot: Slot, key: CleanKey, now: datetime) -> None:
    """The new version in the place of the old one, which is destroyed with the same commit."""
    before = connection.keys.filter(slot=slot).first()
    version = before.version + 1 if before else 1
    connection.keys.filter(slot=slot).delete()
    row = SealedKey(connection=connection, slot=slot, version=version, added_by=viewer.name, added_at=now)
    row.state_since = row.last_ok_at = now
    sealed_row(vault, row, key).save()
