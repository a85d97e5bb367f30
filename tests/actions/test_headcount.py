"""Members by status, told from the roster file and from each day once, are those that the export lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from uptake.actions import headcount
from uptake.domain.measures import COLUMNS
from uptake.lake import MEMBERS, USAGE, Entry, Kind, Lake, content_hash, members, sort

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
CONNECTION = "acme"


class Reads(Lake):
    """A lake that counts the days of usage that are read."""

    days_read = 0

    def read(self, kind: Kind, connection: str, day: date, columns: list[str] | None = None) -> pa.Table:
        self.days_read += kind == "usage"
        return super().read(kind, connection, day, columns)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Reads]:
    yield Reads(tmp_path / "lake", tmp_path / "aside")
    headcount._load.cache_clear()


def put(lake: Lake, kind: Kind, day: date, table: pa.Table) -> None:
    table = sort(kind, table)
    digest = content_hash(kind, CONNECTION, day, table)
    lake.root.mkdir(exist_ok=True)
    lake.replace(Entry(day, kind, CONNECTION, table.num_rows, digest, NOW, "run", 1, 1), table)


def roster(lake: Lake, day: int, active: str, removed: str = "", invited: tuple[str, ...] = ()) -> None:
    rows = [{"member_id": f"user_{x}", "email": f"{x}@acme.example", "status": "active"} for x in active]
    rows += [{"member_id": f"user_{x}", "email": f"{x}@acme.example", "status": "removed"} for x in removed]
    rows += [{"email": f"{word}@acme.example", "status": word} for word in invited]
    put(lake, "members", date(2026, 3, day), pa.Table.from_pylist(rows, schema=MEMBERS))


def used(lake: Lake, day: int, who: str) -> None:
    rows = [{"member_id": f"user_{x}", "email": f"{x.lower()}@acme.example"} | dict.fromkeys(COLUMNS, 1) for x in who]
    put(lake, "usage", date(2026, 1, day), pa.Table.from_pylist(rows, schema=USAGE))


def counts(lake: Lake, tmp_path: Path) -> dict[str, int]:
    held = lake.held("usage", CONNECTION)
    told = headcount.member_counts(lake, tmp_path / "cache", CONNECTION, held, NOW)
    found = {name: getattr(told, name) for name in told.__struct_fields__ if getattr(told, name)}
    assert found == Counter(member.status for member in members(lake, CONNECTION, NOW))
    return found


def test_everybody_is_counted_as_the_export_lists_them(lake: Reads, tmp_path: Path) -> None:
    assert counts(lake, tmp_path) == {}
    used(lake, 1, "xyz")
    assert counts(lake, tmp_path) == {"unlisted": 3}
    roster(lake, 1, "abc", "d", ("pending", "expired", "deleted"))
    used(lake, 2, "abdx")
    used(lake, 31, "A")  # another id, the e-mail of a member
    assert counts(lake, tmp_path) == {"active": 3, "removed": 1, "invited": 1, "invite_expired": 2, "unlisted": 3}
    roster(lake, 2, "abcx", "d")
    assert counts(lake, tmp_path) == {"active": 4, "removed": 1, "unlisted": 2}
    used(lake, 1, "y")  # a revision: z was not there after all
    assert counts(lake, tmp_path) == {"active": 4, "removed": 1, "unlisted": 1}


def test_a_day_is_read_once_while_its_content_stays(lake: Reads, tmp_path: Path) -> None:
    roster(lake, 1, "abc")
    for day in range(1, 9):
        used(lake, day, "abz")
    held = lake.held("usage", CONNECTION)
    for _ in range(3):
        headcount.member_counts(lake, tmp_path / "cache", CONNECTION, held, NOW)
    assert lake.days_read == 8
    headcount._load.cache_clear()  # another process
    headcount.member_counts(lake, tmp_path / "cache", CONNECTION, held, NOW)
    assert lake.days_read == 8
    used(lake, 3, "az")
    headcount.member_counts(lake, tmp_path / "cache", CONNECTION, lake.held("usage", CONNECTION), NOW)
    assert lake.days_read == 9


def test_a_cache_that_is_none_is_made_again(lake: Reads, tmp_path: Path) -> None:
    roster(lake, 1, "a")
    used(lake, 1, "az")
    path = tmp_path / "cache" / "strangers" / f"{CONNECTION}.msgpack"
    assert counts(lake, tmp_path) == {"active": 1, "unlisted": 1}
    path.write_bytes(b"\x93 no cache")
    headcount._load.cache_clear()
    assert counts(lake, tmp_path) == {"active": 1, "unlisted": 1}
