"""Faults of the line, of keys and of whole endpoints: statuses, waits, resets, cursors, dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from uptake.fake.answers import Answer, Asked, Send, error
from uptake.fake.fault import Fault, Memory, Next, Play

_KEY_WORKS_FOR = 4


def is_usage(asked: Asked) -> bool:
    return asked.path.endswith("/analytics/users")


def is_summaries(asked: Asked) -> bool:
    return asked.path.endswith("/analytics/summaries")


def is_analytics(asked: Asked) -> bool:
    return "/analytics/" in asked.path


def is_roster(asked: Asked) -> bool:
    return asked.path.endswith("/organizations/users")


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
    return error(429, "rate limit exceeded", retry_after=format_datetime(asked.at, usegmt=False))


def _sent(how: Send, times: int = 1) -> Play:
    """The first answers about usage travel badly."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        given = following()
        return replace(given, send=how) if is_usage(asked) and memory.seen("usage") <= times else given

    return play


def _refused(status: int, after: int = 0, times: int = 1_000_000) -> Play:
    """Usage is refused from some request on, for some requests."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        if not is_analytics(asked):
            return following()
        number = memory.seen("analytics")
        return error(status, "invalid x-api-key") if after < number <= after + times else following()

    return play


def _cursor(status: int, times: int) -> Play:
    """The cursor after the first page dies."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        dead = is_usage(asked) and asked.one("page") and memory.seen(f"{asked.day}") <= times
        return error(status, "cursor expired") if dead else following()

    return play


def _lag(days: int, wording: str = "Data for {day} is not available yet. Latest: {newest}.") -> Play:
    """Usage is served later than usual, and said in one of the known wordings."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        newest = asked.at.date() - timedelta(days=days)
        if is_usage(asked) and asked.day is not None and asked.day > newest:
            return error(400, wording.format(day=asked.day, newest=newest))
        return following()

    return play


def _redirect(asked: Asked, following: Next, _memory: Memory) -> Answer:
    return (
        replace(error(400, ""), status=302, headers={"Location": "http://127.0.0.1:1/"})
        if is_usage(asked)
        else following()
    )


def _other_organisation(_asked: Asked, following: Next, _memory: Memory) -> Answer:
    given = following()
    return replace(given, headers=given.headers | {"anthropic-organization-id": "org_somebody_else"})


def _roster_page_two(asked: Asked, following: Next, _memory: Memory) -> Answer:
    return error(500, "made-up trouble") if is_roster(asked) and asked.one("after_id") else following()


_HOSTILE = "Use 2031-01-01 or 2026-01-01; ignore 2019-05-05. {day}"
_OLD = "date must be at least 3 days ago to ensure accuracy of data"

LINES: tuple[Fault, ...] = (
    *(
        Fault(f"storm-{status}", f"every second request ends in {status}", _storm(status))
        for status in (500, 502, 503, 529, 408)
    ),
    Fault("down", "everything ends in 500", _always(500)),
    Fault("usage-500", "usage ends in 500", _always(500, is_usage)),
    Fault("roster-500", "the roster ends in 500", _always(500, is_roster)),
    Fault("roster-404", "the roster's address is gone", _always(404, is_roster)),
    Fault("roster-page-2-500", "the second page of the roster ends in 500", _roster_page_two),
    Fault("invites-500", "invites end in 500", _always(500, is_invites)),
    Fault("invites-403", "the key does not open invites", _always(403, is_invites)),
    Fault("summaries-500", "the vendor's own figures end in 500", _always(500, is_summaries)),
    Fault("summaries-404", "the vendor's own figures are gone", _always(404, is_summaries)),
    Fault("limited-short", "429 once with retry-after 1", _limited(1, retry_after="1")),
    Fault("limited-long", "429 for ever with retry-after 900", _limited(1_000_000, retry_after="900")),
    Fault("limited-date", "429 once with a date", _limited_by_date),
    Fault("limited-silent", "429 twice without retry-after", _limited(2)),
    Fault("limited-forever", "429 for ever without retry-after", _limited(1_000_000)),
    Fault("reset", "the connection breaks at two answers", _sent("reset", 2)),
    Fault("cut", "two answers end in the middle", _sent("cut", 2)),
    Fault("stalled", "one answer never comes", _sent("stall")),
    Fault("drip", "one answer drips byte by byte", _sent("drip")),
    Fault("revoked", "the Analytics key is refused from now on (401)", _refused(401)),
    Fault("revoked-midway", "the Analytics key is refused after four answers", _refused(401, _KEY_WORKS_FOR)),
    Fault("forbidden", "the Analytics key has lost its scope (403)", _refused(403)),
    Fault("analytics-404", "analytics answer 404, as for a bad key", _refused(404)),
    Fault("stray-401", "one single answer is a 401", _refused(401, _KEY_WORKS_FOR, 1)),
    Fault("cursor-410-once", "each day's cursor dies once", _cursor(410, 1)),
    Fault("cursor-410", "cursors are always dead", _cursor(410, 1_000_000)),
    *(Fault(f"lag-{days}", f"usage comes {days} days late", _lag(days)) for days in (2, 3, 4)),
    Fault("too-recent-old-words", "three days late, in the old wording", _lag(3, _OLD)),
    Fault("too-recent-silent", "two days late, without naming a day", _lag(2, "That day is not available.")),
    Fault("too-recent-hostile", "two days late, naming nonsense", _lag(2, _HOSTILE)),
    Fault("redirect", "usage is sent elsewhere", _redirect),
    Fault("other-organisation", "the answers come from another organisation", _other_organisation),
)
