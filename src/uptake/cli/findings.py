"""insights: what changed beyond chance. And the rounds that work it out, so that nobody waits for it on a page."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Annotated

import typer

from uptake.actions.rounds import Rounds
from uptake.cli.doors import door, out
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.site import boot

_AT_LEAST = timedelta(hours=1)


class InsightRounds(Rounds):
    """Works out findings after a sync, when somebody asked for them, and now and then; ends between two of them."""

    name = "insights"
    grace = 0.0  # what is being worked out can be worked out again: nobody waits for it to end

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.due = Event()
        self._settings = settings
        self._looked_at = datetime.fromtimestamp(0, UTC)

    def look(self, now: datetime) -> None:
        from uptake import insights, metrics

        asked = insights.wanted(self._settings.cache)
        if not asked and not self.due.is_set() and now - self._looked_at < _AT_LEAST:
            return
        self.due.clear()
        self._looked_at = now
        insights.refresh(metrics.current_facts(self._settings), now.date(), self.stopped.is_set)


@door()
def findings(json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """What changed beyond chance, what was looked at, and what would have been noticed."""
    import msgspec

    from uptake import insights, metrics

    settings, today = boot.start(os.environ), datetime.now(UTC).date()
    facts = metrics.current_facts(settings)
    insights.refresh(facts, today)
    found = insights.findings(OPERATOR, facts, today)
    if json:
        out.print(msgspec.json.encode(found).decode(), markup=False, soft_wrap=True)
        return
    for one in found.findings:
        out.print(f"{one.id:4} {one.sentence}", markup=False)
    if not found.findings:
        out.print("Nothing changed beyond chance.", markup=False)
    if found.notice is not None:
        out.print(
            f"Noticed would be about {found.notice.points} points in a team of {found.notice.people}.", markup=False
        )
    for looked in (one for one in found.looked if one.vetoed):
        out.print(f"{looked.id:4} {looked.what}: nothing is said, {'; '.join(looked.vetoed)}.", markup=False)
