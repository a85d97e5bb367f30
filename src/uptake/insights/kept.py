"""What was worked out from the facts as they are, kept beside the cache under everything it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
import structlog

from uptake.insights.finding import Finding, Looked, Notice
from uptake.insights.quality import Quality, look
from uptake.metrics import Facts

log = structlog.get_logger("uptake.insights")

FORMAT = 3
_KEPT = 4
_WANTED = "wanted"


class Worked(msgspec.Struct, frozen=True):
    """All findings of use and seats, for nobody in particular: rights are applied when somebody asks."""

    findings: tuple[Finding, ...] = ()
    looked: tuple[Looked, ...] = ()
    notice: Notice | None = None


def read(facts: Facts, quality: Quality) -> Worked | None:
    """What was worked out from exactly these facts; None, and asked for, where nothing was yet."""
    try:
        return msgspec.json.decode(_path(facts, quality).read_bytes(), type=Worked)
    except (OSError, ValueError):
        with suppress(OSError):
            _folder(facts).mkdir(parents=True, exist_ok=True, mode=0o700)
            (_folder(facts) / _WANTED).touch()
        return None


def wanted(cache: Path) -> bool:
    """Whether somebody asked for findings that are not there; asked once, it is not wanted any more."""
    try:
        (cache / "insights" / _WANTED).unlink()
    except OSError:
        return False
    return True


def refresh(facts: Facts, today: date, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Work out what is not there yet; whether it is there now. Ends between two findings where it is to stop."""
    quality = look(facts)
    path = _path(facts, quality)
    if path.exists():
        return True
    worked = _worked(facts, quality, today, stopped)
    if worked is None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.encode(worked))
    temporary.rename(path)
    for old in sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)[:-_KEPT]:
        old.unlink(missing_ok=True)
    log.info("findings worked out", findings=len(worked.findings))
    return True


def _worked(facts: Facts, quality: Quality, today: date, stopped: Callable[[], bool]) -> Worked | None:
    if quality.fresh.data_through is None:
        return Worked()
    if stopped():
        return None
    from uptake.insights import teams  # numpy and scipy: seconds to load, so only here

    moved, looked_at_teams, notice = teams.found(facts, quality)
    if stopped():
        return None
    from uptake.insights import organisation, seats

    days, looked_at_days = organisation.found(facts, quality, today)
    idle, looked_at_seats = seats.found(facts, quality, today)
    found = sorted((*moved, *days, *idle), key=lambda one: -one.score)
    return Worked(tuple(found), (looked_at_teams, looked_at_days, looked_at_seats), notice)


def _folder(facts: Facts) -> Path:
    return facts.cache / "insights"


def _path(facts: Facts, quality: Quality) -> Path:
    standing = [(one.id, one.connected, one.held_back) for one in facts.connections]
    made_from = (FORMAT, facts.version, facts.threshold, standing, quality.news, facts.directory_version)
    return _folder(facts) / f"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:20]}.json"
