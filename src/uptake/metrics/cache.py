"""The cache beside the lake: made when missing, never the truth, and gone at any moment without harm.

Several processes may share it: a file appears whole by rename under a name made from its content, and is only read.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uptake.domain.days import day_no
from uptake.lake import Damaged, snapshot
from uptake.metrics import membership, teamweeks, weeks, windowfile
from uptake.metrics.cachefiles import publish, read_json, readable, written
from uptake.metrics.chunkfiles import read_days, rows_of
from uptake.metrics.chunks import Chunk, chunks, named
from uptake.metrics.facts import Facts
from uptake.metrics.fourweeks import Window
from uptake.metrics.memo import Memo
from uptake.metrics.panel import Four, Fours, Panel, definitions, read_four, whole_weeks, windows
from uptake.metrics.panel import assemble as assemble_panel
from uptake.metrics.roster import Roster, roster
from uptake.metrics.series import Series, assemble
from uptake.metrics.windowfile import made_by
from uptake.metrics.windows import NEVER, Numbers

STALE_AFTER = 600
"""Seconds a file nobody names any more is left alone: another process may be about to read or rename it."""

_ROSTERS = Memo(4)

_ALONE = Lock()
"""One thread of a process at a time: DuckDB shares an open file between threads, and the others need not work twice."""


def series(facts: Facts, connection: str) -> tuple[Series, bool]:
    """The connection's series, and whether it is whole: False where a day held turned out to be damaged."""
    wanted = chunks(connection, _hashes(facts, connection))
    with _ALONE:
        known = read_json(_series_path(facts, connection, wanted), Series)
        return (known, True) if known is not None else _assembled(facts, connection, wanted)


def _assembled(facts: Facts, connection: str, wanted: list[Chunk]) -> tuple[Series, bool]:
    facts.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = [rows_of(facts, chunk, read_days) for chunk in wanted]
    made = [chunk for chunk, _ in found]
    known = assemble(connection, [rows for _, rows in found], _roster(facts, connection))
    if made == wanted:
        text = msgspec.json.encode(known)
        publish(_series_path(facts, connection, wanted), lambda temporary: temporary.write_bytes(text))
    return known, made == wanted


def panel(facts: Facts, connection: str) -> tuple[Panel | None, bool]:
    """The connection's panel, None without a roster; and whether it is whole."""
    if not facts.rosters[connection]:
        return None, True
    wanted = chunks(connection, _hashes(facts, connection))
    with _ALONE:
        known = read_json(_panel_path(facts, connection, wanted), Panel)
        return (known, True) if known is not None else _made_panel(facts, connection, wanted)


def reported(facts: Facts, connection: str) -> tuple[dict[str, dict[date, int]], bool]:
    """Claude's own figures as told: column to day to count; and whether every day held could be read."""
    held = facts.summaries[connection]
    path = _reported_path(facts, connection)
    known = read_json(path, dict[str, dict[date, int]])
    if known is not None:
        return known, True
    found: dict[str, dict[date, int]] = {}
    whole = True
    for day in sorted(held):
        try:
            rows = facts.lake.read("summaries", connection, day).to_pylist()
        except (Damaged, FileNotFoundError):
            whole = False
            continue
        for column, value in (rows[0] if rows else {}).items():
            if value is not None:
                found.setdefault(column, {})[day] = value
    if whole:
        facts.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = msgspec.json.encode(found)
        publish(path, lambda temporary: temporary.write_bytes(text))
    return found, whole


def _made_panel(facts: Facts, connection: str, wanted: list[Chunk]) -> tuple[Panel, bool]:
    facts.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    seats = _seats(facts, connection)
    found = [rows_of(facts, chunk, weeks.read) for chunk in wanted]
    made = [chunk for chunk, _ in found]
    numbers = {chunk.name: seats.seats(part.ids, part.emails).of_person for chunk, part in found}
    narrow = weeks.of_seats([(part.narrow, numbers[chunk.name]) for chunk, part in found])
    days = [day_no(day) for chunk in made for day, _ in chunk.days]
    fours = _fours(facts, connection, made, numbers)
    known = assemble_panel(connection, days, narrow, fours, seats, facts.cache)
    if made == wanted:
        text = msgspec.json.encode(known)
        publish(_panel_path(facts, connection, wanted), lambda temporary: temporary.write_bytes(text))
    return known, made == wanted


def _fours(facts: Facts, connection: str, made: list[Chunk], numbers: dict[str, Numbers]) -> Fours:
    """The figures and files of windows, made from the weeks of `made` where they are not there or cannot be read."""

    def rows(first: int, last: int) -> pa.Table:
        parts = [
            (chunk, rows_of(facts, chunk, partial(weeks.read_all, first=first, last=last))[1])
            for chunk in made
            if chunk.days and chunk.weeks[0] <= last and first <= chunk.weeks[1]
        ]
        return weeks.of_seats([(part, numbers[chunk.name]) for chunk, part in parts])

    def four(engine: duckdb.DuckDBPyConnection, window: Window, tile: bool) -> Four:
        path = _window_path(facts, connection, made, window)

        def write(temporary: Path) -> Path:
            windowfile.write(engine, temporary, window, rows(window.first, window.last))
            return path

        if not readable(path):
            written(facts.cache, write)
        told = _four_path(path)
        known = read_json(told, Four)
        if known is None:
            known = read_four(path, window, tile)
            text = msgspec.json.encode(known)
            publish(told, lambda temporary: temporary.write_bytes(text))
        return msgspec.structs.replace(known, tile=tile)

    return four


def _four_path(window: Path) -> Path:
    return window.with_name(f"{window.stem}-{definitions()}.json")


def window(facts: Facts, connection: str, first: int) -> Path:
    """The file of a window of the panel; made again with all others where it is gone."""
    held = chunks(connection, _hashes(facts, connection))
    path = _window_paths(facts, connection, held)[first]
    if not path.exists():
        with _ALONE:
            _made_panel(facts, connection, held)
    return path


def last_days(facts: Facts, connection: str) -> tuple[Roster, Numbers]:
    """The seats of a connection that has a roster, and the last active day of each; NEVER where there is none."""
    seats = _seats(facts, connection)
    last = np.full(len(seats.joined), NEVER, dtype=np.int32)
    facts.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _ALONE:
        for chunk in chunks(connection, _hashes(facts, connection)):
            part = rows_of(facts, chunk, weeks.read_last)[1]
            rows = weeks.of_seats([(part.narrow, seats.seats(part.ids, part.emails).of_person)])
            np.maximum.at(last, rows["person_no"].to_numpy(), rows["last_day"].to_numpy())
    return seats, last


def member_weeks(facts: Facts, connection: str, first: int, last: int) -> tuple[Roster, pa.Table]:
    """The seats of a connection that has a roster, and their active weeks from first to last: person_no, week_no, days."""
    seats, parts = _seats(facts, connection), []
    with _ALONE:
        for chunk in chunks(connection, _hashes(facts, connection)):
            if chunk.weeks[0] <= last and first <= chunk.weeks[1]:
                part = rows_of(facts, chunk, weeks.read)[1]
                parts.append((part.narrow, seats.seats(part.ids, part.emails).of_person))
    rows = weeks.of_seats(parts)
    return seats, rows.filter(pc.and_(pc.greater_equal(rows["week_no"], first), pc.less_equal(rows["week_no"], last)))


def teams(facts: Facts, connection: str) -> Path:
    """The file of who is in which team. There is a roster and an org chart."""
    with _ALONE:
        return _teams(facts, connection)


def _teams(facts: Facts, connection: str) -> Path:
    path = _teams_path(facts, connection)

    def write(temporary: Path) -> Path:
        found = membership.read_charts(facts.lake, [(day, one.content_hash) for day, one in facts.charts.items()])
        membership.write(temporary, connection, found, _seats(facts, connection), facts.links)
        return path

    if not readable(path):
        written(facts.cache, write)
    return path


def team_weeks(facts: Facts, connection: str, week: int) -> Path:
    """The file of a week's people for teams; of the weeks that share a cache file, made together."""
    held = chunks(connection, _hashes(facts, connection))
    chunk = next(one for one in held if one.weeks[0] <= week <= one.weeks[1])
    path = _team_weeks_path(facts, connection, chunk)
    with _ALONE:
        if not readable(path):
            seats = _seats(facts, connection)
            part = rows_of(facts, chunk, weeks.read)[1]
            rows = weeks.of_seats([(part.narrow, seats.seats(part.ids, part.emails).of_person)])

            def write(temporary: Path) -> Path:
                teamweeks.write(temporary, seats, rows, *chunk.weeks)
                return path

            written(facts.cache, write)
    return path


def sweep(facts: Facts, now: float | None = None) -> None:
    """Remove files that the facts do not name any more and that were not touched lately. Safe beside other processes."""
    wanted = {connection: chunks(connection, _hashes(facts, connection)) for connection in facts.usage}
    keep = {chunk.name for found in wanted.values() for chunk in found}
    for path in (_series_path, _panel_path):
        keep |= {path(facts, connection, found).name for connection, found in wanted.items()}
    keep |= {_reported_path(facts, connection).name for connection in wanted}
    kept = [path for connection, found in wanted.items() for path in _window_paths(facts, connection, found).values()]
    keep |= {one.name for path in kept for one in (path, _four_path(path))}
    for connection, found in wanted.items() if facts.charts else ():
        keep |= {_teams_path(facts, connection).name}
        keep |= {_team_weeks_path(facts, connection, chunk).name for chunk in found}
    oldest = (time.time() if now is None else now) - STALE_AFTER
    for old in facts.cache.glob("*"):
        with suppress(OSError):  # another process was faster
            if old.is_file() and old.name not in keep and old.stat().st_mtime < oldest:
                old.unlink()


def _hashes(facts: Facts, connection: str) -> dict[date, str]:
    return {day: entry.content_hash for day, entry in facts.usage[connection].items()}


def _series_path(facts: Facts, connection: str, wanted: list[Chunk], what: str = "series") -> Path:
    newest = _newest_roster(facts, connection)
    return facts.cache / (named(f"{connection}-{what}", newest, *(chunk.name for chunk in wanted)) + ".json")


def _panel_path(facts: Facts, connection: str, wanted: list[Chunk]) -> Path:
    return _series_path(facts, connection, wanted, f"panel-{definitions()}")


def _window_path(facts: Facts, connection: str, made: list[Chunk], window: Window) -> Path:
    """Named by the roster and the weeks up to its last: what comes after a window leaves its file as it is."""
    stem = f"window-{window.first}-{made_by()}-{int(window.long)}{int(window.lapse)}{int(window.then)}"
    earlier = [chunk for chunk in made if chunk.days and chunk.weeks[0] <= window.last]
    return _series_path(facts, connection, earlier, stem).with_suffix(".duckdb")


def _window_paths(facts: Facts, connection: str, made: list[Chunk]) -> dict[int, Path]:
    """By the number of their first week."""
    whole = whole_weeks([day_no(day) for chunk in made for day, _ in chunk.days])
    return {window.first: _window_path(facts, connection, made, window) for window, _ in windows(whole)}


def _teams_path(facts: Facts, connection: str) -> Path:
    made_from = facts.directory_version, _newest_roster(facts, connection)
    return facts.cache / (named(f"{connection}-teams", *made_from) + ".duckdb")


def _team_weeks_path(facts: Facts, connection: str, chunk: Chunk) -> Path:
    stem = f"{connection}-{chunk.period}-people"
    return facts.cache / (named(stem, chunk.name, _newest_roster(facts, connection)) + ".duckdb")


def _reported_path(facts: Facts, connection: str) -> Path:
    told = (f"{day} {entry.content_hash}" for day, entry in sorted(facts.summaries[connection].items()))
    return facts.cache / (named(f"{connection}-reported", *told) + ".json")


def _roster(facts: Facts, connection: str) -> Roster | None:
    return _seats(facts, connection) if facts.rosters[connection] else None


def _seats(facts: Facts, connection: str) -> Roster:
    return _ROSTERS.get(
        (facts.lake.root, connection, _newest_roster(facts, connection)),
        lambda: (roster(snapshot(facts.lake, connection)), True),
    )


def _newest_roster(facts: Facts, connection: str) -> str:
    snapshots = facts.rosters[connection]
    return snapshots[max(snapshots)].content_hash if snapshots else ""
