"""The key doctor: what a key is, what it can read of what the sync needs, and whether two keys belong together.

Words for people are made here, the same for page, command and hand-over link; keys and upstream texts are in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from uptake.claude.client import Claude
from uptake.claude.keys import CleanKey
from uptake.domain.problems import Refused
from uptake.domain.slots import GUIDES, Slot
from uptake.sync.probes import NEEDS, Person, Seen, examine

_WORDS = {"roster": "the roster", "invites": "invites", "usage": "usage", "summaries": "the vendor's own figures"}
_SLOT_OF: dict[str, Slot] = {"roster": "admin", "usage": "analytics"}


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What one key is and can read; `lacks` is empty where the slot has all it needs. `hint`: what to do where not."""

    slot: Slot
    kind: str
    words: str
    reads: tuple[str, ...]
    lacks: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True)
class Match:
    """How many of the people in usage are on the roster, in the rows looked at. `whole`: all of the roster was."""

    seen: int
    by_id: int
    by_email: int
    whole: bool

    @property
    def matched(self) -> int:
        return self.by_id + self.by_email

    @property
    def short(self) -> bool:
        """Fewer than nearly all; unknown where only a part of the roster was looked at."""
        return self.whole and bool(self.seen) and self.matched < 0.95 * self.seen

    @property
    def words(self) -> str:
        if not self.seen:
            return "There is no usage yet to compare with the roster."
        how = "by e-mail" if self.by_email and not self.by_id else "by id, then by e-mail"
        if self.whole:
            return f"{self.matched} of {self.seen} people seen in usage are on this roster ({how})."
        return (
            f"At least {self.matched} of {self.seen} people seen in usage are on this roster ({how}; its first page)."
        )


@dataclass(frozen=True, slots=True)
class Checkup:
    """Keys found good. Anything else is raised as Refused or Problem. `organization_id`: of the analytics side."""

    reports: tuple[KeyReport, ...]
    match: Match
    organization_id: str
    roster_kind: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """The side whose key stays, as it is held: its people, the organisation of the connection, the roster's kind."""

    people: Sequence[Person]
    organization_id: str
    roster_kind: str


def look(claude: Claude, slot: Slot, key: CleanKey, today: date) -> KeyReport:
    """What one key is and can read, good for its slot or not. Raises Refused (unknown key) or Problem (no answer)."""
    return _report(examine(claude, slot, key, today))


def check(admin: Claude, admin_key: CleanKey, analytics: Claude, analytics_key: CleanKey, today: date) -> Checkup:
    """Check both keys against the endpoints the sync uses. Raises Refused or Problem; nothing is stored either way."""
    left = examine(admin, "admin", admin_key, today)
    right = examine(analytics, "analytics", analytics_key, today)
    _require_not_swapped(left, right)
    reports = (_fit(left), _fit(right))
    match = _match(left.roster, right.usage, whole=left.roster_whole)
    _require_together(admin_key.kind, left.organization_id, right.organization_id, match)
    return Checkup(reports, match, right.organization_id, admin_key.kind, _warnings(admin_key.kind, match))


def check_one(claude: Claude, slot: Slot, key: CleanKey, other: Other, today: date) -> Checkup:
    """Check one key beside what is held of the other side. Raises Refused or Problem; nothing is stored either way."""
    seen = examine(claude, slot, key, today)
    report = _fit(seen)
    kind: str = key.kind
    if slot == "admin":
        match = _match(seen.roster, other.people, whole=seen.roster_whole)
        organizations = (seen.organization_id, other.organization_id)
    else:
        kind, match = other.roster_kind, _match(other.people, seen.usage, whole=True)
        organizations = (other.organization_id, seen.organization_id)
        _require_same(*organizations)
    _require_together(kind, *organizations, match)
    return Checkup((report,), match, organizations[1], kind, _warnings(kind, match))


def _report(seen: Seen) -> KeyReport:
    guide = GUIDES[seen.slot]
    lacks = tuple(name for name in NEEDS[seen.slot] if name in seen.lacks)
    words = f"This is {seen.key.looks}."
    if seen.reads:
        words += f" It can read {_listed(seen.reads)}."
    if lacks:
        words += f" It cannot read {_listed(lacks)}: that needs {guide.scope}."
    if not seen.offered:
        words += (
            " Anthropic says that this organisation has no Analytics API: it comes with the Claude Enterprise plan."
        )
    elif seen.nowhere:
        words += " Anthropic knows no Analytics API for it: the scope or the Claude Enterprise plan is missing."
    if seen.key.kind == "console" and "roster" in seen.reads:
        words += " It could also change that organisation; uptake only ever reads."
    return KeyReport(seen.slot, seen.key.kind, words, tuple(seen.reads), lacks, _hint(seen) if lacks else "")


def _hint(seen: Seen) -> str:
    guide = GUIDES[seen.slot]
    fits = next((GUIDES[slot].label for name, slot in _SLOT_OF.items() if name in seen.reads and slot != seen.slot), "")
    place = f"It belongs in the place of the {fits}. " if fits else ""
    scopes = "The scopes of a key are chosen when it is made; more of them take a new key. "
    return f"{place}{scopes if seen.key.kind == 'enterprise' else ''}{guide.who}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(_WORDS[name] for name in names)


def _fit(seen: Seen) -> KeyReport:
    """The report of a key that has all its slot needs. Raises Refused."""
    report = _report(seen)
    if report.lacks:
        label = GUIDES[seen.slot].label
        raise Refused(f"The {label} was refused. {report.words} Nothing was stored.", report.hint)
    return report


def _require_not_swapped(left: Seen, right: Seen) -> None:
    if "roster" in left.lacks and "usage" in right.lacks and "usage" in left.reads and "roster" in right.reads:
        raise Refused(
            "The two keys are in each other's place: the first reads usage, the second reads the roster. Nothing was stored.",
            "Give the second as the Admin key and the first as the Analytics key.",
        )


def _match(roster: Sequence[Person], usage: Sequence[Person], *, whole: bool) -> Match:
    ids = {member_id for member_id, _ in roster}
    emails = {email for _, email in roster if email}
    by_id = sum(1 for member_id, _ in usage if member_id in ids)
    by_email = sum(1 for member_id, email in usage if member_id not in ids and email in emails)
    return Match(len(usage), by_id, by_email, whole)


def _require_same(known: str, organization: str) -> None:
    if known and organization and known != organization:
        raise Refused(
            "This key belongs to another Claude organisation than this connection. Nothing was stored.",
            "Use a key of the same organisation, or give the other one a connection of its own, under another name.",
        )


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
    if match.short:
        found.append(match.words + " The others will show as unlisted.")
    return tuple(found)
