"""Whether this installation can do its work: database, lake, master key, disk. For /readyz; nothing is made by looking."""

from __future__ import annotations

import os
import shutil

from django.db import DatabaseError
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from uptake.config import Settings
from uptake.records.vault import trouble


def readiness(settings: Settings) -> dict[str, str]:
    """What /readyz says: part → "ok" or what is wrong with it. No part names a path or a key."""
    return {
        "database": _database_ready(),
        "lake": _lake_ready(settings),
        "master_key": _master_key_ready(settings),
        "disk": "ok" if shutil.disk_usage(_existing(settings)).free > 64 * 1024 * 1024 else "full",
    }


def _database_ready() -> str:
    try:
        executor = MigrationExecutor(database)
        return "migrations are missing" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"
    except DatabaseError:
        return "not reachable"


def _lake_ready(settings: Settings) -> str:
    folder = settings.lake if settings.lake.exists() else _existing(settings)
    return "ok" if os.access(folder, os.W_OK | os.X_OK) else "not writable"


def _master_key_ready(settings: Settings) -> str:
    try:
        return "sealed" if trouble(settings.master_key_file) else "ok"
    except (OSError, DatabaseError):
        return "sealed"


def _existing(settings: Settings) -> str:
    return str(next(folder for folder in (settings.home, *settings.home.parents) if folder.exists()))
