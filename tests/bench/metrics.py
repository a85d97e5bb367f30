"""How fast the Overview is: a synthetic lake, its cache, and the server time of all its figures, cold and warm.

.venv/bin/python -m tests.bench.metrics --members 100000 --days 90
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from uptake.domain.access import OPERATOR
from uptake.lake import MEMBERS, USAGE, Entry, Kind, Lake, content_hash, sort
from uptake.metrics import ConnectionFacts, Facts, warm
from uptake.metrics.dashboards import all_of

LAST = date(2026, 11, 20)
TODAY = LAST + timedelta(days=2)
ACTIVE_SHARE = 0.44  # of the members on a day: 4.0 million rows at 100,000 members and 90 days
BUSY = (
    "chat_messages",
    "code_sessions",
    "code_lines_added",
    "code_edit_accepted",
    "code_edit_rejected",
    "cowork_messages",
)


_CHILD = """
import json, sys, time
began = time.perf_counter()
from pathlib import Path
from tests.bench.metrics import overview_times
imports_ms = 1e3 * (time.perf_counter() - began)
print(json.dumps({"imports_ms": imports_ms, **overview_times(Path(sys.argv[1]))}))
"""


def measure(members: int = 100_000, days: int = 90) -> dict[str, float]:
    """Seconds and milliseconds of one whole life: build, cold start in a new process, warm, and one more day."""
    home = Path(tempfile.mkdtemp(prefix="uptake-bench-"))
    try:
        rows = sum(_write_day(home, members, LAST - timedelta(days=back), back) for back in range(days))
        _write_roster(home, members)
        build = _seconds(lambda: warm(_facts(home), OPERATOR, TODAY))
        cold = _child(home)
        _write_day(home, members, LAST, seed=10_000)
        one_more = _seconds(lambda: warm(_facts(home), OPERATOR, TODAY))
        for back in range(7):
            _write_day(home, members, LAST - timedelta(days=back), seed=20_000 + back)
        settling = _seconds(lambda: warm(_facts(home), OPERATOR, TODAY))
        return {
            "members": members,
            "days": days,
            "rows": rows,
            "build_s": build,
            "build_s_per_day": build / days,
            "rebuild_after_one_day_s": one_more,
            "rebuild_after_seven_days_s": settling,
            **cold,
            "cache_mb": sum(path.stat().st_size for path in (home / "cache").iterdir() if path.is_file()) / 1e6,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    finally:
        shutil.rmtree(home)


def overview_times(home: Path) -> dict[str, float]:
    """Milliseconds of all figures of the Overview in this process: the first time, and the best of five after it."""
    cold = _seconds(lambda: all_of("overview", _facts(home), OPERATOR, TODAY))
    again = min(_seconds(lambda: all_of("overview", _facts(home), OPERATOR, TODAY)) for _ in range(5))
    lake = Lake(home / "lake", home / "aside")
    kept = _facts(home, lake)
    all_of("overview", kept, OPERATOR, TODAY)
    new_facts = min(_seconds(lambda: all_of("overview", _facts(home, lake), OPERATOR, TODAY)) for _ in range(5))
    return {"cold_ms": 1e3 * cold, "warm_new_lake_ms": 1e3 * again, "warm_ms": 1e3 * new_facts}


def _child(home: Path) -> dict[str, float]:
    """The times of a new process that finds the cache files there; its imports are counted apart."""
    found = subprocess.run([sys.executable, "-c", _CHILD, str(home)], check=True, capture_output=True, text=True)
    times: dict[str, float] = json.loads(found.stdout)
    return times


def _facts(home: Path, lake: Lake | None = None) -> Facts:
    # As a request makes them: the folders are looked at again; a server keeps its lake, a new process does not.
    return Facts(lake or Lake(home / "lake", home / "aside"), home / "cache", (ConnectionFacts("bench", "Bench"),))


def _seconds(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def _write_day(home: Path, members: int, day: date, seed: int) -> int:
    random = np.random.default_rng(seed)
    share = ACTIVE_SHARE * (1.2 if day.weekday() < 5 else 0.5)
    who = np.flatnonzero(random.random(members) < share)
    ids = np.char.add("user_", np.char.zfill(who.astype(str), 7))
    columns: dict[str, pa.Array] = {"member_id": pa.array(ids), "email": pa.array(np.char.add(ids, "@example.com"))}
    zeros = pa.array(np.zeros(len(who), np.int32))
    for name in USAGE.names[2:]:
        busy = name in BUSY
        columns[name] = pa.array(random.poisson(2, len(who)).astype(np.int32)) if busy else zeros
    _put(home, "usage", day, pa.table(columns, schema=USAGE))
    return len(who)


def _write_roster(home: Path, members: int) -> None:
    ids = np.char.add("user_", np.char.zfill(np.arange(members).astype(str), 7))
    rows = pa.table({"member_id": ids, "email": np.char.add(ids, "@example.com"), "status": np.full(members, "active")})
    missing = {
        name: pa.nulls(members, MEMBERS.field(name).type) for name in MEMBERS.names if name not in rows.column_names
    }
    missing["joined_at"] = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * members, MEMBERS.field("joined_at").type)
    columns = {name: rows[name] if name in rows.column_names else missing[name] for name in MEMBERS.names}
    _put(home, "members", LAST, pa.table(columns, schema=MEMBERS))


def _put(home: Path, kind: Kind, day: date, table: pa.Table) -> None:
    table = sort(kind, table)
    now = datetime.now(UTC)
    entry = Entry(day, kind, "bench", table.num_rows, content_hash(kind, "bench", day, table), now, "bench", 1, 1)
    Lake(home / "lake", home / "aside").replace(entry, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    asked = parser.parse_args()
    print(json.dumps({name: round(value, 2) for name, value in measure(asked.members, asked.days).items()}, indent=1))
