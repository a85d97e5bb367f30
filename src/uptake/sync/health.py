"""The health of one key: what an accepted, a rejected and a failed request make of its state. Pure.

Only a rejection can stop a key; a network fault, a 5xx or a 429 never does. One rejection alone is a suspicion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["ok", "degraded", "suspect", "stopped"]

_STATES: dict[str, State] = {"ok": "ok", "degraded": "degraded", "suspect": "suspect", "stopped": "stopped"}

CONFIRM_AFTER = timedelta(seconds=55)
TRIED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Health:
    """State of a key with since when; `rejected_at` is the first rejection of the present trouble."""

    state: State
    since: datetime
    rejected_at: datetime | None = None


Move = Callable[[Health, datetime], Health]


def state_of(text: str) -> State:
    return _STATES[text]


def accepted(health: Health, now: datetime) -> Health:
    return health if health.state == "ok" else Health("ok", now)


def failed(health: Health, now: datetime) -> Health:
    """No answer about the key: trouble on the way. A suspicion stays a suspicion."""
    return Health("degraded", now) if health.state == "ok" else health


def rejected(health: Health, now: datetime) -> Health:
    """The key was refused and a confirming probe was too. The second time, a minute later, it is stopped."""
    if health.state == "stopped":
        return health
    if health.state == "suspect" and health.rejected_at and now - health.rejected_at >= CONFIRM_AFTER:
        return replace(health, state="stopped", since=now)
    if health.state == "suspect":
        return health
    return Health("suspect", now, rejected_at=now)


def left_alone(health: Health, now: datetime, *, by_hand: bool) -> bool:
    """Whether a run leaves the key's streams out: stopped for a day, it is asked again only when somebody wants it."""
    return health.state == "stopped" and not by_hand and now - health.since > TRIED_FOR
