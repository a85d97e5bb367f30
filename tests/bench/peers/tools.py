"""The tools side by side: each loads a window of days into a folder of its own, and tells the rows it then holds."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from tests.bench.company import Company
from tests.bench.peers.right_rows import Rows, flattened, nested
from tests.bench.processes import Spent, measured
from tests.environments import PEERS
from tests.house import UPTAKE, House
from uptake.domain.days import ONE_DAY
from uptake.domain.measures import COLUMNS

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Window:
    """The days to hold, both included."""

    first: date
    last: date


class Tool(Protocol):
    """A tool with its folder. `load` is its next regular run."""

    folder: Path

    def load(self, company: Company, window: Window) -> Spent: ...

    def held(self) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Uptake:
    """uptake by its commands. It reads roster, invites and the vendor's own figures as well, which the others do not."""

    folder: Path

    def load(self, company: Company, window: Window) -> Spent:
        days = (window.last - window.first).days + 1
        house = House(self.folder / "home", company.url, {"UPTAKE_BACKFILL_DAYS": str(days)})
        before = self._connect(house, company) if not house.home.exists() else Spent(0, 0.0, 0.0, 0.0)
        sync = measured([*UPTAKE, "sync"], house.environment())
        peak = max(before.peak_mb, sync.peak_mb)
        return Spent(sync.code, before.cpu + sync.cpu, before.wall + sync.wall, peak)

    def _connect(self, house: House, company: Company) -> Spent:
        files = []
        for slot, key in (("admin", company.admin_key), ("analytics", company.analytics_key)):
            (self.folder / f"{slot}.key").write_text(key)
            files += [f"--{slot}-key-file", str(self.folder / f"{slot}.key")]
        return measured([*UPTAKE, "connect", "claude", *files], house.environment())

    def held(self) -> Rows:
        rows = House(self.folder / "home", "http://127.0.0.1:9").usage()
        return {(row["day"], row["member_id"]): tuple(row[column] for column in COLUMNS) for row in rows}


@dataclass(frozen=True, slots=True)
class Dlt:
    """dlt: REST API source, DuckDB destination."""

    folder: Path

    def load(self, company: Company, window: Window) -> Spent:
        days = (window.first.isoformat(), window.last.isoformat())
        command = [*self._script("load"), company.url, company.analytics_key, *days]
        return measured(command, os.environ)

    def held(self) -> Rows:
        done = subprocess.run(self._script("rows"), stdout=subprocess.PIPE, text=True, check=True)
        rows = map(json.loads, done.stdout.splitlines())
        return {(row["_day_list_day"], row["user__id"]): flattened(row) for row in rows}

    def _script(self, what: str) -> list[str]:
        return [str(PEERS.bin / "python"), str(_HERE / "dlt_load.py"), what, str(self.folder)]


@dataclass(frozen=True, slots=True)
class Airbyte:
    """airbyte-cdk: a declarative source. Its records are kept as lines; a destination's work is not counted.

    As a destination that dedups would, the last record of a member and day counts.
    """

    folder: Path

    def load(self, company: Company, window: Window) -> Spent:
        end = (window.last + ONE_DAY).isoformat()
        config = {"url": company.url, "key": company.analytics_key, "first": window.first.isoformat(), "end": end}
        said = self.folder / f"said-{len(list(self.folder.glob('said-*'))):03}.jsonl"
        command = [str(PEERS.bin / "source-declarative-manifest"), "read", "--config", self._file("config", config)]
        command += [
            "--manifest-path",
            str(_HERE / "airbyte_manifest.yaml"),
            "--catalog",
            self._file("catalog", _CATALOG),
        ]
        state = [message["state"] for message in self._messages("STATE")]
        spent = measured([*command, *(["--state", self._file("state", state[-1:])] if state else [])], os.environ, said)
        return spent

    def held(self) -> Rows:
        records = (message["record"]["data"] for message in self._messages("RECORD"))
        return {(record["day"], record["id"]): nested(record) for record in records}

    def _messages(self, kind: str) -> Iterable[dict[str, Any]]:
        mark = f'{{"type":"{kind}"'
        for said in sorted(self.folder.glob("said-*")):
            for line in said.read_text().splitlines():
                if line.startswith(mark):
                    yield json.loads(line)

    def _file(self, name: str, content: object) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content))
        return str(path)


_CATALOG = {
    "streams": [
        {
            "stream": {"name": "usage", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
            "primary_key": [["id"], ["day"]],
            "cursor_field": ["day"],
        }
    ]
}

TOOLS: dict[str, type[Uptake] | type[Dlt] | type[Airbyte]] = {"uptake": Uptake, "dlt": Dlt, "airbyte-cdk": Airbyte}
