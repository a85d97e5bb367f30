"""Questions by fixed four weeks: the windows that teams are known in, and that never overlap."""

from __future__ import annotations

from datetime import timedelta

from uptake.domain.days import day_no
from uptake.metrics.figures import MONTH, Asked
from uptake.metrics.question import Question


def fixed(asked: Asked, *metrics: str, tiles: int) -> Question:
    """The newest fixed four weeks that are over, and at most so many. Before the first are, those that come."""
    first = asked.held - timedelta(days=day_no(asked.held) % MONTH.days)
    last = asked.tile if asked.tile - MONTH + timedelta(days=1) >= asked.held else asked.tile + MONTH
    return Question(metrics, by="28d", since=max(last - tiles * MONTH + timedelta(days=1), first), until=last)
