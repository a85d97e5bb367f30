"""The page accepts an answer that is held back: by those who may, exactly the one that was shown, with an audit entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from uptake.records.models import AuditEntry, Connection, HeldBack
from web import company
from web.conftest import SignedIn

DAY = date(2026, 11, 6)


@pytest.fixture
def held_back(now: datetime, db: None, home: object) -> Connection:
    connection = company.connected(now=now)
    for stream, mark in (("usage", "aa" * 32), ("roster", "bb" * 32)):
        HeldBack.objects.create(
            connection=connection, stream=stream, day=DAY, reason=f"The {stream} shrank.", since=now, seen_at=now,
            content_hash=mark,
        )  # fmt: skip
    return connection


def accept(signed_in: SignedIn, connection: Connection, **form: Any) -> Any:
    return signed_in("hana@acme.example").post(f"/integrations/{connection.pk}/release/", form, follow=True)


def test_the_answer_that_was_shown_is_accepted(signed_in: SignedIn, held_back: Connection, now: datetime) -> None:
    page = accept(signed_in, held_back, stream="usage", day="2026-11-06", mark="aa" * 32).content.decode()
    assert "Accepted by hana@acme.example" in page
    assert HeldBack.objects.get(stream="usage").released_at >= now
    assert HeldBack.objects.get(stream="roster").released_at is None
    assert Connection.objects.get().sync_requested_at >= now
    entry = AuditEntry.objects.get(action="held_back.release")
    assert (entry.actor, entry.details["day"]) == ("hana@acme.example", "2026-11-06")


def test_another_answer_that_came_meanwhile_is_not(signed_in: SignedIn, held_back: Connection) -> None:
    answer = accept(signed_in, held_back, stream="roster", day="", mark="cc" * 32)
    assert "Meanwhile another answer came" in answer.content.decode()
    assert not HeldBack.objects.filter(released_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(action="held_back.release").exists()


@pytest.mark.parametrize("form", [{}, {"stream": "usage", "day": "yesterday"}])
def test_a_form_that_names_nothing_is_refused(signed_in: SignedIn, held_back: Connection, form: dict[str, str]) -> None:
    assert accept(signed_in, held_back, **form).status_code == 404


def test_an_auditor_sees_it_without_a_button(signed_in: SignedIn, held_back: Connection) -> None:
    otto = signed_in("otto@acme.example")
    page = otto.get("/integrations/").content.decode()
    assert "The roster shrank." in page
    assert "Accept this answer" not in page
    assert otto.post(f"/integrations/{held_back.pk}/release/", {"stream": "roster"}).status_code == 403
