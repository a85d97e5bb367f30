"""view_as.start, view_as.stop: looking at the pages as another role does. Nothing can be changed meanwhile, and nothing more
is seen than by the own role; what is looked at is written down under the account's own name."""

from __future__ import annotations

from datetime import datetime

from uptake import metrics
from uptake.config import Settings
from uptake.domain.access import Role, Viewer, lookable, require
from uptake.domain.problems import NotAllowed, Refused
from uptake.metrics import TeamView
from uptake.records import audit


def trees(viewer: Viewer, settings: Settings) -> tuple[TeamView, ...]:
    """The teams whose manager's view there is, as the page Teams names them. Raises NotAllowed."""
    require(viewer, "view_as.start")
    return tuple(one for one in metrics.teams_of(metrics.current_facts(settings), viewer) if one.kind == "tree")


def start(viewer: Viewer, settings: Settings, *, role: str, tree: str, now: datetime) -> tuple[Role, str]:
    """The role to look as, and as Manager the tree. Raises NotAllowed or Refused."""
    require(viewer, "view_as.start")
    if role not in set(Role):
        raise Refused("There is no such role. Nothing was changed.", "Choose a role.")
    if role not in lookable(viewer):
        raise NotAllowed(
            "You cannot look as this role: it sees something that you do not.",
            "Choose another role, or ask a Company Admin.",
        )
    wanted = Role(role)
    there = {one.id for one in trees(viewer, settings)} if wanted is Role.MANAGER else set()
    if there and tree not in there:
        raise Refused("As Manager of whose team is not said. Nothing was changed.", "Choose a team too.")
    audit.record(viewer, "view_as.start", f"as {wanted.label}", now)
    return wanted, tree if tree in there else ""


def stop(viewer: Viewer, *, now: datetime) -> None:
    """Raises NotAllowed."""
    require(viewer, "view_as.stop")
    audit.record(viewer, "view_as.stop", f"as {viewer.role.label}", now)
