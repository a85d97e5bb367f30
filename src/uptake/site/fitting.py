"""Whether a backup may take the place of what is there: rules about schema, master key and people who were erased since."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from uptake.config import Settings
from uptake.domain.problems import Refused
from uptake.lake.archive import RECORDS, Manifest
from uptake.records import masters, sqlitefile
from uptake.records.masters import Sealed
from uptake.records.sqlitefile import Ended, Named


def require(settings: Settings, manifest: Manifest, records: Path, before: Ended) -> tuple[Ended, list[str]]:
    """What has to be carried over into the backup's records, and notes for the operator. Raises Refused."""
    sqlitefile.require_whole(records)
    named, backup = sqlitefile.named(records), sqlitefile.ended(records)
    _require_agreement(manifest, named)
    _require_known_schema(named)
    master = _master(settings, named)
    _require_vouched(manifest, master)
    carried = _carried(before, backup, _same_installation(settings, named))
    if (carried.marks or backup.unswept) and master is None and named.key_check:
        raise Refused(
            f"{len(carried.marks) or backup.unswept} marks of people erased since this backup was made have to be "
            "applied to it, and the master key file is missing. Nothing was changed.",
            f"Put back the file {_file_of(named)}, then restore again.",
        )
    return carried, [*_notes(manifest, master, before, backup, named)]


def noted(ended: Ended, beside: Ended | None) -> Ended:
    """With the marks that were noted beside the records, which may be damaged or gone."""
    if beside is None or (ended.known and ended.key_check):
        return ended
    marks = {mark.mark: mark for mark in (*beside.marks, *ended.marks)}
    return msgspec.structs.replace(
        ended, key_check=beside.key_check, marks=tuple(marks.values()), keys=beside.keys, known=False
    )


def together(older: Ended, newer: Ended) -> Ended:
    """What was ended according to two records, where the newer ones took the place of the older ones."""
    marks = {mark.mark: mark for mark in (*older.marks, *newer.marks)}
    keys = {key.version: key for key in (*older.keys, *newer.keys)}
    return Ended(
        known=older.known and newer.known,
        key_check=newer.key_check or older.key_check,
        marks=tuple(marks.values()),
        unswept=older.unswept + newer.unswept,
        keys=tuple(keys.values()),
        live_tokens=tuple(set(older.live_tokens) & set(newer.live_tokens)) if older.known else newer.live_tokens,
        shut_accounts=tuple({*older.shut_accounts, *newer.shut_accounts}),
        connected=newer.connected,
    )


def _require_agreement(manifest: Manifest, named: Named) -> None:
    about = manifest.about
    if (about.installation, about.master_key, about.migrations) != (
        named.installation, masters.mark_of(named.key_check), named.migrations,
    ):  # fmt: skip
        raise Refused("The manifest of this backup tells of other records. Nothing was changed.", "Use another backup.")


def _require_known_schema(named: Named) -> None:
    import django
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {f"{app}.{name}" for app, name in found}
    known |= {f"{app}.{name}" for migration in found.values() for app, name in migration.replaces}
    if newer := sorted(set(named.migrations) - known):
        raise Refused(
            f"This backup was made by a newer version of uptake: {newer[0]} is not known here. Nothing was changed.",
            "Install that version or a newer one, then restore.",
        )


def _master(settings: Settings, named: Named) -> bytes | None:
    """The master key the backup needs; None where there is no file. Raises Refused where it is another one."""
    path = settings.master_key_file
    try:
        beside = masters.read(masters.beside(path, named.key_check)) if named.key_check else None
        master = beside or masters.read(path)
    except Sealed as sealed:
        raise Refused(f"{sealed.message} Nothing was changed.", f"Put there the file {_file_of(named)}.") from None
    if master is not None and named.key_check and masters.check_of(master) != named.key_check:
        raise Refused(
            "The master key file is not the one this backup was sealed with: its check value starts with "
            f"{masters.mark_of(masters.check_of(master))}. Nothing was changed.",
            f"Put there the file {_file_of(named)}, from your own safe copy; keep the present one elsewhere.",
        )
    return master


def _file_of(named: Named) -> str:
    return f"whose check value starts with {masters.mark_of(named.key_check)}"


def _require_vouched(manifest: Manifest, master: bytes | None) -> None:
    if master is None or not manifest.seal:
        return
    if not hmac.compare_digest(masters.vouched(master, manifest.sealed_text()), manifest.seal):
        raise Refused(
            "The manifest of this backup was altered by somebody without the master key. Nothing was changed.",
            "Use another backup.",
        )


def _same_installation(settings: Settings, named: Named) -> bool:
    try:
        return sqlitefile.named(settings.home / RECORDS).installation == named.installation
    except sqlite3.Error:
        return True  # none, or damaged: whatever could be read of them is applied


def _carried(before: Ended, backup: Ended, same: bool) -> Ended:
    """The part of `before` that the backup does not know. Raises Refused where erased people could come back."""
    if not same:
        if before.marks:
            raise Refused(
                "This home is another installation, in which people were erased. Nothing was changed.",
                "Restore into an empty UPTAKE_HOME.",
            )
        return Ended()
    known = {mark.mark for mark in backup.marks}
    marks = tuple(mark for mark in before.marks if mark.mark not in known)
    there, here = ({key.version: key for key in ended.keys} for ended in (backup, before))
    same_master = before.key_check == backup.key_check
    keys = []
    for version in sorted({mark.key for mark in marks}):
        if version not in there and same_master and version in here:
            keys.append(here[version])
        elif version not in there or (same_master and there[version].fingerprint != here[version].fingerprint):
            raise Refused(
                "People were erased since under a key that this backup does not have, so they would come back. "
                "Nothing was changed.",
                "Use a newer backup.",
            )
    return msgspec.structs.replace(before, marks=marks, keys=tuple(keys), unswept=0)


def _notes(manifest: Manifest, master: bytes | None, before: Ended, backup: Ended, named: Named) -> Iterator[str]:
    if master is None and named.key_check:
        yield (
            f"Sealed: there is no master key file. Put back the one {_file_of(named).removeprefix('whose ')}; "
            "until then data are readable and nothing is synced."
        )
    if not manifest.seal:
        yield "This backup was made while the master key was away: nobody vouches that it is what was written."
    if not before.known:
        yield (
            "The records that were here could not be read. Whatever token was revoked and whatever account was "
            f"deactivated after {manifest.about.made_at:%d %b %Y %H:%M} UTC has to be so again; whoever was erased "
            + ("is taken out again." if before.marks else "too, unless nobody was.")
        )
    elif not before.key_check:
        yield (
            "There were no records here to compare with: what was erased, revoked or deactivated elsewhere after "
            f"{manifest.about.made_at:%d %b %Y %H:%M} UTC has to be so again."
        )
    elif lost := sorted(set(backup.connected) - set(before.connected)):
        yield f"Connected again with the keys of that time, though it was disconnected since: {', '.join(lost)}."
