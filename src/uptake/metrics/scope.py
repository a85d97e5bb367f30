"""Scope: the connections a question is about, and how their figures become one.

All together is made from each connection's released figures and nothing else, so it tells nothing they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from uptake.domain.days import day_no
from uptake.metrics.facts import ConnectionFacts
from uptake.metrics.freshness import Calendar
from uptake.metrics.question import Cell
from uptake.metrics.release import Released
from uptake.metrics.shown import TOO_FEW, PanelShown
from uptake.metrics.teampanel import TeamPanel

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TeamsAsked:
    """What a question says of teams."""

    population: str
    team: str | None = None
    within: str | None = None
    under: str | None = None  # the tree of a viewer who may see no other: only what was in it at the time


@dataclass(frozen=True, slots=True)
class Source:
    """One connection: how it stands and what of it is released."""

    connection: ConnectionFacts
    released: Released
    panel: PanelShown | None = (
        None  # only where the question asks for a figure over weeks or groups, and a roster is held
    )

    reported: Mapping[str, Mapping[date, int]] = field(default_factory=dict)  # Claude's own figures: column, day, count

    teams: TeamPanel | None = None  # only where teams are asked for, and a roster and an org chart are held

    def owes(self, day: date) -> bool:
        """Whether the connection is a part of the figures of a day: not before its first, nor after it was disconnected."""
        days = self.released.days
        return bool(days) and days[0] <= day_no(day) and (self.connection.connected or day_no(day) <= days[-1])


@dataclass(frozen=True, slots=True)
class Scope:
    """Connections with enough people, and their common calendar. `small` counts those left out for having too few."""

    sources: tuple[Source, ...]
    calendar: Calendar
    k: int
    today: date
    small: int = 0
    teams: TeamsAsked | None = None
    covered: tuple[int, int] | None = None  # employees with a seat, and all; only where that is asked for

    def together(self, day: date, read: Callable[[Released], _T | None], missing: Cell) -> list[_T] | Cell:
        """What each connection that counts on the day says; a cell where one withholds it or does not know it.

        `read` gives None for withheld and raises KeyError for not known; `missing` is the answer then.
        """
        sources = [source for source in self.sources if source.owes(day)]
        if not sources:
            return missing
        try:
            found = [read(source.released) for source in sources]
        except KeyError:
            return missing
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else withheld()


def withheld() -> Cell:
    return Cell("withheld", reason=TOO_FEW)
