"""What is transactional: connections, sealed keys, streams, runs, accounts, tokens, audit. No facts: the lake has those.

Facts about people's usage are never in here; the only personal data are the accounts and what the audit names.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from uptake.records.accounts import Account, ApiToken, SignInLink, WebSession
from uptake.records.exports import ExportJob
from uptake.records.notifications import Channel, Delivery, Subscription
from uptake.records.privacy import AccessPolicy, Tombstone
from uptake.records.saved_views import SavedView
from uptake.records.scim import ScimGroup, ScimLink, ScimMembership, ScimToken, ScimUser
from uptake.records.seats import SeatPrice, SeatQuestion
from uptake.records.single_sign_on import ExpectedIdentity, SignInIdentity, UsedOnce
from uptake.records.told import ToldFinding
from uptake.records.trail import AuditEnd, AuditEntry, KeptKey

__all__ = [
    "SLOTS",
    "STREAMS",
    "AccessPolicy",
    "Account",
    "ApiToken",
    "AuditEnd",
    "AuditEntry",
    "Channel",
    "Connection",
    "DayCheck",
    "Delivery",
    "DirectorySource",
    "ExpectedIdentity",
    "ExportJob",
    "HandOver",
    "HeldBack",
    "Installation",
    "KeptKey",
    "MemberLink",
    "Revision",
    "Run",
    "SavedView",
    "ScimGroup",
    "ScimLink",
    "ScimMembership",
    "ScimToken",
    "ScimUser",
    "SealedKey",
    "SeatPrice",
    "SeatQuestion",
    "SignInIdentity",
    "SignInLink",
    "Stream",
    "Subscription",
    "ToldFinding",
    "Tombstone",
    "UnknownField",
    "UsedOnce",
    "WebSession",
    "new_id",
]

STREAMS = ("roster", "invites", "summaries", "usage")
SLOTS = ("admin", "analytics")


def new_id() -> str:
    return uuid.uuid4().hex[:12]


class Installation(models.Model):
    """This installation: its id is bound into every sealed key; the check value tells a wrong master key."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id)
    key_check = models.CharField(max_length=64)
    only = models.BooleanField(default=True, unique=True)  # two first starts at once make one installation


class Connection(models.Model):
    """One Claude organisation. Its id names the folders in the lake and is never used again."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id)
    name = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=16, default="connected")  # connected | disconnected
    organization_id = models.CharField(max_length=128, blank=True)  # analytics side, where the vendor said it
    roster_kind = models.CharField(max_length=16, default="enterprise")  # enterprise | console
    connected_at = models.DateTimeField()
    disconnected_at = models.DateTimeField(null=True)
    sync_requested_at = models.DateTimeField(null=True)  # somebody asked for a sync; the scheduler takes it up
    oldest_available = models.DateField(null=True)  # the vendor refused days before this one
    epoch = models.PositiveIntegerField(default=0)  # counted up by whoever is about to change it: a run under way ends
    leaving = models.CharField(max_length=16, blank=True)  # keep | erase: a disconnect that is not through yet

    def __str__(self) -> str:
        return self.name


class SealedKey(models.Model):
    """An API key, sealed; with its own health. Never shown again: kind, last four and fingerprint stand for it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="keys")
    slot = models.CharField(max_length=16)  # admin | analytics
    version = models.PositiveIntegerField()
    sealed = models.BinaryField()
    kind = models.CharField(max_length=16)  # enterprise | console | unknown
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=8)
    added_by = models.CharField(max_length=254)
    added_at = models.DateTimeField()
    state = models.CharField(max_length=16, default="ok")  # ok | degraded | suspect | stopped
    state_since = models.DateTimeField()
    cause = models.CharField(max_length=400, blank=True)  # what happened, in words
    cause_class = models.CharField(max_length=32, blank=True)  # the same for programs; see sync/words.py
    hint = models.CharField(max_length=600, blank=True)  # what to do
    rejected_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "slot"], name="one_key_a_slot"),
        ]


class HandOver(models.Model):
    """A one-time link by which somebody without an account gives one key. Only the link's hash is kept.

    A key that came before its connection has both waits here, sealed, until it is taken into use or its time is over.
    """

    id = models.CharField(primary_key=True, max_length=12, default=new_id)
    name = models.CharField(max_length=120)  # of the connection, which may not be there yet
    slot = models.CharField(max_length=16)  # admin | analytics
    hash = models.CharField(max_length=64, unique=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)  # keys given that were refused
    sealed = models.BinaryField(null=True)  # only while the key waits
    kind = models.CharField(max_length=16, blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    fingerprint = models.CharField(max_length=8, blank=True)


class Stream(models.Model):
    """How one stream of one connection stands: the last time it was current, and what keeps it from being so."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="streams")
    name = models.CharField(max_length=16)  # roster | invites | summaries | usage
    last_ok_at = models.DateTimeField(null=True)
    newest_available = models.DateField(null=True)  # watermark: the newest day the endpoint itself served or named
    state = models.CharField(max_length=16, default="ok")  # ok | failing | stopped | held_back
    cause = models.CharField(max_length=400, blank=True)
    hint = models.CharField(max_length=600, blank=True)
    not_before = models.DateTimeField(null=True)  # the vendor asked to wait; the schedule obeys

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_stream_a_name"),
        ]


class HeldBack(models.Model):
    """A day (or the roster) that the vendor served but a guard does not believe; the rows held before stay."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="held_back")
    stream = models.CharField(max_length=16)  # usage | roster
    day = models.DateField()  # for the roster: the day of the read
    reason = models.CharField(max_length=400)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)  # empty: there is no whole answer that could be accepted
    released_at = models.DateTimeField(null=True)  # somebody accepts exactly this answer, should it come again
    released_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "stream", "day"], name="one_hold_a_day"),
        ]


class DayCheck(models.Model):
    """When a day was last read and found as it is held. A day that was written then tells it in its own file."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="checks")
    day = models.DateField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "day"], name="one_check_a_day"),
        ]


class Revision(models.Model):
    """How far a day's total of one measure moved since the day was first shown. Totals only: nobody is in here."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="revisions")
    day = models.DateField()
    measure = models.CharField(max_length=64)  # a column of the list of measures, or `members`: rows of the day
    old_total = models.BigIntegerField(null=True)  # as first shown; null: no row told it
    new_total = models.BigIntegerField(null=True)  # as it is held now
    at = models.DateTimeField()  # when it last moved

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "day", "measure"], name="one_revision_a_measure"),
        ]


class UnknownField(models.Model):
    """A field that Anthropic sends and uptake does not read: its name and when it came. Never a value."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="unknown_fields")
    name = models.CharField(max_length=130)  # block, or block.field; each part [a-z][a-z0-9_]{0,63}
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    first_day = models.DateField()  # the earliest day whose rows carried it

    class Meta:
        ordering: ClassVar[list[str]] = ["first_seen_at", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_unknown_field_a_name"),
        ]


class Run(models.Model):
    """One sync, from its start to its outcome, with what it did and found."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=16)  # command | schedule | web | demo
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # running, then current | partly | held_back | stopped | failed | interrupted
    outcome = models.CharField(max_length=16, default="running")
    pid = models.IntegerField(default=0)
    progress = models.JSONField(default=dict)  # {"days_planned", "days_done", "requests", "rows", "written", "phase"}
    flaws = models.JSONField(default=dict)  # {"wrong_values", "missing_values", "rejected_rows", "duplicates"}
    notes = models.JSONField(default=list)  # plain sentences: what a person should know about this run

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at"]


class DirectorySource(models.Model):
    """A source of the directory: its place in the order of precedence, how it stands, and its key where it has one."""

    name = models.CharField(primary_key=True, max_length=16)  # csv | fifteen_five | scim | claude_groups
    rank = models.PositiveSmallIntegerField()  # 1 is believed first
    enabled = models.BooleanField(default=False)  # read by the schedule; CSV never is
    state = models.CharField(max_length=16, default="ok")  # ok | failing | stopped | held_back
    cause = models.CharField(max_length=400, blank=True)
    hint = models.CharField(max_length=600, blank=True)
    asked_at = models.DateTimeField(null=True)  # somebody asked for it to be read; the scheduler takes it up
    tried_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # the source asked to wait; the schedule obeys
    held_hash = models.CharField(max_length=64, blank=True)  # a delivery held back: many would leave at once
    accepted_hash = models.CharField(max_length=64, blank=True)  # somebody says that exactly this delivery is meant
    columns = models.JSONField(default=dict)  # CSV: field to header, as last confirmed
    people = models.PositiveIntegerField(default=0)  # whom it named last
    address = models.CharField(max_length=200, blank=True)
    header_form = models.CharField(max_length=8, blank=True)  # which of both forms of its header was accepted
    sealed = models.BinaryField(null=True)
    version = models.PositiveIntegerField(default=0)
    last_four = models.CharField(max_length=4, blank=True)
    fingerprint = models.CharField(max_length=8, blank=True)
    added_by = models.CharField(max_length=254, blank=True)
    added_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["rank"]


class MemberLink(models.Model):
    """Who a member of Claude's is, where somebody said so: a person of the directory, nobody of it, or no employee."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="member_links")
    member_id = models.CharField(max_length=128)
    email = models.CharField(max_length=320, blank=True)  # the same address is the same member in other connections
    person_id = models.CharField(max_length=12, blank=True)  # empty with `decided`: nobody of the directory
    decided = models.BooleanField(default=False)  # False: only the mark below was set
    population = models.CharField(max_length=16, blank=True)  # contractor | service, or empty: not marked
    made_by = models.CharField(max_length=254)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "member_id"], name="one_link_a_member"),
        ]
