"""The dashboards: each with the decision it serves and its figures. Pages, files and reports ask for figures by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from uptake.domain.access import Viewer
from uptake.domain.problems import Problem
from uptake.metrics import cache
from uptake.metrics.answering import answer
from uptake.metrics.dashboards import (
    code,
    growth,
    habit,
    onboarding,
    overview,
    reach,
    retention,
    seats,
    surfaces,
    teams,
    trust,
)
from uptake.metrics.facts import Facts
from uptake.metrics.figures import USUAL, Choice, Figure, FigureAnswer, answered
from uptake.metrics.question import Question


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of figures. `decision` is the question it is there for; `chooses` the filters that change it."""

    name: str
    title: str
    decision: str
    figures: tuple[Figure, ...]
    of_team: tuple[Figure, ...] = ()  # where one team is chosen; without any, it cannot be shown for a team
    chooses: frozenset[str] = frozenset({"period", "compare"})

    def of(self, choice: Choice) -> tuple[Figure, ...]:
        """The figures there are for a choice."""
        return self.of_team if choice.team else self.figures


TEAM_TOO = frozenset({"period", "compare", "team", "population"})
BY_SURFACE_TOO = TEAM_TOO | {"surface"}


DASHBOARDS: dict[str, Dashboard] = {
    one.name: one
    for one in (
        Dashboard(
            "overview", "Overview", "Is it on track, and where to look?", overview.FIGURES, teams.TEAM, BY_SURFACE_TOO
        ),
        Dashboard(
            "teams",
            "Teams",
            "Whom to offer help?",
            teams.COMPARED,
            teams.COMPARED,
            frozenset({"period", "kind", "metric", "population", "compare"}),
        ),
        Dashboard(
            "team",
            "Team",
            "How far is it, and what would help?",
            (*teams.TEAM, *teams.CODE),
            (*teams.TEAM, *teams.CODE),
            BY_SURFACE_TOO,
        ),
        Dashboard(
            "surfaces",
            "Surfaces",
            "Which course to offer, and where is access missing?",
            surfaces.FIGURES,
            teams.SURFACES,
            BY_SURFACE_TOO,
        ),
        Dashboard(
            "claude_code",
            "Claude Code",
            "Does the set-up of tools, or the training, need attention?",
            code.FIGURES,
            teams.CODE,
            TEAM_TOO,
        ),
        Dashboard(
            "reach",
            "Reach",
            "Seats, activation or habit: where are most lost?",
            reach.FIGURES,
            reach.OF_TEAM,
            TEAM_TOO | {"kind"},
        ),
        Dashboard(
            "growth",
            "Growth",
            "Onboard more people, or lose fewer?",
            growth.FIGURES,
            chooses=frozenset({"period"}),
        ),
        Dashboard("habit", "Habit", "Build habits, or skills?", habit.FIGURES, habit.OF_TEAM, TEAM_TOO),
        Dashboard("retention", "Retention", "Do newer cohorts stay?", retention.FIGURES, chooses=frozenset({"period"})),
        Dashboard("onboarding", "Onboarding", "Is the start quick, and does it last?", onboarding.FIGURES),
        Dashboard("trust", "Trust", "Can I rely on this?", trust.FIGURES, chooses=frozenset({"period"})),
        Dashboard(
            "seats", "Seats", "Whom to ask, and how many seats to renew?", seats.FIGURES, chooses=frozenset({"period"})
        ),
    )
}

FIGURES: dict[str, Figure] = {
    one.name: one for dashboard in DASHBOARDS.values() for one in (*dashboard.figures, *dashboard.of_team)
}


def figure(name: str, viewer: Viewer, facts: Facts, today: date, choice: Choice = USUAL) -> FigureAnswer:
    """One figure. Raises NotAllowed, or Problem where there is no such figure."""
    if name not in FIGURES:
        raise Problem("There is no such figure.", f"The figures are: {', '.join(FIGURES)}.")
    return answered(FIGURES[name], viewer, facts, today, choice)


def all_of(name: str, facts: Facts, viewer: Viewer, today: date) -> dict[str, FigureAnswer]:
    """All figures of a dashboard by name, in the order of the page."""
    return {known.name: answered(known, viewer, facts, today) for known in DASHBOARDS[name].figures}


def warm(facts: Facts, viewer: Viewer, today: date) -> None:
    """Make the cache, answer every dashboard and a figure of Claude's own, and remove what the facts do not need any more.
    Called after a sync, so that nobody waits for it later."""
    for name in DASHBOARDS.keys() - {"team"}:
        all_of(name, facts, viewer, today)
    answer(Question(("reported_daily_active",)), viewer, facts, today)
    cache.sweep(facts)
