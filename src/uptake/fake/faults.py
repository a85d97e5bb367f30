"""Every fault by name, and the one that is being played."""

from __future__ import annotations

from collections.abc import Mapping

from uptake.domain.problems import Problem
from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next
from uptake.fake.fault_bodies import BODIES
from uptake.fake.fault_canaries import CANARIES
from uptake.fake.fault_lines import LINES
from uptake.fake.fault_rows import ROWS

__all__ = ["FAULTS", "Fault", "Played"]

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in (*LINES, *BODIES, *ROWS, *CANARIES)}


class Played:
    """The fault that is being played; none where `name` is None. Raises Problem for an unknown name."""

    def __init__(self, name: str | None) -> None:
        if name and name not in FAULTS:
            raise Problem(f"There is no fault {name!r}.", "Faults: " + ", ".join(sorted(FAULTS)) + ".")
        self.name = name or ""
        self._memory = Memory()

    def play(self, asked: Asked, following: Next) -> Answer:
        return FAULTS[self.name].play(asked, following, self._memory) if self.name else following()
