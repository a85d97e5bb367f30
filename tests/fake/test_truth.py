"""What is served is what is true; the truth follows from members and seed, and settles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fake.conftest import NOW, Ask
from uptake.domain.measures import COLUMNS, MEASURES
from uptake.fake import Organisation

DAYS = (date(2026, 1, 5), date(2026, 6, 17), date(2026, 8, 17), date(2026, 11, 18), date(2026, 11, 19))


def _at(row: dict[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_served_rows_are_the_truth(ask: Ask, company: Organisation, day: date) -> None:
    served = ask("/analytics/users", date=day, limit=1000).value["data"]
    read = [
        {"member_id": row["user"]["id"], "email": row["user"]["email_address"]}
        | {measure.column: _at(row, measure.path) for measure in MEASURES}
        for row in served
    ]
    assert read
    assert read == company.truth(day, NOW)


def test_the_same_seed_is_the_same_organisation() -> None:
    """Whatever was asked before, and in which order."""
    one, two, other = (Organisation(members=60, seed=seed) for seed in (3, 3, 4))
    one.truth(date(2026, 3, 3))
    for day in (date(2026, 5, 6), date(2026, 11, 10)):
        assert one.truth(day) == two.truth(day) != other.truth(day)
    assert one.roster(NOW) == two.roster(NOW)
    assert one.invites(NOW) == two.invites(NOW)


def test_rows_are_sorted_unique_and_never_idle(company: Organisation) -> None:
    rows = company.truth(date(2026, 11, 18))
    emails = [row["email"].lower() for row in rows]
    assert emails == sorted(emails)
    assert len(set(emails)) == len({row["member_id"] for row in rows}) == len(rows)
    assert all(any(row[column] for column in COLUMNS) for row in rows)


def test_only_counts_that_may_be_null_are_null(company: Organisation) -> None:
    firm = [measure.column for measure in MEASURES if not measure.nullable and not measure.optional]
    for row in company.truth(date(2026, 11, 18)):
        assert [column for column in firm if row[column] is None] == []


def test_parts_never_exceed_their_whole(company: Organisation) -> None:
    pairs = (
        ("chat_conversations", "chat_messages"),
        ("chat_thinking_messages", "chat_messages"),
        ("chat_connectors_used", "chat_connector_calls"),
        ("cowork_connectors_used", "cowork_connector_calls"),
        ("cowork_skills_used", "cowork_skill_uses"),
        ("cowork_plugins_used", "cowork_plugin_uses"),
    )
    for row in company.truth(date(2026, 11, 18)):
        for part, whole in pairs:
            assert (row[part] or 0) <= (row[whole] if row[whole] is not None else row[part] or 0)


def test_a_day_moves_a_little_and_then_no_more() -> None:
    company = Organisation(members=1_200, seed=11)
    day = date(2026, 11, 10)
    told = [company.truth(day, datetime(2026, 11, 11, 12, tzinfo=UTC) + timedelta(days=n)) for n in range(6)]
    totals = [sum(row["chat_messages"] or 0 for row in rows) for rows in told]
    assert told[0] != told[3]
    assert told[3] == told[4] == told[5] == company.truth(day)
    assert 0.9 < totals[0] / totals[5] < 1.1
    assert 0.95 < len(told[0]) / len(told[5]) <= 1


def test_artifacts_are_counted_from_the_day_the_vendor_names() -> None:
    company = Organisation(members=600, seed=2)

    def made(day: date) -> int:
        return sum(
            (row["code_artifacts_created"] or 0) + (row["cowork_artifacts_created"] or 0) for row in company.truth(day)
        )

    assert made(date(2026, 8, 14)) == 0
    assert made(date(2026, 8, 19)) > 0


def test_the_vendors_figures_agree_with_the_rows(ask: Ask, company: Organisation) -> None:
    day = date(2026, 11, 18)
    row = ask("/analytics/summaries", starting_date=day, ending_date=day + timedelta(days=1)).value["data"][0]
    chat = [r for r in company.truth(day, NOW) if (r["chat_messages"] or 0) + (r["unified_chat_messages"] or 0) > 0]
    assert row["chat_daily_active_user_count"] == len(chat)
    assert row["daily_active_user_count"] <= row["weekly_active_user_count"] <= row["monthly_active_user_count"]
    last_second = datetime(2026, 11, 18, 23, 59, 59, tzinfo=UTC)
    assert row["assigned_seat_count"] == len(company.roster(last_second))


def test_leavers_vanish_from_the_roster_and_their_days_stay() -> None:
    company = Organisation(members=400, seed=5)
    early, late = datetime(2026, 2, 2, tzinfo=UTC), NOW
    gone = {m.id for m in company.roster(early)} - {m.id for m in company.roster(late)}
    assert gone
    assert gone & {row["member_id"] for row in company.truth(date(2026, 1, 20))}


def test_some_people_in_usage_are_on_no_roster() -> None:
    company = Organisation(members=1_000, seed=5)
    roster = {member.id for member in company.roster(NOW)}
    rows = company.truth(date(2026, 11, 18))
    strangers = [row for row in rows if row["member_id"] not in roster]
    assert 0.005 < len(strangers) / len(rows) < 0.08


def test_a_roster_is_like_a_real_one() -> None:
    roster = Organisation(members=2_000, seed=5).roster(NOW)
    assert [member.role for member in roster].count("primary_owner") == 1
    assert {"user", "managed", "owner", "membership_admin"} <= {member.role for member in roster}
    assert [member.added_at for member in roster] == sorted((m.added_at for m in roster), reverse=True)
    assert any("+" in member.email for member in roster)
    assert any(member.email != member.email.lower() for member in roster)
    assert any(not member.name.isascii() for member in roster)
    assert {invite.status for invite in Organisation(members=2_000, seed=5).invites(NOW)} == {
        "pending",
        "expired",
        "accepted",
    }
