"""The catalogue: every metric anybody may ask for, with its definition in plain words. Nothing else can be asked.

What a metric is made from (`kind`, `source`) is read by cells; everything else is for people.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from uptake.metrics.question import By

Kind = Literal[
    "members", "day", "week", "trailing", "reach", "surface", "surface_share", "sum", "rate", "unused", "invited"
]
Unit = Literal["people", "share", "messages", "sessions", "lines", "commits", "pull requests", "seats", "invites"]


class Metric(msgspec.Struct, frozen=True):
    """A figure we define. `by` lists the dimensions it allows; None among them is the whole window in one row."""

    id: str
    label: str
    unit: Unit
    formula: str
    direction: Literal["up", "down", "context"]
    caveat: str
    by: tuple[By | None, ...]
    kind: Kind
    source: str = ""  # id of the part or family it adds up
    additive: bool = False


_ACTIVE = (
    "Active: at least one intentional action (a message, a session, a commit, an accepted or rejected suggestion); "
    "never a view, an invite or a background turn."
)
_UNLISTED = "People in the usage who are not on the roster count as active, not as members."
_CODE = "A sign of use, not of productivity."
_LEFT_OUT = "Days on which too few people contributed are left out of longer sums and counted as left out."
_RATE = "Permission modes accept without asking and raise it; one person can own much of it. " + _LEFT_OUT

_SERIES: tuple[By | None, ...] = (None, "day", "week")
_ALL = (
    Metric(
        "members",
        "Seat holders",
        "people",
        "Members on the roster who hold a seat on the day; for a week or a window, on its last day.",
        "context",
        "Not the seats purchased. Before the first roster was read, people who had left by then are unknown.",
        _SERIES,
        "members",
    ),
    Metric(
        "active_day",
        "Active in a day",
        "people",
        "Different people active on the day (UTC); for a window, on its last day.",
        "up",
        f"{_ACTIVE} {_UNLISTED}",
        (None, "day"),
        "day",
    ),
    Metric(
        "active_week",
        "Active in a week",
        "people",
        "Different people active in the ISO week, Monday to Sunday; for a window, in its last whole week.",
        "up",
        f"{_ACTIVE} {_UNLISTED} A week with days missing is marked.",
        (None, "week"),
        "week",
    ),
    Metric(
        "active_28d",
        "Active in 28 days",
        "people",
        "Different people active on at least one of the 28 days to the last day of the row.",
        "up",
        f"{_ACTIVE} {_UNLISTED}",
        _SERIES,
        "trailing",
    ),
    Metric(
        "reach_28d",
        "Reach",
        "share",
        "Members active in the 28 days to the last day of the row, divided by the members of that day.",
        "up",
        f"Only members count as active here, matched by id, then by e-mail: never above 100 %. {_UNLISTED}",
        _SERIES,
        "reach",
    ),
    Metric(
        "surface_active",
        "Active per surface",
        "people",
        "Different people active on the surface in the 28 days to the last day of the window.",
        "up",
        f"{_ACTIVE} Somebody active on two surfaces counts on both.",
        ("surface",),
        "surface",
    ),
    Metric(
        "surface_share",
        "Share of active people per surface",
        "share",
        "People active on the surface divided by all active, in the 28 days to the last day of the window.",
        "context",
        "Shares add up to more than 100 %: people use several surfaces.",
        ("surface",),
        "surface_share",
    ),
    Metric(
        "messages",
        "Messages",
        "messages",
        "Messages people sent in Chat, Cowork, Office and Design.",
        "context",
        f"More is not better. {_LEFT_OUT}",
        _SERIES,
        "sum",
        "messages",
        True,
    ),
    Metric(
        "chat_messages_total",
        "Chat messages",
        "messages",
        "Messages sent in Chat, those counted under unified Chat included.",
        "context",
        f"More is not better. {_LEFT_OUT}",
        _SERIES,
        "sum",
        "chat",
        True,
    ),
    Metric(
        "cowork_messages_total",
        "Cowork messages",
        "messages",
        "Messages sent in Cowork, those counted under unified Cowork included.",
        "context",
        f"More is not better. {_LEFT_OUT}",
        _SERIES,
        "sum",
        "cowork",
        True,
    ),
    Metric(
        "code_sessions",
        "Claude Code sessions",
        "sessions",
        "Claude Code sessions, added up over people and days.",
        "context",
        f"{_CODE} {_LEFT_OUT}",
        _SERIES,
        "sum",
        "code_sessions",
        True,
    ),
    Metric(
        "code_lines_added",
        "Lines added",
        "lines",
        "Lines of code added with Claude Code.",
        "context",
        f"{_CODE} Never a target. {_LEFT_OUT}",
        _SERIES,
        "sum",
        "code_lines_added",
        True,
    ),
    Metric(
        "code_lines_removed",
        "Lines removed",
        "lines",
        "Lines of code removed with Claude Code.",
        "context",
        f"{_CODE} Never a target. {_LEFT_OUT}",
        _SERIES,
        "sum",
        "code_lines_removed",
        True,
    ),
    Metric(
        "code_commits",
        "Commits",
        "commits",
        "Commits made with Claude Code.",
        "context",
        f"{_CODE} {_LEFT_OUT}",
        _SERIES,
        "sum",
        "code_commits",
        True,
    ),
    Metric(
        "code_pull_requests",
        "Pull requests",
        "pull requests",
        "Pull requests made with Claude Code.",
        "context",
        f"{_CODE} {_LEFT_OUT}",
        _SERIES,
        "sum",
        "code_pull_requests",
        True,
    ),
    Metric(
        "code_acceptance_rate",
        "Suggestions accepted",
        "share",
        "Accepted suggestions divided by accepted and rejected ones, over all people and tools.",
        "context",
        _RATE,
        _SERIES,
        "rate",
        "acceptance",
    ),
    *(
        Metric(
            f"code_{tool}_acceptance_rate",
            f"{label} suggestions accepted",
            "share",
            f"Accepted suggestions of the {label} tool divided by accepted and rejected ones, over all people.",
            "context",
            _RATE,
            _SERIES,
            "rate",
            tool,
        )
        for tool, label in (
            ("edit", "Edit"),
            ("multi_edit", "Multi-edit"),
            ("write", "Write"),
            ("notebook_edit", "Notebook edit"),
        )
    ),
    Metric(
        "seats_never_used",
        "Seats never used",
        "seats",
        "Members who have held a seat for at least 14 days and were not active on any day held since.",
        "down",
        "Known only since the first day held; matched by id, then by e-mail. As of the newest day held.",
        (None,),
        "unused",
    ),
    Metric(
        "invited",
        "Invited",
        "invites",
        "Pending invites that have not expired, to people who are not on the roster.",
        "context",
        "As of today. An invite holds no seat in these figures.",
        (None,),
        "invited",
    ),
)

CATALOGUE: dict[str, Metric] = {metric.id: metric for metric in _ALL}


def describe(metric: Metric) -> dict[str, object]:
    """The metric's definition for people and programs: everything but what it is made from."""
    found: dict[str, object] = msgspec.to_builtins(metric)
    return {name: value for name, value in found.items() if name not in {"kind", "source"}}
