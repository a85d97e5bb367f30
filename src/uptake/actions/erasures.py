"""person.erase: one person taken out of lake, cache and records, and kept out. What was asked for is finished whoever dies.

The marks are written first: from then on nothing of the person is taken in, and a sweep finds what is held by them alone.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction

from uptake.actions import changes, export_jobs, saved_views, scim_directory, whois
from uptake.actions.whois import Known
from uptake.config import Settings
from uptake.domain.access import SCHEDULE, Role, Viewer, require
from uptake.domain.problems import Problem
from uptake.lake import DIRECTORY, Damaged, Kind, Lake, content_hash, sort
from uptake.records import audit, sqlitefile, tombstones
from uptake.records.models import (
    Account,
    AuditEntry,
    Channel,
    Installation,
    KeptKey,
    MemberLink,
    SeatQuestion,
    Tombstone,
    new_id,
)
from uptake.records.sqlitefile import ERASED, Ended, Kept, Mark
from uptake.records.told import ToldFinding
from uptake.records.tombstones import Tombs, What
from uptake.records.vault import open_vault
from uptake.sync.erased import without

ADVICE = (
    "Backups of before still hold the person until they expire; restoring one here takes the person out again, "
    "restoring it elsewhere does not. "
    "At Claude the person is removed by an owner there."
)
_UNDER_WAY = timedelta(minutes=2)
_KINDS: tuple[Kind, ...] = ("usage", "members", "people")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure did: rows and files by kind; `named_in_audit` entries still name the person's account as actor."""

    erasure: str
    counts: dict[str, int]
    named_in_audit: int
    advice: str = ADVICE


def erase(viewer: Viewer, settings: Settings, *, who: str, now: datetime) -> Receipt:
    """Erase whoever has this e-mail address or member id. Raises NotAllowed, Sealed, Busy or Problem."""
    require(viewer, "person.erase")
    vault = open_vault(settings.master_key_file)
    who = who.strip()
    known = whois.by_email(settings, who) if "@" in who else whois.by_member(settings, who)
    accounts = Account.objects.filter(email__in=known.emails)
    if known.nobody and not accounts.exists():
        raise Problem("Nobody is known by this address or member id. Nothing was changed.", "Write it in full.")
    _require_an_admin_left(known)
    erasure = new_id()
    with changes.removing(settings):
        with transaction.atomic():
            count = tombstones.put(vault, erasure, _texts(known), now)
            audit.record(viewer, "person.erase", "one person", now, outcome="begun", erasure=erasure, marks=count)
        return _finish(viewer, settings, erasure, now)


def _require_an_admin_left(known: Known) -> None:
    admins = Account.objects.filter(role=Role.COMPANY_ADMIN, is_active=True)
    if admins.filter(email__in=known.emails).exists() and not admins.exclude(email__in=known.emails).exists():
        raise Problem(
            "This is the last Company Admin: nobody could manage this installation any more. Nothing was changed.",
            "Make another Company Admin first.",
        )


def _texts(known: Known) -> list[tuple[What, str]]:
    person = known.person
    texts: list[tuple[What, str]] = [("email", email) for email in known.emails]
    texts += [("member", member_id) for _, member_id in known.members]
    if person is not None:
        texts.append(("person", person.person_id))
        texts.append(("employee", person.employee_id or ""))
        texts.append(("member", person.claude_id or ""))
    return texts


def finish_interrupted(settings: Settings, now: datetime, patience: timedelta | None = _UNDER_WAY) -> list[Receipt]:
    """Finish what a killed erasure left half done. Raises Busy, Sealed or Problem.

    What was begun less than `patience` ago is just being swept; with None nobody else is there to do it.
    """
    left = Tombstone.objects.filter(swept_at=None)
    if patience is not None:
        left = left.filter(made_at__lt=now - patience)
    found = []
    for erasure in left.order_by("erasure").values_list("erasure", flat=True).distinct():
        with changes.removing(settings):
            found.append(_finish(SCHEDULE, settings, erasure, now, restoring=patience is None))
    return found


def _finish(viewer: Viewer, settings: Settings, erasure: str, now: datetime, *, restoring: bool = False) -> Receipt:
    with changes.alone(settings):
        tombs = tombstones.every(open_vault(settings.master_key_file))
        note_marks(settings)
        # Files first: where one cannot be rewritten, the marks stay open and the receipt is not given.
        counts = _sweep_lake(settings, tombs)
        shutil.rmtree(settings.cache, ignore_errors=True)
        shutil.rmtree(settings.aside, ignore_errors=True)
        # What a restore replaced holds the person too; only the restore under way has just put it there for somebody.
        for kept in () if restoring else replaced(settings):
            shutil.rmtree(kept)
        for upload in settings.temp.glob("people-*.csv"):
            upload.unlink(missing_ok=True)
        counts["exports"] = export_jobs.forget(settings, people_only=True)
        with transaction.atomic():
            found, named = _sweep_records(tombs)
            counts |= found
            Tombstone.objects.filter(erasure=erasure).update(swept_at=now)
            audit.record(viewer, "person.erase", "one person", now, outcome="done", erasure=erasure, **counts)
    return Receipt(erasure, counts, named)


def note_marks(settings: Settings) -> None:
    """Keep the marks beside the records too: a restore over damaged ones must not bring anybody back."""
    installation = Installation.objects.first()
    marks = [Mark(row.mark, row.key, row.erasure, row.made_at.isoformat()) for row in Tombstone.objects.all()]
    keys = [Kept(row.version, bytes(row.sealed), row.fingerprint) for row in KeptKey.objects.all() if row.sealed]
    check = installation.key_check if installation else ""
    if marks:
        sqlitefile.note(settings.home / ERASED, Ended(key_check=check, marks=tuple(marks), keys=tuple(keys)))


def replaced(settings: Settings) -> list[Path]:
    """What restores took the place of, and kept."""
    return [*settings.home.glob("before-restore-*"), *settings.lake.glob(".before-restore-*")]


def _sweep_lake(settings: Settings, tombs: Tombs) -> dict[str, int]:
    """Rewrite every file that holds somebody who was erased, day by day. Rows taken out, by kind."""
    lake = Lake(settings.lake, settings.aside)
    counts: dict[str, int] = dict.fromkeys(_KINDS, 0)
    for kind in _KINDS:
        for connection in [DIRECTORY] if kind == "people" else lake.connections():
            for day, entry in lake.held(kind, connection).items():
                try:
                    table = lake.read(kind, connection, day)
                except (Damaged, FileNotFoundError):
                    lake.remove(kind, connection, day)  # nobody can say whom it holds
                    continue
                left = without(kind, table, tombs, held=True)
                if left is table:
                    continue
                left = sort(kind, left)
                hashed = content_hash(kind, connection, day, left)
                changed = msgspec.structs.replace(entry, rows=left.num_rows, content_hash=hashed, reason="erase")
                lake.replace(changed, left)
                counts[kind] += table.num_rows - left.num_rows
    return counts


def _sweep_records(tombs: Tombs) -> tuple[dict[str, int], int]:
    """Links and accounts of people who were erased, and how many audit entries still name the accounts as actor."""
    links = [
        row.pk
        for row in MemberLink.objects.all()
        if tombs.holds("member", row.member_id)
        or tombs.holds("email", row.email)
        or tombs.holds("person", row.person_id)
    ]
    gone = [account for account in Account.objects.all() if tombs.holds("email", account.email)]
    named = AuditEntry.objects.filter(actor__in=[account.email for account in gone]).count()
    counts = {"links": MemberLink.objects.filter(pk__in=links).delete()[0], "accounts": len(gone)}
    counts["scim"] = scim_directory.sweep(tombs)
    counts["saved_views"] = saved_views.sweep(tombs)
    ToldFinding.objects.all().delete()  # marks of teams, of which some are the trees of people
    asked = [
        row.pk
        for row in SeatQuestion.objects.all()
        if tombs.holds("member", row.member_id) or tombs.holds("email", row.email)
    ]
    counts["seat_questions"] = SeatQuestion.objects.filter(pk__in=asked).delete()[0]
    counts["channels"] = Channel.objects.filter(owner__in=gone).delete()[1].get("records.Channel", 0)
    for account in gone:
        account.delete()  # with its sessions, tokens, links, saved views and digests
    return counts, named
