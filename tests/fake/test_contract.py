"""The wire contract: pages, cursors, dates, errors, keys and limits, as the vendor documents them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fake.conftest import NOW, Ask, ask_server
from uptake.domain.problems import Problem
from uptake.fake import FakeClaude, Organisation

DAY = date(2026, 11, 18)
USAGE = "/analytics/users"

# path, query, status, words that the message holds
REFUSED = (
    (USAGE, {}, 400, "date"),
    (USAGE, {"date": DAY, "starting_date": DAY}, 400, "date"),
    (USAGE, {"date": "2025-12-31"}, 400, "2026-01-01"),
    (USAGE, {"date": "2026-11-20"}, 400, "2026-11-19"),
    (USAGE, {"date": "2031-01-01"}, 400, "2026-11-19"),
    (USAGE, {"date": "yesterday"}, 400, "date"),
    (USAGE, {"date": DAY, "limit": 0}, 400, "limit"),
    (USAGE, {"date": DAY, "limit": 1001}, 400, "limit"),
    (USAGE, {"date": DAY, "limit": "ten"}, 400, "limit"),
    (USAGE, {"date": DAY, "page": "no-cursor"}, 400, "cursor"),
    (USAGE, {"date": DAY, "filter__": "shoe_size:43"}, 400, "shoe_size"),
    (USAGE, {"starting_date": DAY, "ending_date": DAY}, 400, "ending_date"),
    ("/analytics/summaries", {}, 400, "starting_date"),
    ("/users", {"limit": 5000}, 400, "limit"),
    ("/users", {"after_id": "user_01nobody"}, 400, "after_id"),
    ("/users/user_01nobody", {}, 404, ""),
    ("/rbac_groups/rbac_group_01nothing", {}, 404, ""),
    ("/no/such/route", {}, 404, ""),
)
TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error"}


@pytest.mark.parametrize(("path", "query", "status", "words"), REFUSED)
def test_what_the_contract_refuses(ask: Ask, path: str, query: dict[str, object], status: int, words: str) -> None:
    heard = ask(path, **query)
    assert heard.status == status
    assert heard.value["type"] == "error"
    assert heard.value["error"]["type"] == TYPES[status]
    assert heard.value["request_id"]
    assert words in heard.message


def test_engagement_pages_end_with_a_null_cursor(ask: Ask, company: Organisation) -> None:
    ids: list[str] = []
    page: dict[str, object] = {}
    while True:
        value = ask(USAGE, date=DAY, limit=13, **page).value
        assert set(value) == {"data", "next_page"}
        ids += [row["user"]["id"] for row in value["data"]]
        if value["next_page"] is None:
            break
        page = {"page": value["next_page"]}
    assert ids == [row["member_id"] for row in company.truth(DAY, NOW)]


def test_a_cursor_belongs_to_its_query(ask: Ask) -> None:
    cursor = ask(USAGE, date=DAY, limit=13).value["next_page"]
    other = ask(USAGE, date=DAY - timedelta(days=1), limit=13, page=cursor)
    assert (other.status, other.message) == (400, "cursor does not match current query parameters")
    assert ask(USAGE, date=DAY, limit=14, page=cursor).status == 400


def test_the_roster_goes_on_after_an_id(ask: Ask) -> None:
    first = ask("/users").value
    assert (len(first["data"]), first["has_more"]) == (20, True)
    assert (first["first_id"], first["last_id"]) == (first["data"][0]["id"], first["data"][-1]["id"])
    second = ask("/users", after_id=first["last_id"]).value
    assert ask("/users", before_id=second["first_id"]).value["data"] == first["data"]
    everybody = ask("/users", limit=1000).value
    assert everybody["has_more"] is False
    assert everybody["last_id"] == everybody["data"][-1]["id"]


def test_a_window_is_one_row_a_member(ask: Ask, company: Organisation) -> None:
    days = [DAY - timedelta(days=back) for back in (2, 1, 0)]
    rows = ask(USAGE, starting_date=days[0], ending_date=DAY + timedelta(days=1), limit=1000).value["data"]
    truth = [row for day in days for row in company.truth(day, NOW)]
    assert len(rows) == len({row["member_id"] for row in truth})
    assert sum(row["chat_metrics"]["message_count"] for row in rows) == sum(row["chat_messages"] for row in truth)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_the_newest_day_follows_from_lag_and_clock(company: Organisation, lag: int) -> None:
    newest = NOW.date() - timedelta(days=lag)
    with FakeClaude(company, clock=lambda: NOW, requests_per_minute=None, lag_days=lag) as fake:
        assert ask_server(fake, USAGE, date=newest).status == 200
        assert newest.isoformat() in ask_server(fake, USAGE, date=newest + timedelta(days=1)).message
        summaries = ask_server(fake, "/analytics/summaries", starting_date=newest - timedelta(days=3)).value
        assert summaries["data"][-1]["starting_at"] == f"{newest}T00:00:00Z"
        assert summaries["next_page"] is None


def test_each_key_opens_what_it_should(fake: FakeClaude, ask: Ask) -> None:
    keys = fake.keys
    assert ask("/users", key=keys.members).status == 200
    assert ask(USAGE, key=keys.analytics, date=DAY).status == 200
    lacking = ask(USAGE, key=keys.members, date=DAY)
    assert lacking.status == 403
    assert "Missing required scopes. Got: ['read:members'] Needed: ['read:analytics']" in lacking.message
    assert "['api:admin']" in ask(USAGE, key=keys.console, date=DAY).message
    assert ask("/users", key=keys.analytics).status == 403
    assert ask("/users", key="sk-ant-api01-nobody").status == 401
    assert keys.console.startswith("sk-ant-admin01-")
    assert keys.both.startswith("sk-ant-api01-")


def test_a_revoked_key_is_refused_until_it_is_restored(fake: FakeClaude, ask: Ask) -> None:
    fake.revoke(fake.keys.members)
    assert ask("/users", key=fake.keys.members).status == 401
    assert ask("/users").status == 200
    fake.restore(fake.keys.members)
    assert ask("/users", key=fake.keys.members).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed_and_the_try_is_recorded(fake: FakeClaude, ask: Ask, method: str) -> None:
    assert ask("/users", method=method).status == 405
    assert (fake.requests[-1].method, fake.requests[-1].status) == (method, 405)


def test_requests_are_recorded_without_their_key(fake: FakeClaude, ask: Ask) -> None:
    ask(USAGE, key=fake.keys.analytics, date=DAY, limit=5, beta="true")
    last = fake.requests[-1]
    assert (last.path, last.query["date"], last.status, last.key) == (
        "/v1/organizations/analytics/users",
        "2026-11-18",
        200,
        "analytics",
    )
    assert fake.keys.analytics not in repr(fake.requests)
    fake.clear_requests()
    assert fake.requests == []


def test_the_minute_has_a_budget(company: Organisation) -> None:
    with FakeClaude(company, clock=lambda: NOW, requests_per_minute=5) as fake:
        heard = [ask_server(fake, "/users", limit=1) for _ in range(7)]
    assert [reply.status for reply in heard[:5]] == [200] * 5
    assert heard[-1].status == 429
    assert heard[-1].value["error"]["type"] == "rate_limit_error"
    assert int(heard[-1].headers["retry-after"]) >= 1


def test_an_unknown_fault_names_those_there_are(company: Organisation) -> None:
    with pytest.raises(Problem, match="empty-roster"):
        FakeClaude(company, fault="no-such-fault")
