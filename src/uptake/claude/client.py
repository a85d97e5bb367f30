"""The client: four questions to Anthropic, asked patiently and evenly paced; every failure comes back as a type.

It speaks HTTP through httpx2, as the official SDK does, but not through the SDK: see docs/decisions/0002.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, date, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from uptake import __version__
from uptake.claude import replies
from uptake.claude.answers import ClaudeError, Reply, Unavailable, Unreadable, Wait
from uptake.claude.limiter import Limiter
from uptake.claude.patience import ATTEMPTS, Backoff, Patience, retry_after
from uptake.claude.transport import GuardedTransport, TooLarge
from uptake.domain.secret import Secret

PAGE_SIZE = 1000
_API_VERSION = "2026-10-21"
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
_REPLY_SECONDS = 60.0
_IN_LINE = 6  # requests of one connection that may be waiting for their slot at once
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})

Query = Mapping[str, str | int | None]


class _Bearer(httpx2.Auth):
    """Puts the key into a request at the last moment, so that no client object shows it."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.expose()}"
        yield request


class Claude:
    """One key's access to one Claude organisation. Safe to use from several threads; close it after the run."""

    def __init__(
        self,
        base_url: str,
        key: Secret,
        limiter: Limiter,
        *,
        transport: httpx2.BaseTransport | None = None,
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._limiter = limiter
        self._unanswered = False  # the last question of this key was given up after all its tries
        self._backoff = backoff or Backoff()
        self._now = now
        self._http = httpx2.Client(
            base_url=base_url,
            auth=_Bearer(key),
            headers={
                "anthropic-version": _API_VERSION,
                "user-agent": f"uptake/{__version__}",
                "accept": "application/json",
                "accept-encoding": "identity",
            },
            transport=GuardedTransport(base_url, transport),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept, so none is sent back
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def members(self, patience: Patience, after_id: str | None = None, limit: int = PAGE_SIZE) -> Reply:
        """A page of the roster, newest members first. Raises ClaudeError."""
        return self._get("/v1/organizations/users", {"limit": limit, "after_id": after_id}, patience)

    def invites(self, patience: Patience, after_id: str | None = None, limit: int = PAGE_SIZE) -> Reply:
        """A page of invites. Raises ClaudeError."""
        return self._get("/v1/organizations/invites", {"limit": limit, "after_id": after_id}, patience)

    def groups(self, patience: Patience, page: str | None = None) -> Reply:
        """A page of RBAC groups. Asked only where an administrator switched it on. Raises ClaudeError."""
        return self._get("/v1/organizations/rbac_groups", {"limit": PAGE_SIZE, "page": page}, patience)

    def group_members(self, group_id: str, patience: Patience, page: str | None = None) -> Reply:
        """A page of a group's members. Raises ClaudeError."""
        path = f"/v1/organizations/rbac_groups/{group_id}/members"
        return self._get(path, {"limit": PAGE_SIZE, "page": page}, patience)

    def usage(self, day: date, patience: Patience, page: str | None = None, limit: int = PAGE_SIZE) -> Reply:
        """A page of one UTC day's counts, sorted by e-mail. Raises ClaudeError."""
        query: Query = {"date": day.isoformat(), "limit": limit, "page": page}
        return self._get("/v1/organizations/analytics/users", query, patience, day)

    def summaries(self, first: date, last: date | None, patience: Patience) -> Reply:
        """The vendor's own figures from `first` to `last`; None: to the newest day available. Raises ClaudeError."""
        ending = None if last is None else date.fromordinal(last.toordinal() + 1).isoformat()
        query = {"starting_date": first.isoformat(), "ending_date": ending}
        return self._get("/v1/organizations/analytics/summaries", query, patience, first)

    def _get(self, path: str, query: Query, patience: Patience, day: date | None = None) -> Reply:
        params = {name: value for name, value in query.items() if value is not None}
        failures = 0
        # Where nothing is answered any more, every further question is asked once and not five times.
        attempts = 1 if self._unanswered else ATTEMPTS
        while True:
            try:
                response = self._send(path, params, patience)
            except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as error:
                failure: ClaudeError = _network_failure(error)
                wait = None
                final = isinstance(error, TooLarge) or _is_tls(error)
            else:
                if response.status_code not in _RETRIED:
                    self._unanswered = False
                    return replies.read(response, path, day, cursor="page" in params, today=self._now().date())
                failure, wait = self._busy(response)
                final = response.headers.get("x-should-retry") == "false" and response.status_code != 429
            failures += 1
            if final or failures >= attempts:
                self._unanswered = True
                raise failure from None
            self._wait(patience, wait if wait is not None else self._backoff.seconds(failures), failure)

    def _send(self, path: str, params: Mapping[str, str | int], patience: Patience) -> httpx2.Response:
        pacing = self._limiter.reserve()
        # Waiting for our own pace is nobody's fault; waiting because the vendor paused us is counted.
        patience.granted(min(pacing, _IN_LINE * self._limiter.gap))
        if pacing >= patience.left():
            paused = pacing > _IN_LINE * self._limiter.gap
            raise Wait(pacing) if paused else Unavailable("this run's time was over before its next request was due")
        if pacing > 0 and not patience.sleep(pacing):
            raise Unavailable("this run had ended before its next request was due")
        left = patience.left()
        if left <= 0:
            raise Unavailable("this run's time was over before its next request was due")
        timeout = httpx2.Timeout(min(_READ_SECONDS, left), connect=min(_CONNECT_SECONDS, left))
        request = self._http.build_request("GET", path, params=params, timeout=timeout)
        request.extensions["uptake_deadline"] = min(_REPLY_SECONDS, left)
        return self._http.send(request)

    def _busy(self, response: httpx2.Response) -> tuple[ClaudeError, float | None]:
        status = response.status_code
        if status != 429:
            return Unavailable(f"Anthropic answered {status}"), None
        wait = retry_after(response.headers.get("retry-after"), time.time())
        if wait is not None:
            self._limiter.pause(wait)
        return Wait(wait if wait is not None else 60.0), wait

    def _wait(self, patience: Patience, seconds: float, failure: ClaudeError) -> None:
        """Wait before the next try, or give up where the patience left does not reach that far."""
        if seconds >= patience.left() or not patience.sleep(seconds):
            raise failure


def _is_tls(error: Exception) -> bool:
    text = f"{error!s} {error.__cause__!s}".upper()
    return isinstance(error, ssl.SSLError) or "SSL" in text or "CERTIFICATE" in text or "TLS" in text


def _network_failure(error: Exception) -> ClaudeError:
    """Our own words for what went wrong on the way; the error's text may hold an address and is dropped."""
    text = f"{error!s} {error.__cause__!s}".lower()
    if isinstance(error, TooLarge):
        return Unreadable(str(error))
    if _is_tls(error):
        return Unavailable("the TLS certificate of the server was not accepted, so no key was sent (tls)")
    if "name or service" in text or "name resolution" in text or "nodename" in text or "getaddrinfo" in text:
        return Unavailable("the name of the server could not be resolved (dns)")
    if isinstance(error, httpx2.TimeoutException):
        return Unavailable("the server did not answer in time (timeout)")
    if isinstance(error, httpx2.ConnectError):
        return Unavailable("no connection to the server (refused)")
    return Unavailable("the connection broke while the answer was read (network)")
