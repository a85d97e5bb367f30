"""A whole installation for tests: its own home, the commands as processes, and the made-up organisation beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.warm import Warm

UPTAKE = [sys.executable, "-c", "from uptake.cli import main; main()"]
LONGEST = 120.0
_WARM = Warm()


@dataclass
class House:
    """Commands of one installation. `environ` holds its settings beside UPTAKE_HOME."""

    home: Path
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("UPTAKE_", "DJANGO_"))}
        ours = {"UPTAKE_HOME": str(self.home), "UPTAKE_CLAUDE_URL": self.url, "UPTAKE_REQUESTS_PER_MINUTE": "60000"}
        return kept | ours | {"UPTAKE_RESERVE_MB": "0"} | self.environ

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        pipes: Mapping[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([*UPTAKE, *arguments], env=self.environment(), **{**pipes, **more})

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. One at a time: `start` is for commands side by side."""
        return _WARM.run(arguments, self.environment(), stdin or "", LONGEST)

    def ask(self, *arguments: str) -> Any:
        """What a command says with --json, whatever its exit code."""
        done = self.run(*arguments, "--json")
        return json.loads(done.stdout)

    def connect(self, admin: str, analytics: str, *more: str) -> subprocess.CompletedProcess[str]:
        files = [self.key_file("admin", admin), self.key_file("analytics", analytics)]
        return self.run("connect", "claude", "--admin-key-file", files[0], "--analytics-key-file", files[1], *more)

    def key_file(self, slot: str, key: str) -> str:
        path = self.home.parent / f"{slot}.key"
        path.write_text(key)
        return str(path)

    def connection(self) -> dict[str, Any]:
        """The one connection of `status --json`."""
        (connection,) = self.ask("status")["connections"]
        return dict(connection)

    def usage(self, *more: str) -> list[dict[str, Any]]:
        return self._exported("usage", more)

    def members(self) -> list[dict[str, Any]]:
        return self._exported("members", ())

    def _exported(self, what: str, more: Sequence[str]) -> list[dict[str, Any]]:
        done = self.run("export", what, "--format", "jsonl", *more)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM, within: float = 10.0) -> int:
    """Signal a process and wait; its exit code."""
    process.send_signal(number)
    return process.wait(within)


def until(condition: Any, within: float = 30.0) -> Any:
    """Ask again until the condition holds; its value. Fails after `within` seconds."""
    ends = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.1)
    return value
