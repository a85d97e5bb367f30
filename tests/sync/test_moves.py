"""What moved: totals before and after, null apart from zero."""

from __future__ import annotations

import pyarrow as pa

from uptake.domain.measures import COLUMNS
from uptake.lake import USAGE
from uptake.sync.moves import HEADLINES, Move, silent, since, totals


def table(rows: int, **counts: list[int | None]) -> pa.Table:
    columns = {name: pa.array(counts.get(name, [0] * rows), pa.int32()) for name in COLUMNS}
    people = {"member_id": [f"user_{n}" for n in range(rows)], "email": [None] * rows}
    return pa.table(people | columns, schema=USAGE)


def test_totals_tell_rows_and_sums_and_nothing_where_no_row_told_it() -> None:
    found = totals(table(2, chat_messages=[3, None], code_sessions=[None, None]))
    assert (found["members"], found["chat_messages"], found["code_sessions"]) == (2, 3, None)
    assert found["cowork_actions"] == 0
    assert len(found) == len(COLUMNS) + 1


def test_a_sum_beyond_32_bits_is_one() -> None:
    assert totals(table(5, chat_messages=[10**9] * 5))["chat_messages"] == 5 * 10**9


def test_only_what_moved_is_a_move() -> None:
    before = totals(table(2, chat_messages=[3, 4], code_sessions=[None, None]))
    now = table(3, chat_messages=[3, 4, 5], code_sessions=[0, 0, 0])
    assert since(before, now) == [
        Move("members", 2, 3),
        Move("chat_messages", 7, 12),
        Move("code_sessions", None, 0),
    ]
    assert since(totals(now), now) == []


def test_of_a_new_day_its_headlines_are_kept() -> None:
    moves = since(None, table(1, chat_messages=[9]))
    assert [move.measure for move in moves] == list(HEADLINES)
    assert all(move.old == move.new for move in moves)


def test_a_null_is_silent_only_where_every_row_should_tell() -> None:
    assert silent(table(2, chat_messages=[1, None], chat_conversations=[None, None])) == 1
