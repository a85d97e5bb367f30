"""Saved views: a page with what was chosen in its filter bar, under a name. Never a figure, never an address of its own.

Django finds the model through models.py.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from uptake.records.accounts import Account


class SavedView(models.Model):
    """What somebody looked at and wants to find again. It goes with its account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    page = models.CharField(max_length=32)  # a dashboard's name
    chosen = models.JSONField(default=dict)  # names and values of the filter bar, nothing else
    shared = models.BooleanField(default=False)  # listed for everybody here; what they see is by their own rights
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "name"], name="one_view_a_name"),
        ]
