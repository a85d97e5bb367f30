"""The benchmarks run. What they measure is nobody's test: figures depend on the machine."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest

from tests.bench.page import put
from tests.bench.processes import ROOT
from tests.bench.report import Section, Table


def test_a_section_alone_takes_its_place() -> None:
    table = Table(("figure",), (("new",),))
    first, third = Section("a", "First", (table,), ()), Section("c", "Third", (table,), ())
    page = "# Benchmarks\n\nHead.\n\n## First\n\nold\n\n## Second\n\nkept\n"
    found = put(page, [first, third], date(2026, 11, 25))
    assert re.findall("^## (.*)$", found, re.M) == ["First", "Second", "Third"]
    assert "old" not in found
    assert "kept" in found
    assert found.count("new") == 2


@pytest.mark.parametrize("section", ["cost", "sync", "people", "charts", "fake"])
def test_quick(section: str) -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", section]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reached" in done.stdout
