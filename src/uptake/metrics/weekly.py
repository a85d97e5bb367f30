"""What is kept of a member's week: its active days as bits, and sums. One row stands for up to seven member-days.

Figures over four weeks and more read only this. Each column says which counts it is made from. The SQL is the part that
DuckDB and Spark share. Only days with an intentional action count; days with background turns alone are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from uptake.domain.measures import COLUMNS
from uptake.metrics.activity import ACTIVE_IF, bit

WORKDAY_BITS = 31
"""Monday is bit 1, Sunday bit 64."""

_APPS = ("excel", "outlook", "powerpoint", "word")
TOOLS = ("edit", "multi_edit", "write", "notebook_edit")


@dataclass(frozen=True, slots=True)
class Kept:
    """A column of a member's week: SQL for one member-day, how days become a week, and the counts it reads."""

    name: str
    day: str
    week: Literal["sum", "bit_or"]
    reads: tuple[str, ...]


def total(columns: tuple[str, ...]) -> str:
    """The sum of counts; null only where all of them are."""
    filled = " + ".join(f"coalesce(CAST({column} AS BIGINT), 0)" for column in columns)
    return f"CASE WHEN {' AND '.join(f'{column} IS NULL' for column in columns)} THEN NULL ELSE {filled} END"


def both(name: str, room: str = "chat") -> tuple[str, str]:
    """A count of Chat or Cowork and its twin under the unified product: without it, switching looks like a collapse."""
    return f"{room}_{name}", f"unified_{room}_{name}"


MESSAGES = (
    *both("messages"),
    *both("messages", "cowork"),
    *(f"office_{app}_messages" for app in _APPS),
    "design_messages",
)
CREATED = (
    *both("projects_created"),
    *both("artifacts_created"),
    *both("artifacts_created", "cowork"),
    "design_projects_created",
)

FEATURES: dict[str, tuple[str, ...]] = {
    "projects": (*both("projects_used"), *both("projects_created")),
    "artifacts": (*both("artifacts_created"), *both("artifacts_created", "cowork")),
    "files": both("files_uploaded"),
    "skills": (
        *both("skills_used"),
        *both("skill_uses", "cowork"),
        *(f"office_{app}_skill_uses" for app in _APPS),
    ),
    "connectors": (
        *both("connector_calls"),
        *both("connector_calls", "cowork"),
        *(f"office_{app}_connector_calls" for app in _APPS),
    ),
    "web_search": ("web_searches",),
    "thinking": both("thinking_messages"),
}
"""A feature was used on a day if any of these counts is above zero."""

FEATURE_LABELS = {
    "projects": "Projects",
    "artifacts": "Artifacts",
    "files": "Files",
    "skills": "Skills",
    "connectors": "Connectors",
    "web_search": "Web search",
    "thinking": "Extended thinking",
}


def feature_bit(name: str) -> int:
    return 1 << list(FEATURES).index(name)


_CODE_DAY = " OR ".join(f"{column} > 0" for column in ACTIVE_IF["claude_code"])
_ACTIONS, _SESSIONS = total(both("actions", "cowork")), total(both("sessions", "cowork"))


def _summed(name: str, *columns: str) -> Kept:
    return Kept(name, total(columns), "sum", columns)


def _decided(tool: str) -> tuple[Kept, Kept]:
    """Accepted and decided of a tool: only where both counts are reported."""
    yes, no = f"code_{tool}_accepted", f"code_{tool}_rejected"
    known = f"CASE WHEN {yes} IS NOT NULL AND {no} IS NOT NULL THEN"
    return (
        Kept(f"{tool}_accepted", f"{known} CAST({yes} AS BIGINT) END", "sum", (yes, no)),
        Kept(f"{tool}_decided", f"{known} CAST({yes} AS BIGINT) + {no} END", "sum", (yes, no)),
    )


_EVERY = tuple(dict.fromkeys(column for columns in ACTIVE_IF.values() for column in columns))

KEPT: tuple[Kept, ...] = (
    Kept(
        "days",
        "CASE day_no - 7 * week_no "
        + " ".join(f"WHEN {place} THEN {1 << place}" for place in range(6))
        + " ELSE 64 END",
        "bit_or",
        _EVERY,
    ),
    Kept("surfaces", "CAST(surfaces AS INTEGER)", "bit_or", _EVERY),
    Kept(
        "features",
        " + ".join(
            f"CASE WHEN {' OR '.join(f'{column} > 0' for column in columns)} THEN {feature_bit(name)} ELSE 0 END"
            for name, columns in FEATURES.items()
        ),
        "bit_or",
        tuple(column for columns in FEATURES.values() for column in columns),
    ),
    _summed("prompts", *MESSAGES),
    _summed("chat_sent", *both("messages")),
    _summed("conversations", *both("conversations")),
    _summed("thinking", *both("thinking_messages")),
    _summed("created", *CREATED),
    Kept(
        "actions_per_session",
        f"CASE WHEN ({_SESSIONS}) > 0 THEN CAST(({_ACTIONS}) AS DOUBLE) / ({_SESSIONS}) END",
        "sum",
        (*both("actions", "cowork"), *both("sessions", "cowork")),
    ),
    Kept(
        "session_days",
        f"CASE WHEN ({_SESSIONS}) > 0 AND ({_ACTIONS}) IS NOT NULL THEN 1 END",
        "sum",
        (*both("actions", "cowork"), *both("sessions", "cowork")),
    ),
    _summed("dispatched", *both("dispatch_turns", "cowork")),
    _summed("cowork_sent", *both("messages", "cowork")),
    Kept("code_days", f"CASE WHEN {_CODE_DAY} THEN 1 END", "sum", ACTIVE_IF["claude_code"]),
    Kept(
        "sessions",
        f"CASE WHEN {_CODE_DAY} THEN code_sessions END",
        "sum",
        ACTIVE_IF["claude_code"],
    ),
    Kept(
        "sessions_days",
        f"CASE WHEN ({_CODE_DAY}) AND code_sessions IS NOT NULL THEN 1 END",
        "sum",
        ACTIVE_IF["claude_code"],
    ),
    _summed("lines_added", "code_lines_added"),
    _summed("lines_removed", "code_lines_removed"),
    _summed("commits", "code_commits"),
    _summed("pull_requests", "code_pull_requests"),
    _summed("shipped", "code_commits", "code_pull_requests"),
    *(kept for tool in TOOLS for kept in _decided(tool)),
)

READS: tuple[str, ...] = tuple(dict.fromkeys(column for kept in KEPT for column in kept.reads))
"""Every count that a week is made from."""

assert set(READS) <= set(COLUMNS)
assert bit("chat") == 1


def weekly_sql(source: str, key: str = "member_id", names: frozenset[str] | None = None) -> str:
    """SELECT of (key, week_no, KEPT) from member-days; `source` has day_no, `surfaces` and the counts."""
    week = "CAST(floor(day_no / 7.0) AS INTEGER) AS week_no"
    days = f"SELECT *, {week} FROM {source} WHERE surfaces > 0"  # noqa: S608
    cells = ", ".join(f"{kept.day} AS k_{kept.name}" for kept in wanted(names))
    return (
        f"SELECT {key}, week_no, {_folded('k_', names)} "  # noqa: S608
        f"FROM (SELECT {key}, week_no, {cells} FROM ({days}) d) k GROUP BY {key}, week_no"
    )


def wanted(names: frozenset[str] | None) -> list[Kept]:
    return [kept for kept in KEPT if names is None or kept.name in names]


def folded_sql(source: str, key: str, names: frozenset[str] | None = None) -> str:
    """SELECT of weeks of which a member may have several rows, one row each: `key` names the member."""
    return f"SELECT {key}, week_no, {_folded('', names)} FROM {source} GROUP BY {key}, week_no"  # noqa: S608


def _folded(prefix: str, names: frozenset[str] | None = None) -> str:
    return ", ".join(f"{_fold(kept, f'{prefix}{kept.name}')} AS {kept.name}" for kept in wanted(names))


def _fold(kept: Kept, column: str) -> str:
    if kept.week == "bit_or":
        return f"bit_or(CAST({column} AS INTEGER))"
    kind = "DOUBLE" if kept.name == "actions_per_session" else "BIGINT"
    return f"CAST(sum({column}) AS {kind})"
