"""Folding a roster and invites into what was known: nobody is forgotten, nobody is on two lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude.roster import InviteRow, MemberRow
from uptake.lake import MEMBERS
from uptake.sync.members import Changes, active_ids, changes, fold, fold_invites, told

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
JOINED = datetime(2026, 6, 1, tzinfo=UTC)
NOBODY = MEMBERS.empty_table()


def member(number: int, email: str | None = "", **others: Any) -> MemberRow:
    row = {"name": f"Person {number}", "role": "user", "joined_at": JOINED} | others
    return MemberRow(id=f"user_{number}", email=f"p{number}@example.com" if email == "" else email, **row)


def invite(email: str, status: str = "pending", at: datetime | None = NOW, role: str = "user") -> InviteRow:
    return InviteRow(email, role, status, at, NOW + timedelta(days=21))


def rows(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["member_id"] or row["email"]: row for row in table.to_pylist()}


def roster(*members: MemberRow, before: pa.Table = NOBODY, now: datetime = NOW) -> pa.Table:
    return fold(before, told(members), now)


def test_the_first_roster_is_everybody_active() -> None:
    table = roster(member(2), member(1))
    assert table.schema == MEMBERS
    assert active_ids(table) == ["user_1", "user_2"]
    assert rows(table)["user_1"] == dict.fromkeys(MEMBERS.names) | {
        "member_id": "user_1",
        "email": "p1@example.com",
        "name": "Person 1",
        "claude_role": "user",
        "status": "active",
        "joined_at": JOINED,
    }


def test_who_vanishes_is_removed_from_that_moment_and_keeps_everything_else() -> None:
    before = roster(member(1), member(2))
    after = rows(roster(member(2), before=before))
    assert after["user_1"] == rows(before)["user_1"] | {"status": "removed", "left_at": NOW}
    assert after["user_2"] == rows(before)["user_2"]


def test_a_removal_keeps_its_date_however_often_the_roster_is_read() -> None:
    once = roster(member(2), before=roster(member(1), member(2)))
    assert roster(member(2), before=once, now=LATER).equals(once)


def test_who_comes_back_with_the_same_id_is_active_and_has_not_left() -> None:
    gone = roster(before=roster(member(1)))
    back = rows(roster(member(1, joined_at=LATER), before=gone, now=LATER))
    assert (back["user_1"]["status"], back["user_1"]["left_at"], back["user_1"]["joined_at"]) == ("active", None, LATER)


def test_the_same_address_with_a_new_id_is_a_new_member_beside_the_old_one() -> None:
    after = rows(roster(member(9, "p1@example.com"), before=roster(member(1))))
    assert {key: row["status"] for key, row in after.items()} == {"user_1": "removed", "user_9": "active"}


def test_a_changed_address_name_or_role_is_taken_over() -> None:
    after = rows(roster(member(1, "new@example.com", name="New", role="owner"), before=roster(member(1))))
    assert [after["user_1"][name] for name in ("email", "name", "claude_role")] == ["new@example.com", "New", "owner"]


def test_a_value_that_could_not_be_read_now_keeps_the_one_before() -> None:
    bare = MemberRow("user_1", None, None, None, None)
    before = roster(member(1))
    assert roster(bare, before=before).equals(before)


def test_a_member_listed_twice_is_one() -> None:
    assert active_ids(roster(member(1), member(1, name="Twin"))) == ["user_1"]


def test_the_same_roster_again_changes_nothing() -> None:
    before = fold_invites(roster(member(1), member(2)), [invite("new@example.com")])
    assert roster(member(2), member(1), before=before, now=LATER).equals(before)


def test_an_invite_is_kept_beside_the_members() -> None:
    after = rows(fold_invites(roster(member(1)), [invite("new@example.com")]))
    assert after["user_1"]["status"] == "active"
    assert after["new@example.com"] == dict.fromkeys(MEMBERS.names) | {
        "email": "new@example.com",
        "claude_role": "user",
        "status": "pending",
        "invited_at": NOW,
        "expires_at": NOW + timedelta(days=21),
    }


OLD, NEW = NOW - timedelta(days=9), NOW


@pytest.mark.parametrize(
    ("invites", "left"),
    [
        ([invite("a@x", "expired", OLD), invite("a@x", "pending", NEW)], "pending"),
        ([invite("a@x", "pending", NEW), invite("a@x", "expired", OLD)], "pending"),
        ([invite("a@x", "pending", OLD), invite("a@x", "deleted", NEW)], "deleted"),
        ([invite("a@x", "pending", OLD), invite("a@x", "accepted", NEW)], None),
        ([invite("a@x", "accepted", OLD), invite("a@x", "pending", NEW)], "pending"),
        ([invite("a@x", "accepted")], None),
        ([invite("a@x", "something new")], None),
        ([invite("a@x", "expired", None), invite("a@x", "pending", NEW)], "pending"),
        ([invite("a@x", "pending", NEW), invite("a@x", "expired", None)], "pending"),
        ([], None),
    ],
)
def test_the_newest_invite_of_an_address_wins(invites: list[InviteRow], left: str | None) -> None:
    assert [row["status"] for row in fold_invites(NOBODY, invites).to_pylist()] == ([left] if left else [])


def test_somebody_on_the_roster_is_never_also_invited() -> None:
    invited = fold_invites(NOBODY, [invite("p1@example.com"), invite("new@example.com")])
    assert set(rows(roster(member(1), before=invited))) == {"user_1", "new@example.com"}
    assert set(rows(fold_invites(roster(member(1)), [invite("p1@example.com"), invite("new@example.com")]))) == {
        "user_1",
        "new@example.com",
    }


def test_somebody_removed_may_be_invited_again() -> None:
    gone = roster(before=roster(member(1)))
    assert set(rows(fold_invites(gone, [invite("p1@example.com")]))) == {"user_1", "p1@example.com"}


def test_a_roster_without_addresses_takes_nobodys_invite_away() -> None:
    invited = fold_invites(NOBODY, [invite("new@example.com")])
    assert set(rows(roster(member(1, None), before=invited))) == {"user_1", "new@example.com"}


def test_invites_that_are_gone_from_the_list_are_gone() -> None:
    invited = fold_invites(roster(member(1)), [invite("new@example.com")])
    assert fold_invites(invited, []).equals(roster(member(1)))


PEOPLE = st.sets(st.integers(0, 6), max_size=7)


@given(st.lists(PEOPLE, max_size=6))
def test_whatever_rosters_come_everybody_ever_seen_is_known_exactly_once(rosters: Iterable[set[int]]) -> None:
    table, seen, now = NOBODY, set[int](), NOW
    for ids in rosters:
        now += timedelta(days=1)
        table = fold(table, told([member(number) for number in ids]), now)
        seen |= ids
        assert active_ids(table) == sorted(f"user_{number}" for number in ids)
        assert sorted(table.column("member_id").to_pylist()) == sorted(f"user_{number}" for number in seen)
        assert all((row["left_at"] is not None) == (row["status"] == "removed") for row in table.to_pylist())


def test_what_a_roster_changed_is_counted_and_nobody_named() -> None:
    before = roster(member(3), member(4), member(5), before=roster(*map(member, range(1, 6))))  # 1 and 2 have left
    after = roster(member(1), member(4, "new@example.com"), member(5), member(6), before=before, now=LATER)
    found = changes(before, after)
    assert found == Changes(joined=1, removed=1, returned=1, readdressed=1)
    assert [note.split()[0] for note in found.notes] == ["1", "1", "1"]
    assert not any("@" in note or "user_" in note for note in found.notes)
    assert changes(after, after).notes == []


def test_a_first_roster_and_people_who_join_are_nothing_to_note() -> None:
    first = roster(member(1))
    assert changes(NOBODY, first) == Changes(1, 0, 0, 0)
    assert changes(first, roster(member(1), member(2), before=first)).notes == []
