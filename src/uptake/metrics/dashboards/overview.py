"""Overview: is it on track, and where to look?"""

from __future__ import annotations

from uptake.metrics import sentences
from uptake.metrics.dashboards.code import CODE_METRICS, code_tiles
from uptake.metrics.figures import Answers, Asked, Figure, Questions, Tile, same_people_tile, tile

HABITS = ("eligible_reach", "habitual_share", "multi_surface_share")
STAYING = ("retention_w5_8", "idle_seats")
FLOWS = ("flow_new", "flow_resurrected", "flow_churned", "flow_left")


def _headlines(asked: Asked) -> Questions:
    found = {
        "habits": asked.newest(*HABITS, *STAYING),
        "now": asked.now("active_28d", "reach_28d", "messages"),
        "week": asked.newest("active_week"),
        "seats": asked.newest("seats_never_used", "invited"),
    }
    if asked.choice.compare:
        found |= {
            "same_people_before": asked.newest(*HABITS, compare=True),
            "before": asked.before("active_28d", "reach_28d", "messages"),
            "week_before": asked.week_before("active_week"),
        }
    return found


def _headline_tiles(answers: Answers) -> tuple[Tile, ...]:
    habits = [same_people_tile(name, answers["habits"], answers.get("same_people_before")) for name in HABITS]
    staying = [tile(name, answers["habits"]) for name in STAYING]
    active, messages = (tile(name, answers["now"], answers.get("before")) for name in ("active_28d", "messages"))
    week = tile("active_week", answers["week"], answers.get("week_before"))
    seats = [tile(name, answers["seats"]) for name in ("seats_never_used", "invited")]
    return (*habits, *staying, active, week, messages, *seats)


def _active_over_time(asked: Asked) -> Questions:
    return {
        "week": asked.over("week", "active_week"),
        **asked.over_before("week", "active_week"),
        "day": asked.over("day", "active_day"),
    }


def _habits(asked: Asked) -> Questions:
    return {"now": asked.newest("habitual_share", "eligible_reach"), "months": asked.over("28d", *HABITS[:2])}


def _surfaces(asked: Asked) -> Questions:
    return {"now": asked.newest("surface_active", "surface_share", by="surface")}


def _flows(asked: Asked) -> Questions:
    return {"months": asked.over("28d", *FLOWS)}


def _claude_code(asked: Asked) -> Questions:
    return asked.with_before(*CODE_METRICS)


FIGURES: tuple[Figure, ...] = (
    Figure("headlines", "Claude at a glance", _headlines, sentences.headlines, _headline_tiles, wide=True),
    Figure("active-over-time", "Active people over time", _active_over_time, sentences.active_over_time, wide=True),
    Figure("habits", "Reach and habit", _habits, sentences.habits),
    Figure("surfaces", "Which surfaces people use", _surfaces, sentences.surfaces),
    Figure("flows", "Who comes and who goes", _flows, sentences.flows, draws="flows"),
    Figure("claude-code", "Claude Code", _claude_code, sentences.claude_code, code_tiles),
)
