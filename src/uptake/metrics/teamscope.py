"""Which teams a viewer may ask for, as a list to choose from: the newest org chart's, with no figure of anybody's use."""

from __future__ import annotations

import msgspec

from uptake.domain.access import Viewer, require
from uptake.metrics.facts import Facts
from uptake.metrics.membership import read_chart
from uptake.metrics.memo import Memo
from uptake.metrics.question import By
from uptake.people import teams

_VIEWS = Memo(4)
_BANDS = (10, 20, 50, 100, 250, 500, 1000, 5000)


class TeamView(msgspec.Struct, frozen=True):
    """A team to choose. `people` is a band of how many the directory has in it; `small`: fewer than the threshold, so that
    no figure is shown of it alone; `above`: id of the tree directly above a tree."""

    id: str
    kind: By
    name: str
    people: str
    small: bool
    above: str = ""


def has_directory(facts: Facts) -> bool:
    return bool(facts.charts)


def teams_of(facts: Facts, viewer: Viewer) -> tuple[TeamView, ...]:
    """The teams of the newest org chart that the viewer may ask for, by kind and name. Raises NotAllowed."""
    require(viewer, "numbers.ask")
    return _views(facts)


def _views(facts: Facts) -> tuple[TeamView, ...]:
    if not facts.charts:
        return ()
    monday = max(facts.charts)
    entry = facts.charts[monday]

    def make() -> tuple[tuple[TeamView, ...], bool]:
        found = teams.teams(read_chart(facts.lake, monday, entry.content_hash), monday)
        return tuple(_view(team, facts.threshold) for team in found), True

    return _VIEWS.get((facts.cache, entry.content_hash, facts.threshold), make)


def _view(team: teams.Team, k: int) -> TeamView:
    return TeamView(team.id, team.kind, team.name, _band(team.people, k), team.people < k, team.above)


def _band(people: int, k: int) -> str:
    """How many people, no finer than anybody who works there knows."""
    if people < k:
        return f"fewer than {k}"
    steps = [k, *(step for step in _BANDS if step > k)]
    low = max(step for step in steps if step <= people)
    high = next((step for step in steps if step > people), None)
    return f"{low:,} to {high - 1:,}" if high else f"{low:,} and more"
