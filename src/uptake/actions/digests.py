"""digest.send: each digest once. A row is there before anything is sent, and tells whoever comes after a death.

due → sending → sent, failed or unsure. Whoever moves a row to `sending` sends; a row found there later was left by a process
that died between, and nobody knows whether it arrived: it is shown as unsure and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from uptake import metrics
from uptake.actions import channels
from uptake.actions.rounds import Rounds
from uptake.config import Settings
from uptake.domain.access import SCHEDULE, Viewer, may, require
from uptake.domain.days import span
from uptake.domain.digests import MOST_TRIES, Cadence, Period, due, newest, next_try
from uptake.domain.problems import NotAllowed, Problem
from uptake.messages import mail
from uptake.messages.shape import Message, Sent
from uptake.records import audit
from uptake.records.masters import Sealed
from uptake.records.models import Account, Channel, Delivery, Subscription
from uptake.records.vault import Vault, open_vault

log = structlog.get_logger("uptake.digests")

Compose = Callable[[Viewer, Period, Settings, datetime, str], Message]
"""Viewer, period, settings, now, and the link that ends it → the digest. Raises NotAllowed; Problem where there is nothing."""
Recipient = Subscription | Channel

_GIVEN_UP = timedelta(minutes=15)
_LOOK_EVERY = timedelta(minutes=1)
_UNSURE = "The process that sent it died before it knew: it may have arrived. It is not sent again by itself."
_NO_USAGE = Problem(
    "No usage is held yet, so there is nothing to say. Nothing was sent.", "Digests begin after a sync."
)


class DigestRounds(Rounds):
    """Looks once a minute whether a digest is due: a thread of `uptake serve` or `uptake worker`."""

    name = "digests"

    def __init__(self, settings: Settings, compose: Compose) -> None:
        super().__init__()
        self._settings, self._compose = settings, compose
        self._looked_at: datetime | None = None

    def look(self, now: datetime) -> None:
        if self._looked_at is None or now - self._looked_at >= _LOOK_EVERY:
            self._looked_at = now
            send_due(self._settings, self._compose, now)


def send_due(settings: Settings, compose: Compose, now: datetime) -> int:
    """Send what is due at `now`; how many were tried."""
    require(SCHEDULE, "digest.send")
    _give_up(now)
    wanted = list(_recipients(settings))
    if not wanted:
        return 0
    held = days_held(settings, now.date())
    if not held:
        return 0
    tried = 0
    for recipient in wanted:
        period = due(Cadence(recipient.cadence), now, held)
        if period is None or period.until < recipient.since.date():
            continue
        row = _row(recipient, period, now)
        if row.state == "due" or (row.state == "failed" and row.not_before is not None and row.not_before <= now):
            tried += _one(settings, compose, recipient, period, row, now)
    return tried


def _recipients(settings: Settings) -> Iterator[Recipient]:
    """Mails need a mail server, channels a master key that opens their addresses."""
    if settings.mail is not None:
        yield from Subscription.objects.exclude(cadence=Cadence.OFF).select_related("account")
    yield from Channel.objects.select_related("owner")


def days_held(settings: Settings, today: date) -> frozenset[date]:
    """The days of usage that every connection holds."""
    fresh = metrics.answer(metrics.Question(("members",)), SCHEDULE, metrics.current_facts(settings), today).freshness
    if fresh.first_day is None or fresh.data_through is None:
        return frozenset()
    return frozenset(span(fresh.first_day, fresh.data_through)) - frozenset(fresh.missing)


def _row(recipient: Recipient, period: Period, now: datetime) -> Delivery:
    who = {"subscription": recipient} if isinstance(recipient, Subscription) else {"channel": recipient}
    row, _ = Delivery.objects.get_or_create(period=period.key, **who, defaults={"made_at": now})
    return row


def _one(
    settings: Settings, compose: Compose, recipient: Recipient, period: Period, row: Delivery, now: datetime
) -> bool:
    """One delivery, from rights to result; whether it was ours to try."""
    account = recipient.account if isinstance(recipient, Subscription) else recipient.owner
    try:
        vault = open_vault(settings.master_key_file) if isinstance(recipient, Channel) else None
        _require_still(recipient, account)
        message = compose(account.viewer, period, settings, now, _ending(settings, recipient))
    except Sealed:
        return False  # due again when the master key is back
    except NotAllowed as refused:
        return _closed(recipient, row, str(refused), now)
    except Problem as problem:
        log.warning("a digest could not be made", delivery=row.pk, problem=problem.message)
        return False
    if not _claimed(recipient, row, now):
        return False
    found = _sent(settings, vault, recipient, account, message)
    _finished(recipient, row, found, now)
    return True


def _require_still(recipient: Recipient, account: Account) -> None:
    if isinstance(recipient, Channel) and (why := channels.why_not(account)):
        raise NotAllowed(why, "")
    if not account.is_active:
        raise NotAllowed("The account is deactivated.", "")
    require(account.viewer, "digest.subscribe")


def _ending(settings: Settings, recipient: Recipient) -> str:
    return f"{settings.address}/unsubscribe/{recipient.token}/" if isinstance(recipient, Subscription) else ""


def _claimed(recipient: Recipient, row: Delivery, now: datetime) -> bool:
    """Whether this process sends it: of several one moves the row, and only while it is still wanted."""
    free = Delivery.objects.filter(pk=row.pk, state=row.state, tries=row.tries)
    with transaction.atomic():
        wanted = type(recipient)._default_manager.select_for_update().filter(pk=recipient.pk, cadence=recipient.cadence)
        return wanted.exists() and bool(free.update(state="sending", tries=F("tries") + 1, started_at=now, words=""))


def _sent(settings: Settings, vault: Vault | None, recipient: Recipient, account: Account, message: Message) -> Sent:
    try:
        if isinstance(recipient, Channel) and vault is not None:
            return channels.deliver(settings, vault, recipient, message)
        if settings.mail is not None:
            return mail.send(settings.mail, account.email, message)
    except Problem as problem:
        return Sent("refused", str(problem))
    return Sent("not_reached", "Mails are not set up.")


def _finished(recipient: Recipient, row: Delivery, found: Sent, now: datetime) -> None:
    state = {"sent": "sent", "unsure": "unsure"}.get(found.outcome, "failed")
    again = next_try(row.tries + 1, now) if found.again else None
    with transaction.atomic():
        Delivery.objects.filter(pk=row.pk, state__in=("sending", "unsure")).update(
            state=state, ended_at=now, not_before=again, words=found.words[:400]
        )
        _audited(recipient, row, found.outcome, now, tries=row.tries + 1)


def _closed(recipient: Recipient, row: Delivery, why: str, now: datetime) -> bool:
    """Not sent, and said so: whoever it is for may not have it any more."""
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=row.pk, state=row.state)
        if mine.update(state="not_sent", ended_at=now, not_before=None, words=why[:400]):
            _audited(recipient, row, "not sent", now)
    return False


def _give_up(now: datetime) -> None:
    """What was being sent a quarter of an hour ago, by a process that is not there any more."""
    for row in Delivery.objects.filter(state="sending", started_at__lt=now - _GIVEN_UP):
        with transaction.atomic():
            if Delivery.objects.filter(pk=row.pk, state="sending").update(state="unsure", ended_at=now, words=_UNSURE):
                recipient = row.subscription or row.channel
                if recipient is not None:
                    _audited(recipient, row, "unsure", now)


def _audited(recipient: Recipient, row: Delivery, outcome: str, now: datetime, **more: int) -> None:
    mailed = isinstance(recipient, Subscription)
    subject = recipient.account.email if mailed else f"channel {recipient.pk}"  # type: ignore[union-attr]
    audit.record(SCHEDULE, "digest.send", subject, now, outcome=outcome, period=row.period, **more)


def more_tries(row: Delivery) -> int:
    """How often a failed one is still tried."""
    return MOST_TRIES - row.tries if row.not_before is not None else 0


def preview(viewer: Viewer, settings: Settings, compose: Compose, cadence: Cadence, now: datetime) -> Message:
    """What would be sent of the newest week or month that is over. Raises NotAllowed or Problem."""
    require(viewer, "digest.preview")
    period = newest(cadence, now.date())
    if period is None or not days_held(settings, now.date()):
        raise _NO_USAGE
    row = Subscription.objects.filter(account_id=viewer.account_id or 0).first()
    return compose(
        viewer, period, settings, now, _ending(settings, row) if row else f"{settings.address}/notifications/"
    )


def send_test(viewer: Viewer, settings: Settings, compose: Compose, cadence: Cadence, now: datetime) -> Sent:
    """Send the viewer their own, now, whatever was sent before. Raises NotAllowed or Problem."""
    require(viewer, "digest.preview")
    if settings.mail is None:
        raise Problem(
            "Mails are not set up here. Nothing was sent.", "The operator names a mail server in UPTAKE_SMTP_URL."
        )
    message = preview(viewer, settings, compose, cadence, now)
    found = mail.send(settings.mail, viewer.name, message)
    audit.record(viewer, "digest.preview", viewer.name, now, outcome=found.outcome, cadence=cadence)
    return found


def send_to(viewer: Viewer, settings: Settings, compose: Compose, email: str, cadence: Cadence, now: datetime) -> Sent:
    """Send an account its newest digest, now, whatever was sent before: for the operator. Raises NotAllowed or Problem."""
    require(viewer, "digest.send")
    reader = as_account(viewer, email)
    if settings.mail is None:
        raise Problem("Mails are not set up here. Nothing was sent.", "Name a mail server in UPTAKE_SMTP_URL.")
    found = mail.send(settings.mail, reader.name, preview(reader, settings, compose, cadence, now))
    audit.record(viewer, "digest.send", reader.name, now, outcome=found.outcome, cadence=cadence, by="command")
    return found


def as_account(viewer: Viewer, email: str) -> Viewer:
    """The account whose digest the operator looks at or sends. Raises NotAllowed or Problem."""
    require(viewer, "digest.send")
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None or not may(account.viewer, "digest.preview"):
        raise Problem(
            f"There is no active account for {email} that may see figures.", "`uptake account list` shows them."
        )
    return account.viewer
