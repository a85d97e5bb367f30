"""Claude Code: does the set-up of tools or the training need attention? Signs of use, never of productivity."""

from __future__ import annotations

from uptake.metrics import sentences
from uptake.metrics.dashboards import says
from uptake.metrics.figures import Answers, Asked, Figure, Questions, Tile, same_people_tile, tile

CODE_METRICS = (
    "code_sessions",
    "code_lines_added",
    "code_lines_removed",
    "code_commits",
    "code_pull_requests",
    "code_acceptance_rate",
)
PER_MEMBER = (
    "code_commits_per_member",
    "code_pull_requests_per_member",
    "code_lines_added_per_member",
    "code_lines_removed_per_member",
)
_SHARES = ("code_reach", "shipping_share", "acceptance_person_weighted")
_EACH = ("code_sessions_per_day", "code_lines_added_median", "code_lines_removed_median")
_NOT_PRODUCTIVITY = "Signs of use, not of productivity: more is not better, and none of these is a target."
_MODES = "Permission modes that accept without asking raise acceptance."


def _headlines(asked: Asked) -> Questions:
    found = {"newest": asked.newest(*_SHARES), "each": asked.newest(*_EACH)}
    if asked.choice.compare:
        found["same_people_before"] = asked.newest(*_SHARES, compare=True)
    return found


def _headline_tiles(answers: Answers) -> tuple[Tile, ...]:
    shares = [same_people_tile(name, answers["newest"], answers.get("same_people_before")) for name in _SHARES]
    return (*shares, *(tile(name, answers["each"]) for name in _EACH))


def code_tiles(answers: Answers) -> tuple[Tile, ...]:
    return tuple(tile(metric, answers["now"], answers.get("before")) for metric in CODE_METRICS)


def _reach(asked: Asked) -> Questions:
    return {"months": asked.over("28d", "code_reach", "shipping_share")}


def _by_tool(asked: Asked) -> Questions:
    return {"tool": asked.newest("acceptance_by_tool", by="tool")}


def _acceptance(asked: Asked) -> Questions:
    return {
        "week": asked.over("week", "code_acceptance_rate"),
        **asked.over_before("week", "code_acceptance_rate"),
    }


def _sessions(asked: Asked) -> Questions:
    return {"week": asked.over("week", "code_sessions"), **asked.over_before("week", "code_sessions")}


def _shipped(asked: Asked) -> Questions:
    return {"week": asked.over("week", "code_commits", "code_pull_requests")}


def _lines(asked: Asked) -> Questions:
    return {"week": asked.over("week", "code_lines_added", "code_lines_removed")}


def _each(asked: Asked) -> Questions:
    return {"now": asked.newest(*PER_MEMBER), "months": asked.over("28d", *PER_MEMBER[:2])}


def _each_tiles(answers: Answers) -> tuple[Tile, ...]:
    return tuple(tile(metric, answers["now"]) for metric in PER_MEMBER)


def _amounts(asked: Asked) -> Questions:
    return asked.with_before(*CODE_METRICS)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "code-headlines",
        "Claude Code at a glance",
        _headlines,
        says.code_headlines,
        _headline_tiles,
        remark=_NOT_PRODUCTIVITY,
        wide=True,
    ),
    Figure("code-reach", "Who uses it, and ships with it", _reach, says.code_reach),
    Figure("code-tools", "Suggestions accepted, by tool", _by_tool, says.code_tools, remark=_MODES),
    Figure("code-acceptance", "Suggestions accepted, by week", _acceptance, says.code_acceptance, remark=_MODES),
    Figure("code-sessions", "Sessions by week", _sessions, says.code_sessions),
    Figure("code-shipped", "Commits and pull requests by week", _shipped, says.code_shipped),
    Figure("code-lines", "Lines added and removed by week", _lines, says.code_lines),
    Figure(
        "code-per-member",
        "Per active member, in four weeks",
        _each,
        says.code_per_member,
        _each_tiles,
        remark=_NOT_PRODUCTIVITY,
        wide=True,
    ),
    Figure("code-amounts", "In 28 days, everybody together", _amounts, sentences.claude_code, code_tiles, wide=True),
)
