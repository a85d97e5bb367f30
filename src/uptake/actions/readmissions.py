"""person.readmit: somebody who was erased may be held again. Nothing comes back by this: the next sync and import tell."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.records import audit, tombstones
from uptake.records.vault import open_vault


def readmit(viewer: Viewer, settings: Settings, *, who: str, now: datetime) -> int:
    """Lift the marks of whoever had this e-mail address, member id or employee id. Returns how many marks went.

    Raises NotAllowed, Sealed, or Problem where nobody of that name was erased, or is just being erased.
    """
    require(viewer, "person.readmit")
    vault = open_vault(settings.master_key_file)
    with transaction.atomic():
        erasure = tombstones.erasure_of(vault, who)
        if erasure is None:
            raise Problem(
                "Nobody of this address or id was erased here, or they are readmitted already. Nothing was changed.",
                "Write it as it was then: an e-mail address, a member id or an employee id.",
            )
        count = tombstones.lift(erasure)
        if count is None:
            raise Problem("This person is just being erased. Nothing was changed.", "Try again in some minutes.")
        audit.record(viewer, "person.readmit", "one person", now, outcome="done", erasure=erasure, marks=count)
    return count
