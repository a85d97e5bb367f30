"""The audit's rows: entries in a chain, where it ends, and the keys it is sealed with. Django finds them by models.py."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

from uptake.domain.problems import Problem


class Kept(Problem):
    """Something tried to change what is only ever added to."""


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise Kept(
        "Entries of the audit are never changed or removed.", "Its retention takes the oldest ones, and says so."
    )


class Appended(models.QuerySet["AuditEntry"]):
    """Entries can be read and added, nothing else."""

    update = delete = bulk_update = bulk_create = _refuse


class AuditEntry(models.Model):
    """Who did what, when. The primary key is the entry's number in the chain: 1, 2, 3, without a gap."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    role = models.CharField(max_length=32)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=254, blank=True)
    outcome = models.CharField(max_length=32, default="done")
    about = models.CharField(max_length=64, blank=True, db_index=True)  # the person read or changed, as a keyed mark
    details = models.JSONField(default=dict)
    key = models.PositiveIntegerField(default=0)  # version of the kept key; 0: written while sealed, chained unkeyed
    seal = models.CharField(max_length=64)  # over this entry and the seal before it

    objects = Appended.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse()
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(*args, **kwargs)


class AuditEnd(models.Model):
    """The last entry of the chain: whoever adds one holds this row, and a chain cut short does not match it."""

    only = models.BooleanField(default=True, primary_key=True)
    number = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)


class KeptKey(models.Model):
    """A key of our own, sealed under the master key, so that what was made with it outlives a rotation.

    `sealed` is null where the master key that opened it was lost and another one was taken.
    """

    version = models.PositiveIntegerField(primary_key=True)
    sealed = models.BinaryField(null=True)
    fingerprint = models.CharField(max_length=8)
