"""From an environment to a working installation: home, temporary folder, logs, Django, migrations.

Every command and the web server start here; whatever is wrong with the home is a Problem before anything else happens.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from uptake import config
from uptake.domain.problems import Problem
from uptake.site import logs, presence, restoring

_FULL = {errno.ENOSPC, errno.EDQUOT}


def start(environ: Mapping[str, str]) -> config.Settings:
    """Make the installation ready for use. Raises Problem where the settings, the home or the database do not allow it."""
    settings = prepare(environ)
    restoring.finish(settings, lambda: up(settings))
    presence.join(settings.home)
    up(settings)
    return settings


def prepare(environ: Mapping[str, str]) -> config.Settings:
    """Settings, home and logs, but not a look at the records. Raises Problem."""
    settings = config.load(environ)
    os.umask(0o077)
    _prepare_home(settings)
    logs.configure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uptake.site.settings")
    return settings


def up(settings: config.Settings) -> None:
    """Django, with the records at the present schema. Raises Problem."""
    import django

    django.setup()
    _migrate(settings)


def _prepare_home(settings: config.Settings) -> None:
    """Our own folders, and nothing written elsewhere: temporary files included."""
    tempfile.tempdir = os.environ["TMPDIR"] = str(settings.temp)
    probe = settings.temp / f".probe.{os.getpid()}"
    try:
        settings.temp.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"uptake")
        probe.unlink()
    except OSError as error:
        if error.errno in _FULL and (settings.home / "django.key").exists():
            probe.unlink(missing_ok=True)
            return  # what is held can be read and erased; whatever cannot be written says so itself
        raise Problem(
            f"UPTAKE_HOME ({settings.home}) cannot be written: {error.strerror}. Nothing was changed.",
            "Check owner, rights and free space, or name another folder in UPTAKE_HOME.",
        ) from None


def _migrate(settings: config.Settings) -> None:
    """Bring the records to the present schema; one process at a time."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        with _alone(settings.home / "start.lock"):
            executor = MigrationExecutor(connection)
            _require_known({name for app, name in executor.loader.applied_migrations if app == "records"})
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise database_problem(error) from None


def _require_known(applied: set[str]) -> None:
    """An older program would write what a newer one does not expect."""
    from uptake.records import migrations

    ours = {path.stem for path in Path(next(iter(migrations.__path__))).glob("[0-9]*.py")}
    if newer := sorted(applied - ours):
        raise Problem(
            f"The records were made by a newer version of uptake ({newer[0]}). Nothing was changed.",
            "Install that version or a newer one, or restore a backup that this version made.",
        )


class _alone:  # noqa: N801
    """A lock among processes that start at the same time; the kernel frees it at any death."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


_CAUSES = (
    ("locked", "it is locked by another program", "End that program, or wait until it is done, then try again."),
    ("readonly", "it cannot be written", "Check owner and rights of UPTAKE_HOME, and that its disk takes writes."),
    ("read-only", "it cannot be written", "Check owner and rights of UPTAKE_HOME, and that its disk takes writes."),
    ("unable to open", "it cannot be opened", "Check owner and rights of UPTAKE_HOME."),
    ("full", "the disk is full", "Free disk space, then try again; what was held before stays."),
    ("disk i/o", "the disk reports an error", "Check the disk; restore a backup if the database stays unreadable."),
    ("malformed", "it is damaged", "Restore the records from a backup; the lake's day files are whole by themselves."),
    ("not a database", "it is no database", "Restore the records from a backup."),
    ("connect", "its server does not answer", "Check UPTAKE_DATABASE_URL and that PostgreSQL runs."),
)


def database_problem(error: Exception) -> Problem:
    """What a database error means for the person at the terminal; the driver's own text is not shown."""
    text = str(error).lower()
    found = next((cause for cause in _CAUSES if cause[0] in text), None)
    what, hint = found[1:] if found else ("it refused", "See the log for the cause, then try again.")
    return Problem(f"The records database could not be used: {what}. Nothing was changed.", hint)
