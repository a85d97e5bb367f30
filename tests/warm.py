"""Commands from a warm start: a process that has the libraries imported forks once a command.

Half of the suite's time would otherwise go into importing them anew. What a fork must not inherit, Django's set-up and
DuckDB's connections, comes after it. As a script it is that process: a line of JSON in, an exit code out.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

LIBRARIES = (
    "uptake.cli",
    "uptake.site.logs",
    "uptake.claude.client",
    "uptake.domain.measures",
    "uptake.lake",
    "cryptography.hazmat.primitives.ciphers.aead",
    "django.core.management",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.http",
    "django.urls",
    "duckdb",
    "prometheus_client",
    "rich.traceback",
)


class Warm:
    """The warm process, from the side of the tests. One command at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], environ: Mapping[str, str], stdin: str, longest: float
    ) -> subprocess.CompletedProcess[str]:
        """Run `uptake` with these arguments. Raises TimeoutExpired; the command is then killed."""
        with tempfile.TemporaryDirectory(prefix="uptake-warm-") as folder, self._lock:
            (Path(folder) / "in").write_text(stdin)
            order = {"arguments": list(arguments), "environ": dict(environ), "folder": folder, "longest": longest}
            process = self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            code = int(process.stdout.readline())
            out, err = ((Path(folder) / name).read_bytes().decode() for name in ("out", "err"))
        if code == _TOO_LONG:
            raise subprocess.TimeoutExpired(list(arguments), longest, out, err)
        return subprocess.CompletedProcess(arguments, code, out, err)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._process = subprocess.Popen([sys.executable, __file__], text=True, **pipes)  # type: ignore[call-overload]
        return self._process


_TOO_LONG = 1_000


def _serve() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _command(**order)
        print(_code(child, order["longest"]), flush=True)


def _command(arguments: list[str], environ: dict[str, str], folder: str, longest: float) -> None:
    del longest
    for number, name, flags in ((0, "in", os.O_RDONLY), (1, "out", _NEW), (2, "err", _NEW)):
        os.dup2(os.open(Path(folder) / name, flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = ["uptake", *arguments]
    os.environ.clear()
    os.environ.update(environ)
    from uptake.cli import main

    main()


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def _code(child: int, longest: float) -> int:
    """The exit code as a shell's parent sees it; a command that takes too long is killed."""
    killer = threading.Timer(longest, os.kill, (child, 9))
    killer.start()
    _, status = os.waitpid(child, 0)
    late = not killer.is_alive()
    killer.cancel()
    return _TOO_LONG if late else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    _serve()
