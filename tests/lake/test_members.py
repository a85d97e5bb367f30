"""Members as they stand now: from the newest snapshot, judged by the clock, with strangers seen in usage."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.lake.facts import DAY, NOW, entry, members, usage
from uptake.lake import Lake, Member, snapshot
from uptake.lake import members as members_now

ADA = {"member_id": "user_1", "email": "ada@example.com", "name": "Ada", "claude_role": "owner", "joined_at": NOW}
PENDING = {"email": "new@example.com", "claude_role": "user", "status": "pending"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "aside")


def keep(lake: Lake, *rows: dict[str, object], day: date = DAY) -> None:
    table = members(rows)
    lake.replace(entry(table, "members", day=day), table)


def use(lake: Lake, *people: tuple[str, str | None], day: date = DAY) -> None:
    table = usage(*((member_id, email, 1) for member_id, email in people))
    lake.replace(entry(table, day=day), table)


def statuses(lake: Lake) -> dict[str | None, str]:
    return {member.email or member.member_id: member.status for member in members_now(lake, "c1", NOW)}


def test_a_member_comes_back_as_kept(lake: Lake) -> None:
    keep(lake, ADA | {"status": "active"})
    assert members_now(lake, "c1", NOW) == [
        Member("c1", "user_1", "Ada", "ada@example.com", "owner", "active", joined_at=NOW, left_at=None)
    ]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (ADA | {"status": "active"}, "active"),
        (ADA | {"status": "removed", "left_at": NOW}, "removed"),
        (PENDING | {"expires_at": NOW + timedelta(days=1)}, "invited"),
        (PENDING | {"expires_at": NOW - timedelta(days=1)}, "invite_expired"),
        (PENDING, "invited"),
        (PENDING | {"status": "expired"}, "invite_expired"),
        (PENDING | {"status": "deleted"}, "invite_expired"),
    ],
)
def test_the_status_follows_from_the_row_and_the_clock(lake: Lake, row: dict[str, object], status: str) -> None:
    keep(lake, row)
    assert list(statuses(lake).values()) == [status]


def test_an_accepted_invite_is_nobody(lake: Lake) -> None:
    keep(lake, PENDING | {"status": "accepted"})
    assert members_now(lake, "c1", NOW) == []


def test_the_newest_snapshot_is_the_whole_truth(lake: Lake) -> None:
    keep(lake, ADA | {"status": "active"}, PENDING, day=date(2026, 11, 1))
    keep(lake, ADA | {"status": "removed"}, day=date(2026, 11, 9))
    assert statuses(lake) == {"ada@example.com": "removed"}
    assert snapshot(lake, "c1").num_rows == 1
    assert snapshot(lake, "c2").num_rows == 0


def test_somebody_in_usage_whom_no_roster_knows_is_unlisted(lake: Lake) -> None:
    keep(lake, ADA | {"status": "removed"}, PENDING)
    use(lake, ("user_1", "ada@example.com"), ("user_9", "stranger@example.com"), ("user_8", None))
    assert statuses(lake) == {
        "ada@example.com": "removed",
        "new@example.com": "invited",
        "stranger@example.com": "unlisted",
        "user_8": "unlisted",
    }


def test_a_member_with_another_id_but_the_same_address_is_no_stranger(lake: Lake) -> None:
    """Two organisations, two ids: a Console roster meets Enterprise usage by e-mail."""
    keep(lake, ADA | {"status": "active"})
    use(lake, ("other_id", "ada@example.com"))
    assert statuses(lake) == {"ada@example.com": "active"}


def test_a_strangers_newest_address_stands_for_them(lake: Lake) -> None:
    use(lake, ("user_9", "old@example.com"), day=date(2026, 11, 1))
    use(lake, ("user_9", "new@example.com"), day=date(2026, 11, 2))
    use(lake, ("user_9", None), day=date(2026, 11, 3))
    assert statuses(lake) == {"new@example.com": "unlisted"}


def test_without_any_roster_everybody_in_usage_is_unlisted(lake: Lake) -> None:
    use(lake, ("user_1", "ada@example.com"))
    assert statuses(lake) == {"ada@example.com": "unlisted"}
    assert members_now(lake, "c2", NOW) == []


def test_a_damaged_day_hides_nobody_else(lake: Lake) -> None:
    use(lake, ("user_1", "ada@example.com"), day=date(2026, 11, 1))
    use(lake, ("user_2", "grace@example.com"), day=date(2026, 11, 2))
    path = lake.path("usage", "c1", date(2026, 11, 1))
    path.write_bytes(path.read_bytes().replace(b"user_1", b"user_7"))
    assert statuses(lake) == {"grace@example.com": "unlisted"}
