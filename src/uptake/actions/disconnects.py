"""connection.disconnect and connection.erase: keys destroyed, runs ended, data kept or erased, with a receipt.

What was asked for is written down first: a disconnect that dies half-way is finished by whoever comes next.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from uptake.actions import changes, export_jobs
from uptake.config import Settings
from uptake.domain.access import SCHEDULE, Viewer, require
from uptake.domain.problems import Problem
from uptake.lake import Lake
from uptake.records import audit
from uptake.records.models import Connection, HandOver, HeldBack, Run, SeatQuestion, Stream

ADVICE = (
    "Revoke both keys in Claude too (claude.ai › Organization settings › API, or Console › Settings › Admin keys): "
    "copies of them may exist in older backups."
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a disconnect did. `counts`: what was removed, by kind."""

    name: str
    erased: bool
    counts: dict[str, int]
    advice: str


def disconnect(viewer: Viewer, settings: Settings, *, name: str, erase: bool, now: datetime) -> Receipt:
    """Destroy both keys and end the syncs; with `erase` also remove every fact. Raises NotAllowed or Problem."""
    require(viewer, "connection.disconnect")
    if erase:
        require(viewer, "connection.erase")
    connection = Connection.objects.filter(name=name).first()
    if connection is None:
        raise Problem(f"There is no connection named {name!r}.", "`uptake status` lists the connections.")
    with changes.removing(settings):
        # A running sync looks at this before every commit and ends; only then is the lock free.
        ending = Connection.objects.filter(pk=connection.pk)
        ending.exclude(leaving="erase").update(leaving="erase" if erase else "keep")
        ending.update(state="disconnected", disconnected_at=now, epoch=F("epoch") + 1)
        return _finish(viewer, settings, connection, now)


def finish_interrupted(settings: Settings, now: datetime) -> list[Receipt]:
    """Finish what a killed disconnect left half done. Raises Busy or Problem."""
    found = []
    for connection in Connection.objects.exclude(leaving=""):
        with changes.removing(settings):
            found.append(_finish(SCHEDULE, settings, connection, now))
    return found


def _finish(viewer: Viewer, settings: Settings, connection: Connection, now: datetime) -> Receipt:
    with changes.alone(settings):
        connection.refresh_from_db()
        erase = connection.leaving == "erase"
        # Files first: where one cannot be removed, the intent stays and the receipt is not given.
        facts = _erase_facts(settings, connection) if erase else {}
        facts["exports"] = export_jobs.forget(settings, people_only=False)
        with transaction.atomic():
            counts = {"keys": connection.keys.all().delete()[0]} | facts
            counts |= _erase_records(connection) if erase else _end_links(connection, now)
            action = "connection.erase" if erase else "connection.disconnect"
            audit.record(viewer, action, connection.name, now, outcome="done", **counts)
    return Receipt(connection.name, erase, counts, ADVICE)


def _erase_facts(settings: Settings, connection: Connection) -> dict[str, int]:
    """Day files, what was set aside, the cache with all it was made from."""
    counts = Lake(settings.lake, settings.aside).erase(str(connection.pk))
    shutil.rmtree(settings.cache, ignore_errors=True)
    return counts


def _erase_records(connection: Connection) -> dict[str, int]:
    """Everything in the records but the audit, which names accounts and never members."""
    links = HandOver.objects.filter(name=connection.name)
    counts = {"hand_over_links": links.delete()[0]}
    for kind, name in (
        (Run, "runs"),
        (HeldBack, "held_back"),
        (Stream, "streams"),
        (SeatQuestion, "seat_questions"),
    ):
        counts[name] = kind.objects.filter(connection=connection).delete()[0]
    connection.delete()
    return counts


def _end_links(connection: Connection, now: datetime) -> dict[str, int]:
    """Open hand-over links are withdrawn and waiting keys destroyed: no key stays behind."""
    links = HandOver.objects.filter(name=connection.name)
    waiting = links.exclude(sealed=None).update(sealed=None)
    withdrawn = links.filter(used_at=None, withdrawn_at=None, expires_at__gt=now).update(withdrawn_at=now)
    Connection.objects.filter(pk=connection.pk).update(leaving="")
    return {"waiting_keys": waiting, "hand_over_links_withdrawn": withdrawn}
