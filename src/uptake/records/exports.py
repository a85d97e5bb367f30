"""Files that somebody asked for: what of, how far, until when. They lie in home. Django finds it through models.py."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models

from uptake.records.accounts import Account


def new_export_id() -> str:
    return secrets.token_hex(12)


class ExportJob(models.Model):
    """One file asked for by an account. What is in it is in no column here."""

    id = models.CharField(primary_key=True, max_length=24, default=new_export_id)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    what = models.CharField(max_length=16)  # figures | usage | members | summaries
    format = models.CharField(max_length=8)
    wanted = models.JSONField(default=dict)  # the question, or the days
    state = models.CharField(max_length=8, default="queued")  # queued | running | ready | failed | gone
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(null=True)
    rows = models.PositiveBigIntegerField(null=True)
    trouble = models.CharField(max_length=600, blank=True)  # why there is no file, and what to do

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
