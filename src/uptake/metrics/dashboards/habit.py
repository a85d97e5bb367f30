"""Habit: build habits, or skills? How often people use Claude, in which state of use seats are, and who moved."""

from __future__ import annotations

from uptake.metrics.dashboards import says_of_ladder as says
from uptake.metrics.dashboards.fixed import fixed
from uptake.metrics.figures import MONTH, Asked, Figure, Questions
from uptake.metrics.question import Question
from uptake.metrics.rungs import LADDER

_TILES = 7
_CURVE = "power_user_curve"
_SHORT = "Until twelve whole weeks are held, habitual is active in 3 of 4 weeks, and the core is not known."


def _curve(asked: Asked) -> Questions:
    found = {"now": asked.of_team(Question((_CURVE,), by="active_days", until=asked.tile))}
    earlier = asked.tile - 3 * MONTH
    if asked.choice.compare and earlier - MONTH >= asked.held:
        found["earlier"] = asked.of_team(Question((_CURVE,), by="active_days", until=earlier))
    return found


def _states(asked: Asked) -> Questions:
    return {"months": asked.of_team(fixed(asked, *LADDER, tiles=_TILES))}


def _moves(asked: Asked) -> Questions:
    return {"moves": asked.newest("state_moves", by="move")}


FIGURES: tuple[Figure, ...] = (
    Figure("habit-states", "Seats by state of use", _states, says.states, draws="states", remark=_SHORT, wide=True),
    Figure("habit-curve", "On how many days", _curve, says.curve, draws="curve"),
    Figure("habit-moves", "Who moved in twelve weeks", _moves, says.moves, draws="moves"),
)
OF_TEAM = FIGURES[:2]
