"""Panel: every figure over weeks and groups of one connection, before any suppression. A few hundred rows of SQL results.

Worked out once when the facts change: each member-week is read once a window, whatever is asked afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from uptake.metrics import fourweeks, history, windowfile
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.engine import Connection, in_memory, opened
from uptake.metrics.formula import COLUMNS, Formula
from uptake.metrics.fourweeks import AGO, Window
from uptake.metrics.roster import Roster

SEGMENTS = ("role", "joined", "tenure")
_COLUMN = {"role": "role", "joined": "joined_month", "tenure": "tenure"}
_STAYS, _STAYED = "stays", "stayed"


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """What a formula gave: people it is about, numerator, denominator, a mean or median, and the largest single part."""

    people: int
    top: float | None = None
    bottom: float | None = None
    value: float | None = None
    most: float | None = None


Group = dict[str, Counted]


class Four(msgspec.Struct, frozen=True):
    """One window of four weeks. `groups`: dimension to group to figure. In `stays` are the people who were eligible in
    the four weeks before as well; in `stayed` those who were eligible in the next four as well."""

    first: int
    tile: bool
    groups: dict[str, dict[str, Group]]


Fours = Callable[[Connection, Window, bool], Four]
"""A window's figures: kept, or worked out of its file, which is made with the engine's tables where it is not there."""


class Panel(msgspec.Struct, frozen=True):
    """Week and day numbers are counted from our Monday."""

    connection: str
    first_day: int | None
    whole: list[int]
    fours: list[Four]
    weeks: dict[int, tuple[int, int]]
    brackets: list[tuple[int, str, int, int]]
    joiners: dict[str, dict[str, list[tuple[int, int, int]]]]
    habit_by_8: dict[str, dict[str, tuple[int, int]]]
    idle: dict[str, int]

    @property
    def last(self) -> int | None:
        return self.whole[-1] if self.whole else None


def assemble(
    connection: str, days: Sequence[int], narrow: pa.Table, fours: Fours, roster: Roster, folder: Path
) -> Panel:
    """The panel of a connection. `days` are held; `narrow` has person_no (a seat's), week_no, days, surfaces of all weeks."""
    whole = whole_weeks(days)
    with in_memory(folder) as engine:
        windowfile.prepare(engine, days, set(whole), roster, narrow)
        found = [fours(engine, window, tile) for window, tile in windows(whole)]
        first, last = (days[0] if days else 0), 7 * whole[-1] + 6 if whole else -1
        return Panel(
            connection=connection,
            first_day=days[0] if days else None,
            whole=whole,
            fours=found,
            weeks={week: (people, reached) for week, people, reached in _rows(engine, history.WEEK_REACH)},
            brackets=_rows(engine, history.retention(first // 7)),
            joiners={key: _joiners(engine, first, last, column) for key, column in _GROUPED.items()},
            habit_by_8={key: _habits(engine, first // 7, column) for key, column in _GROUPED.items()},
            idle=dict(_rows(engine, history.idle(first, last))) if whole else {},
        )


def read_four(path: Path, window: Window, tile: bool) -> Four:
    """The figures of a window from its file."""
    with opened(path) as engine:
        return _four(engine, window, tile)


_GROUPED = {"": "everybody", "role": "role", "joined": "joined_month"}


def whole_weeks(days: Sequence[int]) -> list[int]:
    """The weeks of which all seven days are held."""
    held = set(days)
    return sorted({day // 7 for day in days if held.issuperset(range(day // 7 * 7, day // 7 * 7 + 7))})


def windows(whole: Sequence[int]) -> list[tuple[Window, bool]]:
    """The windows to work out, and whether each is a fixed tile: all whole tiles, the newest four whole weeks in a row, and the
    four before those to compare with."""
    known = set(whole)

    def window(first: int) -> Window:
        last = first + 3
        return Window(first, *(_all(known, last - back - 11, last - back) for back in (0, 4, AGO)))

    tiles = {week for week in whole if week % 4 == 0}
    last = max((week for week in whole if _all(known, week - 3, week)), default=None)
    newest = set() if last is None else {last - 3, last - 7}
    return [(window(first), first in tiles) for first in sorted(tiles | newest) if _all(known, first, first + 3)]


def _all(known: set[int], first: int, last: int) -> bool:
    return known.issuperset(range(first, last + 1))


def _four(engine: Connection, window: Window, tile: bool) -> Four:
    groups = {"": grouped(engine, "''", "true", formulas(everything=True))}
    for name in SEGMENTS:
        groups[name] = grouped(engine, _COLUMN[name], "true", formulas(everything=False))
    groups[_STAYS] = grouped(engine, "''", "eligible AND eligible_before", formulas(everything=False))
    groups[_STAYED] = grouped(engine, "''", "eligible AND eligible_next", formulas(everything=False))
    groups[""].setdefault("", {}).update(_single(engine))
    return Four(window.first, tile, groups)


def formulas(everything: bool) -> dict[str, Formula]:
    """The formulas of a window by name: a metric's id, or `<id>:<row>` where it has one for each row."""
    found = {name: metric.how for name, metric in CATALOGUE.items() if metric.how is not None}
    if everything:
        found |= {f"{name}:{row}": how for name, metric in CATALOGUE.items() for row, how in metric.rows.items()}
    return found


@cache
def definitions() -> str:
    """A name for all that a panel is worked out by: 12 hex digits. Another formula is another panel."""
    texts = [fourweeks.person_window(Window(0, True, True, True)), fourweeks.SEAT_WEEK, history.WEEK_REACH]
    texts += [history.retention(0), history.since_joining(0, 0, "role"), history.habit_by_8(0, "role")]
    texts += [history.idle(0, 0), history.lines("added"), history.spread("eligible")]
    texts += [f"{name} {how.columns('f')}" for name, how in formulas(everything=True).items()]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def grouped(engine: Connection, key: str, where: str, asked: dict[str, Formula], source: str = "") -> dict[str, Group]:
    """The formulas asked for by group, of the people of a window file."""
    cells = ", ".join(how.columns(f"f{place}") for place, how in enumerate(asked.values()))
    people = source or "person_window"
    rows = engine.execute(f"SELECT {key}, {cells} FROM {people} WHERE {where} GROUP BY {key}").fetchall()  # noqa: S608
    return {str(group): _counted(list(asked), values) for group, *values in rows}


def _counted(names: list[str], values: list[Any]) -> Group:
    size = len(COLUMNS)
    each = (values[place * size : (place + 1) * size] for place in range(len(names)))
    return {name: Counted(int(people or 0), *rest) for name, (people, *rest) in zip(names, each, strict=True)}


def _single(engine: Connection) -> Group:
    """Figures that are no sum over people: medians of weeks, and how evenly prompts are spread."""
    found: Group = {}
    for what in ("added", "removed"):
        ((people, value),) = _rows(engine, history.lines(what))
        found[f"code_lines_{what}_median"] = Counted(people, value=value)
    ((people, total, top, gini),) = _rows(engine, history.spread("eligible AND days > 0"))
    ((everybody, _, _, gini_all),) = _rows(engine, history.spread("eligible"))
    found["prompts_top_tenth"] = Counted(people or 0, _float(top), _float(total))
    found["prompts_gini"] = Counted(people or 0, value=gini)
    found["prompts_gini_all"] = Counted(everybody or 0, value=gini_all)
    return found


def _joiners(engine: Connection, first: int, last: int, column: str) -> dict[str, list[tuple[int, int, int]]]:
    found: dict[str, list[tuple[int, int, int]]] = {}
    for group, *step in _rows(engine, history.since_joining(first, last, column)):
        found.setdefault(group, []).append(tuple(step))
    return found


def _habits(engine: Connection, first_week: int, column: str) -> dict[str, tuple[int, int]]:
    return {group: (people, met) for group, people, met in _rows(engine, history.habit_by_8(first_week, column))}


def _rows(engine: Connection, sql: str) -> list[Any]:
    return engine.execute(sql).fetchall()


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
