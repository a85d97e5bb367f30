"""What holders of seats were asked, and what they answered; what a seat costs, where somebody said so.

Never whether they used Claude since: the lake knows that.
Django finds the model through models.py.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SeatQuestion(models.Model):
    """Somebody who holds a seat was asked whether they still need it."""

    connection = models.ForeignKey("records.Connection", on_delete=models.CASCADE, related_name="seat_questions")
    member_id = models.CharField(max_length=128)
    email = models.CharField(max_length=320, blank=True)  # so that whoever is erased by their address is found
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=254)
    outcome = models.CharField(max_length=16, blank=True)  # keeps | gives_back; empty: no answer yet
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["connection", "member_id"], name="questions_of_a_member"),
        ]


class SeatPrice(models.Model):
    """What one seat costs, as an administrator wrote it. It multiplies numbers of seats and nothing else."""

    only = models.BooleanField(default=True, unique=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    per = models.CharField(max_length=8)  # month | year
