"""One Question, one Answer. Only this room holds SQL. Everything below is loaded on first use: DuckDB and Arrow are big."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uptake.metrics.answering import answer
    from uptake.metrics.catalogue import CATALOGUE, describe
    from uptake.metrics.dashboards import DASHBOARDS, FIGURES, Dashboard, figure, warm
    from uptake.metrics.explained import Explanation, explain
    from uptake.metrics.facts import ConnectionFacts, Facts, current_facts
    from uptake.metrics.figures import FILTERS, Asked, Choice, Figure, FigureAnswer, Tile
    from uptake.metrics.files import to_csv
    from uptake.metrics.freshness import freshness_of
    from uptake.metrics.matched import matched
    from uptake.metrics.metric import Metric
    from uptake.metrics.question import (
        BY,
        POPULATIONS,
        TEAMS,
        Answer,
        By,
        Cell,
        Freshness,
        Population,
        Question,
        Row,
        State,
    )
    from uptake.metrics.render import explained_json, in_words, to_json
    from uptake.metrics.seatuse import SeatUse, seat_use
    from uptake.metrics.teamscope import TeamView, has_directory, own_tree, permitted, teams_of

__all__ = [
    "BY",
    "CATALOGUE",
    "DASHBOARDS",
    "FIGURES",
    "FILTERS",
    "POPULATIONS",
    "TEAMS",
    "Answer",
    "Asked",
    "By",
    "Cell",
    "Choice",
    "ConnectionFacts",
    "Dashboard",
    "Explanation",
    "Facts",
    "Figure",
    "FigureAnswer",
    "Freshness",
    "Metric",
    "Population",
    "Question",
    "Row",
    "SeatUse",
    "State",
    "TeamView",
    "Tile",
    "answer",
    "current_facts",
    "describe",
    "explain",
    "explained_json",
    "figure",
    "freshness_of",
    "has_directory",
    "in_words",
    "matched",
    "own_tree",
    "permitted",
    "seat_use",
    "teams_of",
    "to_csv",
    "to_json",
    "warm",
]

_HOME = {
    "answering": ("answer",),
    "catalogue": ("CATALOGUE", "describe"),
    "dashboards": ("DASHBOARDS", "FIGURES", "Dashboard", "figure", "warm"),
    "explained": ("Explanation", "explain"),
    "facts": ("ConnectionFacts", "Facts", "current_facts"),
    "files": ("to_csv",),
    "freshness": ("freshness_of",),
    "matched": ("matched",),
    "figures": ("FILTERS", "Asked", "Choice", "Figure", "FigureAnswer", "Tile"),
    "metric": ("Metric",),
    "question": (
        "BY",
        "POPULATIONS",
        "TEAMS",
        "Answer",
        "By",
        "Cell",
        "Freshness",
        "Population",
        "Question",
        "Row",
        "State",
    ),
    "render": ("explained_json", "in_words", "to_json"),
    "seatuse": ("SeatUse", "seat_use"),
    "teamscope": ("TeamView", "has_directory", "own_tree", "permitted", "teams_of"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOME.items():
        if name in names:
            value = getattr(import_module(f"uptake.metrics.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(name)
