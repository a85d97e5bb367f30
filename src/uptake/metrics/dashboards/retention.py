"""Retention: do newer cohorts stay? Cohorts by the week of first use, in brackets of weeks after it."""

from __future__ import annotations

from uptake.metrics.dashboards import says
from uptake.metrics.dashboards import says_of_ladder as says_of
from uptake.metrics.dashboards.onboarding import BRACKETS
from uptake.metrics.figures import Asked, Figure, Questions

_COHORTS = "Everybody who began since the fifth week held, whatever days and surfaces are chosen."


def _cohorts(asked: Asked) -> Questions:
    return {"all": asked.newest(*BRACKETS), **_newer(asked)}


def _newer(asked: Asked) -> Questions:
    return {
        "weeks": asked.newest(*BRACKETS, by="started"),
        "fours": asked.newest(*BRACKETS, by="started_28d"),
    }


FIGURES: tuple[Figure, ...] = (
    Figure(
        "retention-cohorts",
        "The newest twelve cohorts",
        _cohorts,
        says.retention,
        draws="cohorts-12",
        remark=_COHORTS,
        wide=True,
    ),
    Figure("retention-newer", "Newer cohorts beside those before", _newer, says_of.newer, draws="newer", wide=True),
)
