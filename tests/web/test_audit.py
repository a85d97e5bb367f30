"""The audit's page: who did what, found again; the chain checked; the entries as a file that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.records import audit
from uptake.records.models import AuditEntry

HANA = Viewer("hana@acme.example", Role.HR_ADMIN)


@pytest.fixture
def written(db: None, home: object, now: datetime) -> None:
    for number in range(120):
        audit.record(OPERATOR, "sync.run", f"Acme {number}", now - timedelta(days=2), outcome="current", run=number)
    audit.record(HANA, "people.export", "=cmd|' /C calc'!A0", now)
    audit.record(HANA, "member.history", "Acme", now, "emil@acme.example")


def test_entries_are_found_by_who_what_and_when(signed_in: SignedIn, written: None, now: datetime) -> None:
    client = signed_in("otto@acme.example")
    newest = client.get("/audit/").content.decode()
    assert "hana@acme.example" in newest
    assert "one person, mark" in newest
    assert "emil@acme.example" not in newest
    by_hana = client.get("/audit/?actor=hana&action=people.export").content.decode()
    assert "1 entry found" in by_hana
    old = client.get(f"/audit/?until={(now - timedelta(days=1)).date()}").content.decode()
    assert "120 entries found" in old
    assert "hana@acme.example" not in old


def test_pages_hold_every_entry_once(signed_in: SignedIn, written: None) -> None:
    client = signed_in("ada@acme.example")
    seen: list[str] = []
    page, more = "/audit/", True
    while more:
        body = client.get(page).content.decode()
        seen += [part.split("<")[0] for part in body.split('<tr><td class="figure-column">')[1:]]
        more = "Older entries" in body
        page = "/audit/" + body.split('href="?below=')[-1].split('"')[0].join(("?below=", "")) if more else ""
    assert seen == [str(number) for number in range(len(seen), 0, -1)]
    assert len(seen) == AuditEntry.objects.count()


def test_the_chain_is_checked_by_a_button(signed_in: SignedIn, written: None) -> None:
    client = signed_in("otto@acme.example")
    assert b"The audit is whole" in client.post("/audit/verify/", follow=True).content
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_auditentry SET actor = 'nobody' WHERE id = 7")
    told = client.post("/audit/verify/", follow=True).content.decode()
    assert "not what was written" in told
    assert "entry 7" in told


def test_the_file_holds_every_entry_and_says_that_it_was_taken(signed_in: SignedIn, written: None) -> None:
    client = signed_in("otto@acme.example")
    body = b"".join(client.post("/audit/export/", {"format": "json"}).streaming_content)  # type: ignore[attr-defined]
    rows = json.loads(body)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[-1]["action"], rows[-1]["actor"]) == ("audit.export", "otto@acme.example")
    text = b"".join(client.post("/audit/export/", {"format": "csv"}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == len(rows) + 1
    assert {row["subject"] for row in table if row["action"] == "people.export"} == {"'=cmd|' /C calc'!A0"}


@pytest.mark.parametrize(
    "query", ["below=x", "below=99999999999999999999", "since=%00", "actor=%00%FF", "action=nothing"]
)
def test_whatever_is_asked_is_answered(signed_in: SignedIn, written: None, query: str) -> None:
    assert signed_in("ada@acme.example").get(f"/audit/?{query}").status_code == 200


def test_asking_for_a_sync_is_written_down(signed_in: SignedIn, now: datetime) -> None:
    connection_ = company.connected(now=now)
    signed_in("ivan@acme.example").post(f"/integrations/{connection_.pk}/sync/")
    entry = AuditEntry.objects.get(action="sync.run")
    assert (entry.actor, entry.outcome) == ("ivan@acme.example", "asked for")
