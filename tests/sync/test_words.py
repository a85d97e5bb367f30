"""What a stream says when it cannot go on: what happened, what it means for the data, what to do; nothing of the vendor's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from uptake.claude import answers
from uptake.claude.answers import ClaudeError, Rejected
from uptake.sync.fetch import Unbelievable
from uptake.sync.words import SLOT, StreamName, day_text, key_refused, stream_failed

AT = datetime(2026, 11, 5, 9, 3, tzinfo=UTC)
STREAMS: tuple[StreamName, ...] = get_args(StreamName)
FAILURES: list[ClaudeError] = [
    answers.NoSuchRoute("Anthropic answered 404 on a known route"),
    answers.TooRecent(date(2026, 11, 3)),
    answers.TooEarly("the vendor does not serve this day"),
    answers.NotForThisOrganization("this endpoint is not offered"),
    answers.CursorExpired("the vendor's cursor expired"),
    answers.Wait(1800),
    answers.Unavailable("no connection to the server (refused)"),
    answers.Unreadable("the answer is HTML"),
    Unbelievable("the list goes round in a circle"),
]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_a_refused_key_is_named_with_status_time_meaning_and_way_out(stream: StreamName, status: int) -> None:
    trouble = key_refused(stream, Rejected(status), AT, date(2026, 11, 3))
    key = "Admin key" if SLOT[stream] == "admin" else "Analytics key"
    for part in (key, "5 Nov 2026", "09:03 UTC", str(status), "Nobody is"):
        assert part in trouble.cause
    assert "replace it here" in trouble.hint
    assert len(trouble.cause) <= 400
    assert len(trouble.hint) <= 600


def test_a_refused_analytics_key_says_what_is_held() -> None:
    held = key_refused("usage", Rejected(401), AT, date(2026, 11, 3)).cause
    assert "Usage through 3 Nov 2026 stays; the roster still syncs" in held
    assert "No usage is held yet" in key_refused("usage", Rejected(401), AT, None).cause


def test_a_refused_admin_key_says_that_nobody_was_removed() -> None:
    cause = key_refused("roster", Rejected(403), AT, None).cause
    assert "usage still syncs" in cause
    assert "Nobody is marked as removed" in cause


@pytest.mark.parametrize(
    ("stream", "needed", "scope"),
    [
        ("usage", "", "read:analytics"),
        ("roster", "", "read:members"),
        ("usage", "read:rbac_groups", "read:rbac_groups"),
    ],
)
def test_a_missing_scope_is_named(stream: StreamName, needed: str, scope: str) -> None:
    for status in (403, 404):
        assert scope in key_refused(stream, Rejected(status, needed), AT, None).cause


def test_a_revoked_key_is_not_called_a_missing_scope() -> None:
    cause = key_refused("usage", Rejected(401), AT, None).cause
    assert "revoked" in cause
    assert "lacks" not in cause


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_every_failure_says_what_happened_what_stays_and_what_to_do(stream: StreamName, failure: ClaudeError) -> None:
    trouble = stream_failed(stream, failure)
    assert failure.words in trouble.cause
    assert "as it was" in trouble.cause or "as they were" in trouble.cause
    assert trouble.hint
    assert trouble.hint.endswith(".")
    assert len(trouble.cause) <= 400
    assert len(trouble.hint) <= 600


def test_every_kind_of_failure_is_in_the_table_above() -> None:
    kinds = {kind for kind in vars(answers).values() if isinstance(kind, type) and issubclass(kind, ClaudeError)}
    assert kinds - {ClaudeError, Rejected} <= {type(failure) for failure in FAILURES}


def test_a_day_reads_as_people_write_it() -> None:
    assert day_text(date(2026, 11, 5)) == "5 Nov 2026"
