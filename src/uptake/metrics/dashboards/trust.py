"""Trust: can I rely on this? Our count of every day beside Claude's own."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from uptake.metrics.figures import Answers, Asked, Figure, Questions
from uptake.metrics.question import Answer, Question
from uptake.metrics.sentences import without

DAYS = 90
OURS, TOLD = "active_day", "reported_daily_active"
_NEAR, _FEW = 0.03, 5
_REMARK = "Claude's own definition of active is another than ours, and its count is rounded to the threshold here."


def _reconciled(asked: Asked) -> Questions:
    since = max(asked.last - timedelta(days=DAYS - 1), asked.held)
    return {
        "ours": Question((OURS,), by="day", since=since, until=asked.last),
        "told": Question((TOLD,), by="day", since=since, until=asked.last),
    }


def compared(ours: Answer, told: Answer) -> list[tuple[date, int, int]]:
    """(day, people as we count them, people as Claude does), of the days on which both are shown."""
    theirs = {row.key: row.cells[TOLD].value for row in told.rows}
    return [
        (date.fromisoformat(row.key or ""), int(row.cells[OURS].value or 0), int(theirs[row.key] or 0))
        for row in ours.rows
        if row.cells[OURS].value is not None and theirs.get(row.key) is not None
    ]


def says(answers: Answers) -> str:
    found = compared(answers["ours"], answers["told"])
    if not found:
        cells = [row.cells[TOLD] for row in answers["told"].rows if row.cells[TOLD].value is None]
        return without(cells[-1], answers["told"]) if cells else "No day is known from both sides yet."
    near = sum(abs(ours - told) <= max(_FEW, _NEAR * told) for _, ours, told in found)
    apart = median((told - ours) / ours for _, ours, told in found if ours) if any(ours for _, ours, _ in found) else 0
    text = f"On {near} of {len(found)} days our count and Claude's own lie within 3 % or {_FEW} people of each other"
    if abs(apart) < 0.005:
        return f"{text}."
    return f"{text}; on a usual day Claude counts {abs(apart) * 100:.0f} % {'more' if apart > 0 else 'fewer'}."


FIGURES: tuple[Figure, ...] = (
    Figure(
        "reconciled", "Our count beside Claude's own", _reconciled, says, draws="reconciled", remark=_REMARK, wide=True
    ),
)
