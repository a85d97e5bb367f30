"""The cache: made from verified days, rebuilt where the lake changed, gone or torn without harm."""

from __future__ import annotations

import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from metrics.world import FIRST, World, member
from uptake.domain.access import OPERATOR
from uptake.metrics import Answer, Facts, Question, answer, cache, chunkfiles, engine, warm
from uptake.metrics.dashboards import DASHBOARDS, FIGURES, all_of, figure

TODAY = FIRST + timedelta(days=62)
QUESTION = Question(("active_28d", "messages"))


DAYS = 20


def uptake_of(home: Path, days: int) -> World:
    """Ten of twenty members active every day."""
    world = World(home)
    for number in range(days):
        world.day("one", FIRST + timedelta(days=number), [{"id": f"m{who}", "chat_messages": 1} for who in range(10)])
    return world.roster("one", [member(who) for who in range(20)])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return uptake_of(tmp_path, DAYS)


def files(world: World) -> dict[str, float]:
    return {path.name: path.stat().st_mtime_ns for path in (world.home / "cache").glob("*.duckdb")}


def ask(world: World) -> Answer:
    return answer(QUESTION, OPERATOR, world.facts, TODAY)


def values(found: Answer) -> list[float | int | None]:
    return [cell.value for row in found.rows for cell in row.cells.values()]


def test_only_what_changed_is_rebuilt(world: World) -> None:
    ask(world)
    before = files(world)
    world.day("one", FIRST + timedelta(days=DAYS - 1), [{"id": f"m{who}", "chat_messages": 3} for who in range(12)])
    assert values(ask(world)) == [12, (DAYS - 1) * 10 + 36]
    after = files(world)
    assert {name: after[name] for name in before} == before
    assert len(after) - len(before) == 1


def test_the_cache_may_vanish_whenever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = values(ask(world))
    shutil.rmtree(world.home / "cache")
    world.threshold = 6  # another answer, so that memory does not help
    assert values(ask(world)) == expected
    real = engine.write_chunk

    def made_then_gone(path: Path, days: object) -> None:
        real(path, days)  # type: ignore[arg-type]
        for other in path.parent.glob("one-2026-09-*.duckdb"):
            other.unlink()

    shutil.rmtree(world.home / "cache")
    monkeypatch.setattr(chunkfiles, "write_chunk", made_then_gone)
    world.threshold = 7
    assert values(ask(world)) == expected


def test_torn_files_are_made_again(world: World) -> None:
    expected = values(ask(world))
    for path in (world.home / "cache").iterdir():
        if path.is_file():
            path.write_bytes(path.read_bytes()[:100])
    world.threshold = 6
    assert values(ask(world)) == expected


def test_a_damaged_day_is_missing_until_it_is_whole_again(world: World) -> None:
    day = FIRST + timedelta(days=DAYS - 2)
    path = world.lake.path("usage", "one", day)
    whole = path.read_bytes()
    body = bytearray(whole)
    body[len(body) // 3] ^= 1
    path.write_bytes(body)
    found = ask(world)
    assert values(found)[1] == 10 * (DAYS - 1) and day in found.freshness.missing
    path.write_bytes(whole)
    assert values(ask(world)) == [10, 10 * DAYS]


def test_processes_at_once_agree(world: World) -> None:
    found: list[list[float | int | None]] = []

    def one(threshold: int) -> None:
        own = World(world.home, threshold, connections=world.connections)
        found.append(values(ask(own)))

    threads = [threading.Thread(target=one, args=(threshold,)) for threshold in (5, 6, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[10, 10 * DAYS]] * 3
    assert not list((world.home / "cache").glob(".*.tmp*"))


def test_sweep_leaves_what_is_needed_and_what_is_young(world: World) -> None:
    warm(world.facts, OPERATOR, TODAY)
    kept = files(world)
    (world.home / "cache" / "one-2026-01-old.duckdb").touch()
    cache.sweep(world.facts)
    assert len(files(world)) == len(kept) + 1
    old = 1_000_000.0
    os.utime(world.home / "cache" / "one-2026-01-old.duckdb", (old, old))
    cache.sweep(world.facts)
    assert files(world) == kept


def test_the_engine_reads_no_other_file_and_takes_no_setting(world: World) -> None:
    ask(world)
    name = next(iter(files(world)))
    day = world.lake.path("usage", "one", FIRST)
    with engine.opened(world.home / "cache" / name) as connection:
        for statement in (
            f"SELECT * FROM read_parquet('{day}')",
            f"COPY held TO '{world.home / 'out.csv'}'",
            f"ATTACH '{world.home / 'x.duckdb'}'",
            "SET enable_external_access = true",
            "SET memory_limit = '8GB'",
            "INSERT INTO held VALUES (1, [])",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_threads_may_open_one_file_at_the_same_time(world: World) -> None:
    ask(world)
    path = world.home / "cache" / next(iter(files(world)))
    together = threading.Barrier(4)
    found: list[object] = []

    def read() -> None:
        together.wait()
        for _ in range(20):
            with engine.opened(path) as connection:
                found.append(connection.execute("SELECT count(*) FROM held").fetchone())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80 and len(set(found)) == 1


def test_the_engine_is_never_given_a_day_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = duckdb.connect

    def spy(path: str, **more: object) -> duckdb.DuckDBPyConnection:
        opened.append(path)
        return real(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.duckdb, "connect", spy)
    ask(world)
    assert opened and all(Path(path).parent == world.home / "cache" for path in opened)


def test_a_warm_answer_is_the_same_object(world: World) -> None:
    assert ask(world) is ask(world)


def test_nothing_of_the_answer_depends_on_the_cache_folder_alone(world: World, tmp_path: Path) -> None:
    moved = Facts(world.lake, tmp_path / "elsewhere", world.facts.connections)
    assert values(answer(QUESTION, OPERATOR, moved, TODAY)) == values(ask(world))


def test_the_overview_has_a_sentence_for_every_figure(tmp_path: Path) -> None:
    world = uptake_of(tmp_path, 60)
    found = all_of("overview", world.facts, OPERATOR, TODAY)
    assert list(found) == [known.name for known in DASHBOARDS["overview"].figures]
    assert found["headlines"].sentence == "50 % of members used Claude in the 28 days to 5 November."
    tiles = {tile.metric: tile for tile in found["headlines"].tiles}
    assert (tiles["active_28d"].now.value, tiles["active_28d"].change) == (10, 0)
    assert (tiles["messages"].now.value, tiles["messages"].before and tiles["messages"].before.value) == (280, 280)
    assert (tiles["seats_never_used"].now.value, tiles["invited"].now.value) == (10, 0)
    first, last = tiles["active_week"].window or (FIRST, FIRST)
    assert (first.weekday(), last - first, last) == (0, timedelta(days=6), FIRST + timedelta(days=55))
    assert "Chat is used most: 10 people" in found["surfaces"].sentence
    messages = figure("messages", OPERATOR, world.facts, TODAY)
    assert messages.sentence.startswith("People sent 70 messages")


def test_a_withheld_overview_has_no_digits(tmp_path: Path) -> None:
    world = World(tmp_path).roster("one", [member(who) for who in range(3)])
    for number in range(30):
        world.day("one", FIRST + timedelta(days=number), [{"id": "m1", "chat_messages": 7, "code_sessions": 1}])
    for known in FIGURES:
        found = figure(known, OPERATOR, world.facts, TODAY)
        assert not any(char.isdigit() for char in found.sentence)
        assert all(cell.value is None for one in found.answers for row in one.rows for cell in row.cells.values())
