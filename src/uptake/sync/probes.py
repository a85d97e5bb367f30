"""The questions asked of a key before it is trusted: those of the sync, one page each. What came back, no verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import pyarrow as pa

from uptake.claude import roster, sieve
from uptake.claude.answers import (
    ClaudeError,
    NotForThisOrganization,
    Rejected,
    Reply,
    TooEarly,
    TooRecent,
    Unavailable,
    Wait,
)
from uptake.claude.client import Claude
from uptake.claude.keys import CleanKey
from uptake.claude.patience import Patience
from uptake.domain.days import ONE_DAY
from uptake.domain.problems import Problem, Refused
from uptake.domain.slots import GUIDES, Slot

Stream = Literal["roster", "invites", "summaries", "usage"]
Person = tuple[str, str | None]
"""Id and e-mail of a member."""

NEEDS: dict[Slot, tuple[Stream, ...]] = {"admin": ("roster", "invites"), "analytics": ("usage", "summaries")}
_PATIENCE = 20.0
_PAGE = 1000


@dataclass(slots=True)
class Seen:
    """What the probes of one key brought: what it opens and what not, and whom its first pages name."""

    slot: Slot
    key: CleanKey
    reads: list[Stream] = field(default_factory=list)
    lacks: list[Stream] = field(default_factory=list)
    organization_id: str = ""
    offered: bool = True  # False: Anthropic says that this organisation has no Analytics API
    nowhere: bool = False  # the analytics routes answered 404: no plan, or no scope
    roster: list[Person] = field(default_factory=list)
    roster_whole: bool = True
    usage: list[Person] = field(default_factory=list)


def examine(claude: Claude, slot: Slot, key: CleanKey, today: date) -> Seen:
    """Ask what the slot needs; where it is refused, also what the other slot needs, to say what the key is good for.

    Raises Refused for a key that Anthropic does not know, Problem where no answer is to be had.
    """
    seen = Seen(slot, key)
    patience = Patience(_PATIENCE)
    questions: dict[Stream, Callable[[], None]] = {
        "roster": lambda: _roster(claude.members(patience, None, _PAGE), seen),
        "invites": lambda: _note(claude.invites(patience, None, 1), seen),
        "summaries": lambda: _note(claude.summaries(today - 7 * ONE_DAY, None, patience), seen),
        "usage": lambda: _usage(claude, today, patience, seen),
    }
    for name in NEEDS[slot]:
        _ask(name, questions[name], seen)
    if seen.lacks:
        other: Stream = "roster" if slot == "analytics" else "usage"
        _ask(other, questions[other], seen)
    return seen


def _ask(name: Stream, question: Callable[[], None], seen: Seen) -> None:
    try:
        question()
    except (TooRecent, TooEarly):
        seen.reads.append(name)  # the key opens it; the day is merely not served
    except NotForThisOrganization:
        seen.lacks.append(name)
        seen.offered = False
    except Rejected as error:
        if error.status == 401:
            raise _unknown_key(seen) from None
        seen.lacks.append(name)
        seen.nowhere |= error.status == 404
    except (Unavailable, Wait) as error:
        raise _no_answer(seen, error, "Check that this machine reaches Anthropic, then try again.") from None
    except ClaudeError as error:
        hint = "If a proxy or a login page stands between here and Anthropic, let this machine through."
        raise _no_answer(seen, error, hint) from None
    else:
        seen.reads.append(name)


def _unknown_key(seen: Seen) -> Refused:
    guide = GUIDES[seen.slot]
    return Refused(
        f"Anthropic does not know the {guide.label} (ends in {seen.key.last_four}): it was revoked, has expired or is not "
        f"complete. It is {seen.key.looks}. Nothing was stored.",
        f"Copy the whole key again where it was made, or get a new one. {guide.who}",
    )


def _no_answer(seen: Seen, error: ClaudeError, hint: str) -> Problem:
    return Problem(f"The {GUIDES[seen.slot].label} could not be checked: {error.words}. Nothing was stored.", hint)


def _note(reply: Reply, seen: Seen) -> None:
    seen.organization_id = reply.organization_id or seen.organization_id


def _roster(reply: Reply, seen: Seen) -> None:
    _note(reply, seen)
    page = roster.members_page(reply.body)
    seen.roster = [(person.id, person.email) for person in page.rows]
    seen.roster_whole = page.next_id is None


def _usage(claude: Claude, today: date, patience: Patience, seen: Seen) -> None:
    """One page of the newest day served, to see that the key opens it and whom it names."""
    day = today - ONE_DAY
    for _ in range(5):
        try:
            reply = claude.usage(day, patience, None, _PAGE)
        except TooRecent as error:
            day = error.newest or day - ONE_DAY
            continue
        _note(reply, seen)
        rows: pa.RecordBatch = sieve.usage_page(reply.body).rows
        seen.usage = list(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))
        return
