"""The vendor's own SDK talks to the made-up organisation unchanged, and every list it knows is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import anthropic
import pytest

from fake.conftest import NOW
from uptake.fake import FakeClaude, Organisation

DAY = date(2026, 11, 18)
FROM = "2026-11-10T00:00:00Z"
Lists = Callable[[Any], Any]


def _client(fake: FakeClaude, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=key, base_url=fake.url, max_retries=0)


@pytest.fixture
def sdk(fake: FakeClaude) -> Iterator[anthropic.Anthropic]:
    with _client(fake, fake.keys.both) as client:
        yield client


@pytest.mark.parametrize("namespace", ["beta", "ga"])
def test_listing_walks_all_pages(sdk: anthropic.Anthropic, company: Organisation, namespace: str) -> None:
    organization = sdk.beta.organization if namespace == "beta" else sdk.organization
    usage = list(organization.analytics.users.list(date=DAY.isoformat(), limit=17))
    assert [row.user.id for row in usage if row.user] == [row["member_id"] for row in company.truth(DAY, NOW)]
    users = list(organization.users.list(limit=40))
    assert [user.id for user in users] == [member.id for member in company.roster(NOW)]
    assert len({invite.id for invite in organization.invites.list(limit=3)}) == len(company.invites(NOW))


LISTS: dict[str, Lists] = {
    "summaries": lambda o: o.analytics.summaries.list(starting_date="2026-11-10"),
    "skills": lambda o: o.analytics.skills.list(date=DAY.isoformat()),
    "connectors": lambda o: o.analytics.connectors.list(date=DAY.isoformat()),
    "plugins": lambda o: o.analytics.plugins.list(date=DAY.isoformat()),
    "artifacts": lambda o: o.analytics.artifacts.list(date=DAY.isoformat()),
    "projects": lambda o: o.analytics.apps.chat.projects.list(date=DAY.isoformat()),
    "user_usage_report": lambda o: o.analytics.user_usage_report.list(starting_at=FROM),
    "user_cost_report": lambda o: o.analytics.user_cost_report.list(starting_at=FROM),
    "usage_report": lambda o: o.analytics.usage_report.list(starting_at=FROM),
    "cost_report": lambda o: o.analytics.cost_report.list(starting_at=FROM),
    "usage": lambda o: o.analytics.usage.list(starting_at=FROM),
    "cost": lambda o: o.analytics.cost.list(starting_at=FROM),
    "groups": lambda o: o.rbac_groups.list(),
    "roles": lambda o: o.rbac_roles.list(),
    "spend_limits": lambda o: o.spend_limits.effective.list(),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_answered(sdk: anthropic.Anthropic, name: str) -> None:
    for item in LISTS[name](sdk.beta.organization):
        assert item.to_dict()


def test_objects_are_found_by_id(sdk: anthropic.Anthropic, company: Organisation) -> None:
    organization = sdk.beta.organization
    member, invite, group = company.roster(NOW)[0], company.invites(NOW)[0], company.groups(NOW)[0]
    assert organization.users.retrieve(member.id).email == member.email
    assert organization.invites.retrieve(invite.id).status == invite.status
    assert organization.rbac_groups.retrieve(group.id).name == group.name
    assert len(list(organization.rbac_groups.members.list(group.id))) == len(group.members)
    role = next(iter(organization.rbac_roles.list()))
    assert list(organization.rbac_roles.permissions.list(role.id)) == []


def test_raw_answers_carry_the_vendors_headers(sdk: anthropic.Anthropic, company: Organisation) -> None:
    raw = sdk.beta.organization.users.with_raw_response.list(limit=1)
    assert raw.request_id
    assert raw.headers["anthropic-organization-id"] == company.id
    assert len(raw.json()["data"]) == 1  # type: ignore[attr-defined]


def test_a_console_key_reads_another_roster_and_no_usage(fake: FakeClaude, company: Organisation) -> None:
    with _client(fake, fake.keys.console) as console:
        users = list(console.beta.organization.users.list(limit=1000))
        roster = company.roster(NOW)
        assert {user.email for user in users} & {member.email for member in roster}
        assert not {user.id for user in users} & {member.id for member in roster}
        assert console.beta.organization.retrieve().type == "organization"
        with pytest.raises(anthropic.PermissionDeniedError, match="Needed"):
            console.beta.organization.analytics.users.list(date=DAY.isoformat())


def test_a_foreign_key_reads_another_organisation(fake: FakeClaude, company: Organisation) -> None:
    with _client(fake, fake.keys.foreign_members) as other:
        raw = other.beta.organization.users.with_raw_response.list(limit=1000)
    assert raw.headers["anthropic-organization-id"] != company.id
    strangers = {user["id"] for user in raw.json()["data"]}  # type: ignore[attr-defined]
    assert strangers
    assert not strangers & {member.id for member in company.roster(NOW)}
