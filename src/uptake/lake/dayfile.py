"""A day as bytes: Parquet with its ledger entry and a seal over the whole file inside its own footer.

Nothing here touches a disk. The seal is the SHA-256 of the file with its own 64 digits as zeros: Parquet checks neither
page headers nor footer, so a flipped bit there would otherwise go unnoticed.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from uptake.lake.schema import PERSON_COLUMNS, SCHEMA_VERSION, SCHEMAS, SORT_KEYS, Kind

_LEDGER_KEY = "uptake.ledger"
_SEAL_KEY = "uptake.seal"
_NO_SEAL = b"0" * 64
_LEDGER_START = b'{"uptake_day":'
_MAGIC = b"PAR1"


class Damaged(Exception):
    """The bytes are not the file that was written: truncated, flipped, or not ours."""


class Entry(msgspec.Struct, frozen=True):
    """The ledger entry of one day, kept inside the day's own file so that no second ledger can disagree."""

    uptake_day: date
    kind: Kind
    connection: str
    rows: int
    content_hash: str
    fetched_at: datetime
    run: str
    key_version: int
    pages: int
    schema_version: int = SCHEMA_VERSION
    reason: str = "sync"

    @property
    def day(self) -> date:
        return self.uptake_day


def sort(kind: Kind, table: pa.Table) -> pa.Table:
    """The rows in the order they are stored, with exactly the kind's columns, in one chunk."""
    table = table.cast(SCHEMAS[kind]) if table.schema != SCHEMAS[kind] else table
    keys = SORT_KEYS[kind]
    if keys and table.num_rows > 1:
        table = table.take(pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys]))
    return table.combine_chunks()


def content_hash(kind: Kind, connection: str, day: date, table: pa.Table) -> str:
    """SHA-256 over schema version, connection, day and the sorted rows, null distinct from zero. `table` is sorted."""
    digest = hashlib.sha256(f"{SCHEMA_VERSION}\0{kind}\0{connection}\0{day.isoformat()}\0{table.num_rows}\0".encode())
    for name, column in zip(table.column_names, table.columns, strict=True):
        digest.update(f"\0{name}\0{column.null_count}\0".encode())
        if column.null_count < table.num_rows:
            _digest_values(digest, column)
    return digest.hexdigest()


def _digest_values(digest: hashlib._Hash, column: pa.ChunkedArray) -> None:
    array = column.chunk(0)
    if pa.types.is_string(array.type):
        if array.null_count:
            digest.update(array.is_null().cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
        array = array.fill_null("")
        digest.update(pc.binary_length(array).to_numpy(zero_copy_only=False).tobytes())
        digest.update("".join(array.to_pylist()).encode())
        return
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    # Counts and times are never negative: -1 can only mean null.
    digest.update(array.fill_null(-1).to_numpy(zero_copy_only=False).tobytes())


def encode(entry: Entry, table: pa.Table) -> bytes:
    """The sealed file of one day. `table` is sorted and its hash is in the entry."""
    counts = [name for name in table.column_names if name not in PERSON_COLUMNS]
    sink = pa.BufferOutputStream()
    writer = pq.ParquetWriter(
        sink, table.schema, compression="zstd", compression_level=3, store_schema=False, write_page_checksum=True,
        write_statistics=counts, use_dictionary=counts,
    )  # fmt: skip
    writer.write_table(table, row_group_size=max(1, table.num_rows))
    writer.add_key_value_metadata({_LEDGER_KEY: msgspec.json.encode(entry).decode(), _SEAL_KEY: _NO_SEAL.decode()})
    writer.close()
    body = bytearray(sink.getvalue())
    at = _seal_position(body)
    body[at : at + 64] = hashlib.sha256(body).hexdigest().encode()
    return bytes(body)


def verify(body: bytes) -> Entry:
    """The entry of a file whose seal holds. Raises Damaged."""
    at = _seal_position(body)
    blank = bytearray(body)
    blank[at : at + 64] = _NO_SEAL
    if hashlib.sha256(blank).hexdigest().encode() != bytes(body[at : at + 64]):
        raise Damaged("the seal does not match the bytes")
    return entry_of(body)


def entry_of(tail: bytes) -> Entry:
    """The ledger entry from the last bytes of a file, without decoding Parquet and without checking the seal."""
    start = tail.rfind(_LEDGER_START)
    if start < 0:
        raise Damaged("no ledger entry")
    text = tail[start:]
    try:
        return msgspec.json.decode(text[: text.index(b"}") + 1], type=Entry)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Damaged("the ledger entry is not readable") from error


def decode(body: bytes, columns: list[str] | None = None) -> tuple[Entry, pa.Table]:
    """Entry and rows of a file whose seal holds. Raises Damaged."""
    entry = verify(body)
    try:
        return entry, pq.read_table(pa.BufferReader(body), columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise Damaged("the rows are not readable") from error


def _seal_position(body: bytes | bytearray) -> int:
    if len(body) < 12 or body[:4] != _MAGIC or body[-4:] != _MAGIC:
        raise Damaged("not a whole Parquet file")
    footer = len(body) - 8 - int.from_bytes(body[-8:-4], "little")
    key = body.rfind(_SEAL_KEY.encode(), max(0, footer))
    if key < 0:
        raise Damaged("no seal")
    # Thrift writes the value right behind the key: one byte of field header, one of length (64).
    return key + len(_SEAL_KEY) + 2
