"""Which findings were told lately, so that nobody hears the same every week. Marks alone: no team, no person, no figure.

Django finds the model through models.py.
"""

from __future__ import annotations

from django.db import models


class ToldFinding(models.Model):
    """A finding about a team, a metric and a direction was told."""

    mark = models.CharField(max_length=64, unique=True)
    told_on = models.DateField(db_index=True)
