"""Which teams a viewer may ask for, as a list to choose from: the newest org chart's, with no figure of anybody's use."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from uptake.domain.access import PERMISSIONS, Viewer, may, require
from uptake.domain.problems import NotAllowed
from uptake.metrics.facts import Facts
from uptake.metrics.membership import read_chart
from uptake.metrics.memo import Memo
from uptake.metrics.question import By, Question
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
    require(viewer, "teams.view")
    if may(viewer, "numbers.ask"):
        return _views(facts)
    mine = own_tree(facts, viewer)
    places = {one.id: one.above for one in _views(facts) if one.kind == "tree"}
    return tuple(one for one in _views(facts) if mine is not None and _below(one.id, mine, places))


def own_tree(facts: Facts, viewer: Viewer) -> str | None:
    """The tree below the viewer by the newest org chart; None where nobody or not sure who reports to them."""
    if viewer.real is not None:  # looking as a Manager: of the tree chosen, never of the account's own
        return viewer.tree if any(view.id == viewer.tree for view in _views(facts)) else None
    if not facts.charts:
        return None
    monday = max(facts.charts)
    people = read_chart(facts.lake, monday, facts.charts[monday].content_hash)
    mine = [one.person_id for one in people.values() if one.listed and viewer.name.lower() in one.emails]
    tree = teams.team_id("tree", mine[0]) if len(mine) == 1 else None
    return tree if tree is not None and any(view.id == tree for view in _views(facts)) else None


def permitted(question: Question, viewer: Viewer, facts: Facts) -> str | None:
    """None where the viewer may ask anything, else the tree that bounds the answer. Raises NotAllowed.

    A manager's question names the own tree or one below it, and no figure that is put in proportion to everybody's.
    """
    if may(viewer, "numbers.ask"):
        return None
    if viewer.role not in PERMISSIONS["numbers.ask_own_team"]:
        require(viewer, "numbers.ask")
    require(viewer, "numbers.ask_own_team")
    mine = own_tree(facts, viewer)
    if mine is None:
        raise NotAllowed(
            "By the company's directory nobody reports to you, or it is not sure who you are in it: no figure is yours to see.",
            "Ask an HR Admin whether the directory has your address, and you as the manager of your people.",
        )
    asked = question.team if question.team is not None else question.within
    places = {one.id: one.above for one in _views(facts) if one.kind == "tree"}
    if asked is None or not _below(asked, mine, places) or "usage_index" in question.metrics:
        raise NotAllowed(
            "You may see figures of your own team and of teams within it, and no others.",
            f"Ask with team={mine} or a tree within it, or by tree within one of them. For anything else ask a Company "
            "Admin or HR Admin.",
        )
    return mine


def _below(team: str, tree: str, places: Mapping[str, str]) -> bool:
    """Whether a team is a tree or lies in it. Circles end where they come round."""
    seen: set[str] = set()
    while team and team not in seen:
        if team == tree:
            return True
        seen.add(team)
        team = places.get(team, "")
    return False


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
