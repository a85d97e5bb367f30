"""scim.provision: users as an identity provider keeps them. Each change, what it does to an account, and its entry are one.

The directory takes it from here as a whole, by the schedule: see scim_directory.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from uptake.actions import scim_accounts, scim_audit
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.people.delivery import SCIM
from uptake.people.scim import patch
from uptake.people.scim.kept import ENTERPRISE, PERSON
from uptake.people.scim.sieve import Document, Operation, Wrong
from uptake.people.scim.told import addresses
from uptake.records import tombstones
from uptake.records.models import DirectorySource, ScimUser

GONE = "There is nobody and nothing of this id."
_TAKEN = "There is a user of this userName already."
_ERASED = "This person was erased from uptake and is not taken in again."


def user(viewer: Viewer, user_id: str) -> ScimUser:
    """One user. Raises NotAllowed or Wrong (404)."""
    require(viewer, "scim.provision")
    found = ScimUser.objects.filter(pk=known_form(user_id)).first()
    if found is None:
        raise Wrong(GONE, "", 404)
    return found


def known_form(text: str) -> str:
    """An id as it may stand in the records; empty for what no id looks like."""
    return text if text.isascii() and text.isalnum() else ""


def create(viewer: Viewer, settings: Settings, wanted: Document, now: datetime) -> ScimUser:
    """A new user. Raises NotAllowed, or Wrong: 409 where the userName is taken."""
    require(viewer, "scim.provision")
    row = ScimUser(created_at=now)
    try:
        with transaction.atomic():
            _store(viewer, settings, row, {"active": True} | wanted, now)
    except IntegrityError:
        raise Wrong(_TAKEN, "uniqueness", 409) from None
    return row


def replace(viewer: Viewer, settings: Settings, user_id: str, wanted: Document, now: datetime) -> ScimUser:
    """A user told anew, as a whole; only `active` stays where it is not told. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    try:
        with transaction.atomic():
            row = _locked(user_id)
            _store(viewer, settings, row, {"active": row.active} | wanted, now)
    except IntegrityError:
        raise Wrong(_TAKEN, "uniqueness", 409) from None
    return row


def change(
    viewer: Viewer, settings: Settings, user_id: str, operations: Sequence[Operation], now: datetime
) -> ScimUser:
    """A user after a patch. Raises NotAllowed or Wrong, and then nothing of the patch counts."""
    require(viewer, "scim.provision")
    try:
        with transaction.atomic():
            row = _locked(user_id)
            _store(viewer, settings, row, patch.applied(row.kept, operations, PERSON), now)
    except IntegrityError:
        raise Wrong(_TAKEN, "uniqueness", 409) from None
    return row


def delete(viewer: Viewer, settings: Settings, user_id: str, now: datetime) -> None:
    """A user told no more: gone for the directory, and the account ended. Raises NotAllowed or Wrong."""
    require(viewer, "scim.provision")
    with transaction.atomic():
        row = _locked(user_id)
        scim_accounts.settle(viewer, settings, row, now, gone=True)
        scim_audit.of_user(viewer, row.pk, addresses(row.kept)[0] or "", "deleted", now)
        row.delete()
        pushed(now)


def pushed(now: datetime) -> None:
    """Something came: the schedule reads it once it is quiet."""
    DirectorySource.objects.filter(pk=SCIM).update(asked_at=now)


def _locked(user_id: str) -> ScimUser:
    found = ScimUser.objects.select_for_update().filter(pk=known_form(user_id)).first()
    if found is None:
        raise Wrong(GONE, "", 404)
    return found


def _store(viewer: Viewer, settings: Settings, row: ScimUser, kept: Document, now: datetime) -> None:
    """Keep a document, with all that follows from it. What is as it was already is neither written nor audited."""
    fresh = row._state.adding
    changed = fresh or kept != row.kept
    if changed:
        _require_not_erased(settings, row.kept, kept)
        was_active, row.kept, row.active = row.active, kept, kept.get("active", row.active)
        row.user_key = kept["userName"].casefold()
        row.external_id = kept.get("externalId", "")
        row.changed_at = now
        row.save(force_insert=fresh)
        act = (
            "created"
            if fresh
            else "changed"
            if was_active == row.active
            else "activated"
            if row.active
            else "deactivated"
        )
        scim_audit.of_user(viewer, row.pk, addresses(kept)[0] or "", act, now)
        pushed(now)
    scim_accounts.settle(viewer, settings, row, now)


def _require_not_erased(settings: Settings, before: Document, after: Document) -> None:
    if _known_by(before) == _known_by(after):
        return
    tombs = tombstones.known(settings.master_key_file)
    emails, number = _known_by(after)
    if any(tombs.holds("email", email) for email in emails) or tombs.holds("employee", number):
        raise Wrong(_ERASED, "", 403)


def _known_by(kept: Document) -> tuple[set[str], str]:
    main, others = addresses(kept)
    return {main or "", *others} - {""}, kept.get(ENTERPRISE, {}).get("employeeNumber", "")
