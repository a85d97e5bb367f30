"""The company's directory as it is held, and the one place where the next org chart is committed.

A chart is written under the writer's lock, with its audit entry in the same transaction as what the records keep of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from django.db import transaction

from uptake.actions import changes
from uptake.config import Settings
from uptake.domain.access import Viewer
from uptake.domain.days import monday
from uptake.domain.problems import Problem, Refused
from uptake.lake import DIRECTORY, Damaged, Entry, Lake, chart, charts, content_hash, is_held, reader, sort
from uptake.people.changes import Plan
from uptake.people.chart import from_table, to_table
from uptake.people.person import Person, Said, merged
from uptake.people.sources import ORDER
from uptake.records import audit, tombstones
from uptake.records.models import Connection, DirectorySource, new_id
from uptake.sync.erased import without


@dataclass(frozen=True, slots=True)
class Held:
    """The newest org chart. `mark` names it: equal marks mean the same chart."""

    said: tuple[Said, ...]
    people: Mapping[str, Person]
    week: date | None
    mark: str


def held(settings: Settings) -> Held:
    """The directory as it is now. Raises Problem where its file is damaged: an older one is not taken for it."""
    newest = _newest(settings)
    if newest is None:
        return Held((), {}, None, "")
    return _read(settings.lake, settings.aside, newest.day, newest.content_hash)


def _newest(settings: Settings) -> Entry | None:
    found = charts(reader(settings.lake, settings.aside))
    return found[max(found)] if found else None


@lru_cache(maxsize=1)
def _read(root: Path, aside: Path, week: date, mark: str) -> Held:
    try:
        said = tuple(from_table(chart(reader(root, aside), week)))
    except Damaged as damage:
        raise Problem(
            f"The org chart of the week of {week} is damaged on disk ({damage}); no team is shown from it.",
            "Sync once, which sets the file aside, then import the directory again.",
        ) from None
    return Held(said, merged(said), week, mark)


def source(name: str) -> DirectorySource:
    """The record of a source; made at its place in the usual order when it is first needed."""
    found, _ = DirectorySource.objects.get_or_create(name=name, defaults={"rank": ORDER.index(name) + 1})
    return found


Make = Callable[[Held], Plan]
"""Makes the plan from the chart that is held, under the lock: what was looked at before may be over."""


def commit(
    viewer: Viewer, settings: Settings, name: str, make: Make, on: date, now: datetime, outcome: str = "done"
) -> Plan:
    """Apply a plan to the week of `on` and write it down. Whatever `make` raises leaves everything as it was."""
    interrupts = is_held(settings.lake)
    with changes.alone(settings):
        before = held(settings)
        _require_later(before, on)
        plan = make(before)
        with transaction.atomic():
            audit.record(
                viewer,
                name,
                DIRECTORY,
                now,
                created=len(plan.created),
                changed=len(plan.changed),
                left=len(plan.left),
                left_out=plan.left_out,
                outcome=outcome,
            )
            _write(settings, _ranked(plan.chart), monday(on), now)
            if interrupts:  # a sync had to end for this: it goes on afterwards
                Connection.objects.filter(state="connected").update(sync_requested_at=now)
    return plan


def _require_later(before: Held, on: date) -> None:
    if before.week is not None and monday(on) < before.week:
        raise Refused(
            f"The directory is known as of the week of {before.week}; a change cannot hold from {on}, before that. "
            "Nothing was changed.",
            "Weeks that are over keep the teams they had. Take a day of that week or a later one.",
        )


def _ranked(said: Sequence[Said]) -> list[Said]:
    ranks = dict(DirectorySource.objects.values_list("name", "rank"))
    return [
        one if ranks.get(one.source, one.rank) == one.rank else msgspec.structs.replace(one, rank=ranks[one.source])
        for one in said
    ]


def _write(settings: Settings, said: Sequence[Said], week: date, now: datetime) -> None:
    """The week's chart, unless the newest one says the same: a week on which nothing changed has no file."""
    lake = Lake(settings.lake, settings.aside)
    tombs = tombstones.known(settings.master_key_file)
    table = sort("people", without("people", to_table(said), tombs))
    found = charts(lake)
    newest = max(found, default=week)
    if newest != week and content_hash("people", DIRECTORY, newest, table) == found[newest].content_hash:
        return
    entry = Entry(
        uptake_day=week,
        kind="people",
        connection=DIRECTORY,
        rows=table.num_rows,
        content_hash=content_hash("people", DIRECTORY, week, table),
        fetched_at=now.astimezone(UTC),
        run=new_id(),
        key_version=0,
        pages=1,
        reason="people",
    )
    lake.replace(entry, table)
