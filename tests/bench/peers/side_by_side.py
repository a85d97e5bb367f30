"""One organisation loaded by each tool, then a bad week: revisions, a revoked key, dead cursors, a rate limit."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.company import SEED, Company
from tests.bench.peers.right_rows import Judged, Rows, judge, truth
from tests.bench.peers.tools import TOOLS, Tool, Window
from tests.bench.processes import Spent
from tests.bench.report import Section, Table
from tests.environments import PEERS
from uptake.domain.days import span
from uptake.fake import Organisation

_LATER = 2
_EVENTS: dict[str, str | None] = {
    "nothing else": None,
    "the key dies midway (401)": "revoked-midway",
    "one stray 401": "stray-401",
    "each cursor dies once (410)": "cursor-410-once",
    "a 429 that asks for a second": "limited-short",
}
_NOTES = (
    "CPU is user and system time of the whole command, its start included; for uptake `connect` and `sync` together, "
    "which also read roster, invites and the vendor's own figures and write durably.",
    "dlt: `rest_api` source, DuckDB destination, Parquet as loader format, upsert by member and day "
    "(tests/bench/peers/dlt_load.py). It has no cursor for a list of days: every run reads all of them.",
    "airbyte-cdk: a declarative manifest with a day a slice, state and a lookback of seven days "
    "(tests/bench/peers/airbyte_manifest.yaml). Only reading and printing is counted, no destination; of several records "
    "of a member and day the last counts, as a destination that dedups would have it.",
    "While a key or a cursor dies, the made-up organisation serves small pages, so that it happens in the middle of a list: "
    "that is why there are many requests, for every tool.",
    "A right row has all 108 counts as the organisation tells them, null apart from zero. A wrong one has other counts: "
    "here always those that were true two days before.",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one run of a tool took and what it held after it."""

    spent: Spent
    requests: int
    judged: Judged


def measure(
    members: int = 2_000, days: int = 30, larger: int = 20_000, bad_members: int = 3_000, bad_days: int = 14
) -> Section:
    """All tables. Where the peers cannot be installed, uptake alone."""
    failed = PEERS.prepare()
    names = ["uptake"] if failed else list(TOOLS)
    about = [f"The peers could not be installed here: {failed}"] if failed else []
    about += [] if failed else [f"dlt {PEERS.version('dlt')}, airbyte-cdk {PEERS.version('airbyte-cdk')}."]
    small, large = (_first_loads(names, size, days) for size in (members, larger))
    tables = (
        _first_load(small, f"{members:,} members × {days} days"),
        _first_load(large, f"{larger:,} members × {days} days"),
        _further_row(small, large),
        _bad_week(names, bad_members, bad_days),
    )
    return Section("peers", "Side by side", tables, (*about, *_NOTES))


def _first_loads(names: list[str], members: int, days: int) -> dict[str, Loaded]:
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder, Company(members) as company:
        true = _truth(members, _window(days, 0), 0)
        return {name: _load(_tool(name, Path(folder)), company, _window(days, 0), true) for name in names}


def _first_load(loads: dict[str, Loaded], size: str) -> Table:
    ours = loads["uptake"].spent.cpu
    head = (f"first load, {size}", "CPU s", "CPU µs a row", "× uptake", "peak MB", "requests", "right rows")
    return Table(head, tuple(_row(name, loaded, ours) for name, loaded in loads.items()))


def _row(name: str, loaded: Loaded, ours: float) -> tuple[str, ...]:
    spent = loaded.spent
    cpu = (f"{spent.cpu:.1f}", f"{1e6 * spent.cpu / loaded.judged.true:.0f}", f"{spent.cpu / ours:.1f}")
    return (name, *cpu, f"{spent.peak_mb:.0f}", f"{loaded.requests}", loaded.judged.text())


def _further_row(small: dict[str, Loaded], large: dict[str, Loaded]) -> Table:
    """What a row costs apart from the start of the program: the difference of both loads over the rows between them."""
    cost = {
        name: 1e6
        * (large[name].spent.cpu - small[name].spent.cpu)
        / (large[name].judged.true - small[name].judged.true)
        for name in small
    }
    rows = tuple((name, f"{micros:.0f}", f"{micros / cost['uptake']:.1f}") for name, micros in cost.items())
    return Table(("from the small to the large load", "CPU µs a further row", "× uptake"), rows)


def _bad_week(names: list[str], members: int, days: int) -> Table:
    """Each event after the same good first load, two days later: what is held right after it, and after a quiet run."""
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder, Company(members, _LATER) as company:
        early = _truth(members, _window(days, _LATER), _LATER)
        tools = [(name, _tool(name, Path(folder))) for name in names]
        for _, tool in tools:
            assert _load(tool, company, _window(days, _LATER), early).judged.right == len(early)
        company.days_back(0)
        window = _window(days + _LATER, 0)
        true = _truth(members, window, 0)
        for words, fault in _EVENTS.items():
            for name, tool in tools:
                first, then = _event(tool, company, window, true, fault)
                took = f"{first.requests} + {then.requests}"
                rows.append((words, name, first.judged.text(), then.judged.text(), took))
    head = ("two days later", "tool", "right rows after that run", "right rows after the next, quiet run", "requests")
    return Table(head, tuple(rows))


def _event(tool: Tool, company: Company, window: Window, true: Rows, fault: str | None) -> tuple[Loaded, Loaded]:
    """A run with the fault and a quiet one after it, on a copy of what the tool holds."""
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder:
        copy = type(tool)(Path(shutil.copytree(tool.folder, Path(folder) / tool.folder.name)))  # type: ignore[call-arg]
        company.fault(fault)
        first = _load(copy, company, window, true)
        company.fault(None)
        return first, _load(copy, company, window, true)


def _load(tool: Tool, company: Company, window: Window, true: Rows) -> Loaded:
    company.requests()
    spent = tool.load(company, window)
    return Loaded(spent, sum(company.requests().values()), judge(tool.held(), true))


def _tool(name: str, folder: Path) -> Tool:
    (folder / name).mkdir()
    return TOOLS[name](folder / name)


def _window(days: int, days_back: int) -> Window:
    last = datetime.now(UTC).date() - timedelta(days=1 + days_back)
    return Window(last - timedelta(days=days - 1), last)


def _truth(members: int, window: Window, days_back: int) -> Rows:
    organisation = Organisation(members=members, seed=SEED)
    return truth(organisation, span(window.first, window.last), datetime.now(UTC) - timedelta(days=days_back))
