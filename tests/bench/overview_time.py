"""Server time of the Overview's figures, in a process just started and again."""

from __future__ import annotations

from tests.bench import metrics
from tests.bench.report import Figure, Section, figures


def measure(members: int = 100_000, days: int = 90) -> Section:
    """The figures of tests/bench/metrics.py with what they are to reach."""
    seen = metrics.measure(members, days)
    found = [
        Figure("all figures, first time in a new process", seen["cold_ms"], "ms", 500),
        Figure("all figures again", seen["warm_ms"], "ms", 30),
        Figure("cache built from nothing", seen["build_s"], "s"),
        Figure("cache after one revised day", seen["rebuild_after_one_day_s"], "s"),
        Figure("cache after seven revised days", seen["rebuild_after_seven_days_s"], "s"),
        Figure("cache on disk", seen["cache_mb"], "MB"),
    ]
    note = (
        f"{members:,} members × {days} days, {seen['rows']:,.0f} rows; wall time. The cache is built after each sync."
    )
    return Section("overview", "The Overview's numbers", (figures(found),), (note,))
