"""From the day a seat is given to first use and habit; invites that wait."""

from __future__ import annotations

from uptake.metrics.metric import Metric
from uptake.metrics.question import By

_SINCE_JOINING: tuple[By | None, ...] = (None, "joined", "role")
_KAPLAN_MEIER = (
    "Kaplan-Meier: who has not started yet counts for as long as could be seen, until the last whole week or the seat's end. "
    "Who joined before the first day held is left out."
)
_JOINERS = "30 members who joined since the first day held."

METRICS: tuple[Metric, ...] = (
    *(
        Metric(
            f"activation_{days}d",
            f"Active within {days} days",
            "share",
            f"Members expected to be active for the first time within {days} days of joining.",
            "up",
            _KAPLAN_MEIER,
            _SINCE_JOINING,
            "since_joining",
            str(days),
            topic="onboarding",
            section="O1",
            grain="organisation, cohort",
            needs=_JOINERS,
            least=30,
            whole_weeks=1,
        )
        for days in (7, 30)
    ),
    Metric(
        "first_use_median_days",
        "Median days to first use",
        "days",
        "The day after joining by which half of the members are expected to have been active.",
        "down",
        f"{_KAPLAN_MEIER} Not reached: fewer than half started yet.",
        _SINCE_JOINING,
        "since_joining",
        "median",
        topic="onboarding",
        section="O2",
        grain="organisation, cohort",
        needs=_JOINERS,
        least=30,
        whole_weeks=1,
    ),
    Metric(
        "habit_by_week_8",
        "Habit by week 8",
        "share",
        "Of the members who started eight or more whole weeks ago and held a seat to the end of the eighth: those active in "
        "three of four weeks in a row within the eight.",
        "up",
        "Started: first active in the fifth week held or later. Weeks of leave count as weeks without use.",
        (None, "joined", "role"),
        "habit_by_8",
        topic="onboarding",
        section="O3",
        grain="organisation, cohort",
        needs="30 members who started, each with eight whole weeks.",
        least=30,
        whole_weeks=1,
    ),
    Metric(
        "invites_waiting",
        "Invites waiting for long",
        "share",
        "Pending invites older than 14 days divided by all pending invites.",
        "down",
        "As of today. Invites to people on the roster are not among them.",
        (None,),
        "old_invites",
        topic="onboarding",
        section="O4",
        whole_weeks=0,
    ),
)
