"""Which path is answered by what, and which scopes open it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from uptake.fake import analytics
from uptake.fake.answers import Answer, Asked, Refusal
from uptake.fake.keys import require_scope
from uptake.fake.organisation import Organisation
from uptake.fake.roster import Roster

PREFIX = "/v1/organizations"
_MEMBERS = frozenset({"read:members", "api:admin"})
_GROUPS = frozenset({"read:rbac_groups"})
_ROLES = frozenset({"read:members"})
_ANALYTICS = frozenset({"read:analytics"})
_LIMITS = frozenset({"read:spend_limits"})
_CONSOLE = frozenset({"api:admin"})

_LISTS = {
    "/users": (_MEMBERS, Roster.users),
    "/invites": (_MEMBERS, Roster.invites),
    "/rbac_groups": (_GROUPS, Roster.groups),
    "/rbac_roles": (_ROLES, Roster.roles),
    "/me": (_CONSOLE, Roster.me),
}
_OBJECTS = (
    (re.compile(r"/users/([^/]+)"), _MEMBERS, Roster.user),
    (re.compile(r"/invites/([^/]+)"), _MEMBERS, Roster.invite),
    (re.compile(r"/rbac_groups/([^/]+)"), _GROUPS, Roster.group),
    (re.compile(r"/rbac_groups/([^/]+)/members"), _GROUPS, Roster.group_members),
    (re.compile(r"/rbac_roles/([^/]+)"), _ROLES, Roster.role),
    (re.compile(r"/rbac_roles/([^/]+)/permissions"), _ROLES, Roster.permissions),
)
_Analytics = Callable[[Organisation, Asked, timedelta], Answer]
_ENGAGEMENT: dict[str, _Analytics] = {
    "/analytics/users": analytics.usage,
    "/analytics/summaries": analytics.summaries,
    **{
        f"/analytics/{name}": analytics.empty
        for name in ("skills", "connectors", "plugins", "artifacts", "apps/chat/projects")
    },
    **{
        f"/analytics/{name}": analytics.empty_report
        for name in ("user_usage_report", "user_cost_report", "usage_report", "cost_report", "usage", "cost")
    },
}


@dataclass(frozen=True, slots=True)
class World:
    """One organisation as the server holds it."""

    company: Organisation
    roster: Roster
    console: Roster
    lag: timedelta


def route(world: World, asked: Asked) -> Answer:
    """The true answer. Raises Refusal for whatever the contract refuses."""
    path = asked.path.removeprefix(PREFIX)
    roster = world.console if "api:admin" in asked.scopes else world.roster
    if path in _ENGAGEMENT:
        require_scope(asked.scopes, _ANALYTICS)
        return _ENGAGEMENT[path](world.company, asked, world.lag)
    if path in _LISTS:
        scopes, answer = _LISTS[path]
        require_scope(asked.scopes, scopes)
        return answer(roster, asked)
    if path == "/spend_limits/effective":
        require_scope(asked.scopes, _LIMITS)
        return analytics.empty(world.company, asked, world.lag)
    for pattern, scopes, found in _OBJECTS:
        if match := pattern.fullmatch(path):
            require_scope(asked.scopes, scopes)
            return found(roster, asked, match.group(1))
    raise Refusal(404, "Not found")
