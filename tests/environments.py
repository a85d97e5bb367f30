"""Environments beside our own, in `.bench/` of the checkout: what is only compared with never touches what we run on.

Each has Python and packages locked by `requirements/<name>.txt`.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PathDistribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Environment:
    name: str

    @property
    def folder(self) -> Path:
        return ROOT / ".bench" / self.name

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def prepare(self) -> str:
        """Make the environment, or bring it up to date. Returns why it cannot be made; "" where it can."""
        locked, uv = ROOT / "requirements" / f"{self.name}.txt", Path(sys.executable).with_name("uv")
        make = [str(uv), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(self.folder)]
        fill = [
            str(uv),
            "pip",
            "sync",
            "--quiet",
            "--python",
            str(self.bin / "python"),
            "--require-hashes",
            str(locked),
        ]
        for command in (make, fill):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with {done.returncode}"
        return ""

    def version(self, package: str) -> str:
        """The version that is installed there."""
        found = next(self.folder.glob(f"lib/*/site-packages/{package.replace('-', '_')}-*.dist-info"))
        return PathDistribution(found).version


PEERS = Environment("peers")
SPARK = Environment("spark")
