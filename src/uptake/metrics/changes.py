"""How teams changed from four weeks to the next four, over the people who were there in all eight: statistics for findings.

Internal: nobody is ever shown a figure of continuing people, who can be very few; a finding says less, see insights.
Only teams whose own figures are shown are here, and of them only those with enough continuing people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.days import day_no, from_day_no
from uptake.metrics import cache, membership
from uptake.metrics.facts import ConnectionFacts, Facts
from uptake.metrics.freshness import freshness_of
from uptake.metrics.membership import NONE, OTHER
from uptake.metrics.panel import whole_weeks
from uptake.metrics.roster import Roster
from uptake.metrics.teamplaces import Place, Stretch, TeamPlaces

Numbers = npt.NDArray[np.float64]

WEEKS = 8
EARLIER = (4, 8)
"""How many weeks before these the eight weeks lie that say how far teams drift apart anyway."""
LEAST = 10
WORKDAYS, ENOUGH = 5, 3
"""Workdays of a week, and on how many of them a seat must be held for the week to count."""
_KINDS = ("department",)
_EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class Group:
    """Differences of a team's people, recent four weeks less the four before, as shares of their workdays: how many people,
    mean, variance, the two extremes; and the mean share of each of the eight weeks."""

    people: int
    mean: float
    variance: float
    lowest: float
    highest: float
    weeks: tuple[float, ...]


@dataclass(frozen=True)
class Team:
    """A team that is shown. `alike`: teams of exactly the same people; `branch`: the top tree or department it is in;
    `earlier`: its people as they were in the eight weeks from four and eight weeks before, where enough were there."""

    id: str
    name: str
    group: Group
    alike: tuple[str, ...] = ()
    branch: str = ""
    earlier: tuple[Group | None, ...] = ()
    _people: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)

    def shares(self, other: Team) -> float:
        """How much of the smaller of the two is in both."""
        both = len(np.intersect1d(self._people, other._people, assume_unique=True))
        return both / max(1, min(len(self._people), len(other._people)))


@dataclass(frozen=True, slots=True)
class Changes:
    """The eight weeks by number, first to last, and the teams; without any where the weeks are not all whole."""

    first: int
    last: int
    teams: tuple[Team, ...] = ()

    def earlier(self) -> tuple[tuple[Group, ...], ...]:
        """The teams of each of the eight weeks before these."""
        each = zip(*(one.earlier for one in self.teams), strict=True)
        return tuple(tuple(group for group in groups if group is not None) for groups in each)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last."""
        return from_day_no(7 * self.first), from_day_no(7 * self.last + 6)


def changes(facts: Facts) -> Changes | None:
    """The newest eight settled weeks; None before there are as many."""
    through, first_day = freshness_of(facts).data_through, freshness_of(facts).first_day
    if through is None or first_day is None or not facts.charts:
        return None
    last = (day_no(through) - 13) // 7  # its Sunday is seven days old: settled
    first = last - WEEKS + 1
    if 7 * first < day_no(first_day):
        return None
    asked = [one for one in facts.connections if _owes(facts, one, last)]
    if not _reach(facts, asked, first, last):
        return Changes(first, last)
    held = max((back for back in EARLIER if _reach(facts, asked, first - back, last)), default=0)
    each = [_found(facts, one.id, Span(first - held, first, last)) for one in asked]
    return Changes(first, last, tuple(_together(each, facts)))


def summary(capped: Numbers, expected: Numbers) -> Group:
    """Of people by week, four and four: days used, at most the workdays held, and those workdays."""
    half = WEEKS // 2
    shares = [
        capped[:, part].sum(axis=1) / expected[:, part].sum(axis=1) for part in (slice(half, None), slice(0, half))
    ]
    apart = shares[0] - shares[1]
    return Group(
        people=len(apart),
        mean=float(apart.mean()),
        variance=float(apart.var(ddof=1)),
        lowest=float(apart.min()),
        highest=float(apart.max()),
        weeks=tuple((capped / expected).mean(axis=0).tolist()),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Weeks that are looked at: from `reach` on for the drift of teams, from `first` on for the change."""

    reach: int
    first: int
    last: int


def _reach(facts: Facts, asked: list[ConnectionFacts], first: int, last: int) -> bool:
    return all(_whole(facts, one.id, first, last) for one in asked)


def _owes(facts: Facts, connection: ConnectionFacts, last: int) -> bool:
    """Whether a connection has people to look at: a roster, and not disconnected before."""
    held = facts.usage[connection.id]
    return bool(held and facts.rosters[connection.id]) and (connection.connected or day_no(max(held)) >= 7 * last + 6)


def _whole(facts: Facts, connection: str, first: int, last: int) -> bool:
    return set(range(first, last + 1)) <= set(whole_weeks([day_no(day) for day in sorted(facts.usage[connection])]))


Found = dict[str, tuple[str, str, npt.NDArray[np.int64], Numbers, Numbers] | None]
"""By team: name, branch, people, capped, expected; None where the team is not shown."""


def _together(each: list[Found], facts: Facts) -> Iterator[Team]:
    """The teams of all connections. One that is not shown in each of them is in none."""
    known: dict[bytes, list[str]] = defaultdict(list)
    teams: dict[str, Team] = {}
    for team in dict.fromkeys(name for found in each for name in found):
        parts = [found[team] for found in each if team in found]
        shown = [part for part in parts if part is not None]
        if len(shown) < len(parts):
            continue
        people = np.concatenate([part[2] + (place << 40) for place, part in enumerate(shown)])
        if len(people) < max(LEAST, facts.threshold):
            continue
        capped, expected = (np.concatenate([part[at] for part in shown]) for at in (3, 4))
        known[people.tobytes()].append(team)
        group = summary(capped[:, -WEEKS:], expected[:, -WEEKS:])
        teams[team] = Team(team, shown[0][0], group, (), shown[0][1], _earlier(capped, expected), people)
    for same in known.values():
        one = teams[same[0]]
        yield replace(one, alike=tuple(same[1:]))


def _earlier(capped: Numbers, expected: Numbers) -> tuple[Group | None, ...]:
    """The same people in the eight weeks before, of those who were there then."""
    found: list[Group | None] = []
    for back in EARLIER:
        if capped.shape[1] < WEEKS + back:
            break
        part = slice(capped.shape[1] - WEEKS - back, capped.shape[1] - back)
        there = (expected[:, part] >= ENOUGH).all(axis=1)
        found.append(summary(capped[there, part], expected[there, part]) if there.sum() >= LEAST else None)
    return tuple(found)


def _found(facts: Facts, connection: str, span: Span) -> Found:
    places = TeamPlaces(
        facts.threshold, cache.teams(facts, connection), lambda stretch: _file(facts, connection, stretch)
    )
    first, last = span.first, span.last
    seats, rows = cache.member_weeks(facts, connection, span.reach, last)
    capped, expected = _shares(seats, rows, range(span.reach, last + 1))
    held = np.asarray((expected[:, -WEEKS:] >= ENOUGH).all(axis=1))
    file, newest = cache.teams(facts, connection), Stretch(last, last)
    found: Found = {}
    for team, ids in _members(places, file, first, last):
        numbers = np.sort(pc.index_in(ids, value_set=seats.ids).drop_null().to_numpy().astype(np.int64))
        there = numbers[held[numbers]]
        if len(there):
            branch = _branch(places, team, first, last)
            found[team] = (places.teams.names.get(team, team), branch, there, capped[there], expected[there])
    shown = _shown(places, newest, facts.threshold)
    return {team: one if team in shown else None for team, one in found.items()}


def _file(facts: Facts, connection: str, stretch: Stretch) -> Path:
    return cache.team_weeks(facts, connection, stretch.first)


def _shares(seats: Roster, rows: pa.Table, weeks: range) -> tuple[Numbers, Numbers]:
    """By seat and week: days used, at most the workdays held, and those workdays."""
    starts = 7 * np.array(weeks)
    joined, left = seats.joined[:, None].astype(np.int64), seats.left[:, None].astype(np.int64)
    expected = np.clip(np.minimum(left, starts + WORKDAYS) - np.maximum(joined, starts), 0, None).astype(np.float64)
    used = np.zeros(expected.shape)
    days = np.bitwise_count(rows["days"].to_numpy().astype(np.uint8))
    np.add.at(used, (rows["person_no"].to_numpy(), rows["week_no"].to_numpy() - weeks.start), days)
    return np.minimum(used, expected), expected


def _members(places: TeamPlaces, file: Path, first: int, last: int) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Every department and tree with those who were in it in all eight weeks."""
    for kind in _KINDS:
        yield from _by_team(membership.in_kind(file, kind, _EMPLOYEE, first, last))
    above, depths = places.teams.places(first, last), places.teams.depths(first, last)
    homes = dict(_by_team(membership.in_trees(file, _EMPLOYEE, depths, first, last)))
    below: dict[str, list[Any]] = defaultdict(list)
    for home, ids in homes.items():
        at = home
        while at:
            below[at].append(ids)
            at = above[at]
    for tree, parts in below.items():
        yield tree, pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())


def _by_team(people: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    table = people.sort_by("team")
    names = table["team"].to_pylist()
    starts = [at for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
    for start, end in zip(starts, [*starts[1:], len(names)], strict=True):
        if names[start] not in {NONE, OTHER}:
            yield names[start], table["member_id"].slice(start, end - start)


def _branch(places: TeamPlaces, team: str, first: int, last: int) -> str:
    """The tree below the company's top that a tree lies in; a department is its own."""
    chain = places.teams.chain(team, first, last) if team.startswith("tree:") else None
    return team if not chain or len(chain) < 2 else chain[-2]


def _shown(places: TeamPlaces, newest: Stretch, k: int) -> frozenset[str]:
    """The teams whose figures of the newest week are shown: at least k people, of trees twice as many."""
    shown: set[str] = set()
    for kind in _KINDS:
        grouping = places.grouping(newest, Place(kind, _EMPLOYEE))
        shown |= {team for team, size in grouping.sizes.items() if size >= k and team not in grouping.hidden}
    return frozenset(shown | {tree for tree, size in places.trees(newest, _EMPLOYEE).items() if size >= 2 * k})
