"""How long a run waits. One place, so that all of it together stays under the two minutes a command may take."""

from __future__ import annotations

from dataclasses import dataclass, field

from uptake.claude.patience import Backoff


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds each stream may go without progress, and how its tries are spaced. The streams wait side by side."""

    roster: float = 60.0
    invites: float = 30.0
    summaries: float = 30.0
    usage: float = 75.0
    probe: float = 10.0
    backoff: Backoff = field(default_factory=Backoff)


PATIENT = Waits()
