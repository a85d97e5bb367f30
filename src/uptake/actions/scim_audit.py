"""What the audit says of SCIM's changes: each in the transaction of the change, people only by a keyed mark."""

from __future__ import annotations

from datetime import datetime

from uptake.domain.access import Viewer
from uptake.records import audit
from uptake.records.masters import Sealed

_ACTION = "scim.provision"


def of_user(viewer: Viewer, user_id: str, about: str, act: str, now: datetime, **details: str | int) -> None:
    """A user was created, changed or deleted; `about` is the main address."""
    _record(viewer, f"SCIM user {user_id}", about, act, now, **details)


def of_group(viewer: Viewer, group_id: str, act: str, now: datetime, **details: str | int) -> None:
    _record(viewer, f"SCIM group {group_id}", "", act, now, **details)


def of_account(viewer: Viewer, email: str, act: str, now: datetime, **details: str | int) -> None:
    """An account was made, ended, brought back, or given a role."""
    _record(viewer, email, email, act, now, **details)


def _record(viewer: Viewer, subject: str, about: str, act: str, now: datetime, **details: str | int) -> None:
    try:
        audit.record(viewer, _ACTION, subject, now, about, outcome="done", act=act, **details)
    except Sealed:  # somebody who left must be shut out whether or not the entry can be marked as theirs
        audit.record(viewer, _ACTION, subject, now, outcome="done", act=act, **details)
