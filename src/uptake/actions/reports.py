"""A monthly report taken along as a file is an entry of the audit, as every file of figures is."""

from __future__ import annotations

from datetime import datetime

from uptake.domain.access import Viewer, require
from uptake.records import audit


def taken(viewer: Viewer, month: str, now: datetime) -> None:
    """To be called before the file is given. Raises NotAllowed."""
    require(viewer, "numbers.export")
    audit.record(viewer, "numbers.export", f"report {month}", now, format="html", by="month")
