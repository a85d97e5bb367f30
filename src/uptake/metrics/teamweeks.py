"""Teams by week: how many of each held a seat and were active, counted once for each cache file of weeks and kept beside it.

Counts of a week add up over teams that do not overlap, so rows that are put together are sums of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from uptake.metrics import fourweeks, rounding, teamrules
from uptake.metrics.engine import in_memory, opened, read_table
from uptake.metrics.fourweeks import WEEK_WORKDAYS
from uptake.metrics.membership import DIRECT, NONE, OTHER
from uptake.metrics.memo import Memo
from uptake.metrics.metric import Metric
from uptake.metrics.question import Cell
from uptake.metrics.roster import Roster
from uptake.metrics.shown import Cells, withheld
from uptake.metrics.teampanel import PARTITIONS, ROOT, Place, TeamPanel

_EVERY = ""
"""The team of everybody in a file of counts."""

_COUNTED = f"""
WITH seat_week AS ({fourweeks.SEAT_WEEK}),
  held AS (
    SELECT s.person_no, w.week_no, s.left_day > 7 * w.week_no + 6 AND s.joined <= 7 * w.week_no + 6 AS seat,
      coalesce(h.seat_workdays, 0) >= {WEEK_WORKDAYS} AS held
    FROM seat s CROSS JOIN week w LEFT JOIN seat_week h ON h.person_no = s.person_no AND h.week_no = w.week_no
    WHERE s.joined <= 7 * w.week_no + 6 AND s.left_day > 7 * w.week_no
  ), one AS (
    SELECT h.*, a.person_no IS NOT NULL AND h.held AS active
    FROM held h LEFT JOIN active a ON a.person_no = h.person_no AND a.week_no = h.week_no
  ), every AS (
    SELECT o.*, m.team FROM one o JOIN span m
      ON m.seat_no = o.person_no AND o.week_no BETWEEN m.first_week AND m.last_week
    UNION ALL SELECT o.*, -1 FROM one o
  )
SELECT e.week_no, e.team, p.population, sum(CASE WHEN e.held THEN 1 ELSE 0 END) AS held,
  sum(CASE WHEN e.active THEN 1 ELSE 0 END) AS active, sum(CASE WHEN e.seat THEN 1 ELSE 0 END) AS seats
FROM every e JOIN whose p ON p.seat_no = e.person_no GROUP BY e.week_no, e.team, p.population
""".strip()  # noqa: S608

_NAMED = f"""
CREATE TABLE counted AS SELECT c.week_no, coalesce(t.id, '{_EVERY}') AS id, coalesce(t.kind, '{_EVERY}') AS kind,
  c.population, c.held, c.active, c.seats FROM given c LEFT JOIN named t ON t.team = c.team ORDER BY c.week_no, kind, id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Week:
    """Of a team in a week: people with a seat on three workdays, those of them who were active, seats on the Sunday."""

    held: int = 0
    active: int = 0
    seats: int = 0

    def __add__(self, other: Week) -> Week:
        return Week(self.held + other.held, self.active + other.active, self.seats + other.seats)

    def __sub__(self, other: Week) -> Week:
        return Week(self.held - other.held, self.active - other.active, self.seats - other.seats)


def write(path: Path, teams: Path, roster: Roster, rows: pa.Table, first: int, last: int) -> None:
    """Make the counts of the weeks from first to last. `rows`: member-weeks with person_no (a seat's) and week_no;
    `teams`: the file of who is in which team, of the same roster."""
    with opened(teams) as file:
        span, whose = read_table(file, "SELECT * FROM span"), read_table(file, "SELECT seat_no, population FROM seat")
        named = read_table(file, "SELECT team, id, kind FROM team")
    numbers = pa.array(np.arange(len(roster.joined), dtype=np.int32))
    with in_memory(path.parent) as engine:
        engine.register(
            "seat",
            pa.table({"person_no": numbers, "joined": pa.array(roster.joined), "left_day": pa.array(roster.left)}),
        )
        engine.register("week", pa.table({"week_no": pa.array(range(first, last + 1), pa.int32())}))
        engine.register(
            "active", rows.select(["person_no", "week_no"]).group_by(["person_no", "week_no"]).aggregate([])
        )
        engine.register("span", span)
        engine.register("whose", whose)
        counted = read_table(engine, _COUNTED)
    with opened(path, read_only=False) as file:
        file.register("given", counted)
        file.register("named", named)
        file.execute(_NAMED)


class TeamWeeks:
    """One connection's teams by week. `files`: the file of counts that holds a week."""

    def __init__(self, panel: TeamPanel, files: Callable[[int], Path]) -> None:
        self._panel = panel
        self._k = panel.shown.k
        self._files = files
        self._counts, self._splits = Memo(512), Memo(512)

    def by_team(self, metric: Metric, week: int, place: Place) -> Cells:
        """A metric's cells by team in a week."""
        found = self._split(week, place)
        hidden = frozenset(team for team, one in found.items() if 0 < one.held < self._k)
        if metric.kind == "members":
            return {team: withheld() if team in hidden else _seats(one.seats, self._k) for team, one in found.items()}
        hidden |= self._hidden(week, place, found, hidden)
        return {team: withheld() if team in hidden else self._cell(metric, one) for team, one in found.items()}

    def of_team(self, metric: Metric, week: int, team: str, population: str) -> Cell:
        """A metric's cell of one team in a week."""
        place = self._panel.place_in(team, population, week, week)
        if place is None:
            return withheld()
        return self.by_team(metric, week, place).get(team) or withheld()

    def _hidden(self, week: int, place: Place, found: Mapping[str, Week], hidden: frozenset[str]) -> frozenset[str]:
        people, reached = self._panel.shown.panel.weeks.get(week, (0, 0))
        parts = {team: (one.active, one.held) for team, one in found.items()}
        if place.kind in PARTITIONS:
            hidden |= rounding.hidden({team: one.held for team, one in found.items()}, self._k)
        hidden |= {team for team, part in parts.items() if part[1] and not teamrules.told(part, self._k)}
        left = {team: part for team, part in parts.items() if team not in hidden}
        hidden |= teamrules.beside_exact(left, (reached, people), self._k)
        return hidden | teamrules.rest_told(parts, hidden, self._k) if place.kind in PARTITIONS else hidden

    def _cell(self, metric: Metric, one: Week) -> Cell:
        if metric.kind == "whole_week":
            return self._panel.shown.share(one.active, one.held, seats=True)
        return self._panel.shown.count(one.active)

    def _split(self, week: int, place: Place) -> dict[str, Week]:
        def make() -> tuple[dict[str, Week], bool]:
            return self._divided(week, place), True

        return self._splits.get((week, place), make)

    def _divided(self, week: int, place: Place) -> dict[str, Week]:
        every = self._read(week, place.population, kind=_EVERY).get(_EVERY, Week())
        if place.kind == "group":
            groups = self._read(week, place.population, kind="group")
            return {team: one for team, one in groups.items() if one.held >= self._k}
        if place.kind in PARTITIONS:
            found = self._read(week, place.population, kind=place.kind)
            found[NONE] = every - _sum(found.values())
        else:
            found = self._trees(week, place, every)
        found = {team: one for team, one in found.items() if one != Week()}
        rolled = self._panel.rolled({team: one.held for team, one in found.items()}, place)
        left = {team: one for team, one in found.items() if team not in rolled}
        return left | {OTHER: _sum(found[team] for team in rolled)} if rolled else left

    def _trees(self, week: int, place: Place, every: Week) -> dict[str, Week]:
        """The trees of a level, who reports to their common leader directly, and whoever is in none of them."""
        whole, rows = self._panel.level(place, week, week)
        found = self._read(week, place.population, names=[*rows, whole])
        inside = found.pop(whole, None)
        below = _sum(found.values())
        if inside is not None and place.kind != ROOT:
            found[DIRECT] = inside - below
        if not place.within:
            found[NONE] = every - (below if inside is None or place.kind == ROOT else inside)
        return found

    def _read(self, week: int, population: str, *, kind: str = "", names: Iterable[str] = ()) -> dict[str, Week]:
        """Counts of a kind of teams, or of trees by their ids. The words in the SQL come from our own lists."""
        who = "" if population == "everybody" else f" AND population = '{population}'"
        named = [one for one in names if one]

        def make() -> tuple[dict[str, Week], bool]:
            which = "id IN (SELECT unnest(?))" if named else f"kind = '{kind}'"
            sums = "CAST(sum(held) AS INTEGER), CAST(sum(active) AS INTEGER), CAST(sum(seats) AS INTEGER)"
            asked = f"SELECT id, {sums} FROM counted WHERE week_no = {week} AND {which}{who} GROUP BY id"  # noqa: S608
            with opened(self._files(week)) as file:
                rows = file.execute(asked, [named] if named else []).fetchall()
            return {team: Week(*counts) for team, *counts in rows}, True

        return dict(self._counts.get((week, population, kind, tuple(named)), make))


def _seats(number: int, k: int) -> Cell:
    """Seats follow from the roster and tell nothing of use: they are not rounded."""
    return Cell("value", number) if number == 0 or number >= k else withheld()


def _sum(weeks: Iterable[Week]) -> Week:
    return sum(weeks, Week())
