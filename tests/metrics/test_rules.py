"""The pure rules, as tables."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.world import active_on
from uptake.domain.days import monday
from uptake.domain.measures import COLUMNS, MEASURES
from uptake.domain.problems import Problem
from uptake.lake import USAGE
from uptake.metrics import privacy
from uptake.metrics.activity import ACTIVE_IF, SURFACES, bit, surfaces_sql
from uptake.metrics.chunks import chunks
from uptake.metrics.facts import ConnectionFacts
from uptake.metrics.freshness import calendar
from uptake.metrics.parts import PARTS
from uptake.metrics.privacy import Reach, Window
from uptake.metrics.question import Question
from uptake.metrics.rows import limits, spans
from uptake.metrics.windows import DayRows, Seats, count

MONDAY = date(2026, 11, 2)
TODAY = date(2026, 11, 25)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.none(), st.integers(0, 3)), max_size=6), max_size=6)
)
def test_the_activity_rule_in_sql_is_the_rule_in_words(rows: list[dict[str, int | None]]) -> None:
    usage = pa.Table.from_pylist(rows, schema=USAGE)
    with duckdb.connect() as connection:
        connection.register("usage", usage)
        found = [bits for (bits,) in connection.execute(f"SELECT {surfaces_sql()} FROM usage").fetchall()]
    assert found == [sum(bit(surface) for surface in active_on(row)) for row in rows]


def test_rules_name_only_listed_counts_that_may_be_added_up() -> None:
    known = {measure.column: measure for measure in MEASURES}
    assert all(column in known for columns in ACTIVE_IF.values() for column in columns)
    assert all(known[column].adds_up for part in PARTS for column in part.fields)


@pytest.mark.parametrize(
    ("people", "total", "visible"),
    [
        ({0b01: 9, 0b10: 8}, True, 0b11),
        ({0b01: 9}, True, 0b11),  # nobody on the second: its zero is a value
        ({0b01: 9, 0b10: 3}, True, 0b00),  # total minus the first would be the three
        ({0b01: 3, 0b10: 3}, True, 0b00),  # six together, no part alone
        ({0b01: 2, 0b11: 6}, True, 0b11),
        ({0b01: 4}, False, 0b10),
        ({}, True, 0b11),
    ],
)
def test_totals_and_parts(people: dict[int, int], total: bool, visible: int) -> None:
    assert privacy.parts([people.get(mask, 0) for mask in range(4)], listed=0b11, k=5) == (total, visible)


def test_a_part_nobody_may_ask_for_shields_a_small_one() -> None:
    by_mask = [0, 9, 3, 0, 4, 0, 0, 0]  # 9 on the first, 3 on the second, 4 on the hidden third
    assert privacy.parts(by_mask, listed=0b011, k=5) == (True, 0b001)


def test_windows_within_each_other_differ_by_nobody_or_by_enough() -> None:
    month, week, day = (1 << 28) - 1, (1 << 7) - 1, 1
    for week_people, day_people, visible in [
        (33, 20, {"month", "week", "day"}),
        (38, 20, {"month", "day"}),
        (40, 38, {"month", "week"}),
        (40, 40, {"month", "week", "day"}),
        (3, 3, {"month"}),
        (0, 0, {"month", "week", "day"}),
    ]:
        offered = [Window("month", month, 40), Window("week", week, week_people), Window("day", day, day_people)]
        assert privacy.windows(offered, k=5).keys == visible


def test_two_windows_that_make_up_a_third_do_not_give_their_overlap_away() -> None:
    week, one, two = Window("week", 0b11, 20), Window("one", 0b01, 12), Window("two", 0b10, 11)  # three on both days
    assert privacy.windows([week, one, two], k=5).keys == {"week", "one"}
    assert privacy.windows([one, two, week], k=5).keys == {"one", "two"}


@pytest.mark.parametrize(
    ("active", "counts", "shown"),
    [
        (40, (30, 20, 10), (30, 20, 10)),
        (40, (38, 20, 10), (None, 20, 10)),
        (40, (40, 4, 0), (40, None, 0)),
        (40, (25, 18, 0), (25, None, 0)),  # only two are used: three people on both
        (40, (25, 25, 0), (25, 25, 0)),
        (None, (3, 2, 0), (None, None, 0)),
    ],
)
def test_surfaces(active: int | None, counts: tuple[int, ...], shown: tuple[int | None, ...]) -> None:
    assert privacy.surfaces(active, counts, around=[], k=5) == shown


def test_surfaces_beside_a_wider_window() -> None:
    assert privacy.surfaces(40, (30, 20, 10), around=[40, 33], k=5) == (None, 20, 10)


@pytest.mark.parametrize(
    ("seated", "members", "active", "unused", "found"),
    [
        (60, 100, 60, 20, Reach(60, 100)),
        (60, 100, 62, 20, None),  # two active people without a seat
        (60, 100, 60, 38, None),  # two members who paused
        (98, 100, 98, None, None),
        (18, 20, 18, None, None),  # nearly everybody of few
        (598, 600, 598, None, Reach(598, 600, coarse=True)),
        (60, None, 60, None, None),
        (0, 0, 7, None, Reach(0, 0)),
    ],
)
def test_reach(seated: int, members: int | None, active: int, unused: int | None, found: Reach | None) -> None:
    assert privacy.reach(seated, members, [active], unused, k=5) == found


def test_windows_are_counted_in_one_pass() -> None:
    def rows(day: int, *people: int) -> DayRows:
        return DayRows(day, np.array(people, np.int32), np.full(len(people), bit("chat"), np.uint8))

    seats = Seats(np.array([-50, 3], np.int32), np.array([2, 99], np.int32), np.array([0, 1, -1], np.int32))
    found = count([rows(0, 0, 1), rows(1, 2), rows(7), rows(28, 1)], 3, seats, grace=14)
    assert found.active_day == [2, 1, 0, 1]
    assert found.active_28d == [2, 3, 3, 2]  # day 0 has left the window of day 28
    assert found.weeks == [(0, 3), (1, 0), (4, 1)]
    assert found.seated_28d == [1, 1, 1, 1]
    assert [counts[SURFACES.index("chat")] for counts in found.surfaces_28d] == found.active_28d


def test_chunks_are_closed_tiles_and_recent_weeks() -> None:
    days = {date(2026, 8, 1) + timedelta(days=number): f"h{number}" for number in range(92)}
    before = chunks("c", days)
    periods = [chunk.period for chunk in before]
    assert periods == [
        "2026-07-20-4w",
        "2026-08-17-4w",
        "2026-09-14-4w",
        "2026-09-21",
        "2026-09-28",
        "2026-10-05",
        "2026-10-12",
        "2026-10-19",
        "2026-10-26",
    ]
    assert all(len({chunk.name for chunk in before if day in dict(chunk.days)}) == 1 for day in days)
    weeks = [{monday(day) for day, _ in chunk.days} for chunk in before]
    assert sum(map(len, weeks)) == len(set().union(*weeks))  # no week is cut in two
    days[date(2026, 10, 30)] = "revised"
    changed = {chunk.period for chunk in chunks("c", days) if chunk.name not in {old.name for old in before}}
    assert changed == {"2026-10-26"}
    assert len({chunk.name for chunk in before}) == len(before)


def test_a_day_counts_as_held_where_everybody_holds_it_who_should() -> None:
    day = [MONDAY + timedelta(days=number) for number in range(6)]
    one, two, gone = (
        ConnectionFacts("one", "One"),
        ConnectionFacts("two", "Two"),
        ConnectionFacts("gone", "Gone", False),
    )
    held = {"one": day[:5], "two": [day[1], day[3], day[4], day[5]], "gone": day[:2]}
    found = calendar(held, [one, two, gone])
    assert sorted(found.held) == [day[0], day[1], day[3], day[4]]
    assert (found.first, found.through) == (day[0], day[4])
    assert found.gap(day[5], day[5]) == ("not_yet", "not yet available")
    assert found.gap(day[2], day[2])[0] == "not_collected"
    assert found.gap(day[0] - timedelta(days=1), day[0] - timedelta(days=1))[1] == "before the first day held"


@pytest.mark.parametrize(("asked", "found"), [(0, 0), (5, 0), (-1, -28), (-28, -28), (-29, -56)])
def test_windows_of_surfaces_never_overlap(asked: int, found: int) -> None:
    days, anchor = calendar({}, []), date(2026, 11, 20)
    question = Question(("surface_active",), by="surface", until=anchor + timedelta(days=asked))
    assert limits(question, False, days, anchor, TODAY)[1] == anchor + timedelta(days=found)


def test_weeks_are_whole_and_windows_fixed() -> None:
    days = calendar({"one": [MONDAY + timedelta(days=number) for number in range(20)]}, [ConnectionFacts("one", "One")])
    tuesday = MONDAY + timedelta(days=8)
    weeks = spans(Question(("messages",), by="week", since=tuesday, until=tuesday), False, days, None, TODAY)
    assert [(row.since, row.until) for row in weeks] == [(MONDAY + timedelta(days=7), MONDAY + timedelta(days=13))]
    assert limits(Question(("active_28d",), since=tuesday, until=tuesday), True, days, None, TODAY)[
        0
    ] == tuesday - timedelta(days=27)
    assert limits(Question(("messages",)), False, days, None, TODAY) == (MONDAY, MONDAY + timedelta(days=19))
    assert limits(Question(("messages",), until=date(2030, 1, 1)), False, days, None, TODAY)[1] == TODAY
    for since, until in [(tuesday, MONDAY), (date(2027, 1, 1), None)]:
        with pytest.raises(Problem):
            limits(Question(("messages",), since=since, until=until), False, days, None, TODAY)
