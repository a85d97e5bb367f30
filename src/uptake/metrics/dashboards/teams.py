"""Teams: whom to offer help? All teams beside each other in one figure, and one team beside everybody.

Teams are known in fixed four weeks, so everybody's figures are asked for the same four weeks here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec import structs

from uptake.metrics.dashboards import says_of_teams as says
from uptake.metrics.figures import MONTH, Answers, Asked, Figure, Questions, Tile, beside
from uptake.metrics.question import Question

COMPARABLE = (
    "eligible_reach",
    "habitual_share",
    "core_share",
    "multi_surface_share",
    "active_workday_rate",
    "active_days_mean",
    "retention_rolling",
    "code_reach",
    "shipping_share",
    "acceptance_person_weighted",
)
"""What teams may be compared in: how many use it and how regularly, never how much somebody wrote."""
_HEADLINES = ("eligible_reach", "habitual_share", "multi_surface_share", "active_days_mean", "retention_rolling")
_CODE = ("code_reach", "shipping_share", "acceptance_person_weighted", "code_sessions_per_day")
_FIXED = "Teams are known in fixed four weeks; what stands beside them is of the same four."


def _compared(asked: Asked) -> Questions:
    chosen = asked.choice
    teams = Question(
        (chosen.metric,),
        by=chosen.kind,
        until=asked.tile,
        within=chosen.within or None,
        population=chosen.population,
    )
    found = {"teams": teams} | _everybody(asked, _of_everybody(asked, chosen.metric))
    if chosen.compare and asked.tile - MONTH - MONTH + timedelta(days=1) >= asked.held:
        found["teams_before"] = structs.replace(teams, until=asked.tile - MONTH)
    return found


def _everybody(asked: Asked, question: Question) -> Questions:
    """Everybody to compare with, where the viewer may see them."""
    return {"everybody_before": question} if asked.everybody else {}


def _of_everybody(asked: Asked, *metrics: str) -> Question:
    """Everybody's figure of the four weeks that teams are known in."""
    return Question(metrics, by="28d", since=asked.tile - MONTH + timedelta(days=1), until=asked.tile)


def _beside(*metrics: str) -> Callable[[Asked], Questions]:
    """A team's figures of the newest four weeks and of those before, and everybody's."""

    def questions(asked: Asked) -> Questions:
        windows = 2 if asked.choice.compare else 1
        since = asked.tile - windows * MONTH + timedelta(days=1)
        team = asked.of_team(Question(metrics, by="28d", since=since, until=asked.tile))
        return {"team": team} | _everybody(asked, _of_everybody(asked, *metrics))

    return questions


def _tiles(*metrics: str) -> Callable[[Answers], tuple[Tile, ...]]:
    return lambda answers: tuple(beside(name, answers["team"], answers.get("everybody_before")) for name in metrics)


def _over_time(metric: str) -> Callable[[Asked], Questions]:
    def questions(asked: Asked) -> Questions:
        everybody = asked.months(metric)
        return {"team": asked.of_team(everybody)} | _everybody(asked, everybody)

    return questions


def _parts(metric: str, by: str) -> Callable[[Asked], Questions]:
    def questions(asked: Asked) -> Questions:
        everybody = Question((metric,), by=by, until=asked.tile)  # type: ignore[arg-type]
        return {"team": asked.of_team(everybody)} | _everybody(asked, everybody)

    return questions


COMPARED: tuple[Figure, ...] = (
    Figure("teams", "Teams beside each other", _compared, says.teams, draws="teams", remark=_FIXED, wide=True),
)

TEAM: tuple[Figure, ...] = (
    Figure(
        "team-headlines",
        "At a glance",
        _beside(*_HEADLINES),
        says.team,
        _tiles(*_HEADLINES),
        draws="nothing",
        remark=_FIXED,
        wide=True,
    ),
    Figure("team-reach", "Reach", _over_time("eligible_reach"), says.team_over_time, draws="beside"),
    Figure("team-habit", "Habit", _over_time("habitual_share"), says.team_over_time, draws="beside"),
    Figure("team-surfaces", "Surfaces", _parts("surface_reach", "surface"), says.team_parts, draws="beside"),
    Figure("team-features", "Features", _parts("feature_reach", "feature"), says.team_parts, draws="beside"),
)
SURFACES: tuple[Figure, ...] = (
    *TEAM[3:],
    Figure(
        "team-breadth", "More than one surface", _over_time("multi_surface_share"), says.team_over_time, draws="beside"
    ),
)
CODE: tuple[Figure, ...] = (
    Figure(
        "team-code",
        "Claude Code at a glance",
        _beside(*_CODE),
        says.team,
        _tiles(*_CODE),
        draws="nothing",
        remark="Signs of use, not of productivity. " + _FIXED,
        wide=True,
    ),
    Figure("team-code-reach", "Claude Code reach", _over_time("code_reach"), says.team_over_time, draws="beside"),
    Figure(
        "team-tools",
        "Suggestions accepted, by tool",
        _parts("acceptance_by_tool", "tool"),
        says.team_parts,
        draws="beside",
    ),
)
