"""Reach: seats, activation or habit? How far seat holders have come, everybody's and by team."""

from __future__ import annotations

from msgspec import structs

from uptake.metrics.dashboards import says_of_ladder as says
from uptake.metrics.dashboards.fixed import fixed
from uptake.metrics.figures import Asked, Figure, Questions
from uptake.metrics.question import Question
from uptake.metrics.rungs import LADDER

_AGO = 4
"""Fixed four weeks that are asked for: the newest, and back to twelve weeks before."""
_ALL_SURFACES = "All surfaces together. Each figure is rounded by itself."


def _funnel(asked: Asked) -> Questions:
    ladder = asked.of_team(fixed(asked, *LADDER, tiles=_AGO))
    found = {"ladder": ladder}
    if asked.everybody and not asked.choice.team:
        found["coverage"] = asked.newest("coverage")
    return found


def _course(asked: Asked) -> Questions:
    return {"months": asked.of_team(fixed(asked, *LADDER, tiles=7))}


def _teams(asked: Asked) -> Questions:
    chosen = asked.choice
    question = Question(LADDER, by=chosen.kind, until=asked.tile, population=chosen.population)
    return {"teams": structs.replace(question, within=chosen.within or None)}


FIGURES: tuple[Figure, ...] = (
    Figure("funnel", "From seat to habit", _funnel, says.funnel, draws="funnel", remark=_ALL_SURFACES),
    Figure("funnel-course", "Over time", _course, says.course, draws="ladder", remark="In per cent of seat holders."),
    Figure("funnel-teams", "By department", _teams, says.teams, draws="ladder-teams", remark=_ALL_SURFACES, wide=True),
)
OF_TEAM = FIGURES[:2]
