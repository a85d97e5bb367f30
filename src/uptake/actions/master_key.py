"""master_key.rotate: every sealed key under a new master key. A crash anywhere leaves one key that opens everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from uptake.actions import changes
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.records import audit, masters
from uptake.records.models import Installation
from uptake.records.vault import Vault, open_all, open_vault, rewrap, trouble


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many keys were sealed anew, and the check value by which the new master key file is known."""

    keys: int
    mark: str


def sealed(settings: Settings) -> Problem | None:
    """Why stored keys cannot be opened, if they cannot: data stay readable, sync and connect are off."""
    return trouble(settings.master_key_file)


def rotate(viewer: Viewer, settings: Settings, *, now: datetime) -> Rotated:
    """Put a new master key in force. Raises NotAllowed, Sealed or Problem; then the one before stays in force."""
    require(viewer, "master_key.rotate")
    path = settings.master_key_file
    with changes.alone(settings):
        old = open_vault(path)
        masters.remove_strays(path, old.check)
        new, place = _added(path)
        # From this commit on the file beside is the one; until then the one before is. Whoever opens next knows which.
        with transaction.atomic():
            count = rewrap(old, new)
            audit.record(viewer, "master_key.rotate", "master key", now, "", new, keys=count)
        masters.promote(path, place)
        open_all(open_vault(path))
    return Rotated(count, masters.mark_of(new.check))


def _added(path: Path) -> tuple[Vault, Path]:
    try:
        place, master = masters.put_beside(path)
    except OSError as error:
        raise Problem(
            f"No new master key could be written beside the running one: {error.strerror}. Nothing was changed.",
            "The folder of the master key file must take writes while it is rotated.",
        ) from None
    return Vault(master, Installation.objects.get().id), place
