"""Commands under strace: every address that was asked and every file that was made or changed, by any thread or child."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from house import LONGEST, House

_ASKING = ("connect", "sendto", "sendmsg", "sendmmsg")
_CHANGING = (
    "open", "openat", "openat2", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "rmdir", "link", "linkat", "symlink", "symlinkat", "truncate", "mknod", "mknodat",
)  # fmt: skip
_LINE = re.compile(r"^\d+ +(\w+)\((.*)$")
_ADDRESS = re.compile(
    r'sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"'
)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")


def strace(record: Path) -> list[str]:
    """The command before the command; the traced process stays our own child."""
    calls = ",".join(f"?{call}" for call in (*_ASKING, *_CHANGING))
    return ["strace", "-D", "-f", "-qq", "-y", "-s", "4096", "-o", str(record), "-e", f"trace={calls}"]


@cache
def may_trace() -> bool:
    """Whether strace is there and allowed."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0
    )


@dataclass
class TracedHouse(House):
    """A house whose commands are traced, each into a file of its own outside the home."""

    records: list[Path] = field(default_factory=list)

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        return self.start_traced([sys.executable, "-c", "from uptake.cli import main; main()", *arguments], **more)

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(stdin or "", timeout=LONGEST)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start_traced(self, command: list[str], **more: Any) -> subprocess.Popen[str]:
        elsewhere = self.home.parent / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        record = self.home.parent / f"trace.{len(self.records)}"
        self.records.append(record)
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            [*strace(record), *command], env=self.environment(), cwd=elsewhere, **{**pipes, **more}
        )  # fmt: skip

    def lines(self) -> list[tuple[str, str]]:
        """Call and arguments of everything traced so far."""
        text = "".join(record.read_text(errors="replace") for record in self.records)
        return [match.groups() for line in text.splitlines() if (match := _LINE.match(line))]  # type: ignore[misc]

    def asked(self) -> set[str]:
        """Every address that anything was sent to, as host:port."""
        found = [_ADDRESS.search(rest) for call, rest in self.lines() if call in _ASKING]
        return {f"{match.group(2)}:{match.group(1)}" for match in found if match}

    def changed(self) -> set[Path]:
        """Every file and folder that was made, opened for writing, renamed or removed."""
        found: set[Path] = set()
        for call, rest in self.lines():
            if call in _CHANGING and not (call.startswith("open") and not _writes(rest)):
                folder = _FOLDER.match(rest)
                base = Path(folder.group(1)) if folder else self.home.parent / "elsewhere"
                found |= {base / name for name in _TEXT.findall(rest.partition(" = ")[0])}
        return found


def _writes(rest: str) -> bool:
    return any(flag in rest for flag in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"))
