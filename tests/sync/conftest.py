"""A small installation within the test process, and an organisation whose answers a test may change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from faults.conftest import Flat, company, flat
from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory
from uptake.fake.faults import Played
from uptake.sync.waits import PATIENT

__all__ = ["company", "flat"]


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest) -> None:
    """Nothing here is about waiting: a busy machine must not look like a slow vendor."""
    if "flat" in request.fixturenames:
        flat = request.getfixturevalue("flat")
        flat.sync = partial(Flat.sync, flat, PATIENT)


Row = dict[str, Any]
Change = Callable[[list[Row], Asked], list[Row]]
Twisted = Callable[..., None]


def _played(path: str, change: Change) -> Played:
    """A fault of the test's own: the rows of one address are changed before they are sent."""

    def play(asked: Asked, following: Callable[[], Answer], _memory: Memory) -> Answer:
        given = following()
        if not asked.path.endswith(path) or given.status != 200:
            return given
        page = given.value()
        return given.with_value(page | {"data": change(page["data"], asked)})

    played = Played(None)
    played.fault = Fault("twist", "a change by a test", play)
    return played


@pytest.fixture
def twist(flat: Flat) -> Twisted:
    """`twist(path, change)` changes the rows of an address from now on; `twist()` ends it."""

    def set_it(path: str = "", change: Change | None = None) -> None:
        flat.fake._fault = _played(path, change) if change else Played(None)

    return set_it
