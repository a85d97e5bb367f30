"""`python -m tests.bench`: measure, show, and write docs/benchmarks.md: all of it, or the sections of --only anew."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from rich.console import Console

from tests.bench import charts_cost, fake_speed, overview_time, pages, people_import, sync_cost, sync_process
from tests.bench.machine import machine
from tests.bench.page import markdown, put, show
from tests.bench.peers import side_by_side
from tests.bench.processes import ROOT
from tests.bench.report import Section

SECTIONS: dict[str, tuple[Callable[[], Section], Callable[[], Section]]] = {
    "cost": (sync_cost.measure, partial(sync_cost.measure, rows=1_500, rounds=1)),
    "sync": (sync_process.measure, partial(sync_process.measure, members=100, days=2, day_rows=0)),
    "overview": (overview_time.measure, partial(overview_time.measure, members=50, days=5)),
    "pages": (pages.measure, partial(pages.measure, members=60, days=9, rounds=1, names=pages.FEW)),
    "people": (people_import.measure, partial(people_import.measure, people=300)),
    "charts": (charts_cost.measure, partial(charts_cost.measure, days=10, rounds=1)),
    "fake": (fake_speed.measure, partial(fake_speed.measure, members=100, days=1)),
    "peers": (side_by_side.measure, partial(side_by_side.measure, 300, 4, 600, 300, 4)),
}
"""Each section in full and in a small size that only proves that it runs."""

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section; may be given again")
    parser.add_argument("--quick", action="store_true", help="small sizes; the figures mean nothing")
    asked = parser.parse_args()
    names = asked.only or list(SECTIONS)
    console = Console()
    sections = []
    for name in names:
        console.print(f"[dim]{name} …[/dim]")
        sections.append(SECTIONS[name][asked.quick]())
        show(sections[-1], console)
    if asked.quick:
        return
    today = datetime.now(UTC).date()
    whole = names == list(SECTIONS)
    text = markdown(sections, today, machine()) if whole else put(PAGE.read_text(), sections, today)
    PAGE.write_text(text)
    console.print(f"Written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as home:
        os.environ.setdefault("UPTAKE_HOME", home)
        main()
