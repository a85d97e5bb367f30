"""channel.*: places in Slack and Teams that get the digest of their owner's rights. Their addresses are sealed like keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from uptake.config import Settings
from uptake.domain.access import Viewer, may, require
from uptake.domain.digests import Cadence
from uptake.domain.members import clean_text
from uptake.domain.problems import Absent, Problem
from uptake.domain.secret import Secret
from uptake.messages import addresses, channels
from uptake.messages.addresses import SERVICES
from uptake.messages.shape import Message, Sent
from uptake.records import audit
from uptake.records.models import Account, Channel, Delivery
from uptake.records.vault import Vault, open_vault, place_of, require_current

MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A channel as the page shows it: of its address the host, the last four letters and the fingerprint."""

    id: str
    name: str
    service: str
    host: str
    cadence: str
    owner: str
    added_at: datetime
    last_four: str
    fingerprint: str
    why: str  # why nothing is sent, if nothing is
    last: Delivery | None


def listed(viewer: Viewer) -> tuple[Line, ...]:
    """Every channel. Raises NotAllowed."""
    require(viewer, "channel.view")
    return tuple(map(_line, Channel.objects.select_related("owner")))


def _line(row: Channel) -> Line:
    return Line(
        row.pk, row.name, SERVICES.get(row.service, row.service), row.host, row.cadence, row.owner.email, row.added_at,
        row.last_four, row.fingerprint, why_not(row.owner), row.deliveries.first(),
    )  # fmt: skip


def why_not(owner: Account) -> str:
    """Why a channel of this owner gets nothing; empty where it does."""
    if not owner.is_active:
        return f"Nothing is sent: the account of {owner.email}, whose rights it follows, is deactivated."
    if not (may(owner.viewer, "channel.add") and may(owner.viewer, "digest.subscribe")):
        return f"Nothing is sent: {owner.email}, whose rights it follows, may not have digests sent into channels any more."
    return ""


def add(viewer: Viewer, settings: Settings, *, name: str, address: Secret, cadence: str, now: datetime) -> str:
    """Seal an address; the channel's id. Nothing is sent by it. Raises NotAllowed, Refused, Sealed or Problem."""
    require(viewer, "channel.add")
    require(viewer, "digest.subscribe")
    name = clean_text(name, 80) or ""
    if not name or cadence not in {Cadence.WEEKLY, Cadence.MONTHLY}:
        raise Problem("A channel needs a name, and weekly or monthly. Nothing was stored.", "Fill in both.")
    if Channel.objects.count() >= MOST:
        raise Problem(f"There are {MOST} channels already. Nothing was stored.", "Remove one that nobody reads.")
    cleaned = addresses.cleaned(address)
    to = addresses.target(cleaned, settings.webhook_hosts)
    vault = open_vault(settings.master_key_file)
    row = Channel(name=name, owner_id=viewer.account_id or 0, service=to.service, host=to.host, cadence=cadence)
    row.sealed, row.fingerprint = vault.seal(cleaned, place_of(row)), vault.fingerprint(cleaned)
    row.last_four, row.added_at, row.since = addresses.last_four(cleaned), now, now
    with transaction.atomic():
        require_current(vault)
        row.save(force_insert=True)
        audit.record(viewer, "channel.add", f"channel {row.pk}", now, service=to.service, host=to.host, cadence=cadence)
    return row.pk


def test(viewer: Viewer, settings: Settings, *, channel: str, now: datetime) -> Sent:
    """Send a few words and no figure. Raises NotAllowed, Absent, Refused or Sealed."""
    require(viewer, "channel.test")
    row = _row(channel)
    message = Message(
        subject="A test from uptake",
        text="",
        html="",
        short=f"{viewer.name} tries out this channel. It gets a {row.cadence} digest of how Claude is taken up, "
        f"with what {row.owner.email} may see. Nothing to do.\n{settings.address}/notifications/",
    )
    found = deliver(settings, open_vault(settings.master_key_file), row, message)
    audit.record(viewer, "channel.test", f"channel {row.pk}", now, outcome=found.outcome)
    return found


def remove(viewer: Viewer, *, channel: str, now: datetime) -> str:
    """Destroy the address; the name it had. Raises NotAllowed or Absent."""
    require(viewer, "channel.remove")
    row = _row(channel)
    with transaction.atomic():
        audit.record(viewer, "channel.remove", f"channel {row.pk}", now, service=row.service)
        name = row.name
        row.delete()
    return name


def deliver(settings: Settings, vault: Vault, row: Channel, message: Message) -> Sent:
    """Open the address and send. Raises Refused where the operator's list does not hold its host any more, or Sealed."""
    address = vault.open(bytes(row.sealed), place_of(row))
    return channels.send(addresses.target(address, settings.webhook_hosts), message)


def _row(channel: str) -> Channel:
    row = Channel.objects.filter(pk=channel).select_related("owner").first()
    if row is None:
        raise Absent("There is no such channel. Nothing was changed.", "Load the page again.")
    return row
