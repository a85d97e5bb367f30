"""Whatever bytes come in where somebody else writes: our own typed refusal or a believable value, soon and in few bytes."""

from __future__ import annotations

import json
import re
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx2
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import proof
from claude.wire import JUNE_2026, TODAY, full_row, page
from fuzz.mutator import Mutator
from uptake.claude import keys, replies, roster, sieve
from uptake.claude.answers import ClaudeError, Reply, Unreadable
from uptake.claude.dates import newest_named
from uptake.claude.patience import LONGEST_WAIT, retry_after
from uptake.domain.days import FLOOR_DAY
from uptake.domain.measures import COLUMNS, MAX_COUNT
from uptake.domain.members import MAX_EMAIL, MAX_ID, MAX_NAME
from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SLOWEST = 1.0
MOST_MEMORY = 256 * 1024  # kB


def usage_page(body: bytes) -> None:
    try:
        found = sieve.usage_page(body)
    except Unreadable:
        return
    assert found.rows.schema.names == ["member_id", "email", *COLUMNS]
    assert found.next_page is None or found.next_page
    assert found.rows.column(0).null_count == 0
    assert all(0 < len(member) <= MAX_ID and member.isascii() for member in found.rows.column(0).to_pylist())
    assert all(
        email is None or ("@" in email and len(email) <= MAX_EMAIL) for email in found.rows.column(1).to_pylist()
    )
    for column in found.rows.columns[2:]:
        if column.null_count < len(column):
            least, most = pc.min_max(column).as_py().values()
            assert column.type == pa.int32()
            assert 0 <= least <= most <= MAX_COUNT


def lists(body: bytes) -> None:
    for read in (roster.members_page, roster.invites_page):
        with suppress(Unreadable):
            found = read(body)
            assert found.next_id is None or found.next_id
            for row in found.rows:
                name, email = getattr(row, "name", None), row.email
                assert name is None or (0 < len(name) <= MAX_NAME and "\n" not in name)
                assert email is None or ("@" in email and len(email) <= MAX_EMAIL)
    with suppress(Unreadable):
        for day in roster.summaries(body):
            assert all(value is None or 0 <= value <= MAX_COUNT for value in day.counts.values())


def too_recent(body: bytes) -> None:
    named = newest_named(body.decode("utf-8", "surrogateescape"), DAY, NOW.date())
    assert named is None or max(FLOOR_DAY, DAY - timedelta(days=14)) <= named < DAY


def wait(body: bytes) -> None:
    seconds = retry_after(body.decode("latin-1"), NOW.timestamp())
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


def pasted_key(body: bytes) -> None:
    text = body.decode("utf-8", "surrogateescape")
    try:
        found = keys.clean(Secret(text), "Admin key")
    except Refused as refused:
        assert len(text) < 8 or text not in f"{refused} {refused.hint}"
        return
    assert re.fullmatch(r"sk-ant-[A-Za-z0-9_-]{13,505}", found.secret.expose())


def answer(body: bytes) -> None:
    """Error bodies: the first byte picks a status, the rest is what was written."""
    status = (200, 400, 401, 402, 403, 404, 410, 413, 418)[body[0] % 9] if body else 400
    kind = "application/json" if len(body) % 7 else body[:40].decode("latin-1").replace("\n", "").replace("\r", "")
    headers = [
        (b"content-type", kind.encode("latin-1")),
        (b"anthropic-organization-id", body[1:200].replace(b"\n", b"")),
    ]
    response = httpx2.Response(status, headers=headers, content=body[1:])
    try:
        reply = replies.read(response, "/v1/organizations/analytics/users", DAY, cursor=len(body) % 3 == 0, today=DAY)
    except ClaudeError as error:
        assert len(error.words) < 200
        assert error.words.isascii()
    else:
        assert isinstance(reply, Reply)
        assert len(reply.organization_id) <= 128


def count(body: bytes) -> None:
    value = sieve.strict_count(body)
    assert value is None or 0 <= value <= MAX_COUNT


_JOINED = "2026-01-05T09:00:00Z"
_MEMBER = {"id": "user_1", "email": "A@Example.com", "name": "Zo\u00eb", "role": "user", "added_at": _JOINED}
_INVITE = {"id": "invite_1", "email": "b@example.com", "status": "pending", "invited_at": _JOINED, "expires_at": None}
_SUMMARY = {"starting_at": "2026-11-19T00:00:00Z", "daily_active_user_count": 12, "assigned_seat_count": 40}
_ROSTER = json.dumps({"data": [_MEMBER, _MEMBER | {"id": "user_2"}], "has_more": True, "last_id": "user_2"}).encode()
_INVITES = json.dumps({"data": [_INVITE], "has_more": False}).encode()
_SUMMARIES = json.dumps({"data": [_SUMMARY]}).encode()
_KEYS = (b"sk-ant-api01-" + b"aB3_-" * 16, b' "sk-ant-admin01-abcdefghijkl"\n', b"sk-ant-api01-ab\xe2\x80\xa6yz")
_ERRORS = tuple(
    b"%c" % status + json.dumps({"error": {"type": "x", "message": message, "details": details}}).encode()
    for status in range(9)
    for message, details in (
        ("Data for 2026-11-19 is not available yet. The most recent available date is 2026-11-17.", None),
        (
            "Missing required scopes. Got: [] Needed: ['read:analytics']",
            {"error_code": "organization_type_not_supported"},
        ),
    )
)


@dataclass(frozen=True)
class Target:
    """One parser: its examples and its share of all executions."""

    run: Callable[[bytes], None]
    examples: tuple[bytes, ...]
    share: float


TARGETS = (
    Target(usage_page, (JUNE_2026.encode(), TODAY.encode(), page(full_row()), page(full_row(), full_row("user_2"))), 0.3),
    Target(lists, (_ROSTER, _INVITES, _SUMMARIES), 0.15),
    Target(
        too_recent,
        (
            b"Data for 2026-11-19 is not available yet. The most recent available date is 2026-11-17.",
            b"date must be at least 3 days ago to ensure accuracy of data",
            b"Use 2031-01-01 or 2026-01-01; ignore 2019-05-05.",
        ),
        0.15,
    ),
    Target(wait, (b"30", b"2.5", b"-5", b"1e9", b"Fri, 20 Nov 2026 00:00:30 GMT", b"Fri, 20 Nov 2026 00:00:30 -0000"), 0.15),
    Target(pasted_key, _KEYS, 0.1),
    Target(answer, _ERRORS, 0.1),
    Target(count, (b"3", b"3.0", b"-0", b"1e5", b"1000000000", b"true", b"null", b'"12"'), 0.05),
)  # fmt: skip


def _fuzz(target: Target, executions: int, seed: int) -> None:
    mutator = Mutator(seed, target.examples)
    for example in target.examples:
        target.run(example)
    memory, slowest, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0.0, time.thread_time()
    for number in range(executions):
        body = mutator.next()
        started = time.thread_time()
        try:
            target.run(body)
        except BaseException:
            print(f"{target.run.__name__}: seed {seed}, execution {number}: {body!r}")
            raise
        slowest = max(slowest, time.thread_time() - started)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    proof.figures(
        f"fuzz {target.run.__name__}",
        executions=executions, seed=seed, crashes=0, slowest_ms=round(slowest * 1e3, 1), grown_kb=grown,
        cpu_s=round(time.thread_time() - begun, 1),
    )  # fmt: skip
    assert slowest < SLOWEST
    assert grown < MOST_MEMORY


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.run.__name__)
def test_nothing_breaks(target: Target) -> None:
    _fuzz(target, int(proof.EVERYDAY.fuzzed * target.share), seed=1)


@pytest.mark.full
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.run.__name__)
def test_nothing_breaks_a_million_times(target: Target) -> None:
    _fuzz(target, int(proof.FULL.fuzzed * target.share), seed=time.time_ns() % 2**32)


def test_a_crash_would_be_seen() -> None:
    """The positive control: a parser with one hole is found out."""

    def fragile(body: bytes) -> None:
        json.loads(body)

    with pytest.raises((ValueError, RecursionError)):
        _fuzz(Target(fragile, (b'{"a":1}',), 1.0), 1_000, seed=1)
