"""The lake on disk: replaced whole or not at all, believed only where the seal holds, erased without a rest."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.lake.facts import DAY, entry, many, members, usage
from uptake.domain.problems import Problem
from uptake.lake import USAGE, Damaged, Lake

OLD, NEW = usage(("user_1", "ada@example.com", 1)), usage(("user_1", "ada@example.com", 2))
NEXT = date(2026, 11, 19)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "aside")


def files(lake: Lake) -> list[str]:
    return sorted(str(path.relative_to(lake.root)) for path in lake.root.rglob("*") if path.is_file())


# --- replace ---


def test_a_day_is_a_file_under_its_kind_connection_and_day(lake: Lake) -> None:
    assert lake.replace(entry(OLD), OLD) is True
    assert files(lake) == ["usage/connection=c1/day=2026-11-18/day.parquet"]
    assert lake.read("usage", "c1", DAY).equals(OLD)
    assert lake.held("usage", "c1") == {DAY: entry(OLD)}
    assert lake.connections() == ["c1"]


def test_the_same_facts_again_write_nothing(lake: Lake) -> None:
    lake.replace(entry(OLD), OLD)
    before = lake.path("usage", "c1", DAY).stat()
    assert lake.replace(entry(OLD, run="run2"), OLD) is False
    assert Lake(lake.root, lake.aside).replace(entry(OLD, run="run3"), OLD) is False
    after = lake.path("usage", "c1", DAY).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_facts_replace_the_day_whole(lake: Lake) -> None:
    other = Lake(lake.root, lake.aside)
    for table in (OLD, NEW, USAGE.empty_table(), OLD):
        assert lake.replace(entry(table), table) is True
        assert lake.read("usage", "c1", DAY).equals(table)
        assert other.held("usage", "c1")[DAY].rows == table.num_rows  # a remembered entry is not an old one
    assert len(files(lake)) == 1


def test_an_empty_day_is_held_and_a_missing_one_is_not(lake: Lake) -> None:
    empty = USAGE.empty_table()
    lake.replace(entry(empty), empty)
    assert lake.held("usage", "c1")[DAY].rows == 0
    with pytest.raises(FileNotFoundError):
        lake.read("usage", "c1", NEXT)


def test_days_come_oldest_first_and_the_newest_is_known(lake: Lake) -> None:
    for day in (NEXT, date(2026, 3, 1), DAY):
        lake.replace(entry(OLD, day=day), OLD)
    assert list(lake.held("usage", "c1")) == [date(2026, 3, 1), DAY, NEXT]
    newest = lake.newest("usage", "c1")
    assert newest is not None
    assert newest.day == NEXT
    assert lake.newest("members", "c1") is None


def test_the_version_names_what_is_held(lake: Lake) -> None:
    seen = [lake.version()]
    for table, day in ((OLD, DAY), (NEW, DAY), (OLD, NEXT)):
        lake.replace(entry(table, day=day), table)
        seen.append(lake.version())
    assert len(set(seen)) == 4
    lake.replace(entry(OLD), OLD)
    lake.path("usage", "c1", NEXT).unlink()
    assert lake.version() == seen[1]


def test_only_the_owner_may_look(lake: Lake) -> None:
    mask = os.umask(0)
    try:
        lake.root.mkdir(mode=0o700)
        lake.replace(entry(OLD), OLD)
    finally:
        os.umask(mask)
    modes = {path.stat().st_mode & 0o777 for path in lake.root.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    assert lake.path("usage", "c1", DAY).stat().st_mode & 0o777 == 0o600


# --- a disk that does not take it ---


def require_old_day_and_nothing_else(lake: Lake) -> None:
    assert Lake(lake.root, lake.aside).read("usage", "c1", DAY).equals(OLD)
    assert files(lake) == ["usage/connection=c1/day=2026-11-18/day.parquet"]


def test_a_full_disk_keeps_the_day_before_and_leaves_nothing_half_written(lake: Lake) -> None:
    lake.replace(entry(OLD), OLD)
    big = many(2_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))  # Python ignores the signal: writing on fails instead
    try:
        with pytest.raises(Problem) as problem:
            lake.replace(entry(big), big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "What was held before stays" in problem.value.message
    require_old_day_and_nothing_else(lake)
    assert lake.replace(entry(big), big) is True


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "rename"])
def test_any_refusal_of_the_disk_is_a_problem_and_the_day_before_stays(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    lake.replace(entry(OLD), OLD)
    monkeypatch.setattr(os, call, refusing(code))
    with pytest.raises(Problem, match="What was held before stays"):
        lake.replace(entry(NEW), NEW)
    monkeypatch.undo()
    require_old_day_and_nothing_else(lake)


def refusing(code: int, times: int = 1_000, call: Callable[..., object] | None = None) -> Callable[..., object]:
    left = [times]

    def refuse(*args: object, **named: object) -> object:
        left[0] -= 1
        if left[0] < 0 and call is not None:
            return call(*args, **named)
        raise OSError(code, os.strerror(code))

    return refuse


def test_after_a_failed_fsync_a_new_file_is_written_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.replace(entry(OLD), OLD)
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, 1, os.fsync))
    assert lake.replace(entry(NEW), NEW) is True
    monkeypatch.undo()
    assert lake.read("usage", "c1", DAY).equals(NEW)
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO))
    with pytest.raises(Problem):
        lake.replace(entry(OLD), OLD)
    monkeypatch.undo()
    assert Lake(lake.root, lake.aside).read("usage", "c1", DAY).equals(NEW)
    assert len(files(lake)) == 1


def test_short_writes_are_written_on(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, view: write(handle, view[:1000]))
    lake.replace(entry(many(300)), many(300))
    monkeypatch.undo()
    assert lake.read("usage", "c1", DAY).equals(many(300))


def test_the_file_is_synced_before_its_name_and_the_folder_after_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.root.mkdir()
    seen: list[str] = []
    fsync, rename = os.fsync, os.rename

    def note_fsync(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink()
        seen.append(f"sync {name.relative_to(lake.root)}")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "rename", lambda one, other: seen.append("rename") or rename(one, other))
    lake.replace(entry(OLD), OLD)
    folder = "usage/connection=c1/day=2026-11-18"
    assert seen == [
        "sync .",
        "sync usage",
        "sync usage/connection=c1",
        f"sync {folder}/.day.parquet.run1.tmp",
        "rename",
        f"sync {folder}",
    ]


# --- what is believed ---


def put(lake: Lake, connection: str, day: str, body: bytes, kind: str = "usage") -> Path:
    path = lake.root / kind / f"connection={connection}" / f"day={day}" / "day.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("kind", "connection", "day"),
    [
        ("usage", "c1", "2026-11-19"),
        ("usage", "c2", "2026-11-18"),
        ("members", "c1", "2026-11-18"),
    ],
)
def test_a_file_in_anothers_place_is_not_held_and_moved_aside(lake: Lake, kind: str, connection: str, day: str) -> None:
    lake.replace(entry(OLD), OLD)
    put(lake, connection, day, lake.path("usage", "c1", DAY).read_bytes(), kind)
    true_place = {DAY} if (kind, connection) == ("usage", "c1") else set()
    assert set(lake.held(kind, connection)) == true_place
    with pytest.raises(Damaged):
        lake.read(kind, connection, date.fromisoformat(day))  # type: ignore[arg-type]
    [damaged] = lake.gate()
    assert (damaged.kind, damaged.connection, damaged.day.isoformat()) == (kind, connection, day)
    assert files(lake) == ["usage/connection=c1/day=2026-11-18/day.parquet"]


@pytest.mark.parametrize(
    ("kind", "day"), [("usage", "yesterday"), ("usage", "2026-13-45"), ("elsewhere", "2026-11-18"), ("x", "y")]
)
@pytest.mark.parametrize("body", [b"notes of the operator", None])
def test_a_folder_that_is_not_ours_is_left_alone(lake: Lake, kind: str, day: str, body: bytes | None) -> None:
    lake.replace(entry(OLD), OLD)
    path = put(lake, "c1", day, body or lake.path("usage", "c1", DAY).read_bytes(), kind)
    assert lake.gate() == []
    assert list(lake.held("usage", "c1")) == [DAY]
    assert path.exists()


@pytest.mark.parametrize("body", [b"", b"PAR1", b"\0" * 5000, b"<html>"])
def test_a_file_without_a_ledger_entry_is_not_held(lake: Lake, body: bytes) -> None:
    put(lake, "c1", "2026-11-18", body)
    assert lake.held("usage", "c1") == {}
    assert lake.version() == Lake(lake.root / "nothing", lake.aside).version()


def test_a_damaged_day_is_never_read(lake: Lake) -> None:
    lake.replace(entry(OLD), OLD)
    damage(lake)
    with pytest.raises(Damaged):
        lake.read("usage", "c1", DAY)


def damage(lake: Lake, day: date = DAY) -> None:
    path = lake.path("usage", "c1", day)
    body = bytearray(path.read_bytes())
    body[len(body) // 3] ^= 1
    path.write_bytes(body)


# --- the gate ---


def test_the_gate_of_a_new_lake_has_nothing_to_say(lake: Lake) -> None:
    assert lake.gate() == []
    lake.replace(entry(OLD), OLD)
    assert lake.gate() == []
    assert lake.read("usage", "c1", DAY).equals(OLD)


def test_the_gate_removes_leftovers(lake: Lake) -> None:
    lake.replace(entry(OLD), OLD)
    for name in (".day.parquet.run0.tmp", ".day.parquet.run9.tmp"):
        lake.path("usage", "c1", DAY).with_name(name).write_bytes(b"half")
    assert lake.gate() == []
    require_old_day_and_nothing_else(lake)


def test_the_gate_moves_damage_aside_and_the_day_is_missing_then(lake: Lake) -> None:
    for day in (DAY, NEXT):
        lake.replace(entry(OLD, day=day), OLD)
    damage(lake)
    [found] = lake.gate()
    assert (found.kind, found.connection, found.day) == ("usage", "c1", DAY)
    assert list(lake.held("usage", "c1")) == [NEXT]
    assert len(list(lake.aside.iterdir())) == 1
    assert lake.gate() == []
    assert (
        lake.replace(entry(OLD), OLD) is True
    )  # the same facts again are written: nothing remembered stands in the way


def test_damage_is_moved_aside_to_another_disk_too(lake: Lake) -> None:
    shared = Path("/dev/shm")
    if not shared.exists() or shared.stat().st_dev == lake.root.parent.stat().st_dev:
        pytest.skip("this machine has no second file system to try with")
    elsewhere = Lake(lake.root, shared / f"uptake-tests-{os.getpid()}")
    try:
        lake.replace(entry(OLD), OLD)
        damage(lake)
        assert len(elsewhere.gate()) == 1
        assert files(lake) == []
    finally:
        shutil.rmtree(elsewhere.aside, ignore_errors=True)


# --- erasing ---


def test_erasing_leaves_no_file_of_the_connection_and_all_of_the_others(lake: Lake) -> None:
    roster = members([{"member_id": "user_1", "email": "ada@example.com", "status": "active"}])
    for connection in ("c1", "c2"):
        for day in (DAY, NEXT):
            lake.replace(entry(OLD, connection=connection, day=day), OLD)
        lake.replace(entry(roster, "members", connection), roster)
    damage(lake, NEXT)
    lake.gate()
    lake.path("usage", "c1", DAY).with_name(".day.parquet.run9.tmp").write_bytes(b"ada@example.com")
    assert lake.erase("c1") == {"usage": 1, "members": 1, "summaries": 0}
    assert lake.connections() == ["c2"]
    assert len(files(lake)) == 3
    assert not lake.aside.exists()
    assert lake.held("usage", "c1") == {}
    assert lake.erase("c1") == {"usage": 0, "members": 0, "summaries": 0}


def test_what_could_not_be_erased_does_not_pass_for_erased(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.replace(entry(OLD), OLD)
    monkeypatch.setattr(os, "unlink", refusing(errno.EROFS))
    with pytest.raises(Problem, match="Not everything could be erased"):
        lake.erase("c1")
