"""Surfaces: which course to offer, and where is access missing?"""

from __future__ import annotations

from msgspec import structs

from uptake.metrics import sentences
from uptake.metrics.dashboards import says
from uptake.metrics.figures import MONTH, Answers, Asked, Figure, Questions, Tile, tile

_WINDOWS = 13
"""Windows of 28 days in a year: the mix over time goes back no further."""
_BREADTH = ("multi_surface_share", "surfaces_mean")
_DEPTH = ("prompts_per_active_day", "messages_per_conversation", "features_median")
_SHARES = ("thinking_share", "cowork_actions_per_session", "creations_rate")


def _now(asked: Asked) -> Questions:
    question = asked.newest("surface_active", "surface_share", by="surface")
    found = {"now": question}
    if asked.choice.compare:
        found["before"] = structs.replace(question, until=asked.last - MONTH)
    return found


def _mix(asked: Asked) -> Questions:
    """The same question about windows that follow each other, the oldest first."""
    question = asked.newest("surface_active", by="surface")
    first = min(asked.first, max(asked.held, asked.last - 6 * MONTH))
    windows = min(max((asked.last - first).days // MONTH.days, 1), _WINDOWS)
    return {
        f"window{back}": structs.replace(question, until=asked.last - back * MONTH) for back in reversed(range(windows))
    }


def _breadth(asked: Asked) -> Questions:
    return {"now": asked.newest(*_BREADTH), "months": asked.over("28d", "multi_surface_share")}


def _habit(asked: Asked) -> Questions:
    return {"surface": asked.newest("surface_habit", by="surface")}


def _pairs(asked: Asked) -> Questions:
    return {"pair": asked.newest("surface_pairs", by="pair")}


def _next(asked: Asked) -> Questions:
    return {"path": asked.newest("next_surface", by="path")}


def _first_time(asked: Asked) -> Questions:
    return {"surface": asked.newest("first_time_on_surface", by="surface")}


def _features(asked: Asked) -> Questions:
    return {"feature": asked.newest("feature_reach", by="feature")}


def _messages(asked: Asked) -> Questions:
    return {"week": asked.over("week", "messages", "chat_messages_total", "cowork_messages_total")}


def _depth(asked: Asked) -> Questions:
    return {"now": asked.newest(*_DEPTH, *_SHARES)}


def _depth_tiles(answers: Answers) -> tuple[Tile, ...]:
    return tuple(tile(name, answers["now"]) for name in (*_DEPTH, *_SHARES))


FIGURES: tuple[Figure, ...] = (
    Figure("surfaces-now", "Which surfaces people use", _now, sentences.surfaces),
    Figure("surfaces-mix", "How the mix changes", _mix, says.mix, draws="mix"),
    Figure("more-than-one", "More than one surface", _breadth, says.breadth),
    Figure("surface-habit", "Habit on each surface", _habit, says.surface_habit),
    Figure("surface-pairs", "Used together", _pairs, says.surface_pairs, draws="pairs"),
    Figure("next-surface", "From the first surface to the next", _next, says.next_surface, draws="paths"),
    Figure("first-time", "New to a surface", _first_time, says.first_time),
    Figure("features", "Features of Chat, Cowork and Office", _features, says.features),
    Figure("messages", "Messages by week", _messages, sentences.messages, remark="More is not better."),
    Figure("depth", "How deep use goes", _depth, says.depth, _depth_tiles, remark="More is not better.", wide=True),
)
