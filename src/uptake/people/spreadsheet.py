"""A spreadsheet saved as text, from its bytes: which encoding, which separator, which rows. And the way back, safe to open.

Rows are numbered as a spreadsheet program numbers them: the header is row 1, empty rows count.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uptake.domain.problems import Refused

MAX_BYTES = 64 * 1024 * 1024
_MAX_COLUMNS = 300
_SEPARATORS = ",;\t|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that starts with one of these is run by some spreadsheet program as a formula."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Header and rows as text. `numbers` are the rows' numbers in a spreadsheet program; empty rows are left out."""

    header: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]
    encoding: str
    separator: str


def read(body: bytes) -> Sheet:
    """The sheet in a file. Raises Refused where it is none that can be read without guessing at its content."""
    text, encoding = _decoded(body)
    separator, text = _separator(text)
    rows, numbers = _rows(text, separator)
    if not rows:
        raise Refused("The file has no rows. Nothing was changed.", "Export the directory again, with a header row.")
    header = tuple(cell.strip() for cell in rows[0])
    if len(header) > _MAX_COLUMNS:
        raise Refused(
            f"The header has {len(header)} columns, more than any directory. Nothing was changed.",
            "Check the separator, and export only the columns that are needed.",
        )
    return Sheet(header, rows[1:], numbers[1:], encoding, separator)


def _decoded(body: bytes) -> tuple[str, str]:
    if len(body) > MAX_BYTES:
        raise Refused("The file is larger than 64 MB. Nothing was changed.", "Export only the columns that are needed.")
    if body.startswith((_ZIP, _OLD_EXCEL)):
        raise Refused("This is a workbook, not a CSV file. Nothing was changed.", "Save it as “CSV UTF-8” first.")
    for mark, codec, name in _MARKS:
        if body.startswith(mark):
            return _with(body, codec, name)
    codec = _unmarked_utf16(body)
    if codec:
        return _with(body, codec, "UTF-16")
    try:
        return body.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _with(body, "cp1252", "Windows-1252")


def _unmarked_utf16(body: bytes) -> str:
    """UTF-16 without its mark: every other byte of a header is zero."""
    start = body[:200]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _with(body: bytes, codec: str, name: str) -> tuple[str, str]:
    try:
        return body.decode(codec), name
    except UnicodeDecodeError as error:
        raise Refused(
            f"The file is not text in {name}: byte {error.start + 1} does not belong there. Nothing was changed.",
            "Save it as “CSV UTF-8” and try again.",
        ) from None


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text without Excel's own `sep=;` line."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], rest
    counts = {mark: _outside_quotes(first, mark) for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: counts[mark]), text


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[0::2])


def _rows(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator, strict=True)
    rows, numbers, number = [], [], 0
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append(row)
                numbers.append(number)
    except csv.Error:
        raise Refused(
            f"Row {number + 1} cannot be read: a quotation mark is missing or stands in the wrong place, or a cell is "
            "longer than any text of a directory. Nothing was changed.",
            "Correct that row, or export the file again.",
        ) from None
    return rows, numbers


def write(header: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """CSV with cells that no spreadsheet program runs; `plain` reads them back as they were."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def line(cells: Sequence[str | None]) -> str:
    """One row of such a file, for those too long to be held whole."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str | None) -> str:
    """A cell that no spreadsheet program runs: text that starts like a formula gets an apostrophe."""
    return "'" + cell if cell and cell.startswith(FORMULA) else cell or ""


def plain(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheet programs from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
