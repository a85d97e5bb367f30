"""The vendor's own figures of a made-up organisation: seats, and distinct active people over 1, 7 and 30 days."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from uptake.domain.days import FLOOR_DAY
from uptake.fake import presence
from uptake.fake.invites import Invites
from uptake.fake.people import People
from uptake.fake.presence import Bits, Presence

_WINDOWS = {"daily": 1, "weekly": 7, "monthly": 30}
_PRODUCTS = {
    "": presence.OWN_USE,
    "chat_": presence.CHAT,
    "claude_code_": presence.CODE,
    "cowork_": presence.COWORK,
    "office_agent_": presence.OFFICE,
    "claude_design_": presence.DESIGN,
    "science_": presence.SCIENCE,
    "chat_cowork_unified_": presence.UNIFIED,
    "claude_tag_": presence.SLACK,
}


class Summaries:
    """Figures of any day, remembered once made."""

    def __init__(self, crew: People, days: Presence, invites: Invites) -> None:
        self._crew = crew
        self._presence = days
        self._invites = invites
        self._lock = threading.Lock()
        self._made: dict[tuple[date, int], dict[str, Any]] = {}

    def of(self, day: date, revision: int) -> dict[str, Any]:
        """The figures of a day as that revision tells them; older days of the window are settled."""
        with self._lock:
            if (day, revision) not in self._made:
                self._made[day, revision] = self._make(day, revision)
            return self._made[day, revision]

    def _make(self, day: date, revision: int) -> dict[str, Any]:
        ends = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + 86_399
        crew = self._crew
        seats = int(((crew.joined <= ends) & (ends < crew.left) & ~crew.unmatched).sum())
        figures: dict[str, Any] = {"assigned_seat_count": seats, "pending_invite_count": self._invites.pending(ends)}
        used = self._windows(day, revision)
        for prefix, mask in _PRODUCTS.items():
            for window, bits in used.items():
                figures[f"{prefix}{window}_active_user_count"] = int((bits & mask != 0).sum())
        for window in _WINDOWS:
            rate = 100 * figures[f"{window}_active_user_count"] / seats if seats else 0.0
            figures[f"{window}_adoption_rate"] = round(rate, 2)
        return figures | {"science_entitled_user_count": seats}

    def _windows(self, day: date, revision: int) -> dict[str, Bits]:
        """Everybody's bits, joined over each window that ends on the day."""
        joined = self._presence.bits(day, revision).copy()
        found: dict[str, Bits] = {"daily": joined.copy()}
        for back in range(1, _WINDOWS["monthly"]):
            before = day - timedelta(days=back)
            if before >= FLOOR_DAY:
                np.bitwise_or(joined, self._presence.bits(before), out=joined)
            if back + 1 == _WINDOWS["weekly"]:
                found["weekly"] = joined.copy()
        return found | {"monthly": joined}
