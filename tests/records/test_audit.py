"""The audit: one entry a change, in the words of the permission table, by whoever did it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from uptake.domain.access import OPERATOR, PERMISSIONS, Role, Viewer
from uptake.records import audit
from uptake.records.models import AuditEntry

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = Viewer("ada@example.com", Role.COMPANY_ADMIN, account_id=1)

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_what_and_when() -> None:
    audit.record(ADA, "connection.erase", "Claude", NOW, outcome="done", usage=31, keys=2)
    [entry] = AuditEntry.objects.all()
    assert (entry.at, entry.actor, entry.role, entry.action) == (
        NOW,
        "ada@example.com",
        "company_admin",
        "connection.erase",
    )
    assert (entry.subject, entry.outcome, entry.details) == ("Claude", "done", {"usage": 31, "keys": 2})


@pytest.mark.parametrize("action", PERMISSIONS)
def test_every_word_of_the_table_can_be_written(action: str) -> None:
    audit.record(OPERATOR, action, "", NOW)
    assert AuditEntry.objects.get().action == action


@pytest.mark.parametrize("action", ["", "connection.conect", "connection", "Connection.erase"])
def test_any_other_word_is_a_fault_and_leaves_no_entry(action: str) -> None:
    with pytest.raises(KeyError):
        audit.record(ADA, action, "Claude", NOW)
    assert not AuditEntry.objects.exists()


def test_the_newest_entry_comes_first() -> None:
    for minutes in (1, 3, 2):
        audit.record(ADA, "sync.run", str(minutes), NOW + timedelta(minutes=minutes))
    assert [entry.subject for entry in AuditEntry.objects.all()] == ["3", "2", "1"]
