"""The client: what it sends, how it retries, what each answer means, and that no failure repeats what the vendor wrote."""

from __future__ import annotations

import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from uptake.claude.answers import (
    ClaudeError,
    CursorExpired,
    NoSuchRoute,
    NotForThisOrganization,
    Rejected,
    TooEarly,
    TooRecent,
    Unavailable,
    Unreadable,
    Wait,
)
from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.patience import ATTEMPTS, Backoff, Patience
from uptake.domain.secret import Secret

KEY = "sk-ant-api01-tulip-tulip-tulip-9876"
CANARY = "canary-text-of-the-vendor"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 19)
OLD_DAY = date(2026, 9, 1)

Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class Vendor:
    """Gives the answers in their order, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Waits(Patience):
    """Patience whose sleeping takes no time but is written down."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        super().__init__(seconds, lambda: self.now)

    def sleep(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        return self.left() > 0


def ok(**headers: str) -> httpx2.Response:
    return httpx2.Response(200, json={"data": []}, headers={"request-id": "req_1", **headers})


def refused(status: int, message: str = CANARY, code: str = "", **headers: str) -> httpx2.Response:
    error = {"type": CANARY, "message": message, "details": {"error_code": code, "text": CANARY}}
    return httpx2.Response(
        status, json={"type": "error", "error": error, CANARY: CANARY}, headers={"x-note": CANARY, **headers}
    )


def client(vendor: Vendor, limiter: Limiter | None = None) -> Claude:
    quick = limiter or Limiter(1e12)
    return Claude(
        "https://claude.test",
        Secret(KEY),
        quick,
        transport=httpx2.MockTransport(vendor),
        backoff=Backoff(lambda: 1.0),
        now=lambda: NOW,
    )


def fails(answer: Answer, ask: Callable[[Claude], object] = lambda claude: claude.usage(DAY, Waits())) -> ClaudeError:
    """The failure an answer becomes; whatever it is, it quotes neither the vendor nor the key."""
    with pytest.raises(ClaudeError) as failure:
        ask(client(Vendor(answer)))
    shown = "".join(traceback.format_exception(failure.value)) + repr(vars(failure.value)) + failure.value.words
    assert CANARY not in shown
    assert "tulip" not in shown
    assert failure.value.__cause__ is None or not isinstance(failure.value.__cause__, httpx2.HTTPError)
    return failure.value


# --- what is sent ---


def test_a_request_carries_the_key_the_version_and_our_name() -> None:
    vendor = Vendor(ok())
    client(vendor).members(Waits())
    [request] = vendor.requests
    assert dict(request.headers) == {
        "host": "claude.test",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": request.headers["user-agent"],
        "anthropic-version": "2026-10-21",
        "authorization": f"Bearer {KEY}",
    }
    assert request.headers["user-agent"].startswith("uptake/")


@pytest.mark.parametrize(
    ("ask", "url"),
    [
        (lambda claude: claude.members(Waits()), "users?limit=1000"),
        (lambda claude: claude.members(Waits(), limit=1), "users?limit=1"),
        (lambda claude: claude.members(Waits(), after_id="user_9"), "users?limit=1000&after_id=user_9"),
        (lambda claude: claude.invites(Waits(), after_id="a b&c"), "invites?limit=1000&after_id=a+b%26c"),
        (lambda claude: claude.usage(DAY, Waits()), "analytics/users?date=2026-11-19&limit=1000"),
        (lambda claude: claude.usage(DAY, Waits(), page="p"), "analytics/users?date=2026-11-19&limit=1000&page=p"),
        (lambda claude: claude.summaries(DAY, None, Waits()), "analytics/summaries?starting_date=2026-11-19"),
        (
            lambda claude: claude.summaries(date(2026, 10, 1), date(2026, 10, 31), Waits()),
            "analytics/summaries?starting_date=2026-10-01&ending_date=2026-11-01",  # the vendor's end is exclusive
        ),
    ],
)
def test_each_question_goes_to_its_address(ask: Callable[[Claude], object], url: str) -> None:
    vendor = Vendor(ok())
    ask(client(vendor))
    assert str(vendor.requests[0].url) == f"https://claude.test/v1/organizations/{url}"


def test_a_good_answer_comes_back_undecoded_with_who_answered() -> None:
    reply = client(Vendor(ok(**{"anthropic-organization-id": "org-7"}))).usage(DAY, Waits())
    assert (reply.body, reply.organization_id, reply.request_id) == (b'{"data":[]}', "org-7", "req_1")


def test_the_client_shows_its_key_nowhere() -> None:
    claude = client(Vendor(ok()))
    claude.members(Waits())
    seen = [repr(claude), repr(vars(claude)), repr(claude._http), repr(claude._http.headers), repr(claude._http.auth)]
    seen += [repr(vars(claude._http)), repr(vars(claude._http.auth))]
    assert not [text for text in seen if "tulip" in text]


def test_no_log_line_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client(Vendor(refused(500), ok())).members(Waits())
    assert "tulip" not in caplog.text


def test_cookies_of_the_vendor_are_not_sent_back() -> None:
    vendor = Vendor(ok(**{"set-cookie": f"track={CANARY}; Path=/"}))
    claude = client(vendor)
    claude.members(Waits())
    claude.members(Waits())
    assert "cookie" not in vendor.requests[1].headers


# --- what is tried again ---


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_passing_trouble_is_tried_again_until_it_passes(status: int) -> None:
    vendor = Vendor(refused(status), refused(status), refused(status), ok())
    waits = Waits()
    client(vendor).usage(DAY, waits)
    assert len(vendor.requests) == 4
    assert waits.slept == [2, 4, 8]


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 529])
def test_a_trouble_that_stays_ends_after_a_few_tries(status: int) -> None:
    vendor = Vendor(refused(status))
    with pytest.raises(Unavailable):
        client(vendor).usage(DAY, Waits(1_000))
    assert len(vendor.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 402, 403, 404, 410, 413, 418, 422, 501])
def test_what_does_not_pass_is_asked_once(status: int) -> None:
    vendor = Vendor(refused(status, location="https://elsewhere.example/v1/organizations/users"))
    with pytest.raises(ClaudeError):
        client(vendor).usage(DAY, Waits())
    assert len(vendor.requests) == 1


def test_the_vendor_may_say_that_trying_again_is_useless() -> None:
    vendor = Vendor(refused(500, **{"x-should-retry": "false"}))
    assert isinstance(fails(vendor.answers[0]), Unavailable)
    with pytest.raises(Unavailable):
        client(vendor).usage(DAY, Waits())
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ConnectError(CANARY),
        httpx2.ConnectTimeout(CANARY),
        httpx2.ReadTimeout(CANARY),
        httpx2.ReadError(CANARY),
        httpx2.RemoteProtocolError(CANARY),
        httpx2.WriteError(CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_line_is_tried_again_and_then_said_in_our_words(error: Exception) -> None:
    vendor = Vendor(error)
    with pytest.raises(Unavailable):
        client(vendor).usage(DAY, Waits(1_000))
    assert len(vendor.requests) == ATTEMPTS
    assert isinstance(fails(error), Unavailable)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (httpx2.ConnectError("[Errno -2] Name or service not known"), "(dns)"),
        (httpx2.ConnectError("[Errno -3] Temporary failure in name resolution"), "(dns)"),
        (httpx2.ConnectError("[Errno 111] Connection refused"), "(refused)"),
        (httpx2.ConnectTimeout("timed out"), "(timeout)"),
        (httpx2.ReadError("reset"), "(network)"),
        (httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired"), "(tls)"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "(tls)"),
    ],
)
def test_the_kind_of_trouble_is_named(error: Exception, word: str) -> None:
    assert word in fails(error).words


def test_a_certificate_that_is_not_accepted_is_not_tried_again() -> None:
    vendor = Vendor(httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"))
    with pytest.raises(Unavailable):
        client(vendor).usage(DAY, Waits())
    assert len(vendor.requests) == 1


def test_no_try_begins_that_patience_does_not_reach() -> None:
    vendor, waits = Vendor(refused(503)), Waits(5)
    with pytest.raises(Unavailable):
        client(vendor).usage(DAY, waits)
    assert len(vendor.requests) == 2  # after 2 s; the next wait of 4 s would end at 6
    assert waits.now <= 5


def test_a_cancelled_stream_asks_nothing_more() -> None:
    vendor, waits = Vendor(ok()), Patience(60)
    waits.cancel()
    with pytest.raises(ClaudeError):
        client(vendor).usage(DAY, waits)
    assert vendor.requests == []


# --- 429 ---


@pytest.mark.parametrize(("header", "waited"), [("30", 30), ("0", 0), ("-5", 0), ("soon", 2), (None, 2), ("0.5", 0.5)])
def test_a_429_waits_as_long_as_it_says(header: str | None, waited: float) -> None:
    headers = {"retry-after": header} if header is not None else {}
    vendor, waits = Vendor(refused(429, **headers), ok()), Waits()
    client(vendor, Limiter(1e12, lambda: waits.now)).usage(DAY, waits)
    assert len(vendor.requests) == 2
    assert sum(waits.slept) == pytest.approx(waited, abs=0.001)


def test_a_429_that_asks_for_more_than_there_is_ends_the_stream_at_once_and_says_for_how_long() -> None:
    vendor, waits = Vendor(refused(429, **{"retry-after": "1800"})), Waits(75)
    with pytest.raises(Wait) as failure:
        client(vendor).usage(DAY, waits)
    assert failure.value.seconds == 1800
    assert (len(vendor.requests), waits.slept) == (1, [])


def test_a_429_holds_back_the_other_questions_of_the_connection_too() -> None:
    limiter = Limiter(1e12)
    vendor = Vendor(refused(429, **{"retry-after": "1800"}))
    with pytest.raises(Wait):
        client(vendor, limiter).usage(DAY, Waits())
    with pytest.raises(Wait) as failure:
        client(vendor, limiter).members(Waits())
    assert failure.value.seconds == pytest.approx(1800, abs=5)
    assert len(vendor.requests) == 1


def test_a_429_for_ever_ends_with_bounded_requests() -> None:
    vendor = Vendor(refused(429, **{"retry-after": "1"}))
    with pytest.raises(Wait):
        client(vendor).usage(DAY, Waits(1_000))
    assert len(vendor.requests) == ATTEMPTS


def test_questions_are_paced_and_our_own_pace_costs_no_patience() -> None:
    limiter = Limiter(6)  # one in ten seconds
    vendor, waits = Vendor(ok()), Waits(25)
    claude = client(vendor, limiter)
    for _ in range(4):
        claude.members(waits)
    assert len(vendor.requests) == 4
    assert waits.left() > 0


# --- what an answer means ---


@pytest.mark.parametrize("status", [401, 402, 403, 404])
@pytest.mark.parametrize(
    "ask", [lambda claude: claude.usage(DAY, Waits()), lambda claude: claude.summaries(DAY, None, Waits())]
)
def test_on_analytics_these_all_mean_that_the_key_does_not_open_it(
    status: int, ask: Callable[[Claude], object]
) -> None:
    failure = fails(refused(status), ask)
    assert isinstance(failure, Rejected)
    assert failure.status == status


@pytest.mark.parametrize("ask", [lambda claude: claude.members(Waits()), lambda claude: claude.invites(Waits())])
def test_on_the_roster_404_means_another_address_and_nobody_left(ask: Callable[[Claude], object]) -> None:
    assert isinstance(fails(refused(404), ask), NoSuchRoute)
    for status in (401, 402, 403):
        assert isinstance(fails(refused(status), ask), Rejected)


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        ("Missing required scopes. Got: ['api:admin'] Needed: ['read:analytics']", "read:analytics"),
        ("Missing required scopes. Got: ['read:analytics'] Needed one of: ['read:members', 'x']", "read:members"),
        ("needed read:everything", ""),
        (CANARY, ""),
        ("Needed: " * 400 + "read:analytics", ""),
    ],
)
def test_a_refusal_names_the_scope_only_where_it_is_one_we_know(message: str, needed: str) -> None:
    failure = fails(refused(403, message))
    assert isinstance(failure, Rejected)
    assert failure.needed == needed


@pytest.mark.parametrize(
    ("message", "day", "kind", "newest"),
    [
        ("date must be at least 3 days ago to ensure accuracy of data", DAY, TooRecent, date(2026, 11, 17)),
        (f"{CANARY} newest 2026-11-18", DAY, TooRecent, date(2026, 11, 18)),
        (CANARY, DAY, TooRecent, None),
        ("2999-01-01 1970-01-01", DAY, TooRecent, None),
        (CANARY, date(2026, 11, 6), TooRecent, None),
        (CANARY, date(2026, 11, 5), TooEarly, None),
        ("date must be on or after 2026-10-01", OLD_DAY, TooEarly, None),
    ],
)
def test_a_400_says_too_recent_or_too_early(
    message: str, day: date, kind: type[ClaudeError], newest: date | None
) -> None:
    failure = fails(refused(400, message), lambda claude: claude.usage(day, Waits()))
    assert type(failure) is kind
    assert getattr(failure, "newest", None) == newest


@pytest.mark.parametrize(
    "code", ["organization_type_not_supported", "parent_organization_required", "organization_not_enrolled_in_beta"]
)
def test_a_400_may_say_that_this_organisation_is_not_offered_it(code: str) -> None:
    assert isinstance(fails(refused(400, code=code)), NotForThisOrganization)


def test_a_400_in_the_middle_of_a_list_is_a_cursor_that_died() -> None:
    later = lambda claude: claude.usage(DAY, Waits(), page="cursor")  # noqa: E731
    assert isinstance(fails(refused(400, "cursor does not match current query parameters"), later), CursorExpired)
    assert isinstance(fails(refused(410), later), CursorExpired)


def test_a_400_on_the_roster_is_not_about_a_day() -> None:
    assert isinstance(fails(refused(400, "2026-11-18"), lambda claude: claude.members(Waits())), Unreadable)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>" + CANARY.encode(),
        b"[]",
        b'{"error": 5}',
        b'{"error": {"message": 5}}',
        b"\xff\xfe" + CANARY.encode(),
        b"[" * 100_000,
        b'{"error": {"message": "\\ud800"}}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_an_error_body_of_any_shape_means_what_its_status_means(body: bytes) -> None:
    assert isinstance(fails(httpx2.Response(401, content=body)), Rejected)
    failure = fails(httpx2.Response(400, content=body))
    assert isinstance(failure, TooRecent)
    assert failure.newest is None


@pytest.mark.parametrize("status", [204, 206, 301, 302, 303, 307, 308, 418, 501])
def test_an_answer_this_route_does_not_give_is_unreadable(status: int) -> None:
    assert isinstance(fails(refused(status, location="https://elsewhere.example/")), Unreadable)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain", "application/octet-stream", "image/png"])
def test_a_200_that_is_no_json_is_something_else_answering(kind: str) -> None:
    page = httpx2.Response(200, content=CANARY.encode(), headers={"content-type": kind})
    assert isinstance(fails(page), Unreadable)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_json_however_it_is_spelled(kind: str) -> None:
    answer = httpx2.Response(200, content=b"{}", headers={"content-type": kind})
    assert client(Vendor(answer)).members(Waits()).body == b"{}"


# --- the one way out ---


def elsewhere(url: str) -> Callable[[Claude], object]:
    return lambda claude: claude._http.get(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/v1/organizations/users",
        "http://claude.test/v1/organizations/users",
        "https://claude.test:8443/v1/organizations/users",
        "https://claude.test.elsewhere.example/v1/organizations/users",
        "https://claude.test@elsewhere.example/v1/organizations/users",
        "https://169.254.169.254/v1/organizations/users",
        "/v1/organizations/users/user_1",
        "/v1/organizations/users/",
        "/v1/organizations/api_keys",
        "/v1/organizations/analytics/apps/chat/projects",
        "/v1/organizations/analytics/users/../../api_keys",
        "/v1/messages",
        "/",
    ],
)
def test_nothing_leaves_to_another_host_or_path(url: str) -> None:
    vendor = Vendor(ok())
    with pytest.raises(Exception, match="GET") as failure:
        elsewhere(url)(client(vendor))
    assert type(failure.value).__name__ == "Forbidden"
    assert vendor.requests == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_nothing_leaves_but_get(method: str) -> None:
    vendor = Vendor(ok())
    with pytest.raises(Exception, match=method):
        client(vendor)._http.request(method, "/v1/organizations/users")
    assert vendor.requests == []


def test_a_redirect_is_not_followed_and_its_target_sees_nothing() -> None:
    vendor = Vendor(refused(302, location="https://elsewhere.example/v1/organizations/users"), ok())
    with pytest.raises(Unreadable):
        client(vendor).members(Waits())
    assert [request.url.host for request in vendor.requests] == ["claude.test"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_a_compressed_body_is_refused_unread(encoding: str) -> None:
    answer: Any = lambda request: httpx2.Response(200, headers={"content-encoding": encoding}, stream=Endless())  # noqa: E731
    failure = fails(answer)
    assert isinstance(failure, Unreadable)
    assert "compressed" in failure.words


class Endless(httpx2.SyncByteStream):
    """A body without an end. Who reads it whole never comes back."""

    def __init__(self) -> None:
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.given < 1 << 30:
            self.given += 1 << 16
            yield b" " * (1 << 16)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_error_is_what_its_status_says_however_long_its_body(encoding: str) -> None:
    endless = Endless()
    headers = {"content-encoding": encoding}
    vendor = Vendor(lambda request: httpx2.Response(401, stream=endless, headers=headers))
    with pytest.raises(Rejected):
        client(vendor).usage(DAY, Waits())
    assert endless.given <= 1 << 17
    assert len(vendor.requests) == 1


def test_a_body_without_an_end_is_cut_at_16_mib_and_not_asked_for_again() -> None:
    endless = Endless()
    vendor = Vendor(lambda request: httpx2.Response(200, stream=endless))
    with pytest.raises(Unreadable, match="16 MiB"):
        client(vendor).usage(DAY, Waits())
    assert endless.given <= (16 << 20) + (1 << 16)
    assert len(vendor.requests) == 1


def test_a_body_that_comes_too_slowly_ends_with_patience() -> None:
    class Slow(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                time.sleep(0.02)
                yield b" "

    start = time.monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        client(Vendor(lambda request: httpx2.Response(200, stream=Slow()))).usage(DAY, Patience(0.1))
    assert time.monotonic() - start < 1


def test_several_threads_share_one_client() -> None:
    vendor = Vendor(ok())
    claude = client(vendor)
    threads = [threading.Thread(target=lambda: claude.usage(DAY, Waits())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vendor.requests) == 16
