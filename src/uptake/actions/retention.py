"""retention.apply, audit.prune: what is older than the policy keeps goes, once a day and after every change of the policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from uptake.actions import changes, export_jobs
from uptake.config import Settings
from uptake.domain.access import SCHEDULE, Viewer, require
from uptake.domain.visibility import Policy
from uptake.lake import Lake, reader
from uptake.records import audit
from uptake.records.models import AccessPolicy, ApiToken, AuditEntry, Connection, Delivery, ExportJob, Run, SignInLink
from uptake.records.privacy import in_force
from uptake.records.seats import SeatQuestion
from uptake.records.sessions import SessionStore
from uptake.records.told import ToldFinding

ASIDE = timedelta(days=7)
ENDED = timedelta(days=90)  # links and tokens that are no good any more
_LOOK_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data, how long it is kept in words, and the day of the oldest there is."""

    what: str
    length: str
    oldest: str


def due(now: datetime) -> bool:
    """Whether a day has passed since the last look, or the policy has changed."""
    row = AccessPolicy.objects.first()
    return row is None or row.kept_to_at is None or now - row.kept_to_at >= _LOOK_EVERY


def apply(viewer: Viewer, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Remove what is too old; what went, by kind. Raises NotAllowed, Busy, or Problem where a file cannot be removed."""
    require(viewer, "retention.apply")
    policy = in_force()
    with changes.alone(settings):
        counts = _facts(settings, policy, now)
        if any(counts.values()):
            export_jobs.forget(settings, people_only=True)
    counts["exports"] = export_jobs.tidy(settings, now)
    with transaction.atomic():
        counts |= _records(policy, now)
        counts["audit"] = _prune(viewer, now - timedelta(days=policy.audit), now)
        AccessPolicy.objects.get_or_create(only=True)
        AccessPolicy.objects.update(kept_to_at=now)
        if any(counts.values()):
            audit.record(viewer, "retention.apply", "retention", now, outcome="done", **counts)
    return counts


def _facts(settings: Settings, policy: Policy, now: datetime) -> dict[str, int]:
    lake, oldest = Lake(settings.lake, settings.aside), now.date() - timedelta(days=policy.person_days)
    days = rosters = 0
    for connection in lake.connections():
        days += sum(lake.remove("usage", connection, day) for day in lake.held("usage", connection) if day < oldest)
        held = sorted(lake.held("members", connection))
        # The newest snapshot is the whole truth, however old; the one before the limit tells how it was on that day.
        rosters += sum(lake.remove("members", connection, day) for day in [day for day in held if day < oldest][:-1])
    if days or rosters:
        shutil.rmtree(settings.cache, ignore_errors=True)
    return {"person_days": days, "rosters": rosters, "set_aside": _aside(settings, now)}


def _aside(settings: Settings, now: datetime) -> int:
    old = [path for path in settings.aside.glob("*") if path.stat().st_mtime < (now - ASIDE).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _records(policy: Policy, now: datetime) -> dict[str, int]:
    SessionStore.clear_expired()
    questions = SeatQuestion.objects.filter(asked_at__lt=now - timedelta(days=policy.person_days))
    old = Run.objects.filter(started_at__lt=now - timedelta(days=policy.runs)).exclude(outcome="running")
    newest = [run.pk for connection in Connection.objects.all() if (run := connection.runs.first())]
    return {
        "runs": old.exclude(pk__in=newest).delete()[0],
        "sign_in_links": SignInLink.objects.filter(expires_at__lt=now - ENDED).delete()[0],
        "export_jobs": ExportJob.objects.filter(asked_at__lt=now - ENDED).delete()[0],
        "seat_questions": questions.delete()[0],
        "told_findings": ToldFinding.objects.filter(told_on__lt=(now - ENDED).date()).delete()[0],
        "digests": Delivery.objects.filter(made_at__lt=now - ENDED).delete()[0],
        "tokens": ApiToken.objects.filter(expires_at__lt=now - ENDED).delete()[0],
    }


def _prune(viewer: Viewer, before: datetime, now: datetime) -> int:
    """Take the oldest entries of the audit; an entry of its own tells up to where, so the chain still begins somewhere."""
    require(viewer, "audit.prune")
    last = AuditEntry.objects.filter(at__lt=before).order_by("-pk").first()
    first_kept = AuditEntry.objects.filter(at__gte=before).order_by("pk").first()
    if first_kept is not None:  # clocks go back: only what lies before every entry that is kept
        last = AuditEntry.objects.filter(pk__lt=first_kept.pk).order_by("-pk").first()
    if last is None:
        return 0
    audit.record(SCHEDULE, "audit.prune", "audit", now, through=last.pk, seal=last.seal)
    return audit.take(last.pk)


def kept(settings: Settings) -> tuple[Kept, ...]:
    """What is kept how long, and the oldest of it; for everybody to read."""
    return tuple(_kept(settings, in_force()))


def _kept(settings: Settings, policy: Policy) -> Iterator[Kept]:
    lake = reader(settings.lake, settings.aside)
    days = [day for connection in lake.connections() for day in list(lake.held("usage", connection))[:1]]
    yield Kept("Counts of a member on a day", f"{policy.person_days} days", _day(min(days, default=None)))
    rosters = [day for connection in lake.connections() for day in list(lake.held("members", connection))[:1]]
    yield Kept("Rosters of before, with those who left", f"{policy.person_days} days", _day(min(rosters, default=None)))
    yield Kept("Claude's own figures for the organisation", "until erased", "")
    asked = SeatQuestion.objects.order_by("asked_at").first()
    what = "Who was asked about their seat, and the answer"
    yield Kept(what, f"{policy.person_days} days", _day(asked.asked_at if asked else None))
    run = Run.objects.order_by("started_at").first()
    yield Kept("Runs of the sync", f"{policy.runs} days", _day(run.started_at if run else None))
    entry = AuditEntry.objects.order_by("pk").first()
    yield Kept("The audit", f"{policy.audit} days", _day(entry.at if entry else None))
    yield Kept("Files set aside because they were damaged", f"{ASIDE.days} days", "")
    yield Kept("Files that were asked for as exports", f"{export_jobs.KEPT.days} day", "")
    yield Kept("Sessions", "8 hours", "")
    yield Kept("Which findings were told, as marks", f"{ENDED.days} days", "")
    yield Kept("That a digest was sent, never what was in it", f"{ENDED.days} days", "")
    yield Kept("Sign-in links, tokens and requests for files that are no good any more", f"{ENDED.days} days", "")


def _day(value: date | None) -> str:
    return f"{value:%-d %b %Y}" if value else ""
