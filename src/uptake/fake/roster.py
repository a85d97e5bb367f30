"""Users, invites, groups, roles: the roster side of the contract, one list a time kept until somebody joins or leaves."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from uptake.fake import paging
from uptake.fake.answers import Answer, Asked, Refusal, ok
from uptake.fake.organisation import Member, Organisation

_KEEP = timedelta(minutes=1)


class Roster:
    """The lists of one organisation. Rebuilt at most once a minute of its clock: pages of one list must agree."""

    def __init__(self, company: Organisation, *, console: bool = False) -> None:
        self._company = company
        self._console = console
        self._lock = threading.Lock()
        self._made_at = datetime.min.replace(tzinfo=UTC)
        self._users: list[dict[str, Any]] = []
        self._invites: list[dict[str, Any]] = []
        self._positions: dict[str, int] = {}

    def users(self, asked: Asked) -> Answer:
        rows, positions = self._now(asked)
        wanted = asked.one("email"), set(asked.query.get("roles[]", []))
        if any(wanted):
            rows = [row for row in rows if _matches(row, *wanted)]
            positions = {row["id"]: number for number, row in enumerate(rows)}
        return ok(paging.by_id(asked, rows, positions))

    def user(self, asked: Asked, member_id: str) -> Answer:
        rows, positions = self._now(asked)
        if member_id not in positions:
            raise Refusal(404, "User not found")
        return ok(rows[positions[member_id]])

    def invites(self, asked: Asked) -> Answer:
        self._now(asked)
        statuses = set(asked.query.get("statuses[]", []))
        rows = [row for row in self._invites if not statuses or row["status"] in statuses]
        return ok(paging.by_id(asked, rows, {row["id"]: number for number, row in enumerate(rows)}))

    def invite(self, asked: Asked, invite_id: str) -> Answer:
        self._now(asked)
        found = next((row for row in self._invites if row["id"] == invite_id), None)
        if found is None:
            raise Refusal(404, "Invite not found")
        return ok(found)

    def _now(self, asked: Asked) -> tuple[list[dict[str, Any]], dict[str, int]]:
        with self._lock:
            if not timedelta(0) <= asked.at - self._made_at < _KEEP:
                listed = self._company.console_roster if self._console else self._company.roster
                self._users = [_user(member) for member in listed(asked.at)]
                self._positions = {row["id"]: number for number, row in enumerate(self._users)}
                self._invites = [] if self._console else [_invite(invite) for invite in self._company.invites(asked.at)]
                self._made_at = asked.at
            return self._users, self._positions

    def groups(self, asked: Asked) -> Answer:
        rows = [_group(group) for group in self._company.groups(asked.at)]
        return ok(paging.by_cursor(asked, rows, has_more=True))

    def group(self, asked: Asked, group_id: str) -> Answer:
        return ok(next((_group(g) for g in self._company.groups(asked.at) if g.id == group_id), None) or _no("Group"))

    def group_members(self, asked: Asked, group_id: str) -> Answer:
        found = next((group for group in self._company.groups(asked.at) if group.id == group_id), None) or _no("Group")
        rows = [_group_member(group_id, member) for member in reversed(found.members)]
        return ok(paging.by_cursor(asked, rows, has_more=True))

    def roles(self, asked: Asked) -> Answer:
        return ok(paging.by_cursor(asked, list(_ROLES.values()), has_more=True))

    def role(self, _asked: Asked, role_id: str) -> Answer:
        return ok(_ROLES.get(role_id) or _no("Role"))

    def permissions(self, asked: Asked, role_id: str) -> Answer:
        if role_id not in _ROLES:
            _no("Role")
        return ok(paging.by_cursor(asked, [], has_more=True))

    def me(self, _asked: Asked) -> Answer:
        made_up = str(uuid.UUID(int=self._company.seed + (1 << 100)))
        return ok({"id": made_up, "name": self._company.name, "type": "organization"})


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _no(what: str) -> Any:
    raise Refusal(404, f"{what} not found")


def _matches(row: dict[str, Any], email: str | None, roles: set[str]) -> bool:
    return (not email or row["email"].lower() == email.lower()) and (not roles or row["role"] in roles)


def _user(member: Member) -> dict[str, Any]:
    row = {"id": member.id, "email": member.email, "name": member.name, "role": member.role}
    return row | {"added_at": stamp(member.added_at), "type": "user"}


def _group_member(group_id: str, member: Member) -> dict[str, Any]:
    row = {"rbac_group_id": group_id, "user_id": member.id, "email": member.email}
    return row | {"created_at": stamp(member.added_at), "type": "rbac_group_member"}


def _invite(invite: Any) -> dict[str, Any]:
    row = {"id": invite.id, "email": invite.email, "role": invite.role, "status": invite.status}
    times = {"invited_at": stamp(invite.invited_at), "expires_at": stamp(invite.expires_at)}
    accepted = {"accepted_at": stamp(invite.accepted_at) if invite.accepted_at else None}
    return row | times | accepted | {"rbac_group_ids": [], "type": "invite"}


def _group(group: Any) -> dict[str, Any]:
    times = {"created_at": "2025-10-01T09:00:00Z", "updated_at": "2026-01-15T09:00:00Z"}
    return {"id": group.id, "name": group.name, "source_type": "scim", "role_ids": [], "type": "rbac_group"} | times


_ROLES: dict[str, dict[str, Any]] = {
    f"rbac_role_{name}": {
        "id": f"rbac_role_{name}",
        "display_name": name.replace("_", " ").title(),
        "source": {"type": "built_in"},
        "created_at": "2025-10-01T09:00:00Z",
        "updated_at": "2025-10-01T09:00:00Z",
        "type": "rbac_role",
    }
    for name in ("user", "owner", "membership_admin", "primary_owner")
}
