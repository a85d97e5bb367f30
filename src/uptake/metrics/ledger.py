"""What is withheld now: of each dimension how many groups there are and how many are not shown. Never which.

The same for all viewers, as what is withheld is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from uptake.domain.access import Viewer
from uptake.metrics.answering import answer
from uptake.metrics.facts import Facts
from uptake.metrics.membership import DIRECT, NONE, OTHER
from uptake.metrics.question import TEAMS, By, Question

_ASKED = ("eligible_reach", "habitual_share")
_OTHERS: tuple[By, ...] = ("role", "joined", "tenure")


@dataclass(frozen=True, slots=True)
class Line:
    """A dimension: its groups, those whose reach is withheld, those whose habit is; `together`: small ones stand as one row."""

    by: By
    groups: int
    reach: int
    habit: int
    together: bool


def ledger(viewer: Viewer, facts: Facts, today: date) -> tuple[Line, ...]:
    """A line a dimension that has groups. Raises NotAllowed."""
    dimensions = (*(TEAMS if facts.charts else ()), *_OTHERS)
    lines = (_line(by, viewer, facts, today) for by in dimensions)
    return tuple(line for line in lines if line.groups)


def _line(by: By, viewer: Viewer, facts: Facts, today: date) -> Line:
    rows = [row for row in answer(Question(_ASKED, by=by), viewer, facts, today).rows if row.key]
    groups = [row for row in rows if row.key not in {DIRECT, NONE, OTHER}]
    reach, habit = (sum(row.cells[metric].state == "withheld" for row in groups) for metric in _ASKED)
    return Line(by, len(groups), reach, habit, any(row.key == OTHER for row in rows))
