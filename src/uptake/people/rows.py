"""From a sheet's cells to what it says of each person. What cannot be read is named by row and column, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from uptake.domain.members import MAX_NAME, clean_email, clean_id, clean_text
from uptake.people.chart import Progress, silent
from uptake.people.columns import LABELS
from uptake.people.person import Population
from uptake.people.spreadsheet import Sheet, plain

_TEXT = 200
_SEVERAL = str.maketrans(dict.fromkeys(";|\n\r", ","))
_DAY_ZERO = date(1899, 12, 30)  # of spreadsheet programs
_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a row. `left_out`: the row is not applied, and whom it is about stays as before."""

    row: int
    column: str
    words: str
    left_out: bool = False


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a delivery: somebody as a source tells it now. `manager` is as written, not yet somebody.

    A row that is left out is told too, as far as it can be read: whom it is about must not count as gone.
    """

    row: int
    key: str
    name: str | None = None
    email: str | None = None
    other_emails: tuple[str, ...] = ()
    employee_id: str | None = None
    claude_id: str | None = None
    manager: str | None = None
    department: str | None = None
    location: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    population: Population | None = None
    started_on: date | None = None
    ended_on: date | None = None
    on_leave: bool | None = None


class _Unreadable(Exception):
    """A cell that does not say what its column says."""


def told(
    sheet: Sheet, mapping: Mapping[str, int], progress: Progress = silent
) -> tuple[list[Told], list[Finding], frozenset[str]]:
    """The people of a sheet in the order of its rows, what is wrong with it, and the fields it tells at all."""
    day_first = {name: _day_first(sheet, mapping[name]) for name in ("started_on", "ended_on") if name in mapping}
    readers = {name: (at, _reader(name, day_first)) for name, at in mapping.items()}
    people: list[Told] = []
    findings: list[Finding] = []
    for done, (number, cells) in enumerate(zip(sheet.numbers, sheet.rows, strict=True)):
        if not done % _EVERY:
            progress("reading rows", done, len(sheet.rows))
        people.append(_read(number, cells, readers, sheet.header, findings))
    fields = frozenset(mapping) | ({"name"} if {"first_name", "last_name"} & mapping.keys() else frozenset())
    return people, findings, fields - {"first_name", "last_name"}


def _read(
    number: int,
    cells: list[str],
    readers: Mapping[str, tuple[int, Callable[[str], Any]]],
    header: tuple[str, ...],
    findings: list[Finding],
) -> Told:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        words = f"has {len(cells)} cells, the header {len(header)}: a separator inside a text, most likely"
        findings.append(Finding(number, "", words, left_out=True))
    values: dict[str, Any] = {}
    for name, (at, reader) in readers.items():
        cell = plain(cells[at].strip()) if at < len(cells) else ""
        try:
            values[name] = reader(cell) if cell else None
        except _Unreadable as error:
            findings.append(Finding(number, header[at], str(error), left_out=name in ("email", "employee_id")))
    if not values.get("employee_id") and not values.get("email"):
        words = "has neither an employee id nor an e-mail address that can be read"
        findings.append(Finding(number, "", words, left_out=True))
    return _told(number, values)


def _told(number: int, values: dict[str, Any]) -> Told:
    first, last = values.pop("first_name", None), values.pop("last_name", None)
    values["name"] = values.get("name") or " ".join(filter(None, (first, last))) or None
    given = {name: value for name, value in values.items() if value is not None}
    return Told(row=number, key=given.get("employee_id") or given.get("email") or "", **given)


def _reader(name: str, day_first: Mapping[str, bool | None]) -> Callable[[str], Any]:
    if name in day_first:
        return lambda cell: _date(cell, day_first[name])
    return _READERS.get(name, _text)


def _text(cell: str) -> str | None:
    return clean_text(cell, _TEXT) or None


def _name(cell: str) -> str | None:
    return clean_text(cell, MAX_NAME) or None


def _email(cell: str) -> str:
    found = clean_email(cell)
    if found is None:
        raise _Unreadable("is not an e-mail address")
    return found


def _several(cell: str) -> tuple[str, ...]:
    parts = (clean_text(part, _TEXT) for part in cell.translate(_SEVERAL).split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _emails(cell: str) -> tuple[str, ...]:
    return tuple(_email(part) for part in _several(cell.replace(" ", ",")))


def _employee_id(cell: str) -> str:
    found = clean_text(cell, _TEXT)
    if not found:
        raise _Unreadable("has no character that can be shown")
    return found


def _claude_id(cell: str) -> str:
    found = clean_id(cell)
    if found is None:
        raise _Unreadable("is not an id of Claude's")
    return found


_YES = frozenset({"yes", "y", "true", "1", "on leave", "leave", "absent", "ja", "oui", "sí", "si", "x"})
_NO = frozenset({"no", "n", "false", "0", "active", "present", "nein", "non", "none", "-", "–"})


def _flag(cell: str) -> bool:
    word = cell.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _Unreadable("says neither yes nor no")


_CONTRACT = ("contract", "freelanc", "external", "consultant", "contingent", "temp", "agency", "vendor", "extern")
_SERVICE = ("service", "bot", "robot", "shared", "system", "technical", "function account")


def _population(cell: str) -> Population:
    word = cell.casefold()
    if any(mark in word for mark in _SERVICE):
        return "service"
    return "contractor" if any(mark in word for mark in _CONTRACT) else "employee"


def _parts(cell: str) -> tuple[int, int, int] | None:
    """Three numbers of a date, in the order written; None where the cell is no such thing."""
    text = cell.split("T", maxsplit=1)[0].split(" ", maxsplit=1)[0].replace(".", "/").replace("-", "/")
    numbers = text.strip("/").split("/")
    if len(numbers) != 3 or not all(part.isascii() and part.isdigit() for part in numbers):
        return None
    return int(numbers[0]), int(numbers[1]), int(numbers[2])


def _day_first(sheet: Sheet, at: int) -> bool | None:
    """Whether a column writes the day before the month, told by the whole column; None where it does not tell."""
    found: bool | None = None
    for cells in sheet.rows:
        parts = _parts(cells[at].strip()) if at < len(cells) and cells[at].strip() else None
        if parts is None or parts[0] > 31:
            continue
        if "." in cells[at] or parts[0] > 12:  # 30.11.2026 is written by people who put the day first
            return True
        if parts[1] > 12:
            found = False
    return found


def _date(cell: str, day_first: bool | None) -> date:
    if cell.isdigit() and len(cell) == 5:
        return _DAY_ZERO + timedelta(days=int(cell))
    parts = _parts(cell)
    if parts is None:
        raise _Unreadable("is not a date such as 2026-11-30")
    if parts[0] > 31:
        year, month, day = parts
    elif day_first is None and parts[0] != parts[1]:
        raise _Unreadable("may be one of two dates, and no other row of the column tells which; write 2026-11-30")
    else:
        day, month, year = parts if day_first else (parts[1], parts[0], parts[2])
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise _Unreadable("is not a date of the calendar") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "name": _name, "first_name": _name, "last_name": _name, "email": _email, "other_emails": _emails,
    "employee_id": _employee_id, "claude_id": _claude_id, "manager": _name, "groups": _several,
    "population": _population, "on_leave": _flag,
}  # fmt: skip


def field_label(name: str) -> str:
    """How a field is shown."""
    return LABELS.get(name, name.replace("_", " ").capitalize())
