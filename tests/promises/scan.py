"""Looking for a text in everything an installation wrote: eight encodings, whole and in part, packed and unpacked.

What is packed is unpacked first: every page of every Parquet file by hand, the cache through DuckDB, the records through
SQLite; and each file is looked through as it lies there, free pages and journals included.
"""

from __future__ import annotations

import base64
import gzip
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PREFIX = 12
"""Part of a text that counts as the text: somebody may have cut it."""

_BETWEEN = b"\r\n\t \\"


@dataclass(frozen=True)
class Found:
    """What was found, in which encoding, where."""

    name: str
    encoding: str
    where: str


class Scanner:
    """Finds texts by their first characters. `texts` maps a name to a text that occurs nowhere by chance."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        needles = [(name, *pair) for name, text in texts.items() for pair in encodings(text[: PREFIX + 4]).items()]
        self._any_case = [
            (name, encoding, needle.lower()) for name, encoding, needle in needles if encoding in _CASELESS
        ]
        self._exact = [needle for needle in needles if needle[1] not in _CASELESS]
        self.bytes_looked_at = 0

    def look(self, body: bytes, where: str) -> list[Found]:
        """Everything found in a body as it is and with what a line may be broken by taken out."""
        self.bytes_looked_at += len(body)
        found = set()
        for form in (body, body.translate(None, _BETWEEN)):
            low = form.lower()
            found |= {Found(name, encoding, where) for name, encoding, needle in self._any_case if needle in low}
            found |= {Found(name, encoding, where) for name, encoding, needle in self._exact if needle in form}
        return sorted(found, key=str)

    def look_through(self, home: Path) -> list[Found]:
        """Everything found in any file below a folder, in file names, and in what is packed in the files."""
        found = self.look("\n".join(str(path.relative_to(home)) for path in home.rglob("*")).encode(), "names")
        for path in sorted(path for path in home.rglob("*") if path.is_file()):
            for part, body in unfolded(path):
                found += self.look(body, f"{path.relative_to(home)}{part}")
        return found


_CASELESS = {"plain", "percent", "escaped", "hex", "reversed", "utf-16"}


def encodings(text: str) -> dict[str, bytes]:
    """The eight encodings that are looked for; the three of base64 are the offsets at which a text may begin."""
    raw = text.encode()
    return {
        "plain": raw,
        "percent": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "escaped": "".join(f"u{ord(char):04x}" for char in text).encode(),  # \u0073…, its backslashes taken out
        "hex": raw.hex().encode(),
        "reversed": raw[::-1],
        "utf-16": text.encode("utf-16-le")[:-1],
        **{f"base64+{offset}": _base64(raw, offset) for offset in range(3)},
        **({"quoted": quote(text, safe="").encode()} if quote(text, safe="") != text else {}),
    }


def _base64(raw: bytes, offset: int) -> bytes:
    """The digits that do not depend on what stands before or after."""
    digits = base64.b64encode(b"\0" * offset + raw + b"\0\0")
    first = -(-offset * 8 // 6)
    return digits[first : (offset + len(raw)) * 8 // 6]


def unfolded(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file as it lies there, then whatever is packed in it."""
    body = path.read_bytes()
    yield "", body
    if body[:4] == b"PAR1":
        for number, page in enumerate(parquet_pages(body)):
            yield f"#page{number}", page
        table = pq.read_table(pa.BufferReader(body))
        yield "#rows", repr(table.to_pylist()).encode()
    elif body[:15] == b"SQLite format 3":
        yield "#dump", _sqlite_text(path)
    elif body[8:12] == b"DUCK":
        yield "#tables", _duckdb_text(path)
    elif body[:2] == b"\x1f\x8b":
        yield "#gunzipped", gzip.decompress(body)
    elif body[:1] == b"\x78":
        with suppress(zlib.error):  # a text that begins with an x is not packed
            yield "#inflated", zlib.decompressobj().decompress(body)


def _sqlite_text(path: Path) -> bytes:
    line = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return "\n".join(line.iterdump()).encode("utf-8", "surrogatepass")
    finally:
        line.close()


def _duckdb_text(path: Path) -> bytes:
    with duckdb.connect(str(path), read_only=True) as line:
        tables = [name for (name,) in line.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return repr([line.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables]).encode()


def parquet_pages(body: bytes) -> Iterator[bytes]:
    """Every page of a Parquet file, dictionaries included, unpacked; its header, with statistics, comes before it."""
    metadata = pq.read_metadata(pa.BufferReader(body))
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            start = column.dictionary_page_offset or column.data_page_offset
            end, at = start + column.total_compressed_size, start
            while at < end:
                header, past = _thrift_struct(body, at)
                yield body[at:past]
                packed = body[past : past + header[3]]
                codec = None if column.compression == "UNCOMPRESSED" else pa.Codec(column.compression.lower())
                yield codec.decompress(packed, header[2]).to_pybytes() if codec else packed
                at = past + header[3]


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _thrift_struct(body: bytes, at: int) -> tuple[dict[int, int], int]:
    """The whole numbers of a struct in Thrift's compact form by field, and where the struct ends."""
    numbers: dict[int, int] = {}
    field = 0
    while body[at]:
        delta, kind = body[at] >> 4, body[at] & 0x0F
        at += 1
        if delta:
            field += delta
        else:
            raw, at = _varint(body, at)
            field = (raw >> 1) ^ -(raw & 1)
        if kind in {4, 5, 6}:
            raw, at = _varint(body, at)
            numbers[field] = (raw >> 1) ^ -(raw & 1)
        else:
            at = _past(kind, body, at)
    return numbers, at + 1


def _past(kind: int, body: bytes, at: int) -> int:
    """Where a value ends that is no whole number: flags, bytes, doubles, texts, lists, structs."""
    if kind in {1, 2}:
        return at
    if kind == 3:
        return at + 1
    if kind == 7:
        return at + struct.calcsize("d")
    if kind == 8:
        length, at = _varint(body, at)
        return at + length
    if kind == 12:
        return _thrift_struct(body, at)[1]
    raise ValueError(f"a page header holds no value of kind {kind}")
