"""Who gets a digest, where else it goes, and what was sent. Never what was in it. Django finds the models through models.py."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils.crypto import constant_time_compare, salted_hmac

from uptake.records.accounts import Account


def new_channel_id() -> str:
    return secrets.token_hex(6)


def new_mark() -> str:
    return secrets.token_hex(16)


class Subscription(models.Model):
    """An account's own digest by mail. `mark` is in the links that end it: they die when somebody subscribes anew."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="subscription")
    cadence = models.CharField(max_length=8, default="off")  # weekly | monthly | off
    since = models.DateTimeField()  # when it was last chosen: what was over by then is not sent
    mark = models.CharField(max_length=32, default=new_mark)

    @property
    def token(self) -> str:
        """What is in the link that ends it and does nothing else. Only this installation can make one."""
        return f"{self.pk}-{self.mark}-{_signed(self.pk, self.mark)}"


def _signed(number: int, mark: str) -> str:
    return salted_hmac("uptake.unsubscribe", f"{number}-{mark}", algorithm="sha256").hexdigest()


def token_of(token: str) -> tuple[int, str] | None:
    """Number and mark of a token that we made; None for any other text."""
    number, _, rest = token.partition("-")
    mark, _, signature = rest.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        return None
    return (int(number), mark) if constant_time_compare(_signed(int(number), mark), signature) else None


class Channel(models.Model):
    """A place in Slack or Teams that gets the digest of its owner's rights. Its address is a secret, sealed like a key."""

    id = models.CharField(primary_key=True, max_length=12, default=new_channel_id)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="channels")
    service = models.CharField(max_length=16)  # messages/addresses.py
    host = models.CharField(max_length=200)  # where it goes, for people to see
    cadence = models.CharField(max_length=8)  # weekly | monthly
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=8)
    added_at = models.DateTimeField()
    since = models.DateTimeField()  # what was over by then is not sent

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]


class Delivery(models.Model):
    """One digest for one recipient and period: there is one row, so it goes once. It is written before anything is sent."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, null=True, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, related_name="deliveries")
    period = models.CharField(max_length=8)  # 2026-W47 or 2026-11
    state = models.CharField(max_length=8, default="due")  # due | sending | sent | failed | unsure | not_sent
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # of a failed one: when it is tried again; empty: no more
    words = models.CharField(max_length=400, blank=True)  # what happened

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subscription", "period"], name="one_mail_a_period"),
            models.UniqueConstraint(fields=["channel", "period"], name="one_message_a_period"),
        ]
