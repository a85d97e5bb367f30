"""The main job: connect with two keys, sync, and every count is exactly what Claude served, nulls included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from house import House
from uptake.domain.measures import COLUMNS
from uptake.fake import FakeClaude, Organisation


def _truth(company: Organisation, days: int, at: datetime) -> dict[tuple[str, str], dict[str, Any]]:
    newest = at.date() - timedelta(days=1)
    held = [newest - timedelta(days=n) for n in range(days)]
    return {(day.isoformat(), row["member_id"]): row for day in held for row in company.truth(day, as_of=at)}


def test_the_export_is_the_truth_in_every_column(tmp_path: Path) -> None:
    company = Organisation(members=1_500, seed=3)
    at = datetime.now(UTC).replace(hour=14, minute=0)
    with FakeClaude(company, requests_per_minute=None, clock=lambda: at) as fake:
        house = House(tmp_path / "home", fake.url)
        house.connect(fake.keys.members, fake.keys.analytics)
        assert house.run("sync").returncode == 0
        exported = house.usage()
    truth = _truth(company, 31, at)
    assert len(exported) == len(truth) > 1_500
    assert {(row["day"], row["member_id"]) for row in exported} == set(truth)
    for row in exported:
        served = truth[row["day"], row["member_id"]]
        assert {column: row[column] for column in COLUMNS} == {column: served[column] for column in COLUMNS}
        assert row["email"] == served["email"].strip().lower()
        assert row["connection"] == "Claude"
        assert set(row) == {"day", "connection", "member_id", "email", *COLUMNS}
    assert any(row[column] is None for row in exported for column in COLUMNS)
    assert len({column for row in exported for column in COLUMNS if row[column]}) > 90


def test_members_are_those_of_the_roster(connected: House, fake: FakeClaude, company: Organisation) -> None:
    members = connected.members()
    active = {member["member_id"] for member in members if member["status"] == "active"}
    assert active == {member.id for member in company.roster(datetime.now(UTC))}
    on_roster = {member["email"] for member in members if member["status"] == "active"}
    invited = [member for member in members if member["status"] in {"invited", "invite_expired"}]
    assert all(member["member_id"] is None and member["email"] not in on_roster for member in invited)
    assert len({member["email"] for member in invited}) == len(invited)
    assert any(member["status"] == "unlisted" for member in members)


def test_status_says_what_is_held(connected: House) -> None:
    connection = connected.connection()
    today = datetime.now(UTC).date()
    assert connected.run("status").returncode == 0
    assert connection["state"] == "connected"
    assert connection["keys"]["admin"]["state"] == connection["keys"]["analytics"]["state"] == "ok"
    assert connection["usage"]["data_through"] == (today - timedelta(days=1)).isoformat()
    assert connection["usage"]["days_held"] == 12
    assert connection["usage"]["missing"] == connection["usage"]["held_back"] == []
    assert len(connection["usage"]["settling"]) == 7
    assert connection["last_run"]["outcome"] == "current"


def test_a_second_sync_asks_only_what_it_must_and_writes_nothing(connected: House, fake: FakeClaude) -> None:
    files = _files(connected.home)
    fake.clear_requests()
    done = connected.ask("sync")
    (run,) = done["runs"]
    assert run["outcome"] == "current"
    assert run["written"] == 0
    # roster (one page), invites, Claude's own figures, and one page for each of the seven settling days
    assert len(fake.requests) == run["requests"] == 10
    assert all(request.query["limit"] == "1000" for request in fake.requests if not request.path.endswith("summaries"))
    assert _files(connected.home) == files


def _files(home: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in home.glob("lake/**/*.parquet")}


def test_only_the_four_addresses_are_asked_and_only_read(house: House, fake: FakeClaude) -> None:
    house.connect(fake.keys.members, fake.keys.analytics)
    assert house.run("sync").returncode == 0
    below = {request.path.removeprefix("/v1/organizations") for request in fake.requests}
    assert below == {"/users", "/invites", "/analytics/users", "/analytics/summaries"}
    assert {request.method for request in fake.requests} == {"GET"}


def test_without_a_connection_the_commands_say_so(house: House) -> None:
    for command in ("sync", "status"):
        done = house.run(command)
        assert done.returncode == 3
        assert "no connection" in done.stderr
    assert house.ask("status") == {"connections": []}
