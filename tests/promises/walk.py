"""A walk through a whole installation whose vendor serves content everywhere: what was served, written, said, answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from house import House, until
from promises.scan import Found, Scanner
from uptake.fake import FakeClaude
from uptake.fake.answers import Answer
from uptake.fake.fault_canaries import MARK

CANARY = re.compile(re.escape(MARK) + r"\.([A-Za-z0-9_-]+)\.\d{7}")


class LadenClaude(FakeClaude):
    """The made-up organisation, counting the canaries it serves by their place."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.planted = 0
        self.places: set[str] = set()

    def answer(self, *asked: str) -> Answer:
        given = super().answer(*asked)
        found = CANARY.findall(given.body.decode("utf-8", "replace") + str(given.headers))
        with self._lock:
            self.planted += len(found)
            self.places.update(found)
        return given


class Walk:
    """One process of an installation at work. Everything it says and writes is looked through on demand."""

    def __init__(self, house: House, folder: Path, scanner: Scanner) -> None:
        self.house, self.folder, self.scanner = house, folder, scanner
        self.found: list[Found] = []
        self._process: subprocess.Popen[str]
        self._answers: Any

    def step(self, name: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"step": name, "with": arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._answers.readline()
        assert answer, self.said()[-3000:]
        return json.loads(answer)

    def command(self, *arguments: str) -> int:
        return int(self.step("command", *arguments))

    def said(self) -> str:
        return "".join((self.folder / name).read_text(errors="replace") for name in ("stdout", "stderr"))

    def token(self) -> str:
        """A bearer token of Ada's, as the command printed it."""
        self.command("token", "create", "--email", "ada@example.com")
        return (self.folder / "stdout").read_text().split()[-1]

    def look(self, *, homes: bool = True) -> None:
        """Look through the home, all that was said and answered so far, and what the kernel tells of the process."""
        if homes:
            self.found += self.scanner.look_through(self.house.home)
        self.found += self.scanner.look_through(self.folder)
        for name in ("cmdline", "environ"):
            told = Path(f"/proc/{self._process.pid}/{name}")
            self.found += self.scanner.look(told.read_bytes() if told.exists() else b"", str(told))

    @contextmanager
    def begun(self) -> Iterator[Walk]:
        (self.folder / "responses").mkdir(parents=True)
        reads, writes = os.pipe()
        walker = [
            sys.executable,
            str(Path(__file__).with_name("walker.py")),
            str(writes),
            str(self.folder / "responses"),
        ]
        with (self.folder / "stdout").open("w") as out, (self.folder / "stderr").open("w") as err:
            self._process = subprocess.Popen(
                walker, env=self.house.environment(), stdin=subprocess.PIPE, stdout=out, stderr=err, text=True,
                pass_fds=[writes],
            )  # fmt: skip
        os.close(writes)
        with os.fdopen(reads) as self._answers:
            yield self
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def walk_through(walk: Walk, fake: LadenClaude, faults: Sequence[str]) -> None:
    """Connect, sync, each fault, every page, every export, wrong keys, a bug, disconnect, erase; looked at in between."""
    house = walk.house
    with walk.begun():
        fake.fault = "canaries"
        keys = [house.key_file("admin", fake.keys.members), house.key_file("analytics", fake.keys.analytics)]
        assert walk.command("connect", "claude", "--admin-key-file", keys[0], "--analytics-key-file", keys[1]) == 0
        assert walk.command("sync") == 0
        walk.step("hurry")
        for name in faults:
            fake.fault = name
            walk.command("sync", "--json")
        fake.fault = "canaries"
        until(lambda: walk.command("sync") != 4)  # an answer that never came may still hold a thread
        _ask_and_export(walk)
        _use_pages(walk, fake)
        walk.look()
        _meet_a_bug(walk)
        assert walk.command("disconnect", "claude", "--yes") == 0
        walk.look()
        walk.command("disconnect", "claude", "--erase", "--yes", "--json")
        walk.look()


def _ask_and_export(walk: Walk) -> None:
    for what in ("usage", "members", "summaries"):
        for form in ("jsonl", "csv", "parquet"):
            output = str(walk.folder / f"{what}.{form}")
            assert walk.command("export", what, "--format", form, "--output", output) == 0
    for form in ("--json", "--csv"):
        assert walk.command("ask", "messages", "active_day", "--by", "day", form) == 0
    assert walk.command("ask", "messages") == 0
    assert walk.command("status", "--json") == 0
    assert walk.command("status") == 0
    if walk.command("doctor", "--help") == 0:
        walk.command("doctor")
    if walk.command("backup", "--help") == 0:
        walk.command("backup", str(walk.folder / "backup"))


def _use_pages(walk: Walk, fake: LadenClaude) -> None:
    """Every page; keys typed right, wrong, swapped, broken over lines, and of somebody else."""
    assert walk.command("account", "create", "--email", "ada@example.com", "--role", "company_admin") == 0
    statuses = walk.step("pages", walk.token())
    assert {path for path, status in statuses.items() if status >= 500} == set()
    assert sum(status == 200 for status in statuses.values()) > 15, statuses
    good, theirs = fake.keys.analytics, fake.keys.foreign_analytics
    for admin in (good, good[:-9], good[:40] + "\n" + good[40:], f"“{good}…”", theirs, good.replace("a", "а")):
        for path in ("/integrations/connect/", "/integrations/{connection}/keys/"):
            assert walk.step("post", path, {"name": "Other", "admin_key": admin, "analytics_key": good}) == 400
    pair = {"admin_key": fake.keys.members, "analytics_key": good}
    assert walk.step("post", "/integrations/{connection}/keys/", pair) == 302


def _meet_a_bug(walk: Walk) -> None:
    walk.step("break_decoder")
    assert walk.command("sync") == 1
    assert "RuntimeError: a bug with" in walk.said(), "the bug is not in the log"


def forget(walk: Walk) -> None:
    """Free the disk of what was looked through."""
    shutil.rmtree(walk.folder, ignore_errors=True)
