"""The key doctor: what a key is, what it can read of what the sync needs, and whether two keys belong together.

It asks only what the sync asks. Words for people are made here; keys and upstream texts are in none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

Slot = Literal["admin", "analytics"]

LABEL: dict[Slot, str] = {"admin": "Admin key", "analytics": "Analytics key"}
_KIND = {
    "enterprise": "a Claude Enterprise key",
    "console": "an Admin key of a Claude Console organisation",
    "unknown": "a Claude key of a kind we do not know",
}
_NEEDS: dict[Slot, tuple[str, ...]] = {"admin": ("roster", "invites"), "analytics": ("usage", "summaries")}
_WORDS = {"roster": "the roster", "invites": "invites", "usage": "usage", "summaries": "the vendor's own figures"}
_SCOPE: dict[Slot, str] = {"admin": "read:members", "analytics": "read:analytics"}
_WHO: dict[Slot, str] = {
    "admin": "A Claude Primary Owner makes one in claude.ai › Organization settings › API with read:members; "
    "for a Console organisation an admin makes one in Console › Settings › Admin keys.",
    "analytics": "The Claude Primary Owner makes one in claude.ai › Organization settings › API with read:analytics. "
    "The Analytics API comes with the Claude Enterprise plan only.",
}
_PATIENCE = 20.0
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What one key is and can read; `lacks` is empty where the slot has all it needs."""

    slot: Slot
    kind: str
    words: str
    reads: tuple[str, ...]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How many of the people in usage are on the roster, in the rows looked at."""

    seen: int
    by_id: int
    by_email: int

    @property
    def matched(self) -> int:
        return self.by_id + self.by_email

    @property
    def words(self) -> str:
        if not self.seen:
            return "There is no usage yet to compare with the roster."
        how = "by e-mail" if self.by_email and not self.by_id else "by id, then by e-mail"
        return f"{self.matched} of {self.seen} people seen in usage are on this roster ({how})."


@dataclass(frozen=True, slots=True)
class Checkup:
    """Both keys, found good. Anything else is raised as Refused or Problem."""

    reports: tuple[KeyReport, KeyReport]
    match: Match
    organization_id: str
    roster_kind: str
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What the probes of one key brought."""

    reads: list[str]
    lacks: list[str]
    organization_id: str = ""
    offered: bool = True


def check(admin: Claude, admin_key: CleanKey, analytics: Claude, analytics_key: CleanKey, today: date) -> Checkup:
    """Check both keys against the endpoints the sync uses. Raises Refused or Problem; nothing is stored either way."""
    people: list[roster.MemberRow] = []
    usage: list[tuple[str, str | None]] = []
    left = _examine(admin, "admin", admin_key, today, people, usage)
    right = _examine(analytics, "analytics", analytics_key, today, people, usage)
    reports = (_report("admin", admin_key, left), _report("analytics", analytics_key, right))
    for report, seen in zip(reports, (left, right), strict=True):
        _require_needed(report, offered=seen.offered)
    match = _match(people, usage)
    _require_together(admin_key.kind, left.organization_id, right.organization_id, match)
    return Checkup(reports, match, right.organization_id, admin_key.kind, _warnings(admin_key.kind, match))


def _examine(
    claude: Claude,
    slot: Slot,
    key: CleanKey,
    today: date,
    people: list[roster.MemberRow],
    usage: list[tuple[str, str | None]],
) -> _Seen:
    """Ask what the slot needs; where it is refused, also what the other slot needs, to say what the key is good for."""
    seen = _Seen([], [])
    patience = Patience(_PATIENCE)
    roster_questions: dict[str, Callable[[], None]] = {
        "roster": lambda: people.extend(_members(claude.members(patience, None, _PAGE), seen)),
        "invites": lambda: _note(claude.invites(patience, None, 1), seen),
    }
    usage_questions: dict[str, Callable[[], None]] = {
        "summaries": lambda: _note(claude.summaries(today - 7 * ONE_DAY, None, patience), seen),
        "usage": lambda: usage.extend(_usage(claude, today, patience, seen)),
    }
    own, other = (roster_questions, usage_questions) if slot == "admin" else (usage_questions, roster_questions)
    _ask(own, key, slot, seen)
    if any(need in seen.lacks for need in _NEEDS[slot]):
        first = "roster" if slot == "analytics" else "usage"
        _ask({first: other[first]}, key, slot, seen)
    return seen


def _ask(questions: dict[str, Callable[[], None]], key: CleanKey, slot: Slot, seen: _Seen) -> None:
    for name, question in questions.items():
        try:
            question()
            seen.reads.append(name)
        except (TooRecent, TooEarly):
            seen.reads.append(name)  # the key opens it; the day is merely not served
        except NotForThisOrganization:
            seen.lacks.append(name)
            seen.offered = False
        except Rejected as error:
            seen.lacks.append(name)
            if error.status == 401:
                raise Refused(
                    f"Anthropic does not know the {LABEL[slot]} (ends in {key.last_four}): it was revoked, has expired "
                    "or is not complete. Nothing was stored.",
                    f"Copy the whole key again. {_WHO[slot]}",
                ) from None
        except (Unavailable, Wait) as error:
            raise Problem(
                f"The {LABEL[slot]} could not be checked: {error.words}. Nothing was stored.",
                "Check that this machine reaches Anthropic, then try again.",
            ) from None
        except ClaudeError as error:
            raise Problem(
                f"The {LABEL[slot]} could not be checked: {error.words}. Nothing was stored.",
                "If a proxy or a login page stands between here and Anthropic, let this machine through.",
            ) from None


def _note(reply: Reply, seen: _Seen) -> None:
    seen.organization_id = reply.organization_id or seen.organization_id


def _members(reply: Reply, seen: _Seen) -> list[roster.MemberRow]:
    _note(reply, seen)
    return roster.members_page(reply.body).rows


def _usage(claude: Claude, today: date, patience: Patience, seen: _Seen) -> list[tuple[str, str | None]]:
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
        return list(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))
    return []


def _report(slot: Slot, key: CleanKey, seen: _Seen) -> KeyReport:
    lacks = tuple(name for name in _NEEDS[slot] if name in seen.lacks)
    words = f"This is {_KIND[key.kind]}."
    if seen.reads:
        words += f" It can read {_listed(seen.reads)}."
    if lacks:
        words += f" It cannot read {_listed(lacks)}: that needs {_SCOPE[slot]}."
    return KeyReport(slot, key.kind, words, tuple(seen.reads), lacks)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(_WORDS[name] for name in names)


def _require_needed(report: KeyReport, *, offered: bool) -> None:
    if not report.lacks:
        return
    if not offered:
        raise Refused(
            f"The {LABEL[report.slot]}: Anthropic says this organisation has no Analytics API. Nothing was stored.",
            "It comes with the Claude Enterprise plan; ask your Claude Primary Owner.",
        )
    raise Refused(f"The {LABEL[report.slot]} was refused. {report.words} Nothing was stored.", _WHO[report.slot])


def _match(people: list[roster.MemberRow], usage: list[tuple[str, str | None]]) -> Match:
    ids = {person.id for person in people}
    emails = {person.email for person in people if person.email}
    by_id = sum(1 for member_id, _ in usage if member_id in ids)
    by_email = sum(1 for member_id, email in usage if member_id not in ids and email in emails)
    return Match(len(usage), by_id, by_email)


def _require_together(kind: str, admin_organization: str, analytics_organization: str, match: Match) -> None:
    """Two companies in one connection would be a breach: refuse unless headers or people say they belong together."""
    same = bool(admin_organization) and admin_organization == analytics_organization
    known_apart = bool(admin_organization and analytics_organization) and not same
    if same or (match.matched and (kind == "console" or not known_apart)):
        return
    if kind != "console" and not known_apart and not match.seen:
        return  # one brand-new organisation: nobody to compare yet, and nothing that says two
    raise Refused(
        "The two keys belong to different Claude organisations: no roster member appears in usage. Nothing was stored.",
        "Use two keys of the same Claude Enterprise organisation, or one key with read:members and read:analytics twice.",
    )


def _warnings(kind: str, match: Match) -> tuple[str, ...]:
    found = []
    if kind == "console":
        found.append(
            "The roster comes from a Claude Console organisation, not from the Enterprise organisation whose usage is read: "
            "its members are matched with usage by e-mail, and people who are only in Claude Enterprise show as unlisted."
        )
    if match.seen and match.matched < 0.95 * match.seen:
        found.append(match.words + " The others will show as unlisted.")
    return tuple(found)
