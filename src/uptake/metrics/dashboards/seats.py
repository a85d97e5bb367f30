"""Seats: whom to ask whether a seat is still needed, and how many to renew?"""

from __future__ import annotations

from uptake.metrics.dashboards import says_of_seats as says
from uptake.metrics.figures import Answers, Asked, Figure, Questions, Tile, tile

_HELD = ("members", "seat_utilisation")
_IDLE = ("idle_seats", "seats_never_used")
_REPORTED = ("reported_seats", "reported_invites")
_INVITES = ("invited", "invites_waiting")
RENEWAL = ("reported_seats", "members", *_INVITES, "seat_utilisation", "seats_never_used")
_UNKNOWN = "Use before the first day held is unknown: who is counted as never using a seat may have used it before."
_GRACE = "Nobody is idle within the first 30 days of a seat. Low use is a fact about enablement, not about a person."


def _headlines(asked: Asked) -> Questions:
    return {"held": asked.newest(*_HELD), "idle": asked.newest(*_IDLE), "invites": asked.newest(*_INVITES)}


def _headline_tiles(answers: Answers) -> tuple[Tile, ...]:
    parts = (("held", _HELD), ("idle", _IDLE), ("invites", _INVITES))
    return tuple(tile(name, answers[part]) for part, names in parts for name in names)


def _idle(asked: Asked) -> Questions:
    return {"idle": asked.newest("idle_seats", by="idle")}


def _held(asked: Asked) -> Questions:
    return {"week": asked.over("week", "members")}


def _used(asked: Asked) -> Questions:
    return {"months": asked.over("28d", "seat_utilisation")}


def _reported(asked: Asked) -> Questions:
    return {"now": asked.newest(*_REPORTED), "day": asked.over("day", _REPORTED[0])}


def _reported_tiles(answers: Answers) -> tuple[Tile, ...]:
    return tuple(tile(name, answers["now"]) for name in _REPORTED)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "seats-headlines", "Seats at a glance", _headlines, says.headlines, _headline_tiles, remark=_UNKNOWN, wide=True
    ),
    Figure("idle-seats", "Seats that lie idle", _idle, says.idle, remark=_GRACE),
    Figure("seats-used", "Seats that are used", _used, says.used),
    Figure("seats-held", "Seats held over time", _held, says.held),
    Figure("seats-reported", "Seats as Claude counts them", _reported, says.reported, _reported_tiles),
)
