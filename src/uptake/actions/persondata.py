"""person.own, person.view: everything held about one person, where it is from, how long it is kept, and who looked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q

from uptake.actions import scim_directory, second_factors, whois
from uptake.actions.retention import ENDED
from uptake.actions.whois import Known
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Problem
from uptake.domain.visibility import Policy, Relation, sees_named
from uptake.lake import DIRECTORY, Damaged, Kind, Lake, reader
from uptake.people import spreadsheet
from uptake.records import audit, keptkeys
from uptake.records.masters import Sealed
from uptake.records.models import (
    Account,
    ApiToken,
    AuditEntry,
    Channel,
    Connection,
    Delivery,
    MemberLink,
    SavedView,
    SeatQuestion,
    SignInIdentity,
    Subscription,
    WebSession,
)
from uptake.records.privacy import in_force
from uptake.records.vault import open_vault

_OF_EVERYBODY = ("facts.export", "people.export", "people.import", "seats.view", "seats.export")
_LOOKS = 500
_OF_OTHERS = ("directory", "scim", "roster", "usage")  # who looked, and what somebody did here, is theirs alone


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of what is held: rows of named fields, empty ones left out."""

    name: str
    title: str
    source: str
    kept: str
    rows: tuple[dict[str, Any], ...]


class Hidden(Problem):
    """Nobody of that name, or nobody whom this viewer may see: both look the same."""


def own(viewer: Viewer, settings: Settings) -> tuple[Part, ...]:
    """What is held about the viewer. Raises NotAllowed."""
    require(viewer, "person.own")
    return _parts(settings, whois.themselves(settings, viewer.name), viewer.name)


def download(viewer: Viewer, settings: Settings, *, format: str, now: datetime) -> str:
    """The same as one file, JSON or CSV. Raises NotAllowed or Sealed."""
    require(viewer, "person.own")
    parts = own(viewer, settings)
    audit.record(viewer, "person.own", "own data", now, viewer.name, format="csv" if format == "csv" else "json")
    return _csv(parts) if format == "csv" else _json(parts, viewer.name, now)


def of_person(viewer: Viewer, settings: Settings, *, person_id: str, now: datetime) -> tuple[str, tuple[Part, ...]]:
    """What is held about somebody of the directory, and how they are called. Each look is an entry of the audit.

    Raises NotAllowed, Sealed, or Hidden where the policy does not open this person to the viewer.
    """
    require(viewer, "person.view")
    known = whois.by_person(settings, person_id)
    if known is None or known.person is None or not _opened(settings, viewer, known, in_force()):
        raise Hidden("There is no page here.", "Look at the address, or start from the Overview.")
    shown = clean_text(known.person.shown, 120) or "somebody"
    about = next(iter(sorted(known.emails)), "") or next(iter(sorted(known.members)))[1]
    audit.record(viewer, "person.view", "usage of one person", now, about)
    parts = _parts(settings, known, known.person.email or "")
    return shown, tuple(part for part in parts if part.name in _OF_OTHERS)


def opens(viewer: Viewer) -> bool:
    """Whether the policy opens anybody of the directory to the viewer, whoever it is."""
    return sees_named(in_force(), viewer.role, Relation.OTHER)


def reports(viewer: Viewer, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Name and id of everybody below a manager whom the policy opens to them. Raises NotAllowed."""
    require(viewer, "person.own")
    if not sees_named(in_force(), viewer.role, Relation.REPORT) or opens(viewer):
        return ()
    below = whois.below(settings, viewer)
    return tuple(sorted((person.shown, person.person_id) for person in below))


def _opened(settings: Settings, viewer: Viewer, known: Known, policy: Policy) -> bool:
    relation = whois.relation(settings, viewer, known.person) if known.person else Relation.OTHER
    return bool(known.emails or known.members) and sees_named(policy, viewer.role, relation)


def _parts(settings: Settings, known: Known, email: str) -> tuple[Part, ...]:
    policy = in_force()
    lake, names = reader(settings.lake, settings.aside), dict(Connection.objects.values_list("pk", "name"))
    ids = {member_id for _, member_id in known.members}
    days = f"{policy.person_days} days"
    return (
        Part("account", "Your account here", "made by an administrator", "until it is removed", _account(email)),
        Part("directory", "In the company's directory", "the company's own sources", "until erased", _directory(lake, known)),
        Part("scim", "Sent by the identity provider", "SCIM", "until deleted there", scim_directory.held_of(known.emails)),
        Part("roster", "On Claude's roster", "Anthropic, roster and invites", days, _roster(lake, names, known, ids)),
        Part("usage", "Counts by day", "Anthropic, usage", days, _usage(lake, names, known, ids)),
        Part("links", "What was said of who you are", "an administrator", "until taken back", _links(known)),
        Part("seat", "Whether you were asked about your seat", "an administrator", days, _asked(names, known)),
        Part("digests", "Digests sent to you, and channels that follow your rights", "you", f"sent ones {ENDED.days} days",
             _digests(email)),
        Part("looks", "Who looked, or took files in which you may be", "the audit", f"{policy.audit} days",
             _looks(settings, known, ids)),
        Part("acts", "What you did here", "the audit", f"{policy.audit} days", _acts(email)),
    )  # fmt: skip


def _account(email: str) -> tuple[dict[str, Any], ...]:
    account = Account.objects.filter(email=email).first()
    if account is None:
        return ()
    rows = [{"email": account.email, "role": account.role, "made_at": account.created_at}]
    for session in WebSession.objects.filter(account=account):
        rows.append({"session": session.agent or "A browser", "began_at": session.began_at, "seen_at": session.seen_at})
    for factor in second_factors.listed(account.viewer):
        used = {"last_used_at": factor.used_at} if factor.used_at else {}
        rows.append({"second_factor": factor.name, "made_at": factor.added_at, **used})
    for identity in SignInIdentity.objects.filter(account=account):
        rows.append({"signs_in_by": identity.issuer, "known_there_as": identity.subject, "since": identity.linked_at})
    for token in ApiToken.objects.filter(account=account):
        rows.append(
            {"token": token.name or f"…{token.last_four}", "made_at": token.created_at, "ends_at": token.expires_at}
        )
    for view in SavedView.objects.filter(account=account):
        shared = {"shared": "with everybody here"} if view.shared else {}
        rows.append({"saved_view": view.name, "of_page": view.page, "made_at": view.made_at, **shared})
    return tuple(rows)


def _directory(lake: Lake, known: Known) -> tuple[dict[str, Any], ...]:
    if known.person is None:
        return ()
    wanted = {"person_id": {known.person.person_id}}
    return tuple({"week_from": week, **_told(row)} for week, row in _rows(lake, "people", DIRECTORY, wanted))


def _roster(lake: Lake, names: dict[str, str], known: Known, ids: set[str]) -> tuple[dict[str, Any], ...]:
    """Each time the roster said something else of the person than before."""
    rows = []
    for connection in lake.connections():
        before: dict[str, dict[str, Any]] = {}
        for day, row in _rows(lake, "members", connection, {"member_id": ids, "email": known.emails}):
            mine = row["member_id"] in ids or row["member_id"] is None  # an address may have been another member's
            told = _told(row)
            if mine and before.get(key := row["member_id"] or "") != told:
                before[key] = told
                rows.append({"since": day, "connection": names.get(connection, connection), **told})
    return tuple(rows)


def _usage(lake: Lake, names: dict[str, str], known: Known, ids: set[str]) -> tuple[dict[str, Any], ...]:
    console = set(Connection.objects.filter(roster_kind="console").values_list("pk", flat=True))
    rows = []
    for connection in lake.connections():
        # Beside a Console roster usage has ids of its own, and only the address tells.
        wanted = {"member_id": ids} | ({"email": known.emails} if connection in console else {})
        for day, row in _rows(lake, "usage", connection, wanted):
            rows.append({"day": day, "connection": names.get(connection, connection), **_told(row)})
    return tuple(rows)


def _rows(
    lake: Lake, kind: Kind, connection: str, wanted: Mapping[str, Collection[str]]
) -> Iterator[tuple[date, dict[str, Any]]]:
    """The rows of which one of the columns says something wanted. Most days are only looked at by these columns."""
    for day in sorted(lake.held(kind, connection)):
        try:
            if _found(lake.read(kind, connection, day, columns=list(wanted)), wanted).true_count == 0:
                continue
            table = lake.read(kind, connection, day)
        except (Damaged, FileNotFoundError):
            continue
        for row in table.filter(_found(table, wanted)).to_pylist():
            yield day, row


def _found(table: pa.Table, wanted: Mapping[str, Collection[str]]) -> pa.Array:
    found = pa.array([False] * table.num_rows, pa.bool_())
    for name, texts in wanted.items():
        is_in = pc.is_in(table[name].combine_chunks(), value_set=pa.array(sorted(texts), pa.string()))
        found = pc.or_(found, is_in)
    return found


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _links(known: Known) -> tuple[dict[str, Any], ...]:
    wanted = Q(pk=None)
    for connection, member_id in known.members:
        wanted |= Q(connection_id=connection, member_id=member_id)
    return tuple(
        {
            "member_id": row.member_id,
            "email": row.email,
            "counts_as": row.population,
            "by": row.made_by,
            "at": row.made_at,
        }
        for row in MemberLink.objects.filter(wanted)
    )


def _asked(names: dict[str, str], known: Known) -> tuple[dict[str, Any], ...]:
    wanted = Q(email__in=known.emails) | Q(member_id__in={member_id for _, member_id in known.members})
    return tuple(
        {
            "connection": names.get(str(row.connection_id), ""),
            "asked_at": row.asked_at,
            "by": row.asked_by,
            "answer": {"keeps": "keeps it", "gives_back": "gives it back"}.get(row.outcome, "no answer yet"),
        }
        for row in SeatQuestion.objects.filter(wanted)
    )


def _digests(email: str) -> tuple[dict[str, Any], ...]:
    """What of digests is kept: never what was in them, nor a channel's address."""
    mine = Subscription.objects.filter(account__email=email).first()
    rows: list[dict[str, Any]] = [{"by_mail": mine.cadence, "since": mine.since}] if mine else []
    for row in Delivery.objects.filter(subscription=mine) if mine else ():
        rows.append({"mail_of": row.period, "state": row.state, "at": row.ended_at or row.made_at})
    for channel in Channel.objects.filter(owner__email=email):
        rows.append(
            {"channel": channel.name, "goes": channel.cadence, "to": channel.host, "added_at": channel.added_at}
        )
    return tuple(rows)


def _looks(settings: Settings, known: Known, ids: set[str]) -> tuple[dict[str, Any], ...]:
    try:
        roots = keptkeys.every(open_vault(settings.master_key_file))
    except Sealed:
        roots = []  # nobody can tell then which marks are this person's
    marks = [audit.mark_of(root, text) for root in roots for text in (*known.emails, *ids)]
    found = AuditEntry.objects.filter(Q(about__in=marks) | Q(action__in=_OF_EVERYBODY)).order_by("-pk")[:_LOOKS]
    return tuple(
        {
            "at": row.at,
            "by": row.actor,
            "what": row.action,
            "of": "you" if row.about else "everybody",
            "outcome": row.outcome,
        }
        for row in found
    )


def _acts(email: str) -> tuple[dict[str, Any], ...]:
    found = AuditEntry.objects.filter(actor=email).exclude(actor="").order_by("-pk")[:_LOOKS]
    return tuple({"at": row.at, "what": row.action, "of": row.subject, "outcome": row.outcome} for row in found)


def _json(parts: tuple[Part, ...], email: str, now: datetime) -> str:
    held = [{"part": p.name, "title": p.title, "source": p.source, "kept": p.kept, "rows": p.rows} for p in parts]
    return json.dumps({"about": email, "made_at": now, "held": held}, ensure_ascii=False, indent=2, default=_plain)


def _csv(parts: tuple[Part, ...]) -> str:
    lines = [
        (part.name, str(number), name, str(_plain(value)))
        for part in parts
        for number, row in enumerate(part.rows, start=1)
        for name, value in row.items()
    ]
    return "\ufeff" + spreadsheet.write(("part", "row", "field", "value"), lines)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
