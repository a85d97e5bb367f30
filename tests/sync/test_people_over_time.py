"""One person over time: a changed address stays one person, an absence stays visible, a new id is somebody new."""

from __future__ import annotations

from typing import Any

import pytest

from faults.conftest import Flat
from sync.conftest import Twisted
from uptake.actions.histories import Chapter, history
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.records.models import AuditEntry

Rows = list[dict[str, Any]]
ROSTER = "/organizations/users"


def told(flat: Flat, who: str) -> list[Chapter]:
    return history(OPERATOR, flat.settings, who=who, now=flat.clock())


@pytest.fixture
def somebody(flat: Flat) -> tuple[str, str]:
    """Id and address of somebody on the roster."""
    flat.sync()
    found = sorted((m.member_id or "", m.email or "") for m in flat.members() if m.status == "active")
    return found[5]


def test_address_and_absence_stay_visible(flat: Flat, twist: Twisted, somebody: tuple[str, str]) -> None:
    member_id, email = somebody

    def readdressed(rows: Rows, _asked: object) -> Rows:
        return [row | ({"email": "New.Name@example.com"} if row["id"] == member_id else {}) for row in rows]

    def without(rows: Rows, _asked: object) -> Rows:
        return [row for row in rows if row["id"] != member_id]

    for change in (readdressed, without, readdressed):
        twist(ROSTER, change)
        flat.clock.forward(days=1)
        result = flat.sync()
    assert any("1 member is back on the roster" in note for note in result.notes)
    chapters = told(flat, email)
    assert [(chapter.status, chapter.email) for chapter in chapters] == [
        ("active", email),
        ("active", "new.name@example.com"),
        ("removed", "new.name@example.com"),
        ("active", "new.name@example.com"),
    ]
    assert chapters[2].left_at is not None
    assert {chapter.member_id for chapter in chapters} == {member_id}
    assert told(flat, "new.name@example.com") == told(flat, member_id) == chapters
    assert AuditEntry.objects.filter(action="member.history").count() == 3


def test_the_same_address_with_a_new_id_is_somebody_new(flat: Flat, twist: Twisted, somebody: tuple[str, str]) -> None:
    member_id, email = somebody
    twist(ROSTER, lambda rows, _: [row | ({"id": "user_new"} if row["id"] == member_id else {}) for row in rows])
    flat.clock.forward(days=1)
    flat.sync()
    assert {(m.member_id, m.status) for m in flat.members() if m.email == email} == {
        (member_id, "removed"),
        ("user_new", "active"),
    }
    assert {(chapter.member_id, chapter.status) for chapter in told(flat, email)} == {
        (member_id, "active"),
        (member_id, "removed"),
        ("user_new", "active"),
    }


def test_nobody_and_nobody_else(flat: Flat) -> None:
    flat.sync()
    with pytest.raises(Problem, match="No roster"):
        told(flat, "nobody@example.com")
    with pytest.raises(NotAllowed):
        history(Viewer("ada", Role.COMPANY_ADMIN), flat.settings, who="x", now=flat.clock())
