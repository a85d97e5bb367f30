"""The watch over names: what is new is named, what could be somebody's words never is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude.names import UNNAMED, unknown_fields
from uptake.domain.measures import IGNORED_FIELDS, MEASURES

Row = dict[str, Any]


def row(**more: Any) -> Row:
    """A row with every field that we know."""
    made: Row = {}
    for path in (*(measure.path for measure in MEASURES), *IGNORED_FIELDS):
        node = made
        *blocks, leaf = path.split(".")
        for block in blocks:
            node = node.setdefault(block, {})
        node[leaf] = 1
    return {**made, **more}


def page(*rows: Any, next_page: str | None = None) -> bytes:
    return json.dumps({"data": list(rows), "next_page": next_page}).encode()


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, set()),
        ({"x_metrics": {"message_count": 3}}, {"x_metrics"}),
        ({"x_metrics": None}, {"x_metrics"}),
        ({"x_count": 3, "y_count": 4}, {"x_count", "y_count"}),
        # inside what we do not know nothing is looked at: a map may be keyed by somebody's words
        ({"x_metrics": {"per_project": {"secret_plan": 1}, "files": [{"layoffs": 1}]}}, {"x_metrics"}),
        ({"web_search_count": {"secret_plan": 1}}, set()),
        ({"x": [{"chat_metrics": {"secret_plan": 1}}]}, {"x"}),
        # values are never names, whatever they look like
        ({"rbac_group_name": '{"secret_plan": {"a": 1}}'}, set()),
        ({"rbac_group_name": 'a\\" : "secret_plan" : {'}, set()),
        # a name that is no plain word is announced without being told
        ({"What shall I say to Ann?": 1}, {UNNAMED}),
        ({"Prompt": 1, "vqZk7WmXr2Ld": 1, "ünder": 1, "a" * 65: 1, "": 1}, {UNNAMED}),
        ({"a" * 64: 1}, {"a" * 64}),
    ],
)
def test_new_fields_of_a_row(more: Row, found: set[str]) -> None:
    assert unknown_fields(page(row(**more)), 1) == found


def test_new_fields_of_a_block_of_ours_carry_its_name() -> None:
    made = row()
    made["chat_metrics"]["voice_count"] = 1
    made["claude_code_metrics"]["tool_actions"]["bash_tool"] = {"accepted_count": 1}
    made["user"]["full_name"] = "Ann"
    assert unknown_fields(page(made), 1) == {
        "chat_metrics.voice_count",
        "claude_code_metrics.tool_actions.bash_tool",
        "user.full_name",
    }


def test_rows_are_found_wherever_the_cursor_stands_and_however_it_is_spaced() -> None:
    body = json.dumps({"next_page": "page_2", "data": [row(x=1)]}, indent=2).encode()
    assert unknown_fields(body, 1) == {"x"}


def test_a_sample_is_looked_at_and_no_row_beyond_it() -> None:
    assert unknown_fields(page(row(), row(x=1)), 2) == set()
    rows = [row(), row(x=1), *[row()] * 500]
    assert unknown_fields(page(*rows), len(rows)) == {"x"}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"data":[', b'{"data":[[[', b'{"data":[{"x', b'{"data":["x":{}]}']
)
def test_half_a_page_is_no_trouble(body: bytes) -> None:
    assert unknown_fields(body, 10) <= {"x"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), _JSON, max_size=4))
def test_only_names_at_the_top_are_named_and_only_plain_ones(more: Row) -> None:
    found = unknown_fields(page(row(**more)), 1)
    assert found - {UNNAMED} <= set(more)


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_to_their_end(body: bytes) -> None:
    unknown_fields(b'{"data":[' + body, 3)
