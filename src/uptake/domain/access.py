"""Who may do what: one row an action. Pages, commands, API, docs and tests read this table; nothing else decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from uptake.domain.problems import NotAllowed


class Role(StrEnum):
    COMPANY_ADMIN = "company_admin"
    HR_ADMIN = "hr_admin"
    IT_ADMIN = "it_admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return {"hr_admin": "HR Admin", "it_admin": "IT Admin"}.get(self.value, self.value.replace("_", " ").title())


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. The operator on the host (commands) is a viewer too: whoever can read the home folder can do it all."""

    name: str
    role: Role
    account_id: int | None = None
    on_host: bool = False


OPERATOR = Viewer(name="operator on the host", role=Role.COMPANY_ADMIN, on_host=True)
SCHEDULE = Viewer(name="schedule", role=Role.COMPANY_ADMIN, on_host=True)

_CONNECTORS = frozenset({Role.COMPANY_ADMIN, Role.HR_ADMIN, Role.IT_ADMIN})
_READERS = frozenset({Role.COMPANY_ADMIN, Role.HR_ADMIN, Role.IT_ADMIN})
_EVERYBODY = frozenset(Role)
_HOST_ONLY: frozenset[Role] = frozenset()

PERMISSIONS: dict[str, frozenset[Role]] = {
    "connection.connect": _CONNECTORS,
    "connection.disconnect": _CONNECTORS,
    "connection.erase": frozenset({Role.COMPANY_ADMIN}),
    "connection.view": _CONNECTORS | {Role.AUDITOR},
    "sync.run": _CONNECTORS,
    "numbers.ask": _READERS,
    "facts.export": _HOST_ONLY,
    "measures.read": _EVERYBODY,
    "account.create": _HOST_ONLY,
    "token.create": _HOST_ONLY,
    "link.create": _HOST_ONLY,
    "account.sign_in": _EVERYBODY,
}
"""Action → the roles that carry it. An empty row is for the operator on the host alone."""


def may(viewer: Viewer, action: str) -> bool:
    """Whether the viewer may do the action. Unknown actions raise KeyError: a typo must not be a permission."""
    return viewer.role in PERMISSIONS[action] or viewer.on_host


def require(viewer: Viewer, action: str) -> None:
    """Raise NotAllowed unless the viewer may do the action."""
    if not may(viewer, action):
        roles = " or ".join(role.label for role in Role if role in PERMISSIONS[action])
        who = f"somebody who is {roles}" if roles else "the operator on the host"
        raise NotAllowed(f"{viewer.role.label} may not do this ({action}).", f"Ask {who}.")
