"""Faults of the line, of keys and of whole endpoints: statuses, waits, resets, cursors, dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from uptake.fake.answers import Answer, Asked, error
from uptake.fake.fault import Fault, Memory, Next, Play

_KEY_WORKS_FOR = 3  # the vendor's own figures and two pages
_SMALL_PAGES = 4


def is_usage(asked: Asked) -> bool:
    return asked.path.endswith("/analytics/users")


def is_summaries(asked: Asked) -> bool:
    return asked.path.endswith("/analytics/summaries")


def is_analytics(asked: Asked) -> bool:
    return "/analytics/" in asked.path


def is_roster(asked: Asked) -> bool:
    return asked.path.endswith("/organizations/users")


def is_members(asked: Asked) -> bool:
    return is_roster(asked) or is_invites(asked)


def is_invites(asked: Asked) -> bool:
    return asked.path.endswith("/invites")


def _storm(status: int) -> Play:
    """Every second request fails."""

    def play(_asked: Asked, following: Next, memory: Memory) -> Answer:
        return error(status, "made-up trouble") if memory.seen("any") % 2 else following()

    return play


def _always(status: int, where: object = None, message: str = "made-up trouble") -> Play:
    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        return error(status, message) if where is None or where(asked) else following()  # type: ignore[operator]

    return play


def _limited(times: int, **headers: str) -> Play:
    """429 for the first requests of usage."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        hit = is_usage(asked) and memory.seen("usage") <= times
        return error(429, "rate limit exceeded", **headers) if hit else following()

    return play


def _limited_by_date(asked: Asked, following: Next, memory: Memory) -> Answer:
    if not is_usage(asked) or memory.seen("usage") > 1:
        return following()
    return error(429, "rate limit exceeded", retry_after=format_datetime(datetime.now(UTC) + _SOON, usegmt=True))


def _refused(status: int, after: int = 0, times: int = 1_000_000) -> Play:
    """Usage is refused from some request on, for some requests."""
    scopes = "Missing required scopes. Got: ['read:members'] Needed: ['read:analytics']"
    words = scopes if status == 403 else "invalid x-api-key"

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        if not is_analytics(asked):
            return following()
        number = memory.seen("analytics")
        return error(status, words) if after < number <= after + times else following()

    return play


def _lag(days: int, wording: str = "Data for {day} is not available yet. Latest: {newest}.") -> Play:
    """Usage is served later than usual, and said in one of the known wordings."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        newest = asked.at.date() - timedelta(days=days)
        if is_usage(asked) and asked.day is not None and asked.day > newest:
            return error(400, wording.format(day=asked.day, newest=newest))
        return following()

    return play


def _other_organisation(_asked: Asked, following: Next, _memory: Memory) -> Answer:
    given = following()
    return replace(given, headers=given.headers | {"anthropic-organization-id": "org_somebody_else"})


def _thrice(status: int) -> Play:
    """The first three requests of usage fail."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        hit = is_usage(asked) and memory.seen("usage") <= 3
        return error(status, "made-up trouble") if hit else following()

    return play


def _one_day(status: int) -> Play:
    """One single day, the third newest, is answered with an error."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        hit = is_usage(asked) and asked.day is not None and (asked.at.date() - asked.day).days == 3
        return error(status, "made-up trouble") if hit else following()

    return play


def _history(days: int) -> Play:
    """Usage is served for so many days back only."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        if is_usage(asked) and asked.day is not None and (asked.at.date() - asked.day).days > days:
            return error(400, "date is outside the available history")
        return following()

    return play


def _told(status: int, body: bytes, kind: str, where: Callable[[Asked], bool] = is_usage) -> Play:
    """An error with a body of its own."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = Answer(status, body, {"Content-Type": kind})
        return given if where(asked) else following()

    return play


_SOON = timedelta(seconds=2)
_KEY_LIKE = b'{"type":"error","error":{"message":"sk-ant-api01-made-up-key-that-nobody-may-keep-0123456789abcdef"}}'
_EVER = 1_000_000
_HOSTILE = "Use 2031-01-01 or 2026-01-01; ignore 2019-05-05. {day}"
_FAR = "Data is available from 1970-01-01 to 2999-12-31. Newest: 2999-12-31, not {day}."
_BUSY = (500, 502, 503, 504, 529)
_OLD = "date must be at least 3 days ago to ensure accuracy of data"

LINES: tuple[Fault, ...] = (
    *(
        Fault(f"storm-{status}", f"every second request ends in {status}", _storm(status))
        for status in (502, 503, 529, 408)
    ),
    Fault("storm-500", "every second request ends in 500", _storm(500), "F28"),
    Fault("down", "everything ends in 500", _always(500), "F27"),
    Fault("usage-500", "usage ends in 500", _always(500, is_usage)),
    Fault("roster-500", "the roster ends in 500", _always(500, is_roster)),
    Fault("roster-404", "the roster's address is gone", _always(404, is_roster), "F17"),
    Fault("roster-401", "the Admin key is refused from now on (401)", _always(401, is_members), "F13"),
    Fault("invites-500", "invites end in 500", _always(500, is_invites)),
    Fault("invites-403", "the key does not open invites", _always(403, is_invites)),
    Fault("summaries-500", "the vendor's own figures end in 500", _always(500, is_summaries)),
    Fault("summaries-403", "the key does not open the vendor's own figures", _always(403, is_summaries)),
    Fault("one-day-500", "one single day ends in 500", _one_day(500)),
    Fault("one-day-400", "one single day ends in 400", _one_day(400)),
    *(Fault(f"thrice-{status}", f"three answers about usage are {status}", _thrice(status), "F26") for status in _BUSY),
    Fault("summaries-404", "the vendor's own figures are gone", _always(404, is_summaries)),
    Fault("limited-short", "429 once with retry-after 1", _limited(1, retry_after="1")),
    Fault("limited-long", "429 for ever with retry-after 900", _limited(1_000_000, retry_after="900")),
    Fault("limited-30", "429 once with retry-after 30", _limited(1, retry_after="30"), "F23"),
    Fault("limited-date", "429 once with a date", _limited_by_date, "F24"),
    *(
        Fault(f"limited-{name}", f"429 once with retry-after {header}", _limited(times, retry_after=header), "F24")
        for name, header, times in (
            ("past", "Wed, 21 Oct 2015 07:28:00 GMT", 1),
            ("negative", "-5", 1),
            ("words", "soon", 1),
            ("endless-wait", "1e9", _EVER),
        )
    ),
    Fault("limited-silent", "429 twice without retry-after", _limited(2)),
    Fault("limited-forever", "429 for ever without retry-after", _limited(1_000_000), "F25"),
    Fault("revoked", "the Analytics key is refused from now on (401)", _refused(401), "F13"),
    Fault(
        "revoked-midway",
        "the Analytics key is refused after three answers",
        _refused(401, _KEY_WORKS_FOR),
        "F14",
        _SMALL_PAGES,
    ),
    Fault("forbidden", "the Analytics key has lost its scope (403)", _refused(403), "F15"),
    Fault("analytics-404", "analytics answer 404, as for a bad key", _refused(404), "F16"),
    Fault("stray-401", "one single answer is a 401", _refused(401, _KEY_WORKS_FOR, 1), "F18", _SMALL_PAGES),
    *(
        Fault(f"lag-{days}", f"usage comes {days} days late", _lag(days), "F53" if days == 4 else "F19")
        for days in (1, 2, 3, 4)
    ),
    Fault("history-20", "usage is served twenty days back only", _history(20), "F21"),
    Fault("too-recent-old-words", "three days late, in the old wording", _lag(3, _OLD)),
    Fault("too-recent-silent", "two days late, without naming a day", _lag(2, "That day is not available.")),
    Fault("too-recent-hostile", "two days late, naming nonsense", _lag(2, _HOSTILE), "F20"),
    Fault("too-recent-2999", "two days late, naming the years 2999 and 1970", _lag(2, _FAR), "F20"),
    Fault("error-huge", "401 with 50 MB of text", _told(401, b" " * (50 << 20), "application/json"), "F29"),
    Fault("error-html", "403 with a page of HTML", _told(403, b"<html>Forbidden</html>", "text/html"), "F29"),
    Fault("error-bytes", "500 with bytes that are no text", _told(500, b"\xff\xfe" * 99, "application/json"), "F29"),
    Fault("error-key", "401 whose text looks like a key", _told(401, _KEY_LIKE, "application/json"), "F29"),
    Fault("other-organisation", "the answers come from another organisation", _other_organisation),
)
