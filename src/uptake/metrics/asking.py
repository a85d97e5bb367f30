"""Whether a question makes sense and an answer to it can be kept safe: decided before anything is read."""

from __future__ import annotations

from uptake.domain.problems import Problem
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.metric import Metric
from uptake.metrics.question import POPULATIONS, TEAMS, Question


def metrics_of(question: Question) -> list[Metric]:
    """The metrics asked for. Raises Problem where the question makes no sense or its answer could not be kept safe."""
    unknown = [name for name in question.metrics if name not in CATALOGUE]
    if unknown or not question.metrics:
        what = f"There is no metric {', '.join(map(repr, unknown))}." if unknown else "No metric was named."
        raise Problem(what, f"The catalogue has: {', '.join(CATALOGUE)}.")
    _teams(question)
    metrics = [CATALOGUE[name] for name in dict.fromkeys(question.metrics)]
    for metric in metrics:
        _dimension(question, metric)
        _compared(question, metric)
    return metrics


def about_teams(question: Question) -> bool:
    return question.team is not None or question.by in TEAMS


def _dimension(question: Question, metric: Metric) -> None:
    allowed = metric.of_team if question.team is not None else metric.by
    if question.by in allowed:
        return
    asked = f"by {question.by}" if question.by else "without a dimension"
    of_team = " of one team" if question.team is not None else ""
    if not allowed:
        raise Problem(f"{metric.id} cannot be asked of one team.", _OF_TEAMS)
    words = " or ".join(f"by {by}" if by else "without a dimension" for by in allowed)
    raise Problem(f"{metric.id} cannot be asked {asked}{of_team}.", f"Ask for it {words}.")


_OF_TEAMS = "Of a team there are figures over four weeks and weeks, and by surface, feature and tool."


def _compared(question: Question, metric: Metric) -> None:
    if question.compare and not (metric.compares and question.by in {None, "28d"}):
        can = ", ".join(known.id for known in CATALOGUE.values() if known.compares)
        raise Problem(
            f"{metric.id} cannot be compared over the same people{f' by {question.by}' if question.by else ''}.",
            f"Without a dimension or by 28d it can be done for: {can}.",
        )


def _teams(question: Question) -> None:
    """A team by another group, or over the same people, would be smaller groups than any that is shown."""
    if question.team is not None and question.by in {*TEAMS, "role", "joined", "tenure", "started", "started_28d"}:
        raise Problem(
            f"One team cannot be asked by {question.by}: the groups would be small enough to tell of people.",
            "Ask for the team alone, by week, by 28d, by surface, feature or tool; or by tree within it.",
        )
    if question.team is not None and question.compare:
        raise Problem(
            "One team cannot be compared over the same people: who was in both windows can be very few.",
            "Ask by 28d: each row is the team as it was in those four weeks.",
        )
    if question.team is not None and question.team.partition(":")[0] not in TEAMS:
        raise Problem(
            "There is no such team.", f"A team's id begins with {', '.join(TEAMS)}, for instance department:sales."
        )
    if question.within is not None and (question.by != "tree" or not question.within.startswith("tree:")):
        raise Problem("`within` names a tree, and goes with by tree.", "Leave it out, or ask by tree.")
    if question.population is not None and question.population not in POPULATIONS:
        raise Problem("There is no such population.", f"It is one of {', '.join(POPULATIONS)}.")
    if question.population is not None and not about_teams(question):
        raise Problem(
            "Whom a figure is about can be chosen only where teams are asked for.",
            "Figures of the whole organisation are about all members.",
        )
