"""What every change of a key needs: its check against Anthropic, what is held of the other side, its sealing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import TypeVar

from uptake.claude.client import Claude
from uptake.claude.keys import CleanKey
from uptake.claude.limiter import Limiter
from uptake.config import Settings
from uptake.domain.secret import Secret
from uptake.domain.slots import Slot
from uptake.lake import Damaged, Lake, reader, snapshot
from uptake.records.models import Connection, HandOver, SealedKey
from uptake.records.vault import Vault, place_of
from uptake.sync import doctor
from uptake.sync.doctor import Checkup, KeyReport, Other
from uptake.sync.probes import Person

Pair = tuple[CleanKey, CleanKey]
Row = TypeVar("Row", SealedKey, HandOver)

_DAYS_LOOKED_AT = 7


def checked(settings: Settings, pair: Pair, now: datetime) -> Checkup:
    """Both keys, found good together. Raises Refused or Problem."""
    with _asking(settings, *pair) as (admin, analytics):
        return doctor.check(admin, pair[0], analytics, pair[1], now.date())


def checked_one(settings: Settings, slot: Slot, key: CleanKey, other: Other, now: datetime) -> Checkup:
    """One key, found good beside what is held of the other side. Raises Refused or Problem."""
    with _asking(settings, key) as (claude,):
        return doctor.check_one(claude, slot, key, other, now.date())


def looked_at(settings: Settings, slot: Slot, key: CleanKey, now: datetime) -> KeyReport:
    """What one key is and can read, whether that is enough or not. Raises Refused or Problem."""
    with _asking(settings, key) as (claude,):
        return doctor.look(claude, slot, key, now.date())


@contextmanager
def _asking(settings: Settings, *keys: CleanKey) -> Iterator[list[Claude]]:
    """A client for each key, within one limit; closed afterwards."""
    limiter = Limiter(settings.requests_per_minute)
    with ExitStack() as open_:
        yield [open_.enter_context(closing(Claude(settings.claude_url, key.secret, limiter))) for key in keys]


def other_side(settings: Settings, connection: Connection, slot: Slot) -> Other:
    """What is held of the side whose key stays: usage beside an Admin key, the roster beside an Analytics key."""
    lake = reader(settings.lake, settings.aside)
    people = _in_usage(lake, str(connection.pk)) if slot == "admin" else _on_roster(lake, str(connection.pk))
    return Other(people, connection.organization_id, connection.roster_kind)


def _on_roster(lake: Lake, connection: str) -> list[Person]:
    rows = snapshot(lake, connection).select(["member_id", "email", "status"]).to_pylist()
    return [(row["member_id"], row["email"]) for row in rows if row["status"] == "active"]


def _in_usage(lake: Lake, connection: str) -> list[Person]:
    """People of the newest day held that has any."""
    for day in sorted(lake.held("usage", connection), reverse=True)[:_DAYS_LOOKED_AT]:
        try:
            rows = lake.read("usage", connection, day, ["member_id", "email"]).to_pylist()
        except (Damaged, FileNotFoundError):
            continue
        if rows:
            return [(row["member_id"], row["email"]) for row in rows]
    return []


def sealed_row(vault: Vault, row: Row, key: CleanKey) -> Row:
    """The row with the key sealed into it, and with what may be shown of it. Not saved yet."""
    row.sealed = vault.seal(key.secret, place_of(row))
    row.kind, row.last_four, row.fingerprint = key.kind, key.last_four, vault.fingerprint(key.secret)
    return row


def waiting(name: str, slot: Slot) -> HandOver | None:
    """The newest key that was handed over for a connection that has not both yet."""
    return HandOver.objects.filter(name=name, slot=slot).exclude(sealed=None).order_by("-used_at").first()


def waiting_key(vault: Vault, name: str, slot: Slot) -> Secret | None:
    """That key itself. Raises Sealed."""
    row = waiting(name, slot)
    return vault.open(bytes(row.sealed or b""), place_of(row)) if row else None
