"""Who uses Claude, of those who may; and Claude's own figures, which are never mixed with ours."""

from __future__ import annotations

from uptake.metrics.formula import count, ratio, share
from uptake.metrics.metric import ACTIVE, ELIGIBLE, ROUNDED, WINDOW, Metric
from uptake.metrics.question import TEAMS

_OTHER = (
    "Claude's own definition of active, over 1, 7 and 30 days: another than ours, and never drawn on one line with it."
)

METRICS: tuple[Metric, ...] = (
    Metric(
        "active_members",
        "Active members in four weeks",
        "people",
        "Eligible members active in the four weeks.",
        "up",
        f"{ELIGIBLE} {ROUNDED}",
        WINDOW,
        "window",
        section="R3",
        how=count("eligible AND days > 0"),
        small_teams=True,
    ),
    Metric(
        "eligible_reach",
        "Reach of eligible members",
        "share",
        "Eligible members active in the four weeks, divided by all eligible members.",
        "up",
        f"{ELIGIBLE} {ROUNDED} It saturates: read it with the habitual share.",
        WINDOW,
        "window",
        section="R4",
        compares=True,
        how=share("eligible", "days > 0", seats=True),
        small_teams=True,
    ),
    Metric(
        "eligible_reach_week",
        "Weekly reach of eligible members",
        "share",
        "Members active in the ISO week who held a seat on at least three of its workdays, divided by all who did.",
        "up",
        f"{ACTIVE} {ROUNDED}",
        (None, "week", *TEAMS),
        "whole_week",
        section="R5",
        whole_weeks=1,
        needs="A week of which all seven days are held.",
    ),
    Metric(
        "ever_used",
        "Ever used",
        "share",
        "Seat holders on the window's last day who were active on any day held, divided by all seat holders of that day.",
        "up",
        f"Counts from the first day held: use before it is unknown. {ROUNDED}",
        WINDOW,
        "window",
        section="R6",
        needs="Twice the threshold of seat holders.",
        how=share("seat_end", "first_week IS NOT NULL", seats=True),
    ),
    Metric(
        "usage_index",
        "Usage index",
        "ratio",
        "The group's share of active person-weeks divided by its share of eligible person-weeks.",
        "context",
        "1 is parity with everybody. It tells of habits, not of worth. Never a rank.",
        ("role", "joined", "tenure", *TEAMS),
        "index",
        section="R8",
        grain="group",
        how=ratio("held4 > 0", "used_weeks", "held4"),
        small_teams=True,
    ),
    *(
        Metric(
            f"reported_{word}_active",
            f"Active, as Claude reports it: {days}",
            "people",
            f"Claude's own count of people active in the {days} to the day.",
            "context",
            _OTHER,
            (None, "day"),
            "reported",
            f"{word}_active_user_count",
            topic="reported",
            section="R10",
        )
        for word, days in (("daily", "day"), ("weekly", "7 days"), ("monthly", "30 days"))
    ),
    Metric(
        "reported_seats",
        "Seats assigned, as Claude reports it",
        "seats",
        "Claude's own count of seats assigned on the day.",
        "context",
        "Not the seat holders of the roster, which may have been read at another hour.",
        (None, "day"),
        "reported",
        "assigned_seat_count",
        topic="reported",
        section="R10",
    ),
    Metric(
        "reported_invites",
        "Pending invites, as Claude reports it",
        "invites",
        "Claude's own count of invites pending on the day.",
        "context",
        "Not the invites read with the roster.",
        (None, "day"),
        "reported",
        "pending_invite_count",
        topic="reported",
        section="O4",
    ),
)
