"""What SCIM brought, as it is kept: users, groups, who is in which, the tokens it comes with, the accounts it answers for.

Django finds these through models.py. What a user or group says is one document, made by people/scim alone.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from uptake.records.accounts import Account


def scim_id() -> str:
    """Short on purpose: a group of ten thousand is sent as a list of these, and a body is at most a megabyte."""
    return uuid.uuid4().hex[:12]


class ScimToken(models.Model):
    """A bearer token for /scim/v2 and for nothing else: only its hash is kept. It acts for nobody's account."""

    name = models.CharField(max_length=80, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # null: until it is revoked
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class ScimUser(models.Model):
    """A user as the identity provider tells it. The columns beside `kept` are what is looked for."""

    id = models.CharField(primary_key=True, max_length=12, default=scim_id)
    user_key = models.CharField(max_length=512, unique=True)  # userName, case folded
    external_id = models.CharField(max_length=254, blank=True, db_index=True)
    active = models.BooleanField(default=True)
    kept = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()


class ScimGroup(models.Model):
    """A group as the identity provider tells it, and the role it gives here, where somebody said that it gives one."""

    id = models.CharField(primary_key=True, max_length=12, default=scim_id)
    name = models.CharField(max_length=254)
    name_key = models.CharField(max_length=512, db_index=True)
    external_id = models.CharField(max_length=254, blank=True, db_index=True)
    role = models.CharField(max_length=32, blank=True)  # never company_admin
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    users: models.ManyToManyField[ScimUser, ScimMembership] = models.ManyToManyField(
        ScimUser, through="ScimMembership", related_name="groups"
    )


class ScimMembership(models.Model):
    """Somebody in a group."""

    group = models.ForeignKey(ScimGroup, on_delete=models.CASCADE)
    user = models.ForeignKey(ScimUser, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "user"], name="once_in_a_group"),
        ]


class ScimLink(models.Model):
    """The account that a user's coming and going decides about. It outlives the user: whoever comes back is known."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="scim")
    user = models.OneToOneField(ScimUser, on_delete=models.SET_NULL, null=True, related_name="link")
    made = models.BooleanField(default=False)  # the account was made by SCIM
    ended_at = models.DateTimeField(null=True)  # SCIM ended it; what somebody else ended SCIM does not bring back
    role_given = models.CharField(max_length=32, blank=True)  # by a group
