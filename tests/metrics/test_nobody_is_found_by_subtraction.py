"""An attacker who may ask everything: every metric, dimension, window and connection of small random organisations.

Independent of the rules it attacks: it knows what each figure means (who is in it: people active on any of these days
and surfaces) and looks for any difference, overlap or exact linear combination that is about 1 to k-1 people. Figures over
weeks and groups: test_rounded_figures_hide_everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path

import pytest

from metrics.world import FIRST, Plain, active_on, leaky_world
from uptake.domain.access import OPERATOR
from uptake.metrics import CATALOGUE, Answer, Facts, Question, Row, answer
from uptake.metrics.grouped import OF_PANEL

K = 5
DAYS = 37
TODAY = FIRST + timedelta(days=DAYS + 2)
TOOLS = ("edit", "write", "multi_edit", "notebook_edit")
Atom = tuple[date, str]


def asked(
    facts: Facts, by: str | None, connection: str | None, since: date | None = None, until: date | None = None
) -> Answer:
    names = tuple(metric.id for metric in CATALOGUE.values() if by in metric.by and metric.kind not in OF_PANEL)
    return answer(Question(names, by=by, connection=connection, since=since, until=until), OPERATOR, facts, TODAY)  # type: ignore[arg-type]


def every_answer(facts: Facts, connection: str | None) -> Iterator[Answer]:
    days = [FIRST + timedelta(days=number) for number in range(0, DAYS, 5)]
    yield asked(facts, "day", connection)
    yield asked(facts, "week", connection)
    for until in [*days, TODAY]:
        yield asked(facts, None, connection, until=until)
        yield asked(facts, "surface", connection, until=until)
    for since, until in combinations(days, 2):
        yield asked(facts, None, connection, since, until)
        yield asked(facts, "week", connection, since, until)


@dataclass(frozen=True)
class Known:
    """A count of people that was shown: everybody active on one of the atoms."""

    atoms: frozenset[Atom]
    people: int


def window_of(metric: str, key: str | None, found: Answer) -> tuple[date, date]:
    """The days a figure of people is about, from its definition."""
    newest = found.freshness.data_through or TODAY
    last = date.fromisoformat(key) if key and metric != "surface_active" else min(found.until or newest, newest)
    if metric == "active_day":
        return last, last
    if metric == "active_week":
        first = last if key else last - timedelta(days=(last.weekday() + 1) % 7 + 6)
        return first, first + timedelta(days=6)
    if found.question.by == "week":
        last = min(last + timedelta(days=6), newest)
    return last - timedelta(days=27), last


def counts_of_people(found: Iterable[Answer], plain: Plain) -> set[Known]:
    known = set()
    for one in found:
        for row in one.rows:
            for metric in ("active_day", "active_week", "active_28d", "surface_active"):
                cell = row.cells.get(metric)
                if cell is not None and cell.state == "value":
                    first, last = window_of(metric, row.key, one)
                    surfaces = [row.key] if metric == "surface_active" else ["chat", "cowork", "office", "claude_code"]
                    held = [day for day in plain.usage if first <= day <= last]
                    atoms = frozenset(product(held, map(str, surfaces)))
                    assert cell.value == len({who for who, on in who_when(plain) if on in atoms})
                    known.add(Known(atoms, int(cell.value or 0)))
    return without_the_empty(known)


def who_when(plain: Plain) -> list[tuple[str, Atom]]:
    return [
        (row["member_id"], (day, surface))
        for day, rows in plain.usage.items()
        for row in rows
        for surface in active_on(row)
    ]


def without_the_empty(known: set[Known]) -> set[Known]:
    """A shown zero tells that its atoms are empty: they make no difference to anything else."""
    empty = frozenset(atom for one in known if one.people == 0 for atom in one.atoms)
    return {Known(one.atoms - empty, one.people) for one in known if one.atoms - empty}


def leaks(known: set[Known]) -> Iterator[str]:
    for one in known:
        if 0 < one.people < K:
            yield f"{one.people} people"
    for whole, part in product(known, known):
        if part.atoms < whole.atoms:
            if 0 < whole.people - part.people < K:
                yield f"{whole.people} - {part.people}"
            for other in known:
                if other.atoms < whole.atoms and part.atoms | other.atoms == whole.atoms:
                    both = part.people + other.people - whole.people
                    if 0 < both < K or 0 < whole.people - both < K:
                        yield f"overlap {both} of {whole.people}"


def seat_leaks(found: list[Answer], plain: Plain, people: set[Known]) -> Iterator[str]:
    """Reach times members is the seat holders who were active: a part of both, and apart from the seats never used."""
    newest = max(plain.usage)
    by_day = {date.fromisoformat(row.key or ""): row.cells for row in found[0].rows}
    said = (row.cells.get("seats_never_used") for one in found for row in one.rows)
    unused = next((cell.value for cell in said if cell is not None), None)
    empty = {day for day in plain.usage if not plain.active(day, day)}
    shown: list[tuple[frozenset[date], int, set[str]]] = []
    for day, cells in by_day.items():
        share, members = cells["reach_28d"].value, cells["members"].value
        if share is None or not members:
            continue
        seated, seats = round(share * members), {row["member_id"] for row in plain.seats(day)}
        days = frozenset(d for d in plain.usage if day - timedelta(days=27) <= d <= day) - empty
        shown.append((days, seated, seats))
        unseen = (
            members - seated - int(unused or 0) if seats == {row["member_id"] for row in plain.seats(newest)} else 0
        )
        for count in (seated, int(members) - seated, unseen if unused is not None else 0):
            if 0 < count < K:
                yield f"reach on {day}: {count}"
        for one in people:
            # Without surfaces: windows of everybody, which hold the seat holders of their own part.
            surfaces = {surface for _, surface in one.atoms}
            if len(surfaces) == 4 and days <= {d for d, _ in one.atoms} and 0 < one.people - seated < K:
                yield f"active without a seat on {day}: {one.people - seated}"
    for (days, seated, seats), (other_days, other, other_seats) in combinations(shown, 2):
        if seats == other_seats and (days <= other_days or other_days <= days) and 0 < abs(seated - other) < K:
            yield f"reach of two days: {abs(seated - other)}"
    if unused is not None and (0 < unused < K or 0 < len(plain.seats(newest)) - unused < K):
        yield f"unused {unused}"


PARTS = {
    "messages": {
        "chat_messages_total": ("chat_messages",),
        "cowork_messages_total": ("cowork_messages",),
        "": ("office_word_messages",),
    },
    "code_acceptance_rate": {
        f"code_{tool}_acceptance_rate": (f"code_{tool}_accepted", f"code_{tool}_rejected") for tool in TOOLS
    },
    "code_sessions": {"code_sessions": ("code_sessions",)},
}


def sum_leaks(found: dict[str | None, Answer], usage: dict[str, dict[date, list[dict[str, object]]]]) -> Iterator[str]:
    """Per day and family: shown sums are rows over (connection, part); no 0/1 set of few contributors may be in their span."""
    connections = [name for name in found if name]
    # A connection with too few people is no part of all together, which says so.
    counted = [name for name in connections if any(value_of(row) is not None for row in found[name].rows)]
    for total, parts in PARTS.items():
        names = list(parts)
        atoms = [(connection, name) for connection in connections for name in names]
        for day in {day for held in usage.values() for day in held}:
            rows = []
            for scope, one in found.items():
                cells = next((row.cells for row in one.rows if row.key == day.isoformat()), {})
                of = [scope] if scope else counted
                for metric in dict.fromkeys((total, *names)):
                    if metric and metric in cells and cells[metric].state == "value":
                        whole = metric == total and total not in names
                        rows.append([int(c in of and (whole or name == metric)) for c, name in atoms])
            for chosen in product((0, 1), repeat=len(atoms)):
                who = {
                    (connection, row["member_id"])
                    for (connection, name), bit in zip(atoms, chosen, strict=True)
                    for row in (usage[connection].get(day, []) if bit else [])
                    if any(row.get(column) or 0 for column in parts[name])
                }
                if 0 < len(who) < K and in_span(rows, list(chosen)):
                    yield f"{total} on {day}: {len(who)} people"


def value_of(row: Row) -> float | int | None:
    return next((cell.value for cell in row.cells.values() if cell.value is not None), None)


def in_span(rows: list[list[int]], wanted: list[int]) -> bool:
    return rank(rows) == rank([*rows, wanted])


def rank(rows: list[list[int]]) -> int:
    left, found = [[Fraction(value) for value in row] for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        found += 1
        left = [[a - row[column] / pivot[column] * b for a, b in zip(row, pivot, strict=True)] for row in left]
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_attacker_finds_nobody(tmp_path: Path, seed: int) -> None:
    world = leaky_world(tmp_path, seed, K, DAYS)
    facts = world.facts
    for connection, usage in world.usage.items():
        plain = Plain(usage, world.rosters[connection])
        found = list(every_answer(facts, connection))
        people = counts_of_people(found, plain)
        assert list(leaks(people)) == []
        assert list(seat_leaks(found, plain, people)) == []
        totals_are_sums_of_shown_days(found)
        for one in found:
            for row in one.rows:
                for metric in ("members", "invited"):
                    value = row.cells[metric].value if metric in row.cells else None
                    assert value is None or value == 0 or value >= K
    scopes = {scope: asked(facts, "day", scope) for scope in [None, *world.usage]}
    assert list(sum_leaks(scopes, world.usage)) == []  # type: ignore[arg-type]
    all_together_tells_no_more(scopes)


def totals_are_sums_of_shown_days(found: list[Answer]) -> None:
    """A longer sum is the sum of the days that are shown: it holds nothing of a withheld one."""
    by_day = {date.fromisoformat(row.key or ""): row.cells for row in found[0].rows}
    for one in found[1:]:
        for row in one.rows:
            first, last = (
                (date.fromisoformat(row.key), None) if one.question.by == "week" and row.key else (one.since, one.until)
            )
            last = last or (first or TODAY) + timedelta(days=6)
            for metric in ("messages", "chat_messages_total", "cowork_messages_total", "code_sessions"):
                if metric in row.cells and row.cells[metric].value is not None:
                    days = [
                        cells[metric].value or 0 for day, cells in by_day.items() if (first or TODAY) <= day <= last
                    ]
                    assert row.cells[metric].value == sum(days)


def all_together_tells_no_more(scopes: dict[str | None, Answer]) -> None:
    """All together minus one connection is the other: what is shown of both must not be about a few of the third."""
    together, *single = [scopes[None], *(one for name, one in scopes.items() if name)]
    for row in together.rows:
        for metric in ("active_day", "active_28d", "members"):
            if len(single) == 2 and row.cells[metric].value is not None:
                for one in single:
                    other = next((r.cells[metric].value for r in one.rows if r.key == row.key), None)
                    rest = None if other is None else row.cells[metric].value - other
                    assert rest is None or rest == 0 or rest >= K


def test_the_attacker_would_find_somebody(tmp_path: Path) -> None:
    """At threshold 1 the same attacker finds people: it is not blind."""
    world = leaky_world(tmp_path, 3, K, DAYS)
    world.threshold = 1
    facts = world.facts
    found, blind = [], True
    for connection, usage in world.usage.items():
        plain = Plain(usage, world.rosters[connection])
        found = list(every_answer(facts, connection))
        blind = blind and not list(leaks(counts_of_people(found, plain)))
    scopes = {scope: asked(facts, "day", scope) for scope in [None, *world.usage]}
    assert not blind and list(sum_leaks(scopes, world.usage))  # type: ignore[arg-type]
