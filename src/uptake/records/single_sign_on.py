"""By which identities an account signs in, and what was used once already. Django finds them by models.py."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from uptake.records.accounts import Account


class SignInIdentity(models.Model):
    """Somebody at a provider, known by issuer and subject alone: addresses change hands, subjects do not."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=8)
    issuer = models.CharField(max_length=400)
    subject = models.CharField(max_length=255)
    provider = models.CharField(max_length=40)  # its id in the file when it was linked; for showing only
    linked_at = models.DateTimeField()
    linked_by = models.CharField(max_length=254)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "issuer", "subject"], name="an_identity_is_one_account"),
        ]


class ExpectedIdentity(models.Model):
    """A Company Admin said: whoever comes next from this provider with the account's address may be linked to it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    provider = models.CharField(max_length=40)
    until = models.DateTimeField()
    made_by = models.CharField(max_length=254)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "provider"], name="an_identity_is_expected_once"),
        ]


class UsedOnce(models.Model):
    """An assertion or a nonce that came: its hash, until it would not be accepted any more anyway."""

    hash = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
