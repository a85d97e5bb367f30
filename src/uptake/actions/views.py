"""The shapes of how everything stands: connections, keys, streams, days, runs. Never a key itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

KeyState = Literal["ok", "degraded", "suspect", "stopped", "missing"]
DayState = Literal["held", "settling", "held_back", "missing", "not_yet", "before"]


class KeyView(msgspec.Struct, frozen=True):
    """A key as it may be shown: never the key."""

    slot: Literal["admin", "analytics"]
    state: KeyState
    kind: str = ""  # enterprise | console | unknown
    last_four: str = ""
    fingerprint: str = ""
    added_by: str = ""
    added_at: datetime | None = None
    last_ok_at: datetime | None = None
    cause: str = ""  # what happened and what it means for the data
    cause_class: str = ""  # the same for programs, see sync/words.py
    hint: str = ""  # what to do


class StreamView(msgspec.Struct, frozen=True):
    name: Literal["roster", "invites", "summaries", "usage"]
    state: Literal["ok", "failing", "stopped", "held_back", "never"]
    last_ok_at: datetime | None = None
    newest_available: date | None = None
    cause: str = ""
    hint: str = ""


class DayView(msgspec.Struct, frozen=True):
    day: date
    state: DayState
    fetched_at: datetime | None = None
    reason: str = ""


class RunView(msgspec.Struct, frozen=True):
    """One sync. `progress` keys: phase, days_planned, days_done, requests, rows, written."""

    id: str
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str  # running | current | partly | held_back | stopped | failed | interrupted
    progress: dict[str, int | str]
    flaws: dict[str, int]
    notes: tuple[str, ...]


class MemberCounts(msgspec.Struct, frozen=True):
    active: int = 0
    invited: int = 0
    invite_expired: int = 0
    removed: int = 0
    unlisted: int = 0


class HeldBackView(msgspec.Struct, frozen=True):
    """An answer that is not believed. `mark` names exactly that answer; empty where none is whole."""

    day: date
    reason: str
    since: datetime
    stream: Literal["usage", "roster"] = "usage"
    mark: str = ""
    released_by: str = ""  # somebody accepted it; the next sync takes it if it comes again


class Moved(msgspec.Struct, frozen=True):
    """A total as first shown and as it is held now; None where no row told it, or where too few people are behind it."""

    measure: str
    old: int | None
    new: int | None
    withheld: bool = False


class MovedWeek(msgspec.Struct, frozen=True):
    """A week from Monday on: of how many days it is known, how many of them moved, and its headlines.

    `exact`: the totals themselves may be told, to the operator on the host; to others only by how much they moved.
    """

    monday: date
    days: int
    days_moved: int
    headlines: tuple[Moved, ...]
    exact: bool = False


class RevisionView(msgspec.Struct, frozen=True):
    """One total of one day that is not what was first shown."""

    connection: str
    day: date
    measure: str
    old_total: int | None
    new_total: int | None
    at: datetime


class UnknownFieldView(msgspec.Struct, frozen=True):
    """A field that Anthropic sends and uptake does not read. Of its content nothing is known."""

    name: str
    first_seen_at: datetime
    first_day: date


class ConnectionView(msgspec.Struct, frozen=True):
    """One Claude organisation as the Integrations page and `status --json` tell it."""

    id: str
    name: str
    state: Literal["connected", "disconnected"]
    connected_at: datetime
    keys: tuple[KeyView, ...]  # admin, analytics
    streams: tuple[StreamView, ...]  # roster, invites, summaries, usage
    members: MemberCounts
    roster_held_back: tuple[HeldBackView, ...]
    data_through: date | None
    settling_since: date | None
    days_held: int
    missing: tuple[date, ...]
    held_back: tuple[HeldBackView, ...]
    settling: tuple[date, ...]
    days: tuple[DayView, ...]  # newest first, at most 120, today included
    runs: tuple[RunView, ...]  # newest first, at most 10
    roster_kind: str = "enterprise"
    next_sync_at: datetime | None = None
    sync_requested_at: datetime | None = None  # somebody asked; what starts later takes it up
    newest_served: date | None = None  # of usage, as Anthropic answered last
    moved: tuple[MovedWeek, ...] = ()  # newest week first
    unknown_fields: tuple[UnknownFieldView, ...] = ()

    @property
    def retreated(self) -> bool:
        """Anthropic no longer serves the newest day that is held; the day is kept."""
        return bool(self.newest_served and self.data_through and self.newest_served < self.data_through)

    @property
    def notices(self) -> tuple[str, ...]:
        """What is new in Anthropic's answers, in sentences."""
        told = [
            f"Anthropic started sending {field.name} on {_day(field.first_seen_at)}. uptake does not read it: only its "
            "name is kept."
            for field in self.unknown_fields
        ]
        if self.retreated and self.newest_served and self.data_through:
            told.append(
                f"Anthropic serves usage through {_day(self.newest_served)} at present. Later days were read before, "
                f"through {_day(self.data_through)}; they are kept."
            )
        return tuple(told)

    @property
    def healthy(self) -> bool:
        """Whether everything is current. A connection that was never synced yet has no trouble to tell of."""
        if any(key.state != "ok" for key in self.keys):
            return False
        if not self.runs:
            return self.state == "connected"
        whole = all(stream.state == "ok" for stream in self.streams) and self.runs[0].outcome in {"current", "running"}
        return self.state == "connected" and whole and not (self.held_back or self.roster_held_back or self.missing)


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
