"""A day as bytes: what goes in comes out, any damage is noticed, and nobody's address is in the footer."""

from __future__ import annotations

import random
from datetime import date
from io import BytesIO
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.facts import DAY, EMAIL, NOW, entry, many, members, usage
from uptake.domain.measures import COLUMNS
from uptake.lake import SUMMARIES, USAGE, Damaged, Kind, content_hash, dayfile, sort

TABLE = usage(("user_1", EMAIL, 0), ("user_2", None, None), ("user_3", "grace@example.com", 12))
BODY = dayfile.encode(entry(TABLE), TABLE)
BIG = dayfile.encode(entry(many(500)), many(500))

MEMBERS_TABLE = members(
    [
        {"member_id": "user_1", "email": EMAIL, "name": "Ada", "status": "active", "joined_at": NOW},
        {"email": "new@example.com"},
    ]
)
SUMMARY_TABLE = SUMMARIES.empty_table()
ALL_KINDS: list[tuple[Kind, pa.Table]] = [
    ("usage", TABLE),
    ("usage", USAGE.empty_table()),
    ("members", MEMBERS_TABLE),
    ("summaries", SUMMARY_TABLE),
]


@pytest.mark.parametrize(("kind", "table"), ALL_KINDS)
def test_what_goes_in_comes_out(kind: Kind, table: pa.Table) -> None:
    written = entry(table, kind)
    read, rows = dayfile.decode(dayfile.encode(written, table))
    assert read == written
    assert rows.cast(table.schema).equals(table)


def test_some_columns_may_be_read_alone() -> None:
    _, rows = dayfile.decode(BODY, ["member_id"])
    assert rows.to_pydict() == {"member_id": ["user_1", "user_2", "user_3"]}


def test_the_same_facts_give_the_same_bytes() -> None:
    assert dayfile.encode(entry(TABLE), TABLE) == BODY


# --- damage ---


def flipped(body: bytes, bit: int) -> bytes:
    damaged = bytearray(body)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@given(st.integers(0, len(BODY) * 8 - 1))
def test_one_flipped_bit_anywhere_is_noticed(bit: int) -> None:
    with pytest.raises(Damaged):
        dayfile.decode(flipped(BODY, bit))


def test_a_flipped_bit_in_the_last_bytes_is_noticed_wherever_it_is() -> None:
    """The footer's length, the magic and the seal itself."""
    seal = BODY.rfind(b"uptake.seal")
    for bit in [*range(len(BODY) * 8 - 64, len(BODY) * 8), *range(seal * 8, (seal + 80) * 8), *range(32)]:
        with pytest.raises(Damaged):
            dayfile.verify(flipped(BODY, bit))


def test_a_flipped_bit_in_a_large_file_is_noticed() -> None:
    for bit in random.Random(3).sample(range(len(BIG) * 8), 300):
        with pytest.raises(Damaged):
            dayfile.verify(flipped(BIG, bit))


@pytest.mark.parametrize("body", [BODY, BIG], ids=["small", "big"])
def test_a_file_cut_anywhere_is_noticed(body: bytes) -> None:
    for end in [*range(64), *range(len(body) - 200, len(body)), *random.Random(5).sample(range(len(body)), 300)]:
        with pytest.raises(Damaged):
            dayfile.verify(body[:end])


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1PAR1",
        b"\0" * len(BODY),
        BODY + b"\0",
        BODY + BODY,
        BODY[:4] + BODY,
        BODY.replace(b"user_1", b"user_9"),
        BODY.replace(b'"rows":3', b'"rows":4'),
        BODY.replace(b"c1", b"c2"),
        BIG[:4096] + b"\0" * 4096 + BIG[8192:],
    ],
    ids=range(11),
)
def test_other_bytes_are_not_the_file_that_was_written(damaged: bytes) -> None:
    with pytest.raises(Damaged):
        dayfile.verify(damaged)


def test_a_parquet_file_of_somebody_else_is_damaged() -> None:
    sink = BytesIO()
    pq.write_table(TABLE, sink)
    with pytest.raises(Damaged):
        dayfile.verify(sink.getvalue())


# --- the ledger entry ---


@pytest.mark.parametrize("body", [BODY, BIG], ids=["small", "big"])
def test_the_ledger_entry_is_read_from_the_end_without_parquet(body: bytes) -> None:
    read = dayfile.entry_of(body[-(1 << 16) :])
    assert (read.kind, read.connection, read.day, read.key_version) == ("usage", "c1", DAY, 3)
    assert (read.fetched_at, read.run, read.reason) == (NOW, "run1", "sync")


NO_ENTRY = [b"", b'{"uptake_day":', b'{"uptake_day":"2026-11-18"}', b'{"uptake_day":5}', b'{"uptake_day":\xff}']


@pytest.mark.parametrize("tail", NO_ENTRY)
def test_what_is_no_ledger_entry_is_damaged(tail: bytes) -> None:
    with pytest.raises(Damaged):
        dayfile.entry_of(tail)


@given(st.integers(0, len(BODY) * 8 - 1))
def test_an_entry_read_without_its_seal_is_an_entry_or_damaged(bit: int) -> None:
    try:
        dayfile.entry_of(flipped(BODY, bit))
    except Damaged as damage:
        assert str(damage)


# --- the hash of the contents ---


def hash_of(table: pa.Table, connection: str = "c1", day: date = DAY) -> str:
    return content_hash("usage", connection, day, table)


def test_null_zero_and_one_are_three_contents() -> None:
    assert len({hash_of(usage(("user_1", EMAIL, count))) for count in (None, 0, 1)}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("user_1", "ab", 1), ("user_2", "c", 1)], [("user_1", "a", 1), ("user_2", "bc", 1)]),
        ([("user_1", None, 1), ("user_2", "a", 1)], [("user_1", "a", 1), ("user_2", None, 1)]),
        ([("user_1", "", 1)], [("user_1", None, 1)]),
        ([("user_1", "a", 1), ("user_2", "a", 2)], [("user_1", "a", 2), ("user_2", "a", 1)]),
        ([("user_1", "a", None), ("user_2", "a", 0)], [("user_1", "a", 0), ("user_2", "a", None)]),
        ([("user_1", "a", 1)], [("user_1", "a", 1), ("user_2", "a", 1)]),
        ([("user_1", "a", 1)], [("user_2", "a", 1)]),
        ([], [("user_1", None, None)]),
    ],
)
def test_other_facts_have_another_hash(one: list[tuple[str, str, int]], other: list[tuple[str, str, int]]) -> None:
    assert hash_of(usage(*one)) != hash_of(usage(*other))


def test_the_hash_knows_day_connection_and_column() -> None:
    assert len({hash_of(TABLE), hash_of(TABLE, connection="c2"), hash_of(TABLE, day=date(2026, 11, 17))}) == 3
    moved = usage(("user_1", EMAIL, None))
    names = [COLUMNS[0], COLUMNS[1]]
    made = [moved.set_column(moved.column_names.index(name), name, pa.array([5], pa.int32())) for name in names]
    assert hash_of(made[0]) != hash_of(made[1])


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["user_1", "user_2", "üser"]), st.none() | st.text(max_size=3), st.none() | st.integers(0, 3)
    ),
    max_size=4,
    unique_by=lambda row: row[0],
)


@given(ROWS, ROWS, st.randoms())
def test_equal_facts_have_equal_hashes_in_any_order_and_no_others(
    one: list[tuple[str, str | None, int | None]],
    other: list[tuple[str, str | None, int | None]],
    chance: random.Random,
) -> None:
    shuffled = chance.sample(one, len(one))
    assert hash_of(usage(*one)) == hash_of(usage(*shuffled))
    assert (hash_of(usage(*one)) == hash_of(usage(*other))) == (sorted(one, key=str) == sorted(other, key=str))


def test_sorting_gives_one_chunk_in_order_whatever_came_in() -> None:
    pieces = [usage((f"user_{n}", None, n)) for n in (3, 1, 2)]
    table = sort("usage", pa.concat_tables(pieces))
    assert table.column("member_id").to_pylist() == ["user_1", "user_2", "user_3"]
    assert {column.num_chunks for column in table.columns} == {1}


# --- who may read it, and what it gives away ---


def test_any_parquet_reader_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    path.write_bytes(BODY)
    assert pq.read_table(path, partitioning=None).cast(TABLE.schema).equals(TABLE)
    found = duckdb.sql(
        f"SELECT member_id, email, {COLUMNS[0]}, {COLUMNS[1]} FROM read_parquet('{path}') ORDER BY 1"
    ).fetchall()
    assert found == [
        ("user_1", EMAIL, 0, None),
        ("user_2", None, None, None),
        ("user_3", "grace@example.com", 12, None),
    ]


@pytest.mark.parametrize(("kind", "table"), [("usage", TABLE), ("members", MEMBERS_TABLE)])
def test_no_person_is_in_the_footer_the_statistics_or_a_dictionary(kind: Kind, table: pa.Table) -> None:
    body = dayfile.encode(entry(table, kind), table)
    length = int.from_bytes(body[-8:-4], "little")
    footer = body[-8 - length :]
    assert b"uptake.ledger" in footer
    assert not [person for person in (b"ada", b"user_1", b"Ada", b"grace") if person in footer]
    group = pq.ParquetFile(BytesIO(body)).metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    for name in {"member_id", "email", "name"} & set(columns):
        assert columns[name].statistics is None
        assert not columns[name].has_dictionary_page
    if kind == "usage":
        assert columns[COLUMNS[0]].statistics.max == 12


def test_nothing_but_ledger_and_seal_is_in_the_metadata() -> None:
    assert set(pq.ParquetFile(BytesIO(BODY)).metadata.metadata) == {b"uptake.ledger", b"uptake.seal"}
