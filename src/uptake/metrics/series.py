"""Series: every count of one connection by day and week, before any suppression. Made from cache files in one pass.

A few hundred kilobytes stand for all member-days: answering reads only this, so that a cold page is fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uptake.metrics.parts import FAMILIES, PARTS
from uptake.metrics.roster import Roster
from uptake.metrics.windows import Counted, DayRows, Seats, count

GRACE = 14
"""Days a seat must be held, and usage be known, before it may be called never used."""

Sum = tuple[int | None, int | None]
"""Amount and base of a part on a day; None where no row reported it. The base of a plain sum is the amount."""


class Series(msgspec.Struct, frozen=True):
    """Lists run along `days` (day numbers held, oldest first). Never leaves this room: nothing is suppressed here."""

    connection: str
    days: list[int]
    active_day: list[int]
    active_28d: list[int]
    surfaces_28d: list[list[int]]  # by surface, in the order of SURFACES
    seated_28d: list[int]  # people of active_28d who hold a seat on the day
    weeks: list[tuple[int, int]]  # (week number, people)
    sums: dict[str, list[Sum]]  # by part
    contributors: dict[str, list[list[int]]]  # by family: people by mask of parts, from mask 0
    people: int  # ever active
    unused: int  # seats without any activity
    seat_changes: list[tuple[int, int]] | None  # (day number, change); None: no roster is held
    invites: list[tuple[int, int, int]]  # (first day number it is expired, day number invited, invites)


@dataclass(frozen=True, slots=True)
class ChunkRows:
    """What one cache file holds: days with their sums, contributors, people, and activity sorted by day."""

    held: list[tuple[int, list[int | None]]]
    contributed: list[tuple[int, str, int, int]]
    ids: pa.Array
    emails: pa.Array
    active: pa.Table  # day_no, person_no, surfaces


def assemble(connection: str, chunks: list[ChunkRows], roster: Roster | None) -> Series:
    """The series of a connection. `chunks` come oldest first."""
    ids, emails = _people(chunks)
    seats = roster.seats(ids, emails) if roster else _no_seats(len(ids))
    counted = count(_days(chunks, ids), len(ids), seats, GRACE)
    held = sorted(day for chunk in chunks for day in chunk.held)
    return Series(
        connection=connection,
        **_counts(counted),
        sums=_sums([sums for _, sums in held]),
        contributors=_contributors(chunks, {day: place for place, (day, _) in enumerate(held)}),
        people=len(ids),
        seat_changes=roster.changes() if roster else None,
        invites=list(roster.invites) if roster else [],
    )


def _counts(counted: Counted) -> dict[str, Any]:
    return {name: getattr(counted, name) for name in counted.__slots__}


def _people(chunks: list[ChunkRows]) -> tuple[pa.Array, pa.Array]:
    """Everybody ever active, once: ids and newest e-mails."""
    if not chunks:
        return pa.array([], pa.string()), pa.array([], pa.string())
    newest_first = chunks[::-1]
    ids = pa.concat_arrays([chunk.ids for chunk in newest_first])
    emails = pa.concat_arrays([chunk.emails for chunk in newest_first])
    distinct = ids.unique()
    return distinct, emails.take(pc.index_in(distinct, value_set=ids))


def _days(chunks: list[ChunkRows], ids: pa.Array) -> Iterator[DayRows]:
    for chunk in chunks:
        number = pc.index_in(chunk.ids, value_set=ids).to_numpy(zero_copy_only=False).astype(np.int32)
        days = chunk.active["day_no"].to_numpy()
        people = number[chunk.active["person_no"].to_numpy()] if len(number) else np.empty(0, np.int32)
        surfaces = chunk.active["surfaces"].to_numpy()
        for day, _ in chunk.held:
            first, last = np.searchsorted(days, [day, day + 1])
            yield DayRows(day, people[first:last], surfaces[first:last])


def _sums(held: list[list[int | None]]) -> dict[str, list[Sum]]:
    """A day without rows is a zero; a day whose rows are all null is not reported."""
    found: dict[str, list[Sum]] = {part.id: [] for part in PARTS}
    for rows, *values in held:
        for place, part in enumerate(PARTS):
            found[part.id].append((values[2 * place], values[2 * place + 1]) if rows else (0, 0))
    return found


def _contributors(chunks: Iterable[ChunkRows], place: dict[int, int]) -> dict[str, list[list[int]]]:
    found = {family.id: [[0] * (1 << len(family.parts)) for _ in place] for family in FAMILIES}
    for chunk in chunks:
        for day, family, mask, people in chunk.contributed:
            found[family][place[day]][mask] = people
    return found


def _no_seats(people: int) -> Seats:
    nobody = np.empty(0, np.int32)
    return Seats(nobody, nobody, np.full(people, -1, np.int32))
