"""The sieve: published shapes are read, wrong values cost themselves alone, and what is not listed never becomes an object."""

from __future__ import annotations

import contextlib
import json
import random
import time
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.claude.wire import JUNE_2026, TODAY, full_row, page, plainly, put, row
from uptake.claude import sieve
from uptake.claude.answers import Unreadable
from uptake.claude.sieve import Flaws, UsagePage, usage_page
from uptake.claude.twice import names_a_key_twice
from uptake.domain.measures import COLUMNS, MAX_COUNT, MEASURES

PATHS = {measure.column: measure.path for measure in MEASURES}
COUNT = "chat_metrics.message_count"


def counts(read: UsagePage) -> list[dict[str, object]]:
    return [{name: found[name] for name in COLUMNS} for found in read.rows.to_pylist()]


# --- the published shapes ---


@pytest.mark.parametrize("body", [JUNE_2026, TODAY], ids=["june_2026", "today"])
def test_each_published_shape_is_read_count_by_count(body: str) -> None:
    read = usage_page(body.encode())
    assert counts(read) == plainly(body)
    assert read.flaws.wrong_values == 0


def test_a_full_row_gives_every_measure_its_own_value() -> None:
    read = usage_page(page(full_row(start=1)))
    assert counts(read) == [{measure.column: value for value, measure in enumerate(MEASURES, 1)}]
    assert read.flaws == Flaws()


def test_the_columns_are_the_measures_and_the_person() -> None:
    schema = usage_page(page(full_row())).rows.schema
    assert schema.names == ["member_id", "email", *COLUMNS]
    assert {field.type for field in schema} == {pa.string(), pa.int32()}


def test_null_zero_and_absent_stay_apart() -> None:
    [june] = usage_page(JUNE_2026.encode()).rows.to_pylist()
    [today] = usage_page(TODAY.encode()).rows.to_pylist()
    assert june["chat_projects_used"] is None  # null in the answer
    assert june["cowork_messages"] is None  # a block that was not there
    assert today["chat_messages"] == 0  # measured zero
    assert june["office_outlook_messages"] is None
    assert today["office_outlook_messages"] is None  # a block that was null


def test_a_missing_count_is_a_flaw_only_where_it_is_always_promised() -> None:
    bare = full_row()
    for absent in ("chat_metrics.distinct_conversation_count", "claude_tag_metrics.active_day_count"):
        put(bare, absent, None)
    assert usage_page(page(bare)).flaws.missing_values == 0
    put(bare, COUNT, None)
    del bare["design_metrics"]["message_count"]
    assert usage_page(page(bare)).flaws == Flaws(missing_values=2)


def test_the_member_is_read_by_id_and_clean_email() -> None:
    read = usage_page(JUNE_2026.encode())
    assert read.rows.column("member_id").to_pylist() == ["user_01June"]
    assert read.rows.column("email").to_pylist() == ["june.osborne@example.com"]
    assert read.next_page == "page_two"


@pytest.mark.parametrize("rows", [[], [full_row()]])
def test_the_last_page_has_no_next_page_however_it_says_so(rows: list[Any]) -> None:
    assert usage_page(page(*rows, next_page=None)).next_page is None
    assert usage_page(page(*rows, next_page="")).next_page is None
    assert usage_page(json.dumps({"data": rows}).encode()).next_page is None


def test_an_empty_page_keeps_its_columns_and_its_cursor() -> None:
    read = usage_page(page(next_page="more"))
    assert (read.rows.num_rows, read.rows.schema.names[2:], read.next_page) == (0, list(COLUMNS), "more")
    assert read.flaws == Flaws()


# --- strict integers ---

GOOD = [("0", 0), ("3", 3), ("3.0", 3), ("-0", 0), ("-0.0", 0), ("1e2", 100), ("30e-1", 3), (str(MAX_COUNT), MAX_COUNT)]
BAD = [
    *("3.5", "true", "false", '"3"', '""', "-1", "-3.0", str(MAX_COUNT + 1), "1e10", "1e400", "-1e400", str(2**63)),
    *("9" * 5000, "0." + "0" * 5000 + "1", "NaN", "Infinity", "-Infinity", "{}", '{"text": "a prompt"}', "[]", "[3]"),
    *('"a prompt"', '"NaN"'),
]


def with_value(text: str, path: str = COUNT) -> bytes:
    made = full_row()
    put(made, path, "@@")
    return page(made).replace(b'"@@"', text.encode())


@pytest.mark.parametrize(("text", "value"), GOOD)
@pytest.mark.parametrize(
    "path", [COUNT, "web_search_count", "claude_code_metrics.tool_actions.edit_tool.accepted_count"]
)
def test_a_whole_number_counts_however_it_is_written(text: str, value: int, path: str) -> None:
    read = usage_page(with_value(text, path))
    column = next(name for name, other in PATHS.items() if other == path)
    assert read.rows.column(column).to_pylist() == [value]
    assert read.flaws == Flaws()


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:20])
@pytest.mark.parametrize(
    "path", [COUNT, "web_search_count", "claude_code_metrics.tool_actions.edit_tool.accepted_count"]
)
def test_a_wrong_value_is_null_and_counted_and_costs_nothing_else(text: str, path: str) -> None:
    read = usage_page(with_value(text, path))
    column = next(name for name, other in PATHS.items() if other == path)
    expected = {measure.column: value for value, measure in enumerate(MEASURES, 1)} | {column: None}
    assert counts(read) == [expected]
    assert (read.flaws.wrong_values, read.flaws.rejected_rows) == (1, 0)


@pytest.mark.parametrize("text", ["[]", "3", '"text"', "true"])
def test_a_block_that_is_none_is_all_null_and_one_wrong_value(text: str) -> None:
    read = usage_page(with_value(text, "chat_metrics"))
    [found] = counts(read)
    assert {name for name, value in found.items() if value is None} == {
        name for name, path in PATHS.items() if path.startswith("chat_metrics.")
    }
    assert read.flaws.wrong_values == 1


def test_one_bad_row_leaves_the_rows_around_it_as_they_are() -> None:
    bad = row("user_2", chat_metrics={"message_count": "many"}, web_search_count=5)
    read = usage_page(page(full_row("user_1"), bad, full_row("user_3")))
    assert read.rows.column("member_id").to_pylist() == ["user_1", "user_2", "user_3"]
    assert read.rows.column("chat_messages").to_pylist()[1] is None
    assert read.rows.column("web_searches").to_pylist()[1] == 5


# --- who a row is about ---


@pytest.mark.parametrize(
    "user", [None, {}, [], "user_1", {"id": None}, {"id": ""}, {"id": 7}, {"id": "a b"}, {"id": "x" * 129}]
)
def test_a_row_without_a_usable_id_is_left_out_and_counted(user: object) -> None:
    read = usage_page(page(full_row("user_1"), {**full_row(), "user": user}, {"web_search_count": 1}))
    assert read.rows.column("member_id").to_pylist() == ["user_1"]
    assert read.flaws.rejected_rows == 2


@pytest.mark.parametrize("made", [None, 5, "row", [], True])
def test_a_row_that_is_none_is_left_out_and_counted(made: object) -> None:
    read = usage_page(page(made, full_row("user_1")))
    assert read.rows.column("member_id").to_pylist() == ["user_1"]
    assert read.flaws.rejected_rows == 1


@pytest.mark.parametrize(
    "email", [None, "", "no address", "a b@example.com", 5, ["x@example.com"], {"at": "x@example.com"}]
)
def test_a_member_without_a_usable_email_is_kept_without_one(email: object) -> None:
    read = usage_page(page(full_row("user_1", email)))
    assert read.rows.select(["member_id", "email"]).to_pylist() == [{"member_id": "user_1", "email": None}]
    assert read.flaws.rejected_rows == 0


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"\\u0000", b"\\u200b"])
def test_an_id_of_broken_text_costs_its_row(broken: bytes) -> None:
    body = page(full_row("user_@@"), full_row("user_2")).replace(b"@@", broken)
    read = usage_page(body)
    assert read.rows.column("member_id").to_pylist() == ["user_2"]
    assert read.flaws.rejected_rows == 1


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ud83d\\ud83d", "\\\\\\ud83d"])
def test_half_an_emoji_costs_no_more_than_its_row(half: str) -> None:
    body = page(full_row("user_@@"), full_row("user_2", "Zo\u00eb\U0001f600@example.com")).replace(b"@@", half.encode())
    read = usage_page(body)
    assert read.rows.column("member_id").to_pylist() == ["user_2"]
    assert read.rows.column("email").to_pylist() == ["zoë\U0001f600@example.com"]
    assert read.flaws.rejected_rows == 1


def test_half_an_emoji_in_an_address_costs_only_itself() -> None:
    body = page(full_row("user_1", "a@@@example.com")).replace(b"@@", b"\\ud83d", 1)
    assert usage_page(body).rows.column("email").to_pylist() == ["a\ufffd@example.com"]


def test_a_page_with_ten_times_its_rows_is_none() -> None:
    with pytest.raises(Unreadable):
        usage_page(b'{"data":[' + b",".join([b"{}"] * 10_001) + b"]}")


def test_a_cursor_longer_than_any_is_none() -> None:
    with pytest.raises(Unreadable, match="cursor"):
        usage_page(page(next_page="x" * 10_000))


def test_rows_of_groups_have_no_member_and_are_left_out() -> None:
    grouped = {"user": None, "rbac_group_id": "rbac_group_1", "rbac_group_name": "Legal", "distinct_user_count": 9}
    assert usage_page(page(grouped)).flaws.rejected_rows == 1


# --- bodies that are no page ---

NO_PAGE = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"3",
    b'"data"',
    b'{"data": null}',
    b'{"data": {}}',
    b'{"data": [], "next_page": 5}',
]
NO_PAGE += [
    b"<html>sign in</html>",
    b'{"summaries": []}',
    page(full_row()).decode().encode("utf-16"),
    b"\xef\xbb\xbf\x00",
]
NO_PAGE += [
    b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"data": [], NaN}',
    b'{"data": [' + b'{"a":' * 100_000,
]


@pytest.mark.parametrize("body", NO_PAGE, ids=lambda body: repr(body[:24]))
def test_what_is_no_page_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        usage_page(body)


def test_a_page_cut_anywhere_is_unreadable_never_a_shorter_page() -> None:
    body = page(full_row("user_1"), full_row("user_2"))
    for end in random.Random(7).sample(range(len(body)), 400):
        with pytest.raises(Unreadable):
            usage_page(body[:end])


def test_deep_nesting_in_an_unlisted_field_ends_without_a_crash() -> None:
    deep = page({**full_row(), "extra": "@@"}).replace(b'"@@"', b"[" * 200_000 + b"]" * 200_000)
    with pytest.raises(Unreadable):
        usage_page(deep)


def test_a_page_that_names_keys_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="twice"):
        usage_page(page(full_row()).replace(b'"chat_metrics": {', b'"chat_metrics": {"message_count": 900, '))


def test_a_key_that_comes_twice_in_a_later_row_counts_once_and_the_same_on_both_roads() -> None:
    twice = page(full_row("user_1"), full_row("user_2"))
    first, second, rest = twice.split(b'"chat_metrics": {')
    twice = b'"chat_metrics": {'.join([first, second]) + b'"chat_metrics": {"message_count": 900, ' + rest
    [_, fast] = counts(usage_page(twice))
    [_, careful] = counts(
        usage_page(b'"web_search_count": 1.5, "web_search_count": '.join(twice.rsplit(b'"web_search_count": ', 1)))
    )
    assert fast == careful
    assert fast["chat_messages"] != 900


@pytest.mark.parametrize("text", ['{"data": [], NaN "' + '\\"' * 500_000, '{"data": [], NaN ' + '"\\' * 500_000])
def test_a_hostile_body_takes_no_time(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(Unreadable):
        usage_page(text.encode())
    assert time.perf_counter() - start < 1


def test_nan_inside_a_text_is_only_text() -> None:
    made = {**full_row(), "nickname": 'NaN "NaN" -Infinity \\'}
    put(made, COUNT, "@@")
    read = usage_page(page(made).replace(b'"@@"', b"NaN"))
    assert read.flaws.wrong_values == 1
    assert read.rows.num_rows == 1


# --- unlisted fields never become objects ---


def planted(canary: str) -> bytes:
    """A page with content-like fields at every level: as values, in lists, as keys, beside and inside wrong values."""
    content = {"prompt": canary, "messages": [{"text": canary}], canary: [canary]}
    made: dict[str, Any] = {**full_row("user_1"), **content}
    made["user"] |= content | {"name": canary, "type": canary}
    for path in (
        "chat_metrics",
        "claude_code_metrics.core_metrics.lines_of_code",
        "office_metrics.excel",
        "new_surface",
    ):
        put(made, f"{path}.title", canary)
        put(made, f"{path}.{canary}", content)
    return json.dumps({"data": [made], **content, "next_page": None}).encode()


@pytest.mark.parametrize("wrong", [False, True], ids=["fast", "careful"])
def test_nothing_that_is_not_listed_becomes_an_object(wrong: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "".join(random.Random(11).choices("abcdefghijklmnop", k=32))
    body = planted(canary)
    if wrong:  # a wrong value in a listed count, with content in it: the careful road
        body = body.replace(b'"web_search_count": 77', b'"web_search_count": {"prompt": "' + canary.encode() + b'"}')
    assert body.count(canary.encode()) > 20
    seen: list[Any] = []
    batch = sieve._batch
    monkeypatch.setattr(sieve, "_batch", lambda rows, *more: seen.extend(everything(rows)) or batch(rows, *more))
    read = usage_page(body)
    assert read.flaws.wrong_values == wrong
    assert {"user_1", "ada@example.com", 1, 108} <= {value for value in seen if isinstance(value, str | int)}
    assert not [value for value in seen if isinstance(value, str | bytes | dict) and canary in str(value)]
    held = [buffer.to_pybytes() for column in read.rows.columns for buffer in column.buffers() if buffer is not None]
    assert any(b"user_1" in buffer for buffer in held)  # the search can find something
    assert not any(canary.encode() in buffer for buffer in held)
    assert canary not in repr(read)


def everything(value: Any) -> list[Any]:
    """The value and all that can be reached from it, msgspec structs included (the collector does not track them)."""
    if isinstance(value, msgspec.Struct):
        below: list[Any] = [getattr(value, name) for name in value.__struct_fields__]
    else:
        below = list(value) if isinstance(value, list | tuple) else []
    return [value, *(found for part in below for found in everything(part))]


def test_the_decoder_knows_the_measures_the_id_and_the_email_and_no_field_more() -> None:
    assert sorted(fields_of(sieve._ROW.typed)) == sorted([*PATHS.values(), "user.id", "user.email_address"])
    assert set(sieve._PAGE.__struct_fields__) == {"data", "next_page"}


def fields_of(kind: Any, above: str = "") -> list[str]:
    found = []
    for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[union-attr]
        kinds = getattr(field.type, "types", (field.type,))
        below = [one.cls for one in kinds if isinstance(one, msgspec.inspect.StructType)]
        assert all(isinstance(one, ALLOWED_TYPES) for one in kinds)
        path = f"{above}{field.encode_name}"
        found += fields_of(below[0], f"{path}.") if below else [path]
    return found


ALLOWED_TYPES = (
    *(msgspec.inspect.StructType, msgspec.inspect.IntType, msgspec.inspect.NoneType),
    msgspec.inspect.StrType,  # id and e-mail alone, as the test above shows
)


def test_no_error_text_holds_what_the_body_said() -> None:
    body = planted("canarycanary")[:-20]
    with pytest.raises(Unreadable) as refusal:
        usage_page(body)
    assert "canary" not in f"{refusal.value} {refusal.value.__cause__}"


# --- both roads agree ---

VALUES = st.one_of(st.none(), st.integers(0, MAX_COUNT), st.just("absent"))
WRONG = st.one_of(
    st.integers(-5, 2**70), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text(max_size=5)
)


@st.composite
def rows(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    made = row(
        draw(st.sampled_from(["user_1", "user_2", "user 3"])), draw(st.sampled_from(["ada@example.com", "x", None]))
    )
    for measure in draw(st.lists(st.sampled_from(MEASURES), max_size=30, unique=True)):
        value = draw(values)
        if value != "absent":
            put(made, measure.path, value)
    return made


@settings(max_examples=80, deadline=None)
@given(st.lists(rows(VALUES), max_size=4))
def test_the_fast_road_and_the_careful_road_give_equal_columns(made: list[dict[str, Any]]) -> None:
    body = page(*made)
    fast = usage_page(body)
    careful = sieve._careful(body, Flaws())
    flaws = Flaws()
    by_value = [sieve._block_from_raw(sieve._ROW, raw, flaws) for raw in sieve._decode_raw_page(body).data]
    for read, values in zip(by_value, json.loads(body)["data"], strict=True):
        read.user = sieve.User(values["user"]["id"], values["user"]["email_address"])
    assert fast.rows.equals(careful.rows)
    assert fast.rows.equals(sieve._batch(by_value, Flaws(), {}))
    assert fast.flaws == careful.flaws
    assert flaws.wrong_values == 0


@settings(max_examples=80, deadline=None)
@given(st.lists(rows(st.one_of(VALUES, WRONG)), max_size=4))
def test_whatever_the_values_the_reading_is_the_plain_one(made: list[dict[str, Any]]) -> None:
    body = page(*made)
    kept = [plain for plain, given_row in zip(plainly(body), made, strict=True) if " " not in given_row["user"]["id"]]
    assert counts(usage_page(body)) == kept


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_page_or_unreadable(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        usage_page(body)


@pytest.mark.parametrize(
    ("first", "twice"),
    [
        (b'{"a":1,"b":{"a":2}}', False),
        (b'{"a":1,"b":[{"a":1},{"a":1}],"c":{"a":1}}', False),
        (b'{"a":"a","b":"a"}', False),
        (b'{"a":"\\"a\\":1","b":2}', False),
        (b'{"a":1,"a":1}', True),
        (b'{"b":{"a":1,"c":{}, "a" : 2}}', True),
        (b'{"a":"{","b":1,"b":2}', True),
    ],
)
def test_a_key_twice_in_the_first_row_is_seen(first: bytes, twice: bool) -> None:
    assert names_a_key_twice(b'{"data":[' + first + b',{"z":1,"z":2}],"next_page":null}') is twice


@pytest.mark.parametrize("body", [b"", b"{}", b'"data"', b"[" * 99, b'{"data":["', b'{"data":[{"' + b"x" * 99])
def test_what_is_no_page_names_nothing_twice(body: bytes) -> None:
    assert not names_a_key_twice(body)
