"""One home for the whole test session, made before Django reads its settings. Nothing is written elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

for name in [name for name in os.environ if name.startswith(("UPTAKE_", "ANTHROPIC_"))]:
    if not name.startswith("UPTAKE_REQUIRE_"):
        del os.environ[name]
_HOME = tempfile.TemporaryDirectory(prefix="uptake-tests-")
os.environ["UPTAKE_HOME"] = _HOME.name


@pytest.fixture(scope="session", autouse=True)
def session_home() -> Iterator[Path]:
    yield Path(_HOME.name)
    _HOME.cleanup()
