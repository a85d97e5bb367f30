"""Actions as processes of their own, in a hurry: a server that has imported everything forks one for each action.

A forked action stops itself before it begins, so that somebody can be attached who kills it at its n-th call to the disk.
Run as a program it is that server; `Forks` is how tests talk to it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
KEYS = {"admin": "FORKED_ADMIN_KEY", "analytics": "FORKED_ANALYTICS_KEY", "both": "FORKED_BOTH_KEY"}
"""The environment in which the made-up organisation's keys reach a forked action."""


@dataclass(frozen=True)
class Ended:
    """How a forked action ended: by a signal, or with a code and what it said."""

    signal: int
    code: int
    said: str


class Forks:
    """A server of one installation, as a context. Its home may be replaced between two actions, never during one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT), str(ROOT / "tests")])
        environ = self._environ | {"PYTHONPATH": path}
        command = [sys.executable, "-m", "faults.forked"]
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environ)
        assert self._line() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self._tell("end")
        self._server.wait(20)
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe:
                pipe.close()

    def start(self, action: str) -> int:
        """Fork an action; it is stopped before its first step. Its process id."""
        self._tell(action)
        return int(self._line())

    def ended(self) -> Ended:
        """Wait for the action under way."""
        number, code, said = self._line().split(" ", 2)
        return Ended(int(number), int(code), said)

    def run(self, action: str) -> Ended:
        os.kill(self.start(action), signal.SIGCONT)
        return self.ended()

    def killed_after(self, action: str, seconds: float) -> Ended:
        pid = self.start(action)
        os.kill(pid, signal.SIGCONT)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.ended()

    def injected(self, action: str, call: str, what: str) -> Ended:
        """Run an action with strace attached: `what` is done to its calls of that name (signal=…:when=…, error=…)."""
        pid = self.start(action)
        options = ["-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}"]
        tracer = subprocess.Popen([str(STRACE), *options, "-p", str(pid)], stderr=subprocess.PIPE)
        try:
            _wait_until_traced(pid)
            os.kill(pid, signal.SIGCONT)
            return self.ended()
        finally:
            tracer.wait(20)
            if tracer.stderr:
                tracer.stderr.close()

    def _tell(self, line: str) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()

    def _line(self) -> str:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, "the server of forks is gone"
        return line.strip()


def _wait_until_traced(pid: int) -> None:
    ends = time.monotonic() + 10
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0\n" in status.read_text():
        assert time.monotonic() < ends, "strace could not attach"
        time.sleep(0.005)
    time.sleep(0.02)


def serve(commands: IO[str], answers: IO[str]) -> None:
    """The server: boots once, then forks an action a line."""
    from uptake.site import boot

    settings = boot.start(os.environ)
    import pyarrow.parquet  # noqa: F401
    from django.db import connections

    from faults import forked_actions
    from uptake.claude import lines

    lines._tls()
    connections.close_all()
    _answer(answers, "ready")
    for command in commands:
        action = command.strip()
        if action == "end":
            return
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(forked_actions.run(action, settings))
        os.waitpid(child, os.WUNTRACED)
        _answer(answers, str(child))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        said = forked_actions.said(settings)
        _answer(answers, f"{max(0, -code)} {max(0, code)} {said or '-'}")


def _answer(answers: IO[str], line: str) -> None:
    answers.write(line.replace("\n", " ") + "\n")
    answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
