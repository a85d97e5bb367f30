"""Roster, invites and the vendor's own figures: read in every published shape, cleaned, or refused as a whole."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude import roster
from uptake.claude.answers import Unreadable
from uptake.claude.roster import InviteRow, MemberRow
from uptake.claude.sieve import Flaws
from uptake.domain.measures import SUMMARY_COUNTS

JOINED = datetime(2026, 6, 12, 9, 14, 3, tzinfo=UTC)
MEMBER = {
    "id": "user_01Ada",
    "type": "user",
    "email": " Ada@Example.com ",
    "name": "Ada\u200b Lovelace",
    "role": "owner",
    "added_at": "2026-06-12T09:14:03Z",
}
INVITE = {
    "id": "invite_01",
    "type": "invite",
    "email": "New@Example.com",
    "role": "user",
    "status": "pending",
    "invited_at": "2026-11-01T10:00:00Z",
    "expires_at": "2026-11-22T10:00:00Z",
    "accepted_at": None,
    "rbac_group_ids": ["rbac_group_1"],
}


def listed(*rows: object, has_more: object = False, **others: object) -> bytes:
    return json.dumps({"data": rows, "has_more": has_more, "first_id": "first", "last_id": "last", **others}).encode()


def test_a_member_comes_out_clean() -> None:
    read = roster.members_page(listed(MEMBER))
    assert read.rows == [MemberRow("user_01Ada", "ada@example.com", "Ada Lovelace", "owner", JOINED)]
    assert (read.next_id, read.flaws) == (None, Flaws())


def test_an_invite_comes_out_clean() -> None:
    read = roster.invites_page(listed(INVITE))
    times = (datetime(2026, 11, 1, 10, tzinfo=UTC), datetime(2026, 11, 22, 10, tzinfo=UTC))
    assert read.rows == [InviteRow("new@example.com", "user", "pending", *times)]


def test_the_list_goes_on_only_where_it_says_there_is_more() -> None:
    assert roster.members_page(listed(MEMBER, has_more=True)).next_id == "last"
    assert roster.members_page(listed(MEMBER, has_more=False)).next_id is None  # last_id is set on the last page too
    assert roster.members_page(listed()).rows == []


@pytest.mark.parametrize("last_id", [None, ""])
def test_a_list_that_goes_on_without_saying_where_is_unreadable(last_id: str | None) -> None:
    with pytest.raises(Unreadable):
        roster.members_page(listed(MEMBER, has_more=True, last_id=last_id))


@pytest.mark.parametrize("change", [{"role": 5}, {"name": ["x"]}, {"email": {}}, {"added_at": 3}])
def test_of_a_member_with_a_wrong_value_the_id_stays(change: dict[str, Any]) -> None:
    read = roster.members_page(listed(MEMBER | change))
    assert [member.id for member in read.rows] == ["user_01Ada"]
    assert read.flaws.rejected_rows == 0


@pytest.mark.parametrize("change", [{"name": None}, {"name": "\u200b"}, {"name": ""}])
def test_a_name_that_is_none_is_none(change: dict[str, Any]) -> None:
    assert roster.members_page(listed(MEMBER | change)).rows[0].name is None


def test_an_email_that_is_none_leaves_the_member() -> None:
    assert roster.members_page(listed(MEMBER | {"email": "no address"})).rows[0].email is None
    assert roster.members_page(listed({"id": "user_2"})).rows == [MemberRow("user_2", None, None, None, None)]


@pytest.mark.parametrize(
    "made", [None, 5, [], {}, {"id": None}, {"id": ""}, {"id": 5}, {"id": "a b"}, {"id": "x" * 200}]
)
def test_a_member_without_an_id_is_left_out_and_counted(made: object) -> None:
    read = roster.members_page(listed(made, MEMBER))
    assert [member.id for member in read.rows] == ["user_01Ada"]
    assert read.flaws.rejected_rows == 1


@pytest.mark.parametrize(
    "made", [None, {}, INVITE | {"email": "nobody"}, INVITE | {"email": None}, INVITE | {"status": None}]
)
def test_an_invite_without_address_or_status_is_left_out_and_counted(made: object) -> None:
    read = roster.invites_page(listed(made, INVITE))
    assert [invite.email for invite in read.rows] == ["new@example.com"]
    assert read.flaws.rejected_rows == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": []}', b'{"data": null, "has_more": false}', b"<html>"])
@pytest.mark.parametrize("read", [roster.members_page, roster.invites_page])
def test_what_is_no_list_is_unreadable(body: bytes, read: Any) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_a_list_cut_anywhere_is_unreadable_never_a_smaller_roster() -> None:
    body = listed(MEMBER, MEMBER)
    for end in range(len(body)):
        with pytest.raises(Unreadable):
            roster.members_page(body[:end])


def test_long_texts_are_cut() -> None:
    [member] = roster.members_page(listed(MEMBER | {"name": "x" * 9_999, "role": "r" * 9_999})).rows
    [invite] = roster.invites_page(listed(INVITE | {"status": "s" * 9_999})).rows
    assert (len(member.name or ""), len(member.role or ""), len(invite.status)) == (256, 64, 32)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-06-12T09:14:03Z", JOINED),
        ("2026-06-12T11:14:03+02:00", JOINED),
        ("2026-06-12T09:14:03", JOINED),  # without a zone it is UTC
        ("2026-06-12T09:14:03.427722Z", JOINED.replace(microsecond=427722)),
        ("2026-06-12", datetime(2026, 6, 12, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("2026-13-01T00:00:00Z", None),
        ("9" * 5_000, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_a_time_is_aware_and_utc_or_none(text: str | None, at: datetime | None) -> None:
    assert roster.moment(text) == at


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    at = roster.moment(text)
    assert at is None or at.tzinfo is UTC


# --- the vendor's own figures ---

FIGURES = {"starting_at": "2026-11-18T00:00:00Z", "ending_at": "2026-11-19T00:00:00Z", "daily_active_user_count": 311}


@pytest.mark.parametrize(
    "envelope",
    [
        {"data": [FIGURES], "next_page": None},
        {"summaries": [FIGURES]},
        {"data": [FIGURES], "summaries": [FIGURES, FIGURES]},
        {"data": None, "summaries": [FIGURES]},
        {"summaries": [{"starting_date": "2026-11-18", "daily_active_user_count": 311.0}]},
    ],
)
def test_summaries_are_read_in_the_present_and_the_older_envelope(envelope: dict[str, Any]) -> None:
    [found] = roster.summaries(json.dumps(envelope).encode())
    assert found.day == date(2026, 11, 18)
    assert found.counts == dict.fromkeys(SUMMARY_COUNTS) | {"daily_active_user_count": 311}


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("3.0", 3), ("null", None), ("true", None), ('"3"', None), ("-1", None), ("1e400", None), ("3.5", None)],
)
def test_a_summary_count_is_as_strict_as_any_other(text: str, count: int | None) -> None:
    body = json.dumps({"data": [FIGURES | {"assigned_seat_count": "@@"}]}).replace('"@@"', text)
    assert roster.summaries(body.encode())[0].counts["assigned_seat_count"] == count


@pytest.mark.parametrize("start", [None, 5, "starting_at", "", {"day": 1}])
def test_figures_without_a_day_are_left_out(start: object) -> None:
    assert roster.summaries(json.dumps({"data": [FIGURES | {"starting_at": start}]}).encode()) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": 5}', b'{"data": [5]}', b"<html>", b'{"data": ['])
def test_what_is_no_list_of_figures_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        roster.summaries(body)


def test_no_field_that_is_not_named_becomes_a_part_of_a_row() -> None:
    extra = {"prompt": "canary", "photo": "canary", "nested": {"deep": ["canary"]}}
    assert "canary" not in repr(roster.members_page(listed(MEMBER | extra)))
    assert "canary" not in repr(roster.invites_page(listed(INVITE | extra)))
    assert "canary" not in repr(roster.summaries(json.dumps({"data": [FIGURES | extra], **extra}).encode()))
