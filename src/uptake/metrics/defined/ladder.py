"""From a seat to a habit: how far seat holders have come, and who moved between states of use in twelve weeks.

Never used, used, active, habitual, core: each holds the next, so that what lies between two of them is another state.
"""

from __future__ import annotations

from uptake.metrics.formula import count, share
from uptake.metrics.fourweeks import AGO, CORE_DAYS
from uptake.metrics.metric import ROUNDED, WINDOW, Metric

STATES = {"habitual": "Habitual", "occasional": "Occasional", "dormant": "Dormant", "never": "Never"}
"""The states of use, from most to least; the core is among the habitual."""

_NOW = {
    "habitual": "coalesce(habitual, 1 = 0)",
    "occasional": "NOT coalesce(habitual, 1 = 0) AND days > 0",
    "dormant": "NOT coalesce(habitual, 1 = 0) AND days = 0 AND first_week IS NOT NULL",
    "never": "first_week IS NULL",
}
_THEN = {
    "habitual": "coalesce(habitual_then, 1 = 0)",
    "occasional": "NOT coalesce(habitual_then, 1 = 0) AND on4_then > 0",
    "dormant": "NOT coalesce(habitual_then, 1 = 0) AND on4_then = 0 AND used_then",
    "never": "NOT used_then",
}
_BOTH = "seat_end AND seat_then"
_UNKNOWN = "Counts from the first day held: use before it is unknown."

METRICS: tuple[Metric, ...] = (
    Metric(
        "habitual_of_seats",
        "Habitual, of seat holders",
        "share",
        "Seat holders on the window's last day who are habitual, divided by all seat holders of that day.",
        "up",
        f"Habitual: active in 9 of the last 12 weeks; with a seat in fewer of them, in 3 of the last 4. Who has held a seat "
        f"for less is not habitual here: the habitual share leaves them out. {ROUNDED}",
        WINDOW,
        "window",
        topic="frequency",
        section="F5",
        needs="Four whole weeks; from twelve on the longer rule.",
        how=share("seat_end", "habitual", seats=True),
    ),
    Metric(
        "core_of_seats",
        "Core, of seat holders",
        "share",
        "Habitual seat holders with three or more active days a week over the same 12 weeks, divided by all seat holders of "
        "the window's last day.",
        "context",
        f"Only who held a seat in all 12 weeks can be core. {ROUNDED}",
        WINDOW,
        "window",
        topic="frequency",
        section="F6",
        needs="Twelve whole weeks.",
        whole_weeks=12,
        how=share("seat_end", f"long_rule AND habitual AND days12 >= {CORE_DAYS}", seats=True),
    ),
    Metric(
        "state_moves",
        "Moves between states of use",
        "people",
        f"Seat holders of the window's last day and of the day {AGO} weeks before it, by their state then and now: habitual, "
        "occasional (active in the four weeks, not habitual), dormant (active before), never.",
        "context",
        f"Who came or left in between is not in it. Where nearly nobody or nearly everybody of a state moved, it is withheld. "
        f"{_UNKNOWN} {ROUNDED}",
        ("move",),
        "moves",
        topic="frequency",
        section="1.2",
        needs="Sixteen whole weeks; 50 people.",
        whole_weeks=AGO + 4,
        least=50,
        how=count(_BOTH),
        rows={
            f"{then} to {now}": count(f"{_BOTH} AND {_THEN[then]} AND {_NOW[now]}")
            for then in STATES
            for now in STATES
            if now != "never" or then == "never"
        },
    ),
    Metric(
        "coverage",
        "Workforce coverage",
        "share",
        "Employees of the company's directory who hold a seat, divided by all employees in it.",
        "context",
        "By the newest roster and the newest org chart, people once however many seats they hold. Members nobody was found for "
        "in the directory are not in it. Seats and employees are no figures of use: not rounded.",
        (None,),
        "coverage",
        section="R7",
        needs="A directory.",
    ),
)
