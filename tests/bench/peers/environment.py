"""The peers' own environment, in `.bench/peers` of the checkout: Python and packages locked by requirements/peers.txt."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

from tests.bench.processes import ROOT

FOLDER = ROOT / ".bench" / "peers"
BIN = FOLDER / "bin"
_LOCKED = ROOT / "requirements" / "peers.txt"
_UV = Path(sys.executable).with_name("uv")


def prepare() -> str:
    """Make the environment, or bring it up to date. Returns why it cannot be made; "" where it can."""
    make = [str(_UV), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(FOLDER)]
    fill = [str(_UV), "pip", "sync", "--quiet", "--python", str(BIN / "python"), "--require-hashes", str(_LOCKED)]
    for command in (make, fill):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with {done.returncode}"
    return ""


def version(package: str) -> str:
    """The version that is installed there."""
    found = next(FOLDER.glob(f"lib/*/site-packages/{package.replace('-', '_')}-*.dist-info"))
    return PathDistribution(found).version
