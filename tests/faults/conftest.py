"""An installation within the test process, in a hurry: the same actions, the same lake, shorter waits."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import proof
from faults import killing, report
from faults.killing import Site
from house import House
from uptake import config
from uptake.actions import state
from uptake.actions.connections import connect
from uptake.actions.views import ConnectionView
from uptake.claude.patience import Backoff
from uptake.domain.access import OPERATOR
from uptake.domain.measures import COLUMNS
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude, Organisation
from uptake.lake import Lake, Member, members
from uptake.records.models import Connection
from uptake.records.vault import open_vault
from uptake.sync.run import RunResult, sync
from uptake.sync.waits import Waits

_PARTS = ("transport", "status", "paging", "data", "roster", "process", "disk", "clock")
pytest.register_assert_rewrite("faults.expect", *(f"faults.matrix_{part}" for part in _PARTS))

HURRY = Waits(roster=4.0, invites=3.0, summaries=3.0, usage=5.0, probe=2.0, backoff=Backoff(random=lambda: 0.005))
DAYS = 7  # as long as days may settle: every one of them is read again by the next sync
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

Rows = dict[str, dict[str, dict[str, Any]]]
"""Day to member id to counts."""


@dataclass
class Clock:
    """What time it is for both sides."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Flat:
    """A small installation: connected, synced on demand, looked into."""

    settings: config.Settings
    fake: FakeClaude
    company: Organisation
    clock: Clock

    def connect(self) -> None:
        keys = [Secret(self.fake.keys.members), Secret(self.fake.keys.analytics)]
        connect(OPERATOR, self.settings, name="Claude", admin_key=keys[0], analytics_key=keys[1], now=self.clock())

    def sync(self, waits: Waits = HURRY) -> RunResult:
        connection = Connection.objects.get()
        vault = open_vault(self.settings.master_key_file)
        return sync(connection, self.settings, vault, trigger="command", clock=self.clock, waits=waits)

    def view(self) -> ConnectionView:
        return state.connections(OPERATOR, self.settings, self.clock())[0]

    def members(self) -> list[Member]:
        return members(self._lake(), str(Connection.objects.get().pk), self.clock())

    def held(self) -> Rows:
        lake, connection = self._lake(), str(Connection.objects.get().pk)
        days = lake.held("usage", connection)
        return {day.isoformat(): by_member(lake.read("usage", connection, day).to_pylist()) for day in days}

    def wanted(self) -> set[str]:
        """The days that a first sync reads."""
        return set(list(self.truth())[:DAYS])

    def truth(self) -> Rows:
        """What was served on more days than are wanted, newest first: late answers move the window back."""
        newest = self.clock().date() - timedelta(days=1)
        return self.truth_of([newest - timedelta(days=back) for back in range(DAYS + 5)])

    def truth_of(self, days: Iterable[date]) -> Rows:
        return {day.isoformat(): by_member(self.company.truth(day, as_of=self.clock())) for day in days}

    def _lake(self) -> Lake:
        return Lake(self.settings.lake, self.settings.aside)


def by_member(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows as the lake or the vendor's truth gives them, counts only."""
    return {row["member_id"]: {column: row[column] for column in COLUMNS} for row in rows}


@pytest.fixture(scope="session")
def company() -> Organisation:
    return Organisation(members=60, seed=11)


@pytest.fixture
def flat(company: Organisation, tmp_path: Path, db: None) -> Iterator[Flat]:
    clock = Clock()
    with FakeClaude(company, requests_per_minute=None, clock=clock) as fake:
        settings = config.load(
            {
                "UPTAKE_HOME": str(tmp_path),
                "UPTAKE_CLAUDE_URL": fake.url,
                "UPTAKE_REQUESTS_PER_MINUTE": "60000",
                "UPTAKE_RESERVE_MB": "0",
                "UPTAKE_BACKFILL_DAYS": str(DAYS),
            }
        )
        flat = Flat(settings, fake, company, clock)
        flat.connect()
        fake.clear_requests()
        yield flat


@pytest.fixture
def house(company: Organisation, tmp_path: Path) -> Iterator[House]:
    """An installation of commands, connected, not yet synced."""
    with FakeClaude(company, requests_per_minute=None) as fake:
        house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "8"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        yield house


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home that can be killed at a chosen call, and set back."""
    with killing.site(tmp_path_factory.mktemp("site")) as made:
        yield made


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=1_000, help="how many random SIGKILLs (tests marked full)")
    parser.addoption(
        "--reliability", default="", metavar="FILE", help="where a whole run of the faults writes its page"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--reliability", "") and not hasattr(config, "workerinput"):
        # Where proofs leave their figures; workers inherit it.
        os.environ[proof.FIGURES] = str(Path(tempfile.mkdtemp(prefix="uptake-faults-")) / "figures")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A whole run writes the page; a part of one says that it does not."""
    path = config.getoption("--reliability", "")
    if not path or hasattr(config, "workerinput"):
        return
    told = [each for kind in ("passed", "failed", "skipped", "error") for each in terminalreporter.stats.get(kind, [])]
    played = report.gather(told)
    if not report.whole(played):
        terminalreporter.write_line(f"{path} is written by a whole run only; this was a part of one.")
        return
    figures = Path(os.environ[proof.FIGURES])
    seconds = time.time() - terminalreporter._session_start.time
    Path(path).write_text(report.page(played, report.read(figures), seconds, report.today()))
    shutil.rmtree(figures.parent)
    terminalreporter.write_line(f"{path} written")
