"""Every fault can be played, counts anew when it is set, and leaves a server that works."""

from __future__ import annotations

import contextlib
import http.client
import time
from datetime import date
from urllib.parse import urlencode, urlsplit

import pytest

from fake.conftest import ROOT, Ask
from uptake.fake import FAULTS, FakeClaude

PATIENCE = 0.4
QUESTIONS = (
    ("/analytics/users", {"date": date(2026, 11, 18), "limit": 20}),
    ("/users", {"limit": 1000}),
    ("/invites", {}),
    ("/analytics/summaries", {"starting_date": date(2026, 11, 17)}),
)


EVERYDAY = 5  # every fifth fault; the others are marked full


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.full] if at % EVERYDAY else [], id=name)
        for at, name in enumerate(sorted(FAULTS))
    ],
)
def test_a_fault_is_played_and_passes(fake: FakeClaude, ask: Ask, name: str) -> None:
    assert FAULTS[name].words
    plain = _plain or [ask(path, **query).body for path, query in QUESTIONS]
    _plain[:] = plain
    fake.fault = name
    asked = [*zip(QUESTIONS, plain, strict=True)] * 2
    differs = any(_differs(fake, path, query, before) for (path, query), before in asked)
    fake.fault = None
    assert [ask(path, **query).body for path, query in QUESTIONS] == plain
    assert differs or name in LATER


_plain: list[bytes] = []
"""What is answered without a fault: the same for every test of this organisation at this time."""

# These show only on later requests, on other days, at the end of a list or beside the body.
LATER = {
    "endless",
    "hang-up",
    "history-20",
    "late-day",
    "one-day-400",
    "one-day-500",
    "trailer",
    "two-lengths",
    *(name for name in FAULTS if name.startswith("cursor-")),
    "gzip",
    "other-organisation",
    "revoked-midway",
    "roster-page-2-500",
    "stray-401",
    *(name for name in FAULTS if name.startswith(("lag-", "too-recent"))),
}


def _differs(fake: FakeClaude, path: str, query: dict[str, object], before: bytes) -> bool:
    """Whether the answer is another than without the fault; one that does not come in time differs too."""
    ends = time.monotonic() + PATIENCE
    line = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=PATIENCE)
    body = b""
    with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
        line.request("GET", f"{ROOT}{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {fake.keys.both}"})
        reply = line.getresponse()
        while time.monotonic() < ends and (part := reply.read1()):
            body += part
    return body != before


@pytest.mark.parametrize("days", [2, 3, 4])
def test_usage_can_come_later(fake: FakeClaude, ask: Ask, days: int) -> None:
    fake.fault = f"lag-{days}"
    assert ask("/analytics/users", date=date(2026, 11, 20 - days)).status == 200
    late = ask("/analytics/users", date=date(2026, 11, 21 - days))
    assert late.status == 400
    assert f"2026-11-{20 - days}" in late.message


def test_counting_starts_when_a_fault_is_set(fake: FakeClaude, ask: Ask) -> None:
    for _ in range(2):
        fake.fault = "limited-short"
        heard = [ask("/analytics/users", date=date(2026, 11, 18), limit=1) for _ in range(3)]
        assert [reply.status for reply in heard] == [429, 200, 200]
        assert heard[0].headers["retry-after"] == "1"


def test_a_dead_cursor_is_410_once(fake: FakeClaude, ask: Ask) -> None:
    day = date(2026, 11, 18)
    cursor = ask("/analytics/users", date=day, limit=5).value["next_page"]
    fake.fault = "cursor-410-once"
    assert [ask("/analytics/users", date=day, limit=5, page=cursor).status for _ in range(3)] == [410, 200, 200]


def test_a_redirect_leads_away(fake: FakeClaude, ask: Ask) -> None:
    fake.fault = "redirect"
    heard = ask("/analytics/users", date=date(2026, 11, 18))
    assert heard.status == 302
    assert not heard.headers["location"].startswith(fake.url)
