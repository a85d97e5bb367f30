"""people.import, people.export, people.order: the company's directory from a CSV file, looked at before it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from uptake.actions import directory, identities
from uptake.actions.directory import Held
from uptake.actions.visibility import require_person_exports
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import removals_allowed
from uptake.domain.problems import Refused
from uptake.lake import charts, reader
from uptake.people import changes, columns, rows, spreadsheet
from uptake.people.changes import Plan
from uptake.people.chart import Progress, silent
from uptake.people.delivery import CSV, Delivery
from uptake.people.matching import match
from uptake.people.person import Person
from uptake.people.sources import LABELS, ORDER
from uptake.people.spreadsheet import Sheet
from uptake.records import audit
from uptake.records.models import DirectorySource

_EXPORTED = (
    "employee_id", "name", "email", "other_emails", "manager", "department", "location", "title", "groups", "population",
    "started_on", "ended_on", "on_leave", "claude_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read. `corrections`: field to header; `whole`: who is missing has left; `on`: it holds from."""

    on: date
    corrections: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    accept_loss: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, or did. `mark`: the directory it was compared with."""

    sheet: Sheet
    mapping: Mapping[str, int]
    plan: Plan
    members_unmatched: int
    people_unmatched: int
    members: int
    mark: str


def preview(viewer: Viewer, settings: Settings, body: bytes, wanted: Wanted, progress: Progress = silent) -> Preview:
    """Read a file and say what it would change. Nothing is stored. Raises NotAllowed or Refused."""
    require(viewer, "people.import")
    sheet, mapping, delivery = _delivery(body, wanted, progress)
    held = directory.held(settings)
    return _seen(settings, sheet, mapping, _plan(held, delivery, wanted, progress), held.mark)


def import_csv(
    viewer: Viewer,
    settings: Settings,
    body: bytes,
    wanted: Wanted,
    now: datetime,
    *,
    seen: str | None = None,
    progress: Progress = silent,
) -> Preview:
    """Apply a file. With `seen`, the mark of the directory that a preview was made from, only to that one.

    Raises NotAllowed, Refused (nothing was applied), Busy or Problem.
    """
    require(viewer, "people.import")
    sheet, mapping, delivery = _delivery(body, wanted, progress)
    row = directory.source(CSV)

    def make(held: Held) -> Plan:
        if seen is not None and seen != held.mark:
            raise Refused(
                "The directory was changed by somebody else since this preview was made. Nothing was applied.",
                "Look at the preview again: it now compares with the directory as it is.",
            )
        plan = _plan(held, delivery, wanted, progress)
        if plan.large_loss and not wanted.accept_loss:
            raise Refused(*_loss(plan))
        return plan

    plan = directory.commit(viewer, settings, "people.import", make, wanted.on, now)
    headers = {name: sheet.header[at] for name, at in mapping.items()}
    DirectorySource.objects.filter(pk=row.pk).update(
        enabled=True,
        last_ok_at=now,
        columns=headers,
        people=sum(said.source == CSV and said.listed for said in plan.chart),
    )
    return _seen(settings, sheet, mapping, plan, "")


def _loss(plan: Plan) -> tuple[str, str]:
    words = (
        f"{len(plan.left):,} of {plan.present:,} people would leave by this file, more than {removals_allowed(plan.present):,} "
        "at once. Nothing was applied."
    )
    return words, (
        "If the file holds only a part of the company, say so (--part, or on the page). If they have really left, say that "
        "(--accept-losses, or on the page)."
    )


def _delivery(body: bytes, wanted: Wanted, progress: Progress) -> tuple[Sheet, Mapping[str, int], Delivery]:
    progress("reading the file", 0, 1)
    sheet = spreadsheet.read(body)
    mapping = columns.chosen(sheet.header, _guessed(sheet), wanted.corrections)
    people, findings, fields = rows.told(sheet, mapping, progress)
    return sheet, mapping, Delivery(CSV, 1, people, fields, tuple(findings), wanted.whole)


def _guessed(sheet: Sheet) -> dict[str, int]:
    """The columns as confirmed for a file with the same headers before, else by the headers' words."""
    known = dict(DirectorySource.objects.filter(pk=CSV).values_list("name", "columns")).get(CSV) or {}
    if known and set(known.values()) <= set(sheet.header):
        return {name: sheet.header.index(header) for name, header in known.items() if name in columns.LABELS}
    return columns.guess(sheet.header)


def _plan(held: Held, delivery: Delivery, wanted: Wanted, progress: Progress) -> Plan:
    return changes.plan(held.said, held.people, delivery, wanted.on, lambda: uuid4().hex[:12], progress)


def _seen(settings: Settings, sheet: Sheet, mapping: Mapping[str, int], plan: Plan, mark: str) -> Preview:
    members = identities.members(settings)
    found = match(members, plan.people, identities.links())
    return Preview(sheet, mapping, plan, len(found.members), len(found.people), len(members), mark)


def as_json(seen: Preview, *, applied: bool) -> dict[str, Any]:
    """`uptake people import --json`: counts and findings; nobody is named who is not in a finding."""
    plan = seen.plan
    return {
        "applied": applied,
        "rows": len(seen.sheet.rows),
        "encoding": seen.sheet.encoding,
        "columns": {name: seen.sheet.header[at] for name, at in seen.mapping.items()},
        "created": len(plan.created),
        "changed": len(plan.changed),
        "left": len(plan.left),
        "same": plan.same,
        "conflicting": plan.left_out,
        "unmatched": {"people": seen.people_unmatched, "members": seen.members_unmatched},
        "findings": [
            {"row": one.row, "column": one.column, "words": one.words, "left_out": one.left_out}
            for one in plan.findings
        ],
    }


def export_csv(viewer: Viewer, settings: Settings, now: datetime) -> str:
    """The directory as a CSV file that no spreadsheet program runs and that imports again. Raises NotAllowed."""
    require(viewer, "people.export")
    require_person_exports()
    people = directory.held(settings).people
    header = [columns.LABELS[name] for name in _EXPORTED]
    text = spreadsheet.write(header, (_line(person, people) for person in people.values() if person.listed))
    audit.record(viewer, "people.export", "directory", now)
    return "\ufeff" + text


def _line(person: Person, people: Mapping[str, Person]) -> list[str]:
    manager = people.get(person.manager_id or "")
    special = {
        "manager": (manager.email or manager.employee_id or manager.name) if manager else "",
        "other_emails": "; ".join(email for email in person.emails if email != person.email),
        "groups": "; ".join(person.groups),
        "on_leave": "yes" if person.on_leave else "no",
    }
    return [str(special.get(name, getattr(person, name, None)) or "") for name in _EXPORTED]


def order(viewer: Viewer, settings: Settings, names: Sequence[str], now: datetime) -> None:
    """Say which source is believed first, from this week on: weeks that are over keep their teams. Raises NotAllowed."""
    require(viewer, "people.order")
    if sorted(names) != sorted(ORDER):
        raise Refused("Every source has one place in the order. Nothing was changed.", "Name each of them once.")
    for name in names:
        directory.source(name)
    with transaction.atomic():
        for rank, name in enumerate(names, start=1):
            DirectorySource.objects.filter(pk=name).update(rank=rank)
    if directory.held(settings).said:
        directory.commit(viewer, settings, "people.order", _nothing, now.date(), now)


def _nothing(held: Held) -> Plan:
    return Plan(held.said, held.people, (), (), (), len(held.people), len(held.people), ())


def header(body: bytes) -> tuple[str, ...]:
    """The headers of a file, to choose columns from; none where it is no table."""
    try:
        return spreadsheet.read(body).header
    except Refused:
        return ()


def known_since(viewer: Viewer, settings: Settings) -> date | None:
    """The Monday of the first week with an org chart; None where there is none. Raises NotAllowed."""
    require(viewer, "people.view")
    return min(charts(reader(settings.lake, settings.aside)), default=None)


def source_label(name: str) -> str:
    return LABELS[name]
