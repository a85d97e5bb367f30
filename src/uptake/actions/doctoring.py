"""doctor: how the records, the lake and what depends on them are. Only a look, also where they are damaged.

Whether keys are right is sync/doctor.py's; what uptake stands on is site/surroundings.py's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connections
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from uptake.actions.erasures import replaced
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.findings import Finding, attention, broken, ok
from uptake.lake import Lake
from uptake.lake.archive import RECORDS
from uptake.records import audit, masters, sqlitefile
from uptake.records.masters import Sealed
from uptake.records.models import AuditEntry, Connection, HeldBack, Installation, Run
from uptake.records.vault import Vault

BACKUP_AGE = timedelta(days=8)
_AHEAD = timedelta(minutes=5)
_MOST_NAMED = 5


def look_only(settings: Settings) -> None:
    """Have Django open the records for reading alone."""
    if not settings.database_url:
        kept = connections.databases["default"]
        kept["NAME"] = f"{(settings.home / RECORDS).as_uri()}?mode=ro"


def examine(viewer: Viewer, settings: Settings, now: datetime, *, quick: bool) -> Iterator[Finding]:
    """One line a part; a part that cannot be looked at says so and does not keep the others from it. Raises NotAllowed."""
    require(viewer, "doctor.look")
    records = _records(settings, quick=quick)
    yield records
    asked: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("master key", lambda: _master_key(settings)),
        ("lake", lambda: _lake(settings, quick=quick)),
        ("audit", lambda: _audit(settings, quick=quick)),
        ("cache", lambda: _cache(settings)),
        ("clock", lambda: _clock(settings, now)),
        ("connections", _connections),
        ("backup", lambda: _backup(settings, now)),
    ]
    for part, look in asked:
        try:
            yield from look()
        except DatabaseError:
            yield broken(part, "It cannot be told: the records cannot be read.", "See records.")
        except OSError as error:
            yield broken(part, f"It cannot be looked at: {error.strerror}.", "Check owner and rights of UPTAKE_HOME.")


def _records(settings: Settings, *, quick: bool) -> Finding:
    if not settings.database_url and (wrong := sqlitefile.trouble(settings.home / RECORDS, quick=quick)):
        return broken(
            "records", f"They are damaged: {wrong}.", "Restore the newest backup: `uptake restore FILE --yes`."
        )
    try:
        executor = MigrationExecutor(database)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return attention("records", "Their schema is an older one.", "Any other command of uptake brings it up.")
        unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
        replaced_ones = {old for one in executor.loader.disk_migrations.values() for old in one.replaces}
        if unknown - replaced_ones:
            return broken(
                "records", "They were made by a newer version of uptake.", "Install that version or a newer one."
            )
    except DatabaseError:
        return broken("records", "They cannot be read.", "Check the database, or restore the newest backup.")
    return ok("records", "whole" if not quick else "no damage seen (quick look)")


def _master_key(settings: Settings) -> Iterator[Finding]:
    path, installation = settings.master_key_file, Installation.objects.first()
    wanted = f"the file whose check value starts with {masters.mark_of(installation.key_check)}" if installation else ""
    try:
        master = masters.read(path)
    except Sealed as sealed:
        yield broken("master key", sealed.message, f"Put back {wanted}." if wanted else sealed.hint)
        return
    if master is None:
        if installation is None:
            yield ok("master key", "none yet; it is made with the first key")
        else:
            yield broken("master key", "The file is missing: stored keys cannot be opened.", f"Put back {wanted}.")
        return
    mark = masters.mark_of(masters.check_of(master))
    if installation and masters.check_of(master) != installation.key_check:
        yield broken("master key", f"It is another one, check value {mark}.", f"Put back {wanted}.")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield attention("master key", "Others on this machine may read it.", f"chmod 600 {path}")
    else:
        yield ok("master key", f"right, check value starts with {mark}")


def _lake(settings: Settings, *, quick: bool) -> Iterator[Finding]:
    lake = Lake(settings.lake, settings.aside)
    count = sum(1 for _ in lake.files())
    if quick:
        yield ok("lake", f"{count:,} day files; their seals were not looked at")
    elif damaged := lake.damaged():
        named = ", ".join(f"{one.kind} of {one.day}" for one in damaged[:_MOST_NAMED])
        more = f" and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
        yield broken(
            "lake",
            f"{len(damaged)} of {count:,} day files are damaged: {named}{more}.",
            "`uptake sync` sets them aside and reads again what Anthropic still serves; check the disk.",
        )
    else:
        yield ok("lake", f"all {count:,} day files whole")
    aside = len(list(settings.aside.glob("*")))
    if aside:
        yield attention(
            "set aside", f"{aside} damaged day files were set aside.", "Check the disk; they go after a week."
        )
    for kept in replaced(settings):
        yield attention(
            "before a restore", f"{kept} still holds what was there before.", "Remove the folder once it is not needed."
        )


def _audit(settings: Settings, *, quick: bool) -> Iterator[Finding]:
    installation, master = Installation.objects.first(), _readable(settings.master_key_file)
    if installation is None or quick:
        yield ok("audit", f"{AuditEntry.objects.count():,} entries, not walked through")
        return
    if master is None or masters.check_of(master) != installation.key_check:
        yield attention("audit", "It cannot be checked without the master key.", "Put the master key back.")
        return
    verdict = audit.verify(Vault(master, str(installation.pk)))
    if verdict.intact:
        yield ok("audit", f"whole, {verdict.entries:,} entries")
    else:
        count = len(verdict.faults)
        yield broken("audit", f"{count} entries are not what was written.", "`uptake audit verify` names them.")


def _readable(path: Path) -> bytes | None:
    try:
        return masters.read(path)
    except Sealed:
        return None


def _cache(settings: Settings) -> Iterator[Finding]:
    place = settings.cache if settings.cache.exists() else settings.home
    if not os.access(place, os.W_OK | os.X_OK):
        yield broken("cache", f"{place} takes no writes: figures cannot be made.", "Check its owner and rights.")
        return
    size = sum(path.stat().st_size for path in settings.cache.rglob("*") if path.is_file())
    yield ok("cache", f"{size / 2**20:,.0f} MB, may be deleted while uptake is stopped")


def _clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Offline: nothing that was written down can be later than now."""
    lake = Lake(settings.lake, settings.aside)
    newest = [entry.fetched_at for one in lake.connections() if (entry := lake.newest("usage", one))]
    newest += [run.started_at for run in Run.objects.all()[:1]]
    newest += [entry.at for entry in AuditEntry.objects.order_by("-pk")[:1]]
    last = max(newest, default=now)
    if last > now + _AHEAD:
        yield attention(
            "clock",
            f"It says {now:%d %b %Y %H:%M} UTC, and something was written on {last:%d %b %Y %H:%M} UTC.",
            "Set the clock; run a time service.",
        )
    else:
        yield ok("clock", f"{now:%d %b %Y %H:%M} UTC, after everything that was written")


def _connections() -> Iterator[Finding]:
    found = list(Connection.objects.filter(state="connected").prefetch_related("keys", "streams"))
    if not found:
        yield attention("connections", "There is none.", "`uptake connect claude --help`")
    for one in found:
        wrong = [f"{key.slot} key {key.state}" for key in one.keys.all() if key.state != "ok"]
        wrong += [f"{stream.name} {stream.state}" for stream in one.streams.all() if stream.state != "ok"]
        held = HeldBack.objects.filter(connection=one).count()
        wrong += [f"{held} answers held back"] if held else []
        run = one.runs.first()
        if run and run.outcome not in {"current", "running"}:
            wrong.append(f"last run {run.outcome.replace('_', ' ')}")
        if wrong:
            yield attention(
                "connections", f"{one.name}: {', '.join(wrong)}.", "`uptake status` says why and what to do."
            )
        else:
            yield ok("connections", f"{one.name}: keys and streams as they should be")


def _backup(settings: Settings, now: datetime) -> Iterator[Finding]:
    if settings.database_url:
        yield ok("backup", "PostgreSQL has its own: see docs/operate.md")
        return
    made = AuditEntry.objects.filter(action="backup.make").order_by("-pk").first()
    restored = AuditEntry.objects.filter(action="backup.restore").order_by("-pk").first()
    # The entry of a backup is not in that backup itself.
    known = [made.at] if made else []
    known += [datetime.fromisoformat(str(restored.details["made_at"]))] if restored else []
    last, todo = max(known, default=None), "`uptake backup FILE`, every night by a timer: docs/operate.md."
    if last is None:
        yield attention("backup", "None was ever made.", todo)
    elif now - last > BACKUP_AGE:
        yield attention("backup", f"The last one is of {last:%d %b %Y}.", todo)
    else:
        yield ok("backup", f"the last one is of {last:%d %b %Y %H:%M} UTC, verified")
