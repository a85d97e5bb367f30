"""session.view, session.end: where somebody is signed in, and ending it from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.records import audit
from uptake.records.models import WebSession
from uptake.records.sessions import hashed, over

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session of the viewer's; `id` is the beginning of the hash under which it is kept."""

    id: str
    agent: str
    began_at: datetime
    seen_at: datetime
    here: bool


def listed(viewer: Viewer, here: str | None, now: datetime) -> tuple[SignedIn, ...]:
    """The viewer's sessions that are not over, the newest first. `here` is the key of the one that asks."""
    require(viewer, "session.view")
    rows = WebSession.objects.filter(account_id=viewer.account_id or 0).order_by("-seen_at")
    return tuple(
        SignedIn(row.pk[:_SHOWN], row.agent, row.began_at, row.seen_at, row.pk == hashed(here))
        for row in rows
        if not over(row, now)
    )


def end(viewer: Viewer, *, here: str | None, now: datetime, session: str = "") -> int:
    """End one session of the viewer's, or without a name all but the one that asks. Raises NotAllowed or Problem."""
    require(viewer, "session.end")
    rows = WebSession.objects.filter(account_id=viewer.account_id or 0).exclude(pk=hashed(here))
    if session:
        rows = rows.filter(pk__startswith=session) if len(session) == _SHOWN else rows.none()
    with transaction.atomic():
        ended: int = rows.delete()[0]
        if not ended and session:
            raise Problem("This session is over already. Nothing was changed.", "Look at the list again.")
        audit.record(viewer, "session.end", viewer.name, now, sessions=ended)
    return ended
