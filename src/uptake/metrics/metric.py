"""What a metric is: the shape of every entry of the catalogue, and the words that several entries share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from uptake.metrics.formula import Formula
from uptake.metrics.question import TEAMS, By

Kind = Literal[
    "members", "day", "week", "trailing", "reach", "surface", "surface_share", "sum", "rate", "unused", "invited",
    "reported", "window", "index", "parts", "whole_week", "top", "since_joining", "bracket", "habit_by_8", "idle",
    "lines", "old_invites", "moves", "coverage", "ways",
]  # fmt: skip
Unit = Literal[
    "people", "share", "messages", "sessions", "lines", "commits", "pull requests", "seats", "invites", "days",
    "surfaces", "features", "ratio", "prompts", "per 100 person-weeks", "actions",
]  # fmt: skip
Direction = Literal["up", "down", "context"]
Topic = Literal[
    "reach", "frequency", "breadth", "depth", "engineering", "onboarding", "retention", "growth", "seats", "reported"
]
TOPICS: dict[Topic, str] = {
    "reach": "Reach: who uses it",
    "frequency": "Frequency: how often",
    "breadth": "Breadth: where and what for",
    "depth": "Depth: how much",
    "engineering": "Engineering: Claude Code",
    "onboarding": "Onboarding: from seat to first use",
    "retention": "Retention: who stays",
    "growth": "Growth: who comes and goes",
    "seats": "Seats",
    "reported": "Reported by Claude: the vendor's own figures, never mixed with ours",
}


class Metric(msgspec.Struct, frozen=True):
    """A figure we define. `by` lists the dimensions it allows; None among them is the whole window in one row.

    `version` counts its definitions: a change of what the figure means is a new one. `section` is the number by which the
    definition is cited. `needs` says from how much data on it is given. What it is made from (`kind`, `source`, `how`,
    `rows`, `least`, `whole_weeks`, `since`) is read by the engine; everything else is for people.
    """

    id: str
    label: str
    unit: Unit
    formula: str
    direction: Direction
    caveat: str
    by: tuple[By | None, ...]
    kind: Kind
    source: str = ""  # id of the part or family it adds up, the summary's column, the bracket
    additive: bool = False
    topic: Topic = "reach"
    section: str = ""
    version: int = 1
    needs: str = ""
    grain: str = "organisation"
    compares: bool = False  # with the four weeks before, over the same people
    how: Formula | None = None
    rows: Mapping[str, Formula] = msgspec.field(default_factory=dict)  # a formula each: surfaces, features, tools
    least: int = 0  # people below which the figure says too little
    whole_weeks: int = 4  # weeks to its last that must be whole
    since: int | None = None  # day number from which its counts exist
    small_teams: bool = False  # given of trees and groups from k people on; other figures from twice as many on

    @property
    def of_team(self) -> tuple[By | None, ...]:
        """The dimensions in which it may be asked of one team."""
        if self.kind in {"window", "index"} and set(TEAMS) <= set(self.by):
            return (None, "28d")
        if self.kind == "parts":
            return self.by
        return (None, "week") if self.kind in {"members", "week", "whole_week"} else ()


MADE_FROM = frozenset({"kind", "source", "how", "rows", "least", "whole_weeks", "since", "small_teams"})

ACTIVE = (
    "Active: at least one intentional action (a message, a session, a commit, an accepted or rejected suggestion); "
    "never a view, an invite or a background turn."
)
UNLISTED = "People in the usage who are not on the roster count as active, not as members."
ELIGIBLE = "Eligible: a seat held on at least half of the window's workdays."
CODE = "A sign of use, not of productivity."
LEFT_OUT = "Days on which too few people contributed are left out of longer sums and counted as left out."
ROUNDED = "Counts of people are rounded to the threshold, so that no difference of two tells of a few people."

SERIES: tuple[By | None, ...] = (None, "day", "week")
WINDOW: tuple[By | None, ...] = (None, "28d", "role", "joined", "tenure", *TEAMS)
OVER_TIME_AND_TEAMS: tuple[By | None, ...] = (None, "28d", *TEAMS)
OVER_TIME: tuple[By | None, ...] = (None, "28d")
