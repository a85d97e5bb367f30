"""backup.make, backup.restore: everything that is held as one verified file, and what a restored one needs to be served.

The file work of a restore is in site/restoring.py, since it must do where these records cannot be opened.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings as django_settings
from django.db import connection as database
from django.db import transaction

from uptake import __version__
from uptake.actions import changes, erasures, export_jobs
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Viewer, require
from uptake.domain.problems import Problem, Refused
from uptake.durable import sync_folder
from uptake.lake import Lake, archive
from uptake.lake.archive import RECORDS, About, Manifest
from uptake.records import audit, masters, sqlitefile
from uptake.records.masters import Sealed
from uptake.records.models import (
    Account,
    ApiToken,
    AuditEntry,
    Channel,
    ExpectedIdentity,
    HandOver,
    KeptKey,
    ScimToken,
    SignInLink,
    Subscription,
    Tombstone,
    WebSession,
)
from uptake.records.sqlitefile import Ended
from uptake.records.vault import trouble

_SCRATCH = "backup-"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was verified. `damaged` days were set aside instead; `sealed` says why nobody vouches for it."""

    path: Path
    made_at: datetime
    days: int
    size: int
    erased: int
    master_key: str
    damaged: int
    sealed: str


def make(viewer: Viewer, settings: Settings, *, path: Path, now: datetime) -> Made:
    """Write everything that is held into one file, and read it back. Raises NotAllowed, Busy, Refused or Problem.

    A sync under way is told to end first: it loses nothing and goes on soon after.
    """
    require(viewer, "backup.make")
    _require_place(settings, path)
    with changes.alone(settings), _scratch(settings) as scratch:
        lake = Lake(settings.lake, settings.aside)
        damaged = lake.gate()
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
        try:
            manifest = _written(settings, lake, draft, scratch, now)
            _verify(draft, manifest, scratch)
            _name(draft, path)
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or "the records could not be read"
            raise Problem(
                f"The backup could not be written: {why}. There is no new backup; nothing else was changed.",
                "Check the place it is written to, its free space, and UPTAKE_HOME.",
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        size, days = path.stat().st_size, len(manifest.files) - 1
        audit.record(
            viewer,
            "backup.make",
            path.name,
            now,
            days=days,
            bytes=size,
            erased=manifest.about.erased,
            root=manifest.root,
        )
    shut = trouble(settings.master_key_file)
    about = manifest.about
    return Made(path, now, days, size, about.erased, about.master_key, len(damaged), shut.message if shut else "")


def _require_place(settings: Settings, path: Path) -> None:
    if settings.database_url:
        raise Refused(
            "The records are in PostgreSQL, which has its own backups. Nothing was written.",
            "Stop uptake, take a pg_dump, and with it a copy of the lake's folder; see docs/operate.md.",
        )
    place = path.resolve()
    if place.is_relative_to(settings.home.resolve()) or place.is_relative_to(settings.lake.resolve()):
        raise Refused(
            "A backup inside UPTAKE_HOME would be lost with it. Nothing was written.", "Name a file elsewhere."
        )
    if path.exists() or path.is_symlink():
        raise Refused(f"{path.name} is there already. Nothing was written.", "Name a new file for each backup.")
    if not path.parent.is_dir():
        raise Refused(f"There is no folder {path.parent}. Nothing was written.", "Make it first.")


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A folder of our own that is gone afterwards; what a death left goes first."""
    for old in settings.temp.glob(f"{_SCRATCH}*"):
        shutil.rmtree(old)
    folder = settings.temp / f"{_SCRATCH}{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(settings: Settings, lake: Lake, draft: Path, scratch: Path, now: datetime) -> Manifest:
    records = scratch / RECORDS
    erasures.note_marks(settings)
    database.ensure_connection()  # whoever died in a transaction is rolled back
    sqlitefile.copy(Path(str(django_settings.DATABASES["default"]["NAME"])), records)
    named, ended = sqlitefile.named(records), sqlitefile.ended(records)
    master = _master(settings, named.key_check)
    mark = masters.mark_of(named.key_check)
    about = About(__version__, now, named.installation, mark, named.migrations, len(ended.marks))
    return archive.write(draft, about, records, lake, lambda text: masters.vouched(master, text) if master else "")


def _master(settings: Settings, check: str) -> bytes | None:
    try:
        master = masters.read(settings.master_key_file)
    except Sealed:
        return None
    return master if master and masters.check_of(master) == check else None


def _verify(draft: Path, manifest: Manifest, scratch: Path) -> None:
    """Take it out again as a restore would: every sum, every seal, every page of the records. Raises Problem."""
    place = scratch / "verified" / RECORDS
    if archive.unpack(draft, place, None) != manifest:
        raise Refused("The backup is not what was written. It was removed.", "Check the disk it was written to.")
    sqlitefile.require_whole(place)


def _name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # never over another file
    except FileExistsError:
        raise Refused(f"{path.name} is there already. It was left as it is.", "Name a new file.") from None
    except OSError:
        draft.rename(path)  # a file system without links
    sync_folder(path.parent)


def settle(settings: Settings, restore: str, made_at: datetime, ended: Ended) -> dict[str, int]:
    """Make restored records fit to be served; doing it again changes nothing. Counts by kind. Raises Busy, Sealed, Problem.

    Whoever was erased after the backup was made is taken out of it, by marks alone. Sessions and one-time links of then
    end; tokens, accounts, channels and digests that were ended since stay so.
    """
    require(OPERATOR, "backup.restore")
    now = datetime.now(UTC)
    with transaction.atomic():
        marks = _carry(ended)
        counts = {"erased": len({row.erasure for row in ended.marks}), "marks": marks} | _end_what_was_open(now)
        if ended.known and ended.key_check:
            counts |= _end_what_was_ended(ended, now)
    erasures.note_marks(settings)
    erasures.finish_interrupted(settings, now, patience=None)
    counts["exports"] = export_jobs.forget(settings, people_only=False)
    with transaction.atomic():
        if not AuditEntry.objects.filter(action="backup.restore", details__restore=restore).exists():
            told = made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
            audit.record(
                OPERATOR, "backup.restore", "backup", now, outcome="done", restore=restore, made_at=told, **counts
            )
    return counts


def _carry(ended: Ended) -> int:
    for key in ended.keys:
        KeptKey.objects.get_or_create(
            version=key.version, defaults={"sealed": key.sealed, "fingerprint": key.fingerprint}
        )
    for row in ended.marks:
        made = {"key": row.key, "erasure": row.erasure, "made_at": sqlitefile.at(row.made_at)}
        Tombstone.objects.get_or_create(mark=row.mark, defaults=made)
    return len(ended.marks)


def _end_what_was_open(now: datetime) -> dict[str, int]:
    # What was over before now may have been sent since the backup was made: nothing goes twice.
    for kind in (Subscription, Channel):
        kind._default_manager.update(since=now)
    open_links = HandOver.objects.filter(used_at=None, withdrawn_at=None)
    return {
        "sessions": WebSession.objects.all().delete()[0],
        "sign_in_links": SignInLink.objects.filter(used_at=None).delete()[0],
        "hand_over_links": open_links.update(withdrawn_at=now),
        "expected_identities": ExpectedIdentity.objects.all().delete()[0],
    }


def _end_what_was_ended(ended: Ended, now: datetime) -> dict[str, int]:
    tokens = 0
    for kind in (ApiToken, ScimToken):
        gone = kind._default_manager.filter(revoked_at=None).exclude(hash__in=ended.live_tokens)
        tokens += gone.update(revoked_at=now)
    Channel.objects.exclude(pk__in=ended.channels).delete()
    Subscription.objects.exclude(account__email__in=ended.subscribed).update(cadence="off")
    accounts = Account.objects.filter(email__in=ended.shut_accounts, is_active=True)
    return {"tokens": tokens, "accounts": accounts.update(is_active=False)}
