"""Who stays, who comes, who goes; and seats that lie idle."""

from __future__ import annotations

from uptake.metrics.formula import count, share
from uptake.metrics.metric import OVER_TIME, ROUNDED, WINDOW, Direction, Metric

_COHORT = "Cohort: the week of first use, the fifth week held or later. At risk: a seat on the bracket's first Monday."
_FLOWS = f"Seat holders only. Who was active in the first four weeks held is never new. {ROUNDED}"
_BEFORE = "Eight whole weeks."
_HERE = "days > 0"
_THERE = "days_before > 0"

_FLOW: tuple[tuple[str, str, str, Direction, str], ...] = (
    (
        "new",
        "New",
        "Members active in the four weeks and never before.",
        "up",
        f"{_HERE} AND NOT {_THERE} AND started",
    ),
    (
        "retained",
        "Kept",
        "Members active in the four weeks and in the four before.",
        "up",
        f"{_HERE} AND {_THERE}",
    ),
    (
        "resurrected",
        "Come back",
        "Members active in the four weeks, not in the four before, but earlier.",
        "up",
        f"{_HERE} AND NOT {_THERE} AND NOT started",
    ),
    (
        "churned",
        "Lapsed",
        "Members active in the four weeks before, not in these, who still hold a seat.",
        "down",
        f"NOT {_HERE} AND {_THERE} AND seat_end",
    ),
    (
        "left",
        "Left",
        "Members active in the four weeks before, not in these, who hold no seat any more.",
        "context",
        f"NOT {_HERE} AND {_THERE} AND NOT seat_end",
    ),
)

METRICS: tuple[Metric, ...] = (
    *(
        Metric(
            f"retention_{id}",
            f"Kept in {label}",
            "share",
            f"Members of the cohorts who were active in at least one week of {label} after their first, divided by those at "
            "risk.",
            "up",
            f"{_COHORT} Cohorts whose bracket is not over yet are left out. {ROUNDED}",
            (None, "started", "started_28d"),
            "bracket",
            id,
            topic="retention",
            section="T1",
            grain="organisation, cohort",
            needs="The bracket's weeks, all whole, after a cohort's first.",
            whole_weeks=1,
        )
        for id, label in (
            ("w1", "week 1"),
            ("w2_4", "weeks 2 to 4"),
            ("w5_8", "weeks 5 to 8"),
            ("w9_12", "weeks 9 to 12"),
        )
    ),
    Metric(
        "retention_rolling",
        "Kept from the four weeks before",
        "share",
        "Members active in the four weeks, of those who were active in the four before and still hold a seat.",
        "up",
        f"Somebody on leave for four weeks counts as not kept. {ROUNDED}",
        WINDOW,
        "window",
        topic="retention",
        section="T2",
        needs=_BEFORE,
        whole_weeks=8,
        how=share(f"{_THERE} AND seat_end", _HERE),
    ),
    *(
        Metric(
            f"flow_{id}",
            label,
            "people",
            formula,
            direction,
            _FLOWS,
            OVER_TIME,
            "window",
            topic="growth",
            section="T2",
            needs=_BEFORE,
            whole_weeks=8,
            how=count(who),
        )
        for id, label, formula, direction, who in _FLOW
    ),
    Metric(
        "quick_ratio",
        "Quick ratio",
        "ratio",
        "New and come back, divided by lapsed and left.",
        "up",
        "Above 1 more people come than go. Not defined where fewer than five went.",
        OVER_TIME,
        "window",
        "quick",
        topic="growth",
        section="T3",
        needs=f"{_BEFORE} Five people who went.",
        whole_weeks=8,
        least=5,
        how=share(f"({_HERE}) <> ({_THERE})", _HERE),
    ),
    Metric(
        "seat_utilisation",
        "Seat utilisation",
        "share",
        "Seat holders on the window's last day who were active in the four weeks, divided by all seat holders of that day.",
        "context",
        f"Seats held, not seats purchased; those who joined late count in full. {ROUNDED}",
        WINDOW,
        "window",
        topic="seats",
        section="S2",
        compares=False,
        how=share("seat_end", _HERE, seats=True),
    ),
    Metric(
        "idle_seats",
        "Idle seats",
        "seats",
        "Seats held for at least 30 days, by the days since the last active day; never: not active on any day held.",
        "down",
        f"As of the last whole week. Free for somebody else at once, saved at renewal. {ROUNDED}",
        (None, "idle"),
        "idle",
        topic="seats",
        section="S1",
        needs="30 days of usage, for each band as many as it begins with.",
        whole_weeks=1,
    ),
)
