"""The scanner that proves the promises would find what it looks for: planted in every encoding and every kind of file."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from promises.scan import Scanner, unfolded

TEXT = "Tq9_/Wz4+Lm7Xv2=Rk5Hd8"
SCANNER = Scanner({"planted": TEXT})


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.upper().encode(),
        TEXT[:16].encode() + b"...",
        quote(TEXT, safe="").encode(),
        "".join(f"%{ord(char):02X}" for char in TEXT).encode(),
        "".join(f"\\u{ord(char):04x}" for char in TEXT).encode(),
        json.dumps({"a": json.dumps(TEXT)}).encode(),
        TEXT.encode().hex().upper().encode(),
        TEXT[::-1].encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-be"),
        "\n".join(TEXT).encode(),
        b"key: " + TEXT[:9].encode() + b"\\\n  " + TEXT[9:].encode(),
        *(base64.b64encode(b"x" * offset + TEXT.encode() + b"y" * 5) for offset in range(4)),
        base64.encodebytes(b"x" * 50 + TEXT.encode()),
    ],
)
def test_in_every_encoding(body: bytes) -> None:
    assert SCANNER.look(b"before " + body + b" after", "here")


def test_not_where_it_is_not() -> None:
    assert SCANNER.look(TEXT[:10].encode() + b" something else", "here") == []


def _parquet(path: Path) -> None:
    """A dictionary that keeps a value no row has any more."""
    column = pa.DictionaryArray.from_arrays(pa.array([1, 1]), pa.array([TEXT, "kept"]))
    pq.write_table(pa.table({"c": column}), path, compression="gzip", write_statistics=False, store_schema=False)
    assert TEXT.encode() not in path.read_bytes()


def _statistics(path: Path) -> None:
    pq.write_table(pa.table({"c": [TEXT]}), path, compression="zstd")


def _freed(path: Path) -> None:
    """A row that was deleted, in a page that nobody uses."""
    line = sqlite3.connect(path)
    line.executescript(f"PRAGMA secure_delete=OFF; CREATE TABLE t (c); INSERT INTO t VALUES ('{TEXT}'); DELETE FROM t")
    line.close()


def _spread(path: Path) -> None:
    """A value that is spread over several pages of a database."""
    with sqlite3.connect(path) as line:
        line.execute("CREATE TABLE t (c)")
        for start in range(40):
            line.execute("INSERT INTO t VALUES (?)", ["x" * (4060 - start) + TEXT])


def _cache(path: Path) -> None:
    with duckdb.connect(str(path)) as line:
        line.execute("CREATE TABLE t AS SELECT 'x' || range || ? AS c FROM range(10000)", [TEXT])


@pytest.mark.parametrize("write", [_parquet, _statistics, _freed, _spread, _cache])
def test_in_every_kind_of_file(write: object, tmp_path: Path) -> None:
    write(tmp_path / "file")  # type: ignore[operator]
    assert SCANNER.look_through(tmp_path)


def test_packed_and_in_names(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(gzip.compress(TEXT.encode() * 9))
    assert SCANNER.look_through(tmp_path)
    (tmp_path / "packed").unlink()
    (tmp_path / base64.urlsafe_b64encode(TEXT.encode()).decode()).mkdir()
    assert SCANNER.look_through(tmp_path)


def test_a_text_that_only_looks_packed_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.key").write_text("x" + TEXT)
    assert [part for part, _ in unfolded(tmp_path / "a.key")] == [""]
