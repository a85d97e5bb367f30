"""seats.ask: somebody is asked whether they still need their seat; what they answered. Nothing is ever sent or taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from uptake.actions import seats
from uptake.actions.seats import Line
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import NotAllowed, Problem
from uptake.domain.visibility import sees_seat_use
from uptake.people.matching import Key
from uptake.records import audit
from uptake.records.models import SeatQuestion
from uptake.records.privacy import in_force

_AGAIN = timedelta(days=28)
OUTCOMES = {"keeps": "keeps it", "gives_back": "gives it back", "": "no answer yet"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was asked, with the seat as it stands now."""

    id: int
    asked_at: datetime
    asked_by: str
    outcome: str
    line: Line


def ask(viewer: Viewer, settings: Settings, *, connection: str, member_id: str, now: datetime) -> int:
    """Note that the holder of a seat is asked; the question's id. Within four weeks it stays the same question.

    Raises NotAllowed, Sealed, or Problem where the seat is in use, or not listed.
    """
    require(viewer, "seats.ask")
    _require_use_seen()
    line = _line(viewer, settings, (connection, member_id), now)
    if not line.askable:
        raise Problem("This seat is in use, or new. Nobody was asked.", "Ask about seats that lie idle.")
    about = line.seat.email or member_id
    with transaction.atomic():
        mine = SeatQuestion.objects.select_for_update().filter(connection_id=connection, member_id=member_id)
        row = mine.filter(asked_at__gt=now - _AGAIN).first()
        if row is None:
            row = SeatQuestion(connection_id=connection, member_id=member_id, email=line.seat.email)
            row.asked_at, row.asked_by = now, viewer.name
            row.save()
            audit.record(viewer, "seats.ask", f"seat question {row.pk}", now, about, outcome="asked")
    return row.pk


def question(viewer: Viewer, settings: Settings, *, id: int, now: datetime) -> Question | None:
    """A question by its id; None where it is gone, or its seat is. The look is an entry of the audit. Raises NotAllowed."""
    require(viewer, "seats.ask")
    _require_use_seen()
    row = SeatQuestion.objects.filter(pk=id).first()
    line = seats.one(viewer, settings, (row.connection_id, row.member_id), now) if row else None
    if row is None or line is None:
        return None
    about = row.email or row.member_id
    audit.record(viewer, "seats.view", f"seat question {row.pk}", now, about)
    shown = line.asked.outcome if line.asked and line.asked.id == row.pk else row.outcome
    return Question(row.pk, row.asked_at, row.asked_by, shown, line)


def answered(viewer: Viewer, *, id: int, outcome: str, now: datetime) -> None:
    """Keep what the holder answered. Raises NotAllowed, or Problem where the question is gone."""
    require(viewer, "seats.ask")
    _require_use_seen()
    with transaction.atomic():
        row = SeatQuestion.objects.select_for_update().filter(pk=id).first()
        if row is None or outcome not in OUTCOMES:
            raise Problem("This question is not kept any more. Nothing was changed.", "The list shows what holds now.")
        row.outcome, row.answered_at = outcome, now if outcome else None
        row.save()
        about = row.email or row.member_id
        audit.record(viewer, "seats.ask", f"seat question {row.pk}", now, about, outcome=outcome or "no_answer")


def _line(viewer: Viewer, settings: Settings, key: Key, now: datetime) -> Line:
    line = seats.one(viewer, settings, key, now)
    if line is None:
        raise Problem("Nobody is listed with this seat any more. Nobody was asked.", "Load the list again.")
    return line


def _require_use_seen() -> None:
    if not sees_seat_use(in_force()):
        raise NotAllowed(
            "Under the works-council preset nobody sees by name which seat lies idle, so nobody can be asked about it.",
            "The totals stay open. Two Company Admins change the preset.",
        )
