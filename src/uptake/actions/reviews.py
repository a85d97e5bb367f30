"""held_back.release: somebody looked at an answer that is not believed, and accepts exactly that one.

Nothing is changed here but the note: the next sync takes the answer if it comes again as it was.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.records import audit
from uptake.records.models import Connection, HeldBack

_ACTION = "held_back.release"


def release(
    viewer: Viewer,
    *,
    name: str,
    now: datetime,
    days: Collection[date] | None = (),
    roster: bool = False,
    mark: str | None = None,
) -> list[HeldBack]:
    """Accept what is held back: `days` (None: every day), the roster, or both; then ask for a sync.

    `mark` is the answer that was looked at: another one that came meanwhile is not accepted. Raises NotAllowed, Problem.
    """
    require(viewer, _ACTION)
    with transaction.atomic():
        holds = _found(name, days, roster=roster)
        _require_whole(holds, mark)
        for hold in holds:
            hold.released_at, hold.released_by = now, viewer.name
            hold.save(update_fields=["released_at", "released_by"])
            about = {"stream": hold.stream, "day": hold.day.isoformat(), "answer": hold.content_hash[:16]}
            audit.record(viewer, _ACTION, name, now, **about)
        Connection.objects.filter(name=name).update(sync_requested_at=now)
    return holds


def _found(name: str, days: Collection[date] | None, *, roster: bool) -> list[HeldBack]:
    held = HeldBack.objects.filter(connection__name=name, connection__state="connected").order_by("stream", "day")
    usage = [hold for hold in held if hold.stream == "usage" and (days is None or hold.day in days)]
    found = usage + [hold for hold in held if hold.stream == "roster" and roster]
    missing = sorted(set(days or ()) - {hold.day for hold in usage})
    if missing or not found:
        what = ", ".join(day.isoformat() for day in missing) or "what you named"
        raise Problem(
            f"Nothing is held back for {what}. Nothing was changed.", "`uptake status` lists what is held back."
        )
    return found


def _require_whole(holds: list[HeldBack], mark: str | None) -> None:
    for hold in holds:
        if not hold.content_hash:
            raise Problem(
                f"There is no whole answer to accept ({hold.reason}) Nothing was changed.",
                "What is held stays; the next answer that is whole is taken by itself.",
            )
        if mark is not None and hold.content_hash != mark:
            raise Problem(
                "Meanwhile another answer came than the one you looked at. Nothing was changed.",
                "Look at the reason again, then accept it if it is right.",
            )
