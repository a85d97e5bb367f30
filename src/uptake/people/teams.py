"""Teams, and who was in which in which week: departments, locations, titles, groups, and the tree below each manager.

For metrics: `spans` gives the relation (connection, member_id, person_id, population, kind, team, first_week, last_week),
weeks being `week_no` of the calendar (domain.days: day_no // 7), both inclusive. Join usage on connection and member_id
where week_no BETWEEN first_week AND last_week. To make it: the charts are `lake.charts` / `lake.chart` read by
`chart.from_table` and `person.merged`, oldest first; `of` is `matching.match` over the roster's and the usage's members
with the records' MemberLink rows. Name the result by the charts' content hashes, the roster's, and the links. One member
is in one department and location a week, in several groups, and in the tree of every manager above; a manager is not in
the own tree but in those above. Weeks before the first chart take the first; nobody is in a team before the start or
after the week of the end. Who matches nobody has no row: “Unmatched”.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uptake.domain.days import day_no
from uptake.people.matching import Key
from uptake.people.person import Person, Population
from uptake.people.tree import all_above

Kind = Literal["department", "location", "title", "group", "tree"]
KINDS: tuple[Kind, ...] = ("department", "location", "title", "group", "tree")

People = Mapping[str, Person]
Rows = npt.NDArray[np.int32]
"""Four rows: member, team, first week, last week; a column each a span."""

SPANS = pa.schema(
    [
        ("connection", pa.string()),
        ("member_id", pa.string()),
        ("person_id", pa.string()),
        ("population", pa.string()),
        ("kind", pa.string()),
        ("team", pa.string()),
        ("first_week", pa.int32()),
        ("last_week", pa.int32()),
    ]
)

_EVER, _NEVER = -(1 << 30), 1 << 30


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the newest chart. `id` stays the same while its name, or its leader, does."""

    id: str
    kind: Kind
    name: str
    people: int
    leader: str = ""  # person_id, of a tree
    above: str = ""  # id of the tree this one is a part of


def team_id(kind: Kind, name: str) -> str:
    """A team's id: names that differ only in case or spaces are one team. Of a tree, `name` is its leader's person_id."""
    return f"{kind}:{name if kind == 'tree' else ' '.join(name.casefold().split())}"


def teams_of(people: People) -> dict[str, tuple[str, ...]]:
    """Every person's teams."""
    chains = all_above({person_id: person.manager_id for person_id, person in people.items()})
    return {
        person_id: (*_own(person), *(team_id("tree", one) for one in chains[person_id] if one in people))
        for person_id, person in people.items()
    }


def _own(person: Person) -> Iterable[str]:
    return dict.fromkeys(team_id(kind, name) for kind, name in _named(person))


def _named(person: Person) -> list[tuple[Kind, str]]:
    """The teams somebody is in by their names, as spelled."""
    found: list[tuple[Kind, str]] = [("group", group) for group in person.groups]
    if person.title:
        found.insert(0, ("title", person.title))
    if person.location:
        found.insert(0, ("location", person.location))
    if person.department:
        found.insert(0, ("department", person.department))
    return found


def teams(people: People, on: date) -> tuple[Team, ...]:
    """The teams of a chart with how many people each has on a day, by kind and name."""
    sizes: Counter[str] = Counter()
    for person_id, found in teams_of(people).items():
        if people[person_id].works_in(on, on):
            sizes.update(found)
    names = _names(people)
    made = (_team(one, size, names, people) for one, size in sizes.items())
    return tuple(sorted(made, key=lambda team: (KINDS.index(team.kind), team.name.casefold(), team.id)))


def _team(found: str, size: int, names: Mapping[str, str], people: People) -> Team:
    kind = next(kind for kind in KINDS if found.startswith(f"{kind}:"))
    if kind != "tree":
        return Team(found, kind, names[found], size)
    leader = people[found.partition(":")[2]]
    return Team(found, kind, leader.shown, size, leader.person_id, _above(leader, people))


def _names(people: People) -> dict[str, str]:
    """Each team as most of its people spell it."""
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for person in people.values():
        for kind, name in _named(person):
            spelled[team_id(kind, name)][name] += 1
    return {one: max(sorted(names), key=names.__getitem__) for one, names in spelled.items()}


def spans(
    charts: Sequence[tuple[date, People]],
    of: Mapping[Key, str],
    populations: Mapping[Key, Population],
    first: date,
    last: date,
) -> pa.Table:
    """Who was in which team from which week to which, between two days. Columns: SPANS.

    `charts`: Monday and people, oldest first; `of`: member to person_id; `populations`: members that are not employees.
    """
    keys = sorted(of)
    codes: dict[str, int] = {}  # team to its number
    parts = [
        _part(keys, of, people, begins, ends, codes)
        for people, begins, ends in _periods(charts, _week(first), _week(last))
    ]
    if not parts:
        return SPANS.empty_table()
    newest = charts[-1][1]
    kinds = [populations.get(key) or _population(newest, of[key]) for key in keys]
    return _table(_joined(parts), keys, [of[key] for key in keys], kinds, list(codes))


Level = tuple[str, str, int, int]
"""A tree, the tree it is the next part of (empty: at the top), and the first and last week in which that is so."""


def levels(charts: Sequence[tuple[date, People]], first: date, last: date) -> list[Level]:
    """Which tree was directly below which, from which week to which; weeks before the first chart take the first."""
    found: list[Level] = []
    for people, begins, ends in _periods(charts, _week(first), _week(last)):
        leaders = {one.manager_id for one in people.values() if one.manager_id in people and one.manager_id}
        found += [(team_id("tree", one), _above(people[one], people), begins, ends) for one in leaders]
    joined: list[Level] = []
    for tree, above, begins, ends in sorted(found, key=lambda level: (level[0], level[2])):
        if joined and joined[-1][:2] == (tree, above) and joined[-1][3] + 1 == begins:
            joined[-1] = (tree, above, joined[-1][2], ends)
        else:
            joined.append((tree, above, begins, ends))
    return joined


def _above(leader: Person, people: People) -> str:
    return team_id("tree", leader.manager_id) if leader.manager_id and leader.manager_id in people else ""


def named(charts: Sequence[tuple[date, People]]) -> dict[str, str]:
    """Every team there ever was by its newest name; of a tree, how its leader is called."""
    found: dict[str, str] = {}
    for _, people in charts:
        found |= _names(people)
        leaders = {one.manager_id for one in people.values() if one.manager_id in people and one.manager_id}
        found |= {team_id("tree", one): people[one].shown for one in leaders}
    return found


def _part(
    keys: Sequence[Key], of: Mapping[Key, str], people: People, begins: int, ends: int, codes: dict[str, int]
) -> Rows:
    """The rows of one chart: the member's number, the team's number, first and last week."""
    mine = teams_of(people)
    members, counts, starts, stops, numbers = [], [], [], [], []
    for number, key in enumerate(keys):
        person = people.get(of[key])
        if person is None:
            continue
        start, end = _weeks(person)
        start, end = max(begins, start), min(ends, end)
        if start <= end:
            found = [codes.setdefault(team, len(codes)) for team in mine[person.person_id]]
            members.append(number)
            counts.append(len(found))
            starts.append(start)
            stops.append(end)
            numbers += found
    repeated = (np.repeat(np.array(values, dtype=np.int32), counts) for values in (members, starts, stops))
    member, first, last = repeated
    return np.stack([member, np.array(numbers, dtype=np.int32), first, last])


def _joined(parts: Sequence[Rows]) -> Rows:
    """Rows of charts that follow each other as spans: the same member in the same team without a week between."""
    rows = np.concatenate(parts, axis=1)
    member, team, first, last = rows = rows[:, np.lexsort((rows[2], rows[1], rows[0]))]
    if not rows.shape[1]:
        return rows
    fresh = np.ones(rows.shape[1], dtype=bool)
    fresh[1:] = (member[1:] != member[:-1]) | (team[1:] != team[:-1]) | (first[1:] > last[:-1] + 1)
    begin = np.flatnonzero(fresh)
    return np.stack([member[begin], team[begin], first[begin], np.maximum.reduceat(last, begin)])


def _periods(charts: Sequence[tuple[date, People]], first: int, last: int) -> Iterable[tuple[People, int, int]]:
    """Every chart with the weeks it holds for; the first one also for the weeks before it."""
    starts = [_week(monday) for monday, _ in charts]
    for number, (_, people) in enumerate(charts):
        begins = first if number == 0 else max(first, starts[number])
        ends = min(last, starts[number + 1] - 1) if number + 1 < len(charts) else last
        if begins <= ends:
            yield people, begins, ends


def _weeks(person: Person) -> tuple[int, int]:
    """The first and the last week somebody belongs to the company."""
    begins = _week(person.started_on) if person.started_on else _EVER
    if person.ended_on is not None:
        return begins, _week(person.ended_on)
    return begins, _NEVER if person.listed else _EVER - 1


def _week(day: date) -> int:
    return day_no(day) // 7


def _table(
    rows: Rows, keys: Sequence[Key], people: Sequence[str], kinds: Sequence[str], teams: Sequence[str]
) -> pa.Table:
    member, team, first, last = (pa.array(row) for row in rows)
    of_member = ([key[0] for key in keys], [key[1] for key in keys], people, kinds)
    of_team = ([one.partition(":")[0] for one in teams], teams)
    columns = [pa.array(values, pa.string()).take(member) for values in of_member]
    columns += [pa.array(values, pa.string()).take(team) for values in of_team]
    return pa.table([*columns, first, last], schema=SPANS)


def _population(people: People, person_id: str) -> str:
    return people[person_id].population if person_id in people else "employee"
