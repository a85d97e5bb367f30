"""What is asked of Anthropic: only GET, only the listed paths, and never a request more than the plan needs."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from faults.conftest import Clock, Flat
from uptake import config
from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.patience import Patience
from uptake.claude.transport import PATHS, Forbidden
from uptake.domain.days import SETTLING_DAYS
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude, Organisation
from wire_record import LISTED, Asked, troubles

ROOT = "/v1/organizations"


def test_the_list_is_the_clients() -> None:
    assert {re.sub(r"\\(.)", r"\1", path) for path in PATHS} == set(LISTED)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{ROOT}/users"),
        ("DELETE", f"{ROOT}/users/user_1"),
        ("GET", f"{ROOT}/users/user_1"),
        ("GET", f"{ROOT}/analytics/apps/chat/projects"),
        ("GET", f"{ROOT}/analytics/users?starting_date=2026-01-01"),
        ("GET", f"{ROOT}/users?x=1"),
    ],
)
def test_the_record_would_show_it(method: str, target: str, only_what_is_listed: list[Asked]) -> None:
    """The positive control: such a request is in the session's record, which would fail the session."""
    before = len(only_what_is_listed)
    with FakeClaude(Organisation(members=5, seed=1)) as fake:
        httpx2.request(method, fake.url + target, headers={"user-agent": "uptake/9"})
        httpx2.request(method, fake.url + target, headers={"user-agent": "somebody"})
    planted = only_what_is_listed[before:]
    del only_what_is_listed[before:]
    assert len(planted) == 2
    assert len(troubles(planted)) == 1


def test_another_host_is_off_the_list() -> None:
    assert troubles([Asked("GET", f"{ROOT}/users", "api.example.com", "uptake/1")]) == ["another host: api.example.com"]


def test_what_the_client_sends_is_recorded(only_what_is_listed: list[Asked]) -> None:
    before = len(only_what_is_listed)
    with FakeClaude(Organisation(members=5, seed=1)) as fake:
        claude = Claude(fake.url, Secret(fake.keys.members), Limiter(60_000))
        claude.members(Patience(5.0))
        claude.close()
    (asked,) = only_what_is_listed[before:]
    assert (asked.method, asked.trouble) == ("GET", "")
    assert asked.agent.startswith("uptake/")


@pytest.mark.parametrize("path", [f"{ROOT}/users/user_1", f"{ROOT}/users/../me", "/", f"{ROOT}/users%2f..%2fme"])
def test_nothing_else_leaves_the_house(path: str) -> None:
    claude = Claude("http://127.0.0.1:9", Secret("sk-ant-api01-any"), Limiter(60_000))
    with pytest.raises(Forbidden):
        claude._http.get(path)
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        with pytest.raises(Forbidden):
            claude._http.request(method, f"{ROOT}/users")
    with pytest.raises(Forbidden):
        claude._http.get("http://127.0.0.1:10/v1/organizations/users")
    claude.close()


@pytest.mark.parametrize("members", [40, 1_200])
def test_never_a_request_more_than_needed(members: int, tmp_path: Path, db: None) -> None:
    """Every page of every list and of every day wanted, each asked for once."""
    company, clock, days = Organisation(members=members, seed=3), Clock(), 10
    with FakeClaude(company, requests_per_minute=None, clock=clock) as fake:
        environ = {"UPTAKE_HOME": str(tmp_path), "UPTAKE_CLAUDE_URL": fake.url, "UPTAKE_BACKFILL_DAYS": str(days)}
        flat = Flat(
            config.load(environ | {"UPTAKE_REQUESTS_PER_MINUTE": "60000", "UPTAKE_RESERVE_MB": "0"}),
            fake,
            company,
            clock,
        )
        flat.connect()
        fake.clear_requests()
        # The first sync; the same day again; two days later, by then all twelve held may have moved; again.
        for wanted, later in ((days, 0), (SETTLING_DAYS, 0), (days + 2, 2), (SETTLING_DAYS, 0)):
            clock.forward(days=later, minutes=5)
            assert flat.sync().outcome == "current"
            asked = Counter((one.path, *sorted(one.query.items())) for one in fake.requests)
            assert max(asked.values()) == 1
            assert len(asked) == _needed(company, clock, wanted)
            fake.clear_requests()


def _needed(company: Organisation, clock: Clock, days: int) -> int:
    """Pages of a thousand: roster, invites, the newest days; and one of the vendor's own figures."""
    newest = [clock().date() - timedelta(days=back) for back in range(1, days + 1)]
    lists = [len(company.roster(clock())), len(company.invites(clock()))]
    days_rows = [len(company.usage(day, clock()).ids) for day in newest]
    return 1 + sum(max(1, -(-size // 1000)) for size in [*lists, *days_rows])
