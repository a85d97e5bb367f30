"""Onboarding: is the start quick, and does it last?"""

from __future__ import annotations

from uptake.metrics.dashboards import says
from uptake.metrics.figures import Answers, Asked, Figure, Questions, Tile, tile

_START = ("first_use_median_days", "activation_7d", "activation_30d", "habit_by_week_8")
_INVITES = ("invited", "invites_waiting")
BRACKETS = ("retention_w1", "retention_w2_4", "retention_w5_8", "retention_w9_12")
_FROM_THE_FIRST = "Everybody who joined since the first day held, whatever days are chosen above."


def _headlines(asked: Asked) -> Questions:
    return {"now": asked.newest(*_START), "invites": asked.newest(*_INVITES)}


def _headline_tiles(answers: Answers) -> tuple[Tile, ...]:
    start = [tile(name, answers["now"]) for name in _START]
    return (*start, *(tile(name, answers["invites"]) for name in _INVITES))


def _activation(asked: Asked) -> Questions:
    return {"joined": asked.newest("activation_7d", "activation_30d", "first_use_median_days", by="joined")}


def _depth(asked: Asked) -> Questions:
    return {"tenure": asked.newest("active_days_mean", "prompts_per_active_day", by="tenure")}


def _retention(asked: Asked) -> Questions:
    return {"all": asked.newest(*BRACKETS), "started": asked.newest(*BRACKETS, by="started")}


def _habit(asked: Asked) -> Questions:
    return {"joined": asked.newest("habit_by_week_8", by="joined")}


FIGURES: tuple[Figure, ...] = (
    Figure(
        "onboarding-headlines",
        "From seat to habit",
        _headlines,
        says.onboarding,
        _headline_tiles,
        remark=_FROM_THE_FIRST,
        wide=True,
    ),
    Figure("activation", "First use, by month of joining", _activation, says.activation, draws="activation"),
    Figure("habit-by-cohort", "Habit by week 8, by month of joining", _habit, says.habit_by_cohort),
    Figure("first-weeks", "The first weeks", _depth, says.first_weeks, draws="tenure", wide=True),
    Figure("retention", "Who stays, by week of first use", _retention, says.retention, draws="cohorts", wide=True),
)
