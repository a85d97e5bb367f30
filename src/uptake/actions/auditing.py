"""audit.view, audit.verify, audit.export: the trail read back, checked, taken along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from django.db.models import Count, QuerySet

from uptake.config import Settings
from uptake.domain.access import ACTIONS, Viewer, require
from uptake.people import spreadsheet
from uptake.records import audit
from uptake.records.audit import Verdict
from uptake.records.models import AuditEntry
from uptake.records.vault import open_vault

PAGE = 50
COLUMNS = (
    "number", "at", "actor", "role", "action", "subject", "outcome", "person_mark", "details", "key", "seal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries: all of them, or those of an actor, an action, from a day to a day (both included)."""

    actor: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of entries, newest first, and the number below which the next page goes on; None on the last one."""

    entries: tuple[AuditEntry, ...]
    found: int
    older: int | None


def leaf(viewer: Viewer, sought: Sought, below: int | None = None) -> Leaf:
    """The newest entries, or those before the number `below`. Raises NotAllowed."""
    require(viewer, "audit.view")
    found = _found(sought)
    part = found.filter(pk__lt=below) if below else found
    entries = tuple(part.order_by("-pk")[: PAGE + 1])
    older = entries[PAGE - 1].pk if len(entries) > PAGE else None
    return Leaf(entries[:PAGE], found.count(), older)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done since a day: how often, and by how many."""

    words: str
    action: str
    times: int
    actors: int


def summary(viewer: Viewer, since: date) -> tuple[Done, ...]:
    """What was done since a day, the most frequent first. Raises NotAllowed."""
    require(viewer, "audit.view")
    grouped = _found(Sought(since=since)).order_by().values_list("action")
    counted = grouped.annotate(Count("pk"), Count("actor", distinct=True)).order_by("-pk__count", "action")
    return tuple(
        Done(ACTIONS[action].words if action in ACTIONS else action, action, times, actors)
        for action, times, actors in counted
    )


def _found(sought: Sought) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.all()
    if sought.actor:
        found = found.filter(actor__icontains=sought.actor)
    if sought.action:
        found = found.filter(action=sought.action)
    if sought.since:
        found = found.filter(at__gte=_begin(sought.since))
    if sought.until:
        found = found.filter(at__lt=_begin(sought.until) + timedelta(days=1))
    return found


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def verify(viewer: Viewer, settings: Settings, anchor: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain; see records/audit.py. Raises NotAllowed, or Sealed while the master key is away."""
    require(viewer, "audit.verify")
    return audit.verify(open_vault(settings.master_key_file), anchor)


def export(viewer: Viewer, sought: Sought, format: Literal["csv", "json"], now: datetime) -> Iterator[str]:
    """The entries, oldest first, as pieces of one text; taking them along is an entry itself. Raises NotAllowed."""
    require(viewer, "audit.export")
    rows = _found(sought).order_by("pk")
    audit.record(viewer, "audit.export", "audit", now, format=format, entries=rows.count())
    return _csv(rows) if format == "csv" else _json(rows)


def _csv(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    yield "\ufeff" + spreadsheet.line(COLUMNS)
    for row in rows.iterator(1000):
        told = as_dict(row) | {"details": json.dumps(row.details, sort_keys=True)}
        yield spreadsheet.line([str(told[name]) for name in COLUMNS])


def _json(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    between = "["
    for row in rows.iterator(1000):
        yield f"{between}\n{json.dumps(as_dict(row), ensure_ascii=False)}"
        between = ","
    yield "[]\n" if between == "[" else "\n]\n"


def as_dict(entry: AuditEntry) -> dict[str, Any]:
    """An entry for programs: with number, key and seal everything that the chain is made of."""
    return {
        "number": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "person_mark": entry.about,
        "details": entry.details,
        "key": entry.key,
        "seal": entry.seal,
    }


def words_of(entry: AuditEntry) -> str:
    """What was done, as the permission table says it."""
    row = ACTIONS.get(entry.action)
    return row.words if row else entry.action


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """What `uptake audit verify --json` says."""
    return {
        "intact": verdict.intact,
        "entries": verdict.entries,
        "first": verdict.first,
        "last": verdict.last,
        "seal": verdict.seal,
        "faults": [{"number": fault.number, "words": fault.words} for fault in verdict.faults],
        "unkeyed": verdict.unkeyed,
        "lost": verdict.lost,
        "notes": list(verdict.notes),
    }
