"""The benchmarks run. What they measure is nobody's test: figures depend on the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT


@pytest.mark.parametrize("section", ["cost", "sync", "people", "charts", "fake"])
def test_quick(section: str) -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", section]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reached" in done.stdout
