"""A made-up organisation in a process of its own, so that its work is not counted as the work of who reads it.

Told what to do by lines of JSON on its standard input; see Company for the words.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from tests.bench.processes import ROOT

SEED = 7


class Company:
    """The bench's end: start it as a context, then ask. Its clock runs `days_back` days late."""

    def __init__(self, members: int, days_back: int = 0) -> None:
        self.members = members
        command = [sys.executable, "-m", "tests.bench.company", str(members), str(days_back)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        about = self._answer()
        self.url: str = about["url"]
        self.admin_key: str = about["admin_key"]
        self.analytics_key: str = about["analytics_key"]
        self.start_cpu: float = about["start_cpu"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)

    def days_back(self, days: int) -> None:
        """Move its clock: what was told before may since have been revised."""
        self._ask(days_back=days)

    def fault(self, name: str | None) -> None:
        """Play a fault by its name from now on; None ends it."""
        self._ask(fault=name)

    def requests(self) -> dict[str, int]:
        """Requests since the last time it was asked, by path and status: {"/v1/…/users 200": 3}."""
        return dict(self._ask(requests=True))

    def _ask(self, **words: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the made-up organisation ended")
        return json.loads(line)


def _serve(members: int, days_back: int) -> None:
    import time

    from uptake.fake import FakeClaude, Organisation

    clock = {"back": timedelta(days=days_back)}
    organisation = Organisation(members=members, seed=SEED)
    with FakeClaude(organisation, requests_per_minute=None, clock=lambda: datetime.now(UTC) - clock["back"]) as fake:
        about = {"url": fake.url, "admin_key": fake.keys.members, "analytics_key": fake.keys.analytics}
        print(json.dumps(about | {"start_cpu": time.process_time()}), flush=True)
        for line in sys.stdin:
            print(json.dumps(_obey(fake, clock, json.loads(line))), flush=True)


def _obey(fake: Any, clock: dict[str, timedelta], words: dict[str, Any]) -> Any:
    if "days_back" in words:
        clock["back"] = timedelta(days=words["days_back"])
    if "fault" in words:
        fake.fault = words["fault"]
    if "requests" not in words:
        return None
    seen = Counter(f"{request.path} {request.status}" for request in fake.requests)
    fake.clear_requests()
    return seen


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("members", type=int)
    parser.add_argument("days_back", type=int)
    asked = parser.parse_args()
    _serve(asked.members, asked.days_back)
