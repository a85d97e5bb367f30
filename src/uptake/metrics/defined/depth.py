"""How much is done with Claude. More is not better."""

from __future__ import annotations

from datetime import date

from uptake.domain.days import day_no
from uptake.metrics.formula import median, ratio
from uptake.metrics.metric import OVER_TIME, OVER_TIME_AND_TEAMS, WINDOW, Metric, Unit

_MORE = "More is not better."
ARTIFACTS_SINCE = date(2026, 8, 17)

_SPREAD: tuple[tuple[str, str, Unit, str, str], ...] = (
    (
        "prompts_top_tenth",
        "Prompts of the top tenth",
        "share",
        "Prompts of the tenth of eligible active members with the most, divided by all prompts of active members.",
        "top_tenth",
    ),
    (
        "prompts_gini",
        "Concentration of prompts",
        "ratio",
        "The Gini coefficient of prompts over eligible active members: 0 all alike, 1 one person alone.",
        "gini",
    ),
    (
        "prompts_gini_all",
        "Concentration of prompts, idle members included",
        "ratio",
        "The Gini coefficient of prompts over all eligible members, those without any counted as zero.",
        "gini_all",
    ),
)

METRICS: tuple[Metric, ...] = (
    Metric(
        "prompts_per_active_day",
        "Prompts per active day",
        "prompts",
        "Messages in Chat, Cowork, Office and Design of each eligible active member, divided by the active days; the median.",
        "context",
        f"{_MORE} Claude Code is not in it.",
        WINDOW,
        "window",
        topic="depth",
        section="P1",
        needs="Five active members.",
        compares=True,
        least=5,
        how=median("eligible AND days > 0 AND prompts IS NOT NULL", "CAST(prompts AS DOUBLE) / days"),
    ),
    Metric(
        "messages_per_conversation",
        "Messages per conversation",
        "messages",
        "Chat messages of each eligible member divided by the conversations of each day added up; the median.",
        "context",
        "Conversation-days: a conversation of two days counts on both. No sign of skill.",
        WINDOW,
        "window",
        topic="depth",
        section="P2",
        needs="Five members with a conversation.",
        least=5,
        how=median(
            "eligible AND conversations > 0 AND chat_sent IS NOT NULL", "CAST(chat_sent AS DOUBLE) / conversations"
        ),
    ),
    Metric(
        "thinking_share",
        "Extended-thinking share",
        "share",
        "Chat messages with extended thinking divided by all Chat messages, over eligible members.",
        "context",
        "One person can own much of it: withheld where somebody wrote more than half.",
        OVER_TIME_AND_TEAMS,
        "window",
        topic="depth",
        section="P3",
        needs="25 members who wrote in Chat.",
        least=25,
        how=ratio("eligible AND chat_sent > 0", "thinking", "chat_sent"),
    ),
    Metric(
        "creations_rate",
        "Creations",
        "per 100 person-weeks",
        "Projects and artifacts created in Chat, Cowork and Design by eligible active members, per 100 active person-weeks.",
        "context",
        f"{_MORE} Artifacts are counted by Claude only from 17 August 2026: not given for windows before.",
        OVER_TIME_AND_TEAMS,
        "window",
        topic="depth",
        section="P4",
        needs="25 active members.",
        least=25,
        since=day_no(ARTIFACTS_SINCE),
        how=ratio("eligible AND days > 0", "100 * created", "on4"),
    ),
    Metric(
        "cowork_actions_per_session",
        "Cowork actions per session",
        "actions",
        "Cowork actions divided by Cowork sessions of each member-day with a session; the mean over these member-days.",
        "context",
        "Sessions are counted a day: one that goes on over midnight counts on both days.",
        OVER_TIME_AND_TEAMS,
        "window",
        topic="depth",
        section="P5",
        needs="Five members with a Cowork session.",
        least=5,
        how=ratio("eligible AND session_days > 0", "actions_per_session", "session_days"),
    ),
    Metric(
        "cowork_dispatched_share",
        "Cowork turns on their own",
        "share",
        "Cowork turns that ran in the background divided by these and the messages people sent in Cowork.",
        "context",
        "Background turns of days on which somebody did nothing else are not in it.",
        OVER_TIME_AND_TEAMS,
        "window",
        topic="depth",
        section="P5",
        needs="Five members with a turn or message in Cowork.",
        least=5,
        how=ratio(
            "eligible AND coalesce(dispatched, 0) + coalesce(cowork_sent, 0) > 0",
            "coalesce(dispatched, 0)",
            "coalesce(dispatched, 0) + coalesce(cowork_sent, 0)",
        ),
    ),
    *(
        Metric(
            id,
            label,
            unit,
            formula,
            "context",
            "Says how evenly use is spread, not who is right. In steps, so that nobody's own number follows from it.",
            OVER_TIME,
            "top",
            source,
            topic="depth",
            section="P6",
            needs="50 active members.",
            least=50,
        )
        for id, label, unit, formula, source in _SPREAD
    ),
)
