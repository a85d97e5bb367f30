"""What a finding is: one shape for page, REST, command and digest. Everything in it may be shown to whoever gets it."""

from __future__ import annotations

from datetime import date
from typing import Literal
from urllib.parse import urlencode

import msgspec

Id = Literal["I1", "I2", "I7", "I13", "I15"]
"""I1 team shift, I2 organisation anomaly, I7 seats to review, I13 seat need, I15 data quality."""

About = Literal["use", "seats", "data"]
Direction = Literal["up", "down", ""]


class Size(msgspec.Struct, frozen=True):
    """How large a change is: from `low` to `high`, in the unit. Rounded outwards, so that it tells of no few people."""

    low: float
    high: float
    unit: Literal["points", "people", "seats"]


class Finding(msgspec.Struct, frozen=True):
    """One thing worth a look. `cell` is a team's id, empty for the organisation; `evidence` the address of the page behind it.

    `score` orders findings for the digest: how far beyond what would be noticed, how many people, how new, how useful.
    """

    id: Id
    about: About
    cell: str
    name: str
    metric: str
    direction: Direction
    since: date
    until: date
    data_through: date
    sentence: str
    compared_with: str
    action: str
    evidence: str
    size: Size | None = None
    people: str = ""  # a band of how many people it is about: 20 to 49
    explanations: tuple[str, ...] = ()  # neutral ones, and the caveat
    favourable: bool = False
    group: str = ""  # the department or tree it counts to in a digest
    alike: tuple[str, ...] = ()  # other teams of exactly the same people
    covered: str = ""  # the team of a finding that says the same of mostly the same people
    score: float = 0.0


class Looked(msgspec.Struct, frozen=True):
    """What was looked at, and why nothing could be said where it could not."""

    id: Id
    what: str
    cells: int = 0
    vetoed: tuple[str, ...] = ()


class Notice(msgspec.Struct, frozen=True):
    """The smallest change that would be noticed, in points, in a team of so many people."""

    points: int
    people: int


class Findings(msgspec.Struct, frozen=True):
    """What stands now. `ready` is False while it is still being worked out from the newest facts."""

    ready: bool
    data_through: date | None
    findings: tuple[Finding, ...] = ()
    looked: tuple[Looked, ...] = ()
    notice: Notice | None = None


def evidence(team: str) -> str:
    """The address of a team's own page."""
    return f"/teams/one/?{urlencode({'team': team})}"
