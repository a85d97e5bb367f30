"""The actions that are killed: sync, key replacement, rotation of the master key, erase. Run in a forked process."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from faults.forked import KEYS
from uptake.actions import connections, disconnects, master_key, syncing
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret


def run(action: str, settings: Settings) -> int:
    """The exit code: 0 done, 2 a Problem, 1 anything else; what it said is in a file beside the home."""
    try:
        _said(settings).write_text("")
        code = _ACTIONS[action](settings)
    except Problem as problem:
        _tell(settings, f"{problem.message} {problem.hint}")
        return 2
    except OSError as error:
        _tell(settings, f"OSError {error}")
        return 2 if error.strerror else 1  # as the door of the commands tells it
    except BaseException as error:  # noqa: BLE001
        from django.db import DatabaseError

        _tell(settings, f"{type(error).__name__}: {error}")
        return 2 if isinstance(error, DatabaseError) else 1
    return code


def said(settings: Settings) -> str:
    """What the last action said."""
    path = _said(settings)
    return path.read_text() if path.exists() else ""


def _said(settings: Settings) -> Path:
    return settings.home.parent / "said"


def _tell(settings: Settings, words: str) -> None:
    with suppress(OSError):
        _said(settings).write_text(words)


def _sync(settings: Settings) -> int:
    (result,) = syncing.sync_now(OPERATOR, settings, trigger="command")
    _tell(settings, " ".join([result.outcome, *result.notes]))
    return 0 if result.outcome == "current" else 3


def _connect(settings: Settings) -> int:
    admin, analytics = (Secret(os.environ[KEYS[slot]]) for slot in ("admin", "analytics"))
    connections.connect(
        OPERATOR, settings, name="Claude", admin_key=admin, analytics_key=analytics, now=datetime.now(UTC)
    )
    return 0


def _replace(settings: Settings) -> int:
    key = Secret(os.environ[KEYS["both"]])
    connections.replace_key(OPERATOR, settings, name="Claude", slot="analytics", key=key, now=datetime.now(UTC))
    return 0


def _rotate(settings: Settings) -> int:
    master_key.rotate(OPERATOR, settings, now=datetime.now(UTC))
    return 0


def _erase(settings: Settings) -> int:
    disconnects.disconnect(OPERATOR, settings, name="Claude", erase=True, now=datetime.now(UTC))
    return 0


_ACTIONS: dict[str, Callable[[Settings], int]] = {
    "sync": _sync,
    "connect": _connect,
    "replace": _replace,
    "rotate": _rotate,
    "erase": _erase,
}
