"""export.view, and exports that take a while: asked for, made by the schedule, fetched within a day, gone without a trace.

A file lies in `<home>/exports` under the id of its job. One that tells of people goes at once when somebody is erased or the
policy closes; a job under way then ends without a file, since it only becomes ready if nobody said otherwise meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec
import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from uptake import metrics
from uptake.actions import exports
from uptake.actions.exports import Wanted
from uptake.config import Settings
from uptake.domain.access import Viewer, may, require
from uptake.domain.problems import Absent, Busy, NotAllowed, NotYet, Problem, TooMany
from uptake.lake import writer
from uptake.metrics import Question, files
from uptake.records import audit
from uptake.records.models import ExportJob

log = structlog.get_logger("uptake.exports")

KEPT = timedelta(days=1)
MOST_OPEN = 5
_MOST_TRIES = 3
_FIGURES = "figures"

State = Literal["queued", "running", "ready", "failed", "gone"]
Files = Literal["figures", "usage", "members", "summaries"]


class JobView(msgspec.Struct, frozen=True):
    """A file that was asked for. `gone`: it was fetched too late, thrown away, or may not be had any more."""

    id: str
    what: Files
    format: Literal["csv", "xlsx", "parquet", "json", "jsonl"]
    state: State
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    bytes: int | None
    rows: int | None  # of facts; figures have none of their own
    trouble: str


def ask_figures(viewer: Viewer, settings: Settings, question: Question, format: files.Format, now: datetime) -> JobView:
    """Ask for an answer as a file. Raises NotAllowed, TooMany, or Problem where the question makes no sense."""
    require(viewer, "numbers.export")
    facts = metrics.current_facts(settings)
    asked = msgspec.structs.replace(question, connection=facts.named(question.connection))
    metrics.answer(asked, viewer, facts, now.date())
    audited = " ".join(question.metrics)
    return _asked(viewer, "numbers.export", _FIGURES, format, msgspec.to_builtins(asked), audited, now)


def ask_facts(viewer: Viewer, wanted: Wanted, now: datetime) -> JobView:
    """Ask for the facts as held. Raises NotAllowed or TooMany."""
    require(viewer, "facts.export")
    exports.require_opened(viewer, wanted.what)
    days = {"since": wanted.since, "until": wanted.until}
    told = {name: day.isoformat() for name, day in days.items() if day}
    return _asked(viewer, "facts.export", wanted.what, wanted.format, told, wanted.what, now)


def _asked(
    viewer: Viewer, action: str, what: str, format: str, wanted: Mapping[str, object], subject: str, now: datetime
) -> JobView:
    with transaction.atomic():
        if _of(viewer).filter(state__in=("queued", "running")).count() >= MOST_OPEN:
            raise TooMany(
                f"{MOST_OPEN} files that you asked for are still being made. Nothing was started.",
                "Wait until one of them is ready.",
            )
        job = ExportJob.objects.create(
            account_id=viewer.account_id or 0, what=what, format=format, wanted=dict(wanted), asked_at=now
        )
        audit.record(viewer, action, subject, now, outcome="asked for", export=job.pk, format=format)
    return _view(job)


def listed(viewer: Viewer, after: str | None, most: int) -> tuple[tuple[JobView, ...], str | None]:
    """The viewer's own, newest first, and the id after which the next part goes on. Raises NotAllowed."""
    require(viewer, "export.view")
    found = _of(viewer)
    last = found.filter(pk=after).first() if after else None
    if after and last is None:
        return (), None
    if last is not None:
        found = found.filter(Q(asked_at__lt=last.asked_at) | Q(asked_at=last.asked_at, pk__lt=last.pk))
    rows = list(found[: most + 1])
    return tuple(map(_view, rows[:most])), rows[most - 1].pk if len(rows) > most else None


def seen(viewer: Viewer, job: str) -> JobView:
    """One of the viewer's own. Raises NotAllowed, or Absent."""
    require(viewer, "export.view")
    return _view(_own(viewer, job))


def fetch(viewer: Viewer, settings: Settings, job: str, now: datetime) -> tuple[JobView, BinaryIO]:
    """The file, open. Whether it may be had is asked anew. Raises NotAllowed, Absent, or NotYet while it is made."""
    require(viewer, "export.view")
    row = _own(viewer, job)
    _require_still(viewer, settings, row)
    if row.state in {"queued", "running"}:
        raise NotYet("The file is not ready yet.", "Ask for its state until it is `ready`.")
    if row.state != "ready":
        raise Absent("There is no file any more.", row.trouble or "Ask for it again.")
    audit.record(viewer, _action(row), row.what, now, outcome="fetched", export=row.pk, format=row.format)
    try:
        return _view(row), _path(settings, row).open("rb")
    except OSError:
        raise Absent("The file is gone from the disk.", "Ask for it again.") from None


def drop(viewer: Viewer, settings: Settings, job: str) -> None:
    """Throw a file away, or end its making. Raises NotAllowed, or Absent."""
    require(viewer, "export.view")
    row = _own(viewer, job)
    files_of = (_part(settings, row), _path(settings, row))
    row.delete()
    for path in files_of:
        path.unlink(missing_ok=True)


def _require_still(viewer: Viewer, settings: Settings, row: ExportJob) -> None:
    require(viewer, _action(row))
    if row.what != _FIGURES:
        exports.require_opened(viewer, cast("exports.What", row.what))
    elif not may(viewer, "numbers.ask"):  # the tree of a manager may be another one by now
        metrics.permitted(msgspec.convert(row.wanted, Question), viewer, metrics.current_facts(settings))


def _action(row: ExportJob) -> str:
    return "numbers.export" if row.what == _FIGURES else "facts.export"


def _of(viewer: Viewer) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(account_id=viewer.account_id or 0)


def _own(viewer: Viewer, job: str) -> ExportJob:
    row = _of(viewer).filter(pk=job).first()
    if row is None:
        raise Absent("There is no such export of yours.", "GET /api/v1/exports lists them.")
    return row


def _path(settings: Settings, row: ExportJob) -> Path:
    return settings.exports / f"{row.pk}.{row.format}"


def work(settings: Settings, now: datetime) -> int:
    """Make every file that waits; how many were looked at. One process at a time; others leave it to the one that does."""
    tidy(settings, now)
    if not ExportJob.objects.filter(state__in=("queued", "running")).exists():
        return 0
    try:
        with writer(settings.exports):
            ExportJob.objects.filter(state="running").update(state="queued")  # whoever made them died
            waiting = list(ExportJob.objects.filter(state="queued").order_by("asked_at").select_related("account"))
            for row in waiting:
                _make(settings, row, now)
            return len(waiting)
    except Busy:
        return 0


def _make(settings: Settings, row: ExportJob, now: datetime) -> None:
    claimed = ExportJob.objects.filter(pk=row.pk, state="queued")
    if not claimed.update(state="running", started_at=now, tries=F("tries") + 1):
        return
    try:
        if row.tries >= _MOST_TRIES:
            raise Problem("The process that made this file ended three times.", "Ask for fewer days, or see the log.")
        _write(settings, row, now)
    except Problem as problem:
        _failed(row, problem)
    except OSError as error:
        _failed(row, Problem(f"The file could not be written: {error.strerror}.", "Free disk space, then ask again."))
    finally:
        _part(settings, row).unlink(missing_ok=True)


def _write(settings: Settings, row: ExportJob, now: datetime) -> None:
    viewer = row.account.viewer
    if not row.account.is_active:
        raise NotAllowed("The account that asked for this is deactivated.", "")
    _require_still(viewer, settings, row)
    part, path = _part(settings, row), _path(settings, row)
    part.unlink(missing_ok=True)
    # There before anything is read: from now on whoever erases people finds it.
    with part.open("xb") as stream:
        rows = _filled(settings, row, stream, now)
        stream.flush()
        os.fsync(stream.fileno())
        size = stream.tell()
    part.rename(path)
    with transaction.atomic():
        ready = {"state": "ready", "ready_at": now, "expires_at": now + KEPT, "size": size, "rows": rows}
        if ExportJob.objects.filter(pk=row.pk, state="running").update(**ready):
            audit.record(viewer, _action(row), row.what, now, outcome="made", export=row.pk, rows=rows or 0)
            return
    path.unlink(missing_ok=True)


def _filled(settings: Settings, row: ExportJob, stream: BinaryIO, now: datetime) -> int | None:
    if row.what == _FIGURES:
        question = msgspec.convert(row.wanted, Question)
        found = metrics.answer(question, row.account.viewer, metrics.current_facts(settings), now.date())
        exports.write_figures(settings, found, cast("files.Format", row.format), stream, now)
        return None
    days = {name: date.fromisoformat(day) for name, day in row.wanted.items()}
    what, format = cast("exports.What", row.what), cast("exports.Format", row.format)
    return exports.write(settings, Wanted(what, format, **days), stream, now)


def _part(settings: Settings, row: ExportJob) -> Path:
    return settings.exports / f".{row.pk}.part"


def _failed(row: ExportJob, problem: Problem) -> None:
    log.warning("a file could not be made", export=row.pk, problem=problem.message)
    ExportJob.objects.filter(pk=row.pk, state="running").update(state="failed", trouble=str(problem)[:600])


def tidy(settings: Settings, now: datetime) -> int:
    """Remove what was fetched too late, what may not be had any more, and files that no job stands for."""
    gone = _gone(settings, Q(expires_at__lte=now), "It was kept for a day. Ask for it again.")
    for row in ExportJob.objects.filter(state="ready").select_related("account"):
        try:
            _require_still(row.account.viewer, settings, row)
        except NotAllowed as refused:
            gone += _gone(settings, Q(pk=row.pk), str(refused))
    _remove_strays(settings)
    return gone


def forget(settings: Settings, *, people_only: bool) -> int:
    """Remove every file there is or is being made, or all that tell of people. After the lake was changed, not before."""
    which = ~Q(what=_FIGURES) if people_only else Q()
    return _gone(settings, which, "People or facts were erased since it was asked for. Ask for it again.")


def _gone(settings: Settings, which: Q, why: str) -> int:
    rows = list(ExportJob.objects.filter(which, state__in=("running", "ready")))
    ExportJob.objects.filter(pk__in=[row.pk for row in rows]).update(state="gone", trouble=why[:600])
    for row in rows:
        _path(settings, row).unlink(missing_ok=True)
        _part(settings, row).unlink(missing_ok=True)
    return len(rows)


def _remove_strays(settings: Settings) -> None:
    """Files whose job is gone, or never became ready: with its account, or because whoever made them died."""
    found = list(settings.exports.glob("*")) if settings.exports.exists() else []
    if not found:
        return
    known = set(ExportJob.objects.filter(state__in=("running", "ready")).values_list("pk", flat=True))
    for path in found:
        if path.name.strip(".").partition(".")[0] not in known:
            path.unlink(missing_ok=True)


def _view(row: ExportJob) -> JobView:
    return JobView(
        id=row.pk,
        what=row.what,  # type: ignore[arg-type]
        format=row.format,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
        bytes=row.size,
        rows=row.rows,
        trouble=row.trouble,
    )
