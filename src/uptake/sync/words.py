"""What a stream says when it cannot go on: what happened, what it means for the data, what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from uptake.claude.answers import (
    ClaudeError,
    NoSuchRoute,
    NotForThisOrganization,
    Rejected,
    TooRecent,
    Unavailable,
    Unreadable,
    Wait,
)
from uptake.domain.slots import GUIDES, Slot

StreamName = Literal["roster", "invites", "summaries", "usage"]

SLOT: dict[StreamName, Slot] = {
    "roster": "admin",
    "invites": "admin",
    "summaries": "analytics",
    "usage": "analytics",
}
_NAME = {"roster": "The roster", "invites": "Invites", "summaries": "Claude's own figures", "usage": "Usage"}
_CLASSES: dict[type[ClaudeError], str] = {
    Unavailable: "no_answer",
    Wait: "rate_limited",
    Unreadable: "unreadable",
    NoSuchRoute: "route_changed",
    NotForThisOrganization: "no_plan",
    TooRecent: "not_yet",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened and what to do, for people; `cause_class` is the same in one word, for programs."""

    cause: str
    hint: str
    cause_class: str = ""


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def key_refused(stream: StreamName, error: Rejected, at: datetime, data_through: date | None) -> Trouble:
    """A key that Anthropic refused, for the key and its stream."""
    slot = SLOT[stream]
    scope = error.needed or GUIDES[slot].scope
    why = f"it answered {error.status}"
    if error.status == 401:
        why += ": the key was revoked, has expired or is not known"
    elif error.status == 402:
        why += ": billing"
    else:
        why += f": the key lacks {scope}, was revoked, or API access was switched off"
    if slot == "analytics":
        kept = f"Usage through {day_text(data_through)} stays" if data_through else "No usage is held yet"
        means = f"{kept}; the roster still syncs. Nobody is shown as inactive because of this."
    else:
        means = "The roster stays as it was last read; usage still syncs. Nobody is marked as removed because of this."
    cause = f"Anthropic refused the {GUIDES[slot].label} on {day_text(at.date())} at {at:%H:%M} UTC ({why}). {means}"
    classes = {401: "not_accepted", 402: "billing"}
    hint = f"{GUIDES[slot].ask}, then replace it here; what is missing is fetched by itself."
    return Trouble(cause, hint, classes.get(error.status, "no_access"))


def stream_failed(stream: StreamName, error: ClaudeError) -> Trouble:
    """A stream that could not be read for a reason that is not its key."""
    kept = "What is held stays as it was." if stream != "usage" else "The days held stay as they were."
    waits = {Wait: "It is asked again at the next sync, or sooner with Sync now."}
    hints: dict[type[ClaudeError], str] = {
        Unavailable: "Usually this passes by itself; the next sync tries again. If it stays, check network and proxy.",
        Unreadable: "If a proxy or a login page stands between here and Anthropic, let this machine through.",
        NoSuchRoute: "Look for a newer version of uptake: Anthropic may have changed this address.",
        NotForThisOrganization: "The Analytics API comes with the Claude Enterprise plan; ask your Claude Owner.",
        TooRecent: "The next sync asks again.",
    } | waits
    hint = next((text for kind, text in hints.items() if isinstance(error, kind)), "The next sync tries again.")
    cause = f"{_NAME[stream]} could not be read: {error.words}. {kept}"
    return Trouble(cause, hint, _CLASSES.get(type(error), "failed"))


def left_alone_words(slot: Slot) -> str:
    """What a run says about a key that the schedule no longer tries."""
    return (
        f"The {GUIDES[slot].label} has been refused for more than a day; the schedule no longer asks with it. "
        "Sync now tries it once more, and so does replacing it."
    )


def roster_way_out(settles_after: timedelta | None, *, whole: bool) -> str:
    """What to do about a roster that is held back."""
    if settles_after is not None:
        return "If people really left, the same answer an hour later is applied by itself."
    if whole:
        return "If people really left, accept this roster here or by `uptake release`; nothing happens by itself."
    return "Look into Claude's member list. The next roster that is whole is applied by itself."
