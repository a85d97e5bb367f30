"""The visibility policy in force, and the marks of people who were erased. Django finds them through models.py."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from uptake.domain.visibility import Named, Policy


class AccessPolicy(models.Model):
    """One row. `proposed` is a change that waits for a second Company Admin, while the strict preset is on."""

    only = models.BooleanField(default=True, primary_key=True)
    named = models.CharField(max_length=16, default="nobody")
    threshold = models.PositiveSmallIntegerField(default=5)
    person_exports = models.BooleanField(default=True)
    person_days = models.PositiveIntegerField(default=396)
    runs = models.PositiveIntegerField(default=396)
    audit = models.PositiveIntegerField(default=396)
    strict = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=254, blank=True)
    proposed = models.JSONField(null=True)
    proposed_by = models.CharField(max_length=254, blank=True)
    proposed_at = models.DateTimeField(null=True)
    kept_to_at = models.DateTimeField(null=True)  # when the retention last looked

    FIELDS: ClassVar[tuple[str, ...]] = (
        "named", "threshold", "person_exports", "person_days", "runs", "audit", "strict",
    )  # fmt: skip

    @property
    def policy(self) -> Policy:
        return policy_of({name: getattr(self, name) for name in self.FIELDS})


def policy_of(fields: dict[str, object]) -> Policy:
    """A policy from plain values, as they stand in a row or a proposal."""
    return Policy(**{**fields, "named": Named(str(fields["named"]))})  # type: ignore[arg-type]


def in_force() -> Policy:
    """The policy of this installation; the defaults where nobody decided yet."""
    row = AccessPolicy.objects.first()
    return row.policy if row else Policy()


class Tombstone(models.Model):
    """A keyed mark of an id or address of somebody who was erased: what comes again under it is dropped."""

    mark = models.CharField(max_length=64, primary_key=True)
    key = models.PositiveIntegerField()  # version of the kept key it was made with
    erasure = models.CharField(max_length=12, db_index=True)  # the marks of one person belong together
    made_at = models.DateTimeField()
    swept_at = models.DateTimeField(null=True)  # everything held before is gone
