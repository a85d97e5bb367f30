"""One home for the whole test session, made before Django reads its settings. Nothing is written elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import proof
import wire_record

for name in [name for name in os.environ if name.startswith(("UPTAKE_", "ANTHROPIC_"))]:
    if not name.startswith("UPTAKE_REQUIRE_"):
        del os.environ[name]
settings.register_profile("house", deadline=None)  # nothing here is timed: that is what the bench is for
settings.load_profile("house")
_HOME = tempfile.TemporaryDirectory(prefix="uptake-tests-")
os.environ["UPTAKE_HOME"] = _HOME.name
os.environ["UPTAKE_RESERVE_MB"] = "0"  # homes are copied and searched byte by byte


@pytest.fixture(scope="session", autouse=True)
def session_home() -> Iterator[Path]:
    yield Path(_HOME.name)
    _HOME.cleanup()


@pytest.fixture(scope="session", autouse=True)
def only_what_is_listed() -> Iterator[list[wire_record.Asked]]:
    """Whatever the tests of this process make uptake ask Anthropic for: only GET, only what is listed."""
    with wire_record.recorded() as asked:
        yield asked
        proof.figures("requests of the suite", recorded=len(asked), off_list=len(wire_record.troubles(asked)))
        assert wire_record.troubles(asked) == []
