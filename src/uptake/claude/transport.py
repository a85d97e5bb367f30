"""The one way out: GET only, to one host, on a fixed list of paths, without redirects, proxies or compressed bodies.

Every body is counted while it is read, and every reply has a deadline of its own: a size bomb or a byte a second ends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx2

from uptake.claude import lines
from uptake.claude.lines import Deadline

MAX_BODY = 16 * 1024 * 1024
"""A page of 1,000 members is about 3.6 MB. Four times that is not a page."""

PATHS = (
    r"/v1/organizations/users",
    r"/v1/organizations/invites",
    r"/v1/organizations/analytics/users",
    r"/v1/organizations/analytics/summaries",
    r"/v1/organizations/rbac_groups",
    r"/v1/organizations/rbac_groups/[A-Za-z0-9_-]{1,128}/members",
)
"""Everything uptake ever asks Anthropic for. A test records every request of the suite against this list."""

MAX_ERROR = 64 * 1024
"""What is read of an error's body: it is looked at for a date or a scope only, however much of it is sent."""

_ALLOWED = re.compile("|".join(f"(?:{path})" for path in PATHS))


class Forbidden(Exception):
    """A request that must never leave the house. Only a programming error can raise it."""


class TooLarge(httpx2.TransportError):
    """The reply is larger than any page, or compressed although we asked for plain bytes."""


class TooSlow(httpx2.TimeoutException):
    """The reply did not end before its deadline."""


class GuardedTransport(httpx2.BaseTransport):
    """Wraps the real transport, or another one in tests; a request says in `uptake_deadline` how long a reply may take."""

    def __init__(self, base_url: str, inner: httpx2.BaseTransport | None = None) -> None:
        self._base = httpx2.URL(base_url)
        self._deadline = Deadline()
        self._inner = inner or lines.transport(self._deadline)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._require_allowed(request)
        ends = time.monotonic() + float(request.extensions.get("uptake_deadline", 60.0))
        self._deadline.ends = ends
        response = self._inner.handle_request(request)
        if response.status_code >= 400:
            return _error(response, ends)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.close()
            raise TooLarge("the reply is compressed although plain bytes were asked for")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(_stream(response), ends),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._inner.close()

    def _require_allowed(self, request: httpx2.Request) -> None:
        url = request.url
        path = url.path.removeprefix(self._base.path.rstrip("/"))
        same_host = (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)
        if request.method != "GET" or not same_host or not _ALLOWED.fullmatch(path):
            raise Forbidden(f"{request.method} {path}")


def _stream(response: httpx2.Response) -> httpx2.SyncByteStream:
    if not isinstance(response.stream, httpx2.SyncByteStream):
        raise TypeError("a synchronous transport gives a synchronous stream")
    return response.stream


def _error(response: httpx2.Response, ends: float) -> httpx2.Response:
    """An error with the first bytes of its body: a status must not get lost behind a body that is none."""
    headers = httpx2.Headers([(name, value) for name, value in response.headers.multi_items() if name not in _BODY])
    stream = _Counted(_stream(response), ends, MAX_ERROR)
    return httpx2.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)


_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Counted(httpx2.SyncByteStream):
    """Counts what is read. Too much is an error, or the end where only the first `enough` bytes are wanted."""

    def __init__(self, stream: httpx2.SyncByteStream, ends: float, enough: int | None = None) -> None:
        self._stream = stream
        self._ends = ends
        self._enough = enough

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if self._enough is not None and size > self._enough:
                return
            if size > MAX_BODY:
                raise TooLarge("the reply is larger than 16 MiB")
            if time.monotonic() > self._ends:
                raise TooSlow("the reply did not end in time")
            yield chunk

    def close(self) -> None:
        self._stream.close()
