"""Claude Code: signs of use and of the set-up of tools, never of productivity."""

from __future__ import annotations

from uptake.metrics.activity import bit
from uptake.metrics.formula import Formula, mean, median, ratio, share
from uptake.metrics.fourweeks import SHRINK
from uptake.metrics.metric import CODE, OVER_TIME, WINDOW, Metric, Unit
from uptake.metrics.weekly import TOOLS

_DECISIONS = 10
_PER_MEMBER: tuple[tuple[str, str, Unit, str, str], ...] = (
    ("lines_added", "Lines added", "lines", "E7", "generated files and long lines count like any others."),
    ("lines_removed", "Lines removed", "lines", "E7", "removing a file counts like careful work."),
    ("commits", "Commits", "commits", "E8", "small commits count like large ones, and those made by hand do not show."),
    ("pull_requests", "Pull requests", "pull requests", "E8", "those opened by hand do not show."),
)
_MODES = "Permission modes accept without asking and raise it."


def _shrunken(prefix: str) -> Formula:
    yes, of = f"{prefix}accepted", f"{prefix}decided"
    return mean(
        f"eligible AND {of} >= {_DECISIONS}",
        f"(CAST({yes} AS DOUBLE) + {SHRINK} * {prefix}rate) / ({of} + {SHRINK})",
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "code_reach",
        "Claude Code reach",
        "share",
        "Eligible members active in Claude Code in the four weeks, divided by all eligible members.",
        "up",
        f"{CODE} Everybody counts as allowed to use it: who really may is not known.",
        WINDOW,
        "window",
        topic="engineering",
        section="E1",
        compares=True,
        how=share("eligible", f"(surfaces & {bit('claude_code')}) > 0", seats=True),
        small_teams=True,
    ),
    Metric(
        "code_sessions_per_day",
        "Sessions per coding day",
        "sessions",
        "Claude Code sessions divided by the days with them, for each eligible member; the median.",
        "context",
        f"{CODE} Days on which sessions are not reported are left out.",
        WINDOW,
        "window",
        topic="engineering",
        section="E2",
        needs="Five members who used Claude Code.",
        least=5,
        how=median("eligible AND sessions_days > 0", "CAST(sessions AS DOUBLE) / sessions_days"),
    ),
    Metric(
        "acceptance_person_weighted",
        "Acceptance, each person alike",
        "share",
        "Of each eligible member with ten or more decisions: accepted and five times everybody's rate, divided by decisions "
        "and five; the mean of them.",
        "context",
        f"{_MODES} Each person counts alike, so nobody owns it.",
        WINDOW,
        "window",
        topic="engineering",
        section="E3",
        needs="Eight members with ten decisions.",
        compares=True,
        least=8,
        how=_shrunken(""),
        small_teams=True,
    ),
    Metric(
        "acceptance_by_tool",
        "Acceptance by tool, each person alike",
        "share",
        "The same for each tool: decisions and everybody's rate of that tool alone.",
        "context",
        _MODES,
        ("tool",),
        "parts",
        topic="engineering",
        section="E4",
        needs="Eight members with ten decisions with the tool.",
        least=8,
        rows={tool: _shrunken(f"{tool}_") for tool in TOOLS},
    ),
    *(
        Metric(
            f"code_lines_{what}_median",
            f"Lines {what} in a coding week",
            "lines",
            f"Lines {what} with Claude Code in each week in which an eligible member used it; the median of these weeks.",
            "context",
            f"{CODE} Never a target. Given in steps.",
            OVER_TIME,
            "lines",
            what,
            topic="engineering",
            section="E5",
            needs="Five members who used Claude Code.",
            least=5,
        )
        for what in ("added", "removed")
    ),
    *(
        Metric(
            f"code_{what}_per_member",
            f"{label} per active member",
            unit,
            f"{label} with Claude Code in the four weeks, per eligible member who used it and of whom they are reported; the "
            "mean.",
            "context",
            f"{CODE} Never a target: {caveat} Withheld where one member made more than half of them.",
            OVER_TIME,
            "window",
            topic="engineering",
            section=section,
            needs="Five members who used Claude Code.",
            least=5,
            how=mean(f"eligible AND code_days > 0 AND {what} IS NOT NULL", what, heavy=True),
        )
        for what, label, unit, section, caveat in _PER_MEMBER
    ),
    Metric(
        "shipping_share",
        "Shipping share",
        "share",
        "Weeks in which an eligible member used Claude Code and made a commit or pull request with it, divided by all weeks "
        "with Claude Code.",
        "up",
        f"{CODE} Work that is committed by hand does not show.",
        WINDOW,
        "window",
        topic="engineering",
        section="E6",
        needs="Five members who used Claude Code.",
        compares=True,
        least=5,
        how=ratio("eligible AND code_weeks > 0", "shipped_weeks", "code_weeks"),
        small_teams=True,
    ),
)
