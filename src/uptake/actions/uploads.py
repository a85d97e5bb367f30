"""Files that somebody brought and has not confirmed yet: in our own temporary folder, for their account alone, for a day."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem, Refused
from uptake.people.spreadsheet import MAX_BYTES

KEPT = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")


def keep(viewer: Viewer, settings: Settings, body: bytes, now: datetime) -> str:
    """Keep a file until it is applied or thrown away. Its token. Raises NotAllowed, Refused or Problem."""
    require(viewer, "people.import")
    if len(body) > MAX_BYTES:
        raise Refused("The file is larger than 64 MB. Nothing was kept.", "Export only the columns that are needed.")
    tidy(settings, now)
    token = secrets.token_hex(16)
    path = _path(viewer, settings, token)
    try:
        path.write_bytes(body)
        path.chmod(0o600)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Problem(
            f"The file could not be kept: {error.strerror}. Nothing was changed.", "Free disk space."
        ) from None
    return token


def body(viewer: Viewer, settings: Settings, token: str) -> bytes:
    """The file again. Raises NotAllowed, or Problem where it is somebody else's or gone."""
    require(viewer, "people.import")
    try:
        return _path(viewer, settings, token).read_bytes()
    except OSError:
        raise Problem("This file is not here any more. Nothing was changed.", "Upload it again.") from None


def drop(viewer: Viewer, settings: Settings, token: str) -> None:
    """Throw a file away. Nothing happens where it is gone already."""
    require(viewer, "people.import")
    _path(viewer, settings, token).unlink(missing_ok=True)


def tidy(settings: Settings, now: datetime) -> None:
    """Throw away what nobody confirmed within a day."""
    oldest = (now - KEPT).timestamp()
    for path in settings.temp.glob("people-*.csv"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _path(viewer: Viewer, settings: Settings, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise Problem("This file is not here any more. Nothing was changed.", "Upload it again.")
    settings.temp.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.temp / f"people-{viewer.account_id}-{token}.csv"
