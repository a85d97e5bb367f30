"""A running installation for whoever looks at it with a browser: `uptake serve` on loopback, seeded by scene.py."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.house import House, end, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ADA = "ada@acme.example"
ROOT = Path(__file__).parents[2]


@dataclass
class Served:
    """A running installation and its address."""

    house: House
    address: str

    def link(self, email: str = ADA) -> str:
        """A one-time sign-in link for somebody of the cast."""
        return self.address + seed(self.house, f"print(scene.link({email!r}))").splitlines()[-1]


def seed(house: House, line: str, scenes: str = "tests.browser.scene") -> str:
    """Run a line of scene.py in the installation, as its operator; what it prints."""
    script = f"import {scenes} as scene\n{line}"
    done = subprocess.run(
        [sys.executable, "-c", script], env=house.environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(house: House, *command: str) -> Iterator[Served]:
    """The installation while it runs; `command` is serve unless another one is named that tells its address."""
    process = house.start(*(command or ("serve",)), "--port", "0", stderr=subprocess.DEVNULL)
    out = process.stdout
    assert out is not None
    found = until(lambda: re.search(r"http://(?:127|localhost)\S+?/", out.readline()), within=300)
    try:
        yield Served(house, found.group().rstrip("/"))
    finally:
        end(process)
