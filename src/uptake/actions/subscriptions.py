"""digest.subscribe, digest.unsubscribe: whoever may see figures has a digest of them by mail, and ends it with one click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from uptake.config import Settings
from uptake.domain.access import Viewer, may, require
from uptake.domain.digests import Cadence
from uptake.domain.problems import Problem
from uptake.records import audit
from uptake.records.models import Account, Delivery, Subscription
from uptake.records.notifications import new_mark, token_of

_SHOWN = 12
NO_MAIL = "Mails are not set up here: the operator names a mail server in UPTAKE_SMTP_URL."
NO_FIGURES = (
    "A digest says what its reader may see. Your role sees figures of no group, so there is none for you; "
    "what is held about yourself is under My data."
)


@dataclass(frozen=True, slots=True)
class Mine:
    """The viewer's own digest. `why` says why there is none, where there can be none."""

    cadence: Cadence
    since: datetime | None
    why: str
    sent: tuple[Delivery, ...]


def mine(viewer: Viewer, settings: Settings) -> Mine:
    """Raises NotAllowed."""
    require(viewer, "digest.view")
    row = Subscription.objects.filter(account_id=viewer.account_id or 0).first()
    why = "" if may(viewer, "digest.subscribe") else NO_FIGURES
    why = why or ("" if settings.mail else NO_MAIL)
    sent = tuple(row.deliveries.all()[:_SHOWN]) if row else ()
    on = row is not None and row.cadence != Cadence.OFF
    return Mine(Cadence(row.cadence) if row else Cadence.OFF, row.since if row and on else None, why, sent)


def choose(viewer: Viewer, settings: Settings, cadence: str, now: datetime) -> Cadence:
    """Have it weekly, monthly, or not. The first is of the week or month that is not over yet. Raises NotAllowed, Problem."""
    if cadence not in set(Cadence):
        raise Problem("There is no such choice. Nothing was changed.", "It is weekly, monthly, or off.")
    if cadence == Cadence.OFF:
        _end(viewer, now)
        return Cadence.OFF
    require(viewer, "digest.subscribe")
    if settings.mail is None:
        raise Problem(f"{NO_MAIL} Nothing was changed.", "See docs/notifications.md.")
    with transaction.atomic():
        account = Account.objects.get(pk=viewer.account_id or 0)
        row, _ = Subscription.objects.select_for_update().get_or_create(account=account, defaults={"since": now})
        if row.cadence != cadence:
            row.cadence, row.since, row.mark = cadence, now, new_mark()
            row.save()
            audit.record(viewer, "digest.subscribe", account.email, now, cadence=cadence)
    return Cadence(cadence)


def _end(viewer: Viewer, now: datetime) -> None:
    require(viewer, "digest.unsubscribe")
    row = Subscription.objects.filter(account_id=viewer.account_id or 0).select_related("account").first()
    if row is not None:
        _off(row, now, by="account")


def link_of(token: str) -> str | None:
    """Whose digests a link ends, as the address the mail went to; None where it ends none. Looking changes nothing."""
    row = _row(token)
    return row.account.email if row else None


def end_by_link(token: str, now: datetime) -> bool:
    """End the digest whose link this is. Done before or not: the answer is the same. False for any other text."""
    row = _row(token)
    if row is None:
        return False
    _off(row, now, by="link")
    return True


def _row(token: str) -> Subscription | None:
    found = token_of(token)
    if found is None:
        return None
    return Subscription.objects.filter(pk=found[0], mark=found[1]).select_related("account").first()


def _off(row: Subscription, now: datetime, *, by: str) -> None:
    """One entry of the audit for one end, however often somebody asks."""
    with transaction.atomic():
        if Subscription.objects.filter(pk=row.pk).exclude(cadence=Cadence.OFF).update(cadence=Cadence.OFF, since=now):
            audit.record(row.account.viewer, "digest.unsubscribe", row.account.email, now, by=by)
