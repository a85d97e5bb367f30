"""A Question and its Answer: the one shape that page, chart, table, CSV, REST and command share.

Every Answer says until which day it is known, what is still settling and what was withheld; every cell is in one of four
states. Zero is a value; the other three are never zero.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

By = Literal[
    "day", "week", "28d", "surface", "role", "joined", "tenure", "started", "feature", "tool", "active_days", "idle", "move",
    "pair", "path",
    "started_28d",
    "department", "location", "title", "group", "tree",
]  # fmt: skip
BY: dict[By, str] = {
    "day": "one row a day",
    "week": "one row an ISO week, Monday to Sunday",
    "28d": "one row for each fixed four weeks, counted from Monday 5 January 2026",
    "surface": "one row a surface: Chat, Claude Code, Cowork, Office, Design, Science, Slack",
    "role": "one row a role in Claude, as the newest roster has it",
    "joined": "one row for each month in which members joined",
    "tenure": "one row a band of how long the seat has been held",
    "started": "one row for each week in which members first used Claude",
    "started_28d": "one row for each fixed four weeks in which members first used Claude",
    "feature": "one row a feature",
    "tool": "one row a tool of Claude Code",
    "active_days": "one row for each number of active days in four weeks",
    "idle": "one row a band of how long a seat has been idle",
    "pair": "one row for each two surfaces",
    "path": "one row for each way from a first surface to another one",
    "move": "one row for each way from one state of use to another in twelve weeks",
    "department": "one row a department of the company's directory",
    "location": "one row a location",
    "title": "one row a job title",
    "group": "one row a group; somebody may be in several",
    "tree": "one row a manager's tree: everybody below them, on the level below the company's top or below `within`",
}
"""The dimensions, and what a row of each stands for."""

TEAMS: tuple[By, ...] = ("department", "location", "title", "group", "tree")

Population = Literal["employee", "contractor", "service"]
POPULATIONS: dict[Population, str] = {
    "employee": "employees, and members of whom nothing else is known",
    "contractor": "contractors alone",
    "service": "service accounts alone",
}
"""Whom figures of teams are about; employees where nothing is said. Never all together: less the employees, the few others
would be left."""

State = Literal["value", "not_yet", "not_collected", "withheld"]


class Question(msgspec.Struct, frozen=True):
    """What is asked. `since` and `until` are both inclusive; None means what the connection holds."""

    metrics: tuple[str, ...]
    by: By | None = None
    since: date | None = None
    until: date | None = None
    connection: str | None = None  # an id; None: all connections together
    compare: bool = False  # with the four weeks before, over the people who were eligible in both
    team: str | None = None  # the id of a team: its people alone
    within: str | None = None  # by tree: the tree whose next level the rows are
    population: Population | None = None  # of teams; None: employees


class Cell(msgspec.Struct, frozen=True):
    """One figure. `value` is set exactly when the state is `value`; `reason` says why it is not."""

    state: State
    value: float | int | None = None
    reason: str = ""
    left_out: int = 0  # days of its window that are not in it: too few people, not reported, or not held
    numerator: float | int | None = None  # of a ratio; rounded where the value is
    denominator: float | int | None = None
    rounded: bool = False  # to the threshold, so that it tells of no few people
    since: date | None = None  # the days it is about, where they are its own and not the row's
    until: date | None = None


class Row(msgspec.Struct, frozen=True):
    """One line of an answer: the day, the week's Monday or the surface it stands for; None for the whole window."""

    key: str | None
    cells: dict[str, Cell]  # by metric id, in the question's order
    settling: bool = False  # holds days that may still be revised
    days: int = 0  # days of data behind it
    days_expected: int = 0  # fewer days than expected: a partial row, marked and never averaged silently
    before: dict[str, Cell] = {}  # where the question compares: the four weeks before, over the same people
    label: str = ""  # of a team: its name; the key is its id


class Freshness(msgspec.Struct, frozen=True):
    """What is known, until which day. Dates are UTC days."""

    data_through: date | None
    settling_since: date | None
    first_day: date | None
    days_held: int
    missing: tuple[date, ...] = ()  # between first_day and data_through, not held
    held_back: tuple[date, ...] = ()  # served, but a guard does not believe it; earlier rows stay in force
    last_sync_at: datetime | None = None
    trouble: str = ""  # one sentence where a stream is stopped or failing


class Answer(msgspec.Struct, frozen=True):
    """The figures with everything a reader needs to trust them. `withheld` counts withheld cells."""

    question: Question
    since: date | None
    until: date | None
    rows: tuple[Row, ...]
    freshness: Freshness
    withheld: int = 0
    notes: tuple[str, ...] = ()
    lake_version: str = ""
