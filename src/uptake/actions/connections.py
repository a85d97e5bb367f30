"""connection.connect and connection.disconnect: the whole life of two keys, each change with its audit entry."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from uptake.claude import keys
from uptake.claude.client import Claude
from uptake.claude.keys import CleanKey
from uptake.claude.limiter import Limiter
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Busy, Problem, Refused
from uptake.domain.secret import Secret
from uptake.lake import Lake, writer
from uptake.records import audit
from uptake.records.models import Connection, HeldBack, Run, SealedKey, Stream
from uptake.records.vault import Place, Vault, open_vault
from uptake.sync import doctor
from uptake.sync.doctor import Checkup, KeyReport

_WAIT_FOR_RUN = 60.0
_NAME = 120


@dataclass(frozen=True, slots=True)
class Connected:
    """What was connected and what the check found."""

    name: str
    connection_id: str
    replaced: bool
    reports: tuple[KeyReport, KeyReport]
    match: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a disconnect did. `counts`: what was removed, by kind."""

    name: str
    erased: bool
    counts: dict[str, int]
    advice: str


def connect(
    viewer: Viewer, settings: Settings, *, name: str, admin_key: Secret, analytics_key: Secret, now: datetime
) -> Connected:
    """Check both keys and store them sealed; keys of a connection of the same name are replaced in one step.

    Raises NotAllowed, Refused or Problem; then nothing is stored and the keys before stay in force.
    """
    require(viewer, "connection.connect")
    name = clean_text(name, _NAME) or "Claude"
    vault = open_vault(settings.master_key_file)
    try:
        pair = (keys.clean(admin_key, "Admin key"), keys.clean(analytics_key, "Analytics key"))
        checkup = _checked(settings, pair, now)
        _require_same_organization(name, checkup)
    except Refused:
        audit.record(viewer, "connection.connect", name, now, outcome="refused")
        raise
    with transaction.atomic():
        connection, replaced = _store(viewer, vault, name, pair, checkup, now)
        audit.record(
            viewer, "connection.connect", name, now, replaced=int(replaced), admin=pair[0].kind, analytics=pair[1].kind
        )
    return Connected(name, str(connection.pk), replaced, checkup.reports, checkup.match.words, checkup.warnings)


def _checked(settings: Settings, pair: tuple[CleanKey, CleanKey], now: datetime) -> Checkup:
    limiter = Limiter(settings.requests_per_minute)
    admin, analytics = (Claude(settings.claude_url, key.secret, limiter) for key in pair)
    try:
        return doctor.check(admin, pair[0], analytics, pair[1], now.date())
    finally:
        admin.close()
        analytics.close()


def _require_same_organization(name: str, checkup: Checkup) -> None:
    known = Connection.objects.filter(name=name).values_list("organization_id", flat=True).first()
    if known and checkup.organization_id and known != checkup.organization_id:
        raise Refused(
            f"These keys belong to another Claude organisation than the connection {name!r}. Nothing was stored.",
            "Give the new organisation a connection of its own, under another name.",
        )


def _store(
    viewer: Viewer, vault: Vault, name: str, pair: tuple[CleanKey, CleanKey], checkup: Checkup, now: datetime
) -> tuple[Connection, bool]:
    connection, created = Connection.objects.get_or_create(name=name, defaults={"connected_at": now})
    replaced = not created and connection.state == "connected"
    if connection.state != "connected":
        connection.connected_at = now
    connection.state = "connected"
    connection.disconnected_at = None
    connection.organization_id = checkup.organization_id or connection.organization_id
    connection.roster_kind = "console" if checkup.roster_kind == "console" else "enterprise"
    connection.sync_requested_at = now
    connection.save()
    Stream.objects.filter(connection=connection).exclude(state="held_back").update(
        state="ok", cause="", hint="", not_before=None
    )
    for slot, key in zip(("admin", "analytics"), pair, strict=True):
        _seal(viewer, vault, connection, slot, key, now)
    return connection, replaced


def _seal(viewer: Viewer, vault: Vault, connection: Connection, slot: str, key: CleanKey, now: datetime) -> None:
    before = connection.keys.filter(slot=slot).first()
    version = before.version + 1 if before else 1
    connection.keys.filter(slot=slot).delete()
    SealedKey.objects.create(
        connection=connection,
        slot=slot,
        version=version,
        sealed=vault.seal(key.secret, Place(str(connection.pk), slot, version)),
        kind=key.kind,
        last_four=key.last_four,
        fingerprint=vault.fingerprint(key.secret),
        added_by=viewer.name,
        added_at=now,
        state_since=now,
        last_ok_at=now,
    )


def disconnect(viewer: Viewer, settings: Settings, *, name: str, erase: bool, now: datetime) -> Receipt:
    """Destroy both keys and end the syncs; with `erase` also remove every fact. Raises NotAllowed or Problem."""
    require(viewer, "connection.disconnect")
    if erase:
        require(viewer, "connection.erase")
    connection = Connection.objects.filter(name=name).first()
    if connection is None:
        raise Problem(f"There is no connection named {name!r}.", "`uptake status` lists the connections.")
    # A running sync looks at this before every commit and ends; only then is the lock free.
    Connection.objects.filter(pk=connection.pk).update(state="disconnected", disconnected_at=now)
    _wait_for_lock(settings)
    with writer(settings.lake), transaction.atomic():
        counts = {"keys": connection.keys.all().delete()[0]}
        if erase:
            counts |= _erase(settings, connection)
        action = "connection.erase" if erase else "connection.disconnect"
        audit.record(viewer, action, name, now, outcome="done", **counts)
    return Receipt(
        name,
        erase,
        counts,
        "Revoke both keys in Claude too (claude.ai › Organization settings › API, or Console › Settings › Admin keys): "
        "copies of them may exist in older backups.",
    )


def _wait_for_lock(settings: Settings) -> None:
    ends = time.monotonic() + _WAIT_FOR_RUN
    while True:
        try:
            with writer(settings.lake):
                return
        except Busy:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def _erase(settings: Settings, connection: Connection) -> dict[str, int]:
    """Facts, cache and everything in the records but the audit. Returns what was removed, by kind."""
    counts = Lake(settings.lake, settings.aside).erase(str(connection.pk))
    shutil.rmtree(settings.cache, ignore_errors=True)
    for kind in (Run, HeldBack, Stream):
        counts[kind.__name__.lower()] = kind.objects.filter(connection=connection).delete()[0]
    connection.delete()
    return counts
