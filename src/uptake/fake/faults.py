"""Every fault by name, and the one that is being played."""

from __future__ import annotations

from collections.abc import Mapping

from uptake.domain.problems import Problem
from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next
from uptake.fake.fault_bodies import BODIES
from uptake.fake.fault_canaries import CANARIES
from uptake.fake.fault_lines import LINES
from uptake.fake.fault_pages import PAGES
from uptake.fake.fault_people import PEOPLE
from uptake.fake.fault_rows import ROWS
from uptake.fake.fault_travel import TRAVEL
from uptake.fake.fault_values import VALUES

__all__ = ["FAULTS", "Fault", "Played"]

_ALL = (*TRAVEL, *LINES, *PAGES, *BODIES, *ROWS, *VALUES, *PEOPLE, *CANARIES)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
_BY_ROW: dict[str, Fault] = {fault.row: fault for fault in reversed(_ALL) if fault.row}
_PLAIN = 1000


class Played:
    """The fault that is being played; none where `name` is None.

    A name is a fault's own, or that of a row of the fault matrix (`F22`: the first fault of the row). Raises Problem for
    an unknown one.
    """

    def __init__(self, name: str | None) -> None:
        self.fault = _found(name) if name else None
        self._memory = Memory()

    @property
    def page_rows(self) -> int:
        return self.fault.page_rows if self.fault else _PLAIN

    def play(self, asked: Asked, following: Next) -> Answer:
        return self.fault.play(asked, following, self._memory) if self.fault else following()


def _found(name: str) -> Fault:
    fault = FAULTS.get(name) or _BY_ROW.get(name.upper())
    if fault is None:
        raise Problem(
            f"There is no fault {name!r} that an API could play.",
            f"Rows of the fault matrix: {', '.join(sorted(_BY_ROW))}. Faults: {', '.join(sorted(FAULTS))}.",
        )
    return fault
