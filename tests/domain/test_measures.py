"""The list of measures: complete, without doubles, and nested as the vendor nests it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from uptake.domain.measures import BY_COLUMN, COLUMNS, IGNORED_FIELDS, MEASURES, SUMMARY_COUNTS, Measure, Tree, tree


def test_there_are_108_measures_each_with_a_column_and_a_path_of_its_own() -> None:
    assert len(MEASURES) == 108
    assert len(set(COLUMNS)) == 108
    assert len({measure.path for measure in MEASURES}) == 108
    assert {BY_COLUMN[column] for column in COLUMNS} == set(MEASURES)


@pytest.mark.parametrize("name", [*COLUMNS, *SUMMARY_COUNTS])
def test_names_are_plain_words_fit_for_sql_and_parquet(name: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,62}", name)


def test_the_tree_covers_every_measure_and_nothing_else() -> None:
    assert {path: measure.path for path, measure in _leaves(tree())} == {m.path: m.path for m in MEASURES}


def test_the_order_of_the_list_is_the_order_of_the_tree() -> None:
    assert [measure for _, measure in _leaves(tree())] == list(MEASURES)


def test_a_count_inside_a_count_is_refused() -> None:
    with pytest.raises(TypeError, match="count already"):
        tree([Measure("a", "block.count", "chat"), Measure("b", "block.count.part", "chat")])


def test_nothing_is_both_read_and_ignored() -> None:
    assert not {measure.path for measure in MEASURES} & set(IGNORED_FIELDS)
    assert all(IGNORED_FIELDS.values())


def test_only_the_newer_blocks_are_optional() -> None:
    assert {m.path.split(".")[0] for m in MEASURES if m.optional} == {
        "chat_cowork_unified_metrics",
        "claude_tag_metrics",
    }


def test_unified_measures_are_the_twins_of_chat_and_cowork() -> None:
    twins = {
        "chat_cowork_unified_metrics.chat.": "chat_metrics.",
        "chat_cowork_unified_metrics.sessions.": "cowork_metrics.",
    }
    for ours, theirs in twins.items():
        unified = {m.path.removeprefix(ours): m.adds_up for m in MEASURES if m.path.startswith(ours)}
        alone = {m.path.removeprefix(theirs): m.adds_up for m in MEASURES if m.path.startswith(theirs)}
        assert unified == alone


def test_a_distinct_count_of_things_that_go_on_does_not_add_up() -> None:
    # Something is created once, and Claude Code sessions end within their day: these alone may be summed.
    adding = {m.column for m in MEASURES if m.adds_up and "distinct_" in m.path}
    assert adding == {column for column in COLUMNS if "_created" in column and column in adding} | {"code_sessions"}
    assert all(m.adds_up for m in MEASURES if "distinct_" not in m.path and "sessions_with" not in m.path)


def _leaves(node: Tree, above: str = "") -> Iterator[tuple[str, Measure]]:
    for name, below in node.items():
        path = f"{above}.{name}" if above else name
        if isinstance(below, Measure):
            yield path, below
        else:
            yield from _leaves(below, path)
