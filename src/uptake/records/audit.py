"""The audit: one function that writes an entry. Callers write it in the transaction of the change it tells of."""

from __future__ import annotations

from datetime import datetime

from uptake.domain.access import PERMISSIONS, Viewer
from uptake.records.models import AuditEntry


def record(
    viewer: Viewer, action: str, subject: str, now: datetime, *, outcome: str = "done", **details: str | int
) -> None:
    """Write who did what. `action` is a word of the permission table; `details` never hold a secret or a member."""
    if action not in PERMISSIONS:
        raise KeyError(action)
    AuditEntry.objects.create(
        at=now,
        actor=viewer.name,
        role=viewer.role.value,
        action=action,
        subject=subject,
        outcome=outcome,
        details=details,
    )
