"""15Five's public API: GET only, to one host, on two lists and one user at a time; never reports, pulses or answers.

`next` gives the number of a page and nothing else: the key goes to no host but the one it was given for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec

from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

Form = Literal["bearer", "bare"]
FORMS: tuple[Form, ...] = ("bearer", "bare")

_BASE = "/api/public/"
_A_SECOND = 4.0  # of the five that are allowed
_MAX_BODY = 32 * 1024 * 1024
_MAX_PAGES = 5_000
_TRIES = 4
_LONGEST_WAIT = 60.0
_KEY_LENGTH, _SCIM_LENGTH = 32, 30


class Unavailable(Exception):
    """No answer, or none that can be read. The text is ours and holds nothing of the answer."""


class _NotFound(Unavailable):
    """There is nothing at this address."""


class Rejected(Exception):
    """The key is not accepted. Its text, where it has one, says whose."""


class Busy(Exception):
    """The source asked to wait for longer than this run waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it asked to wait for {seconds:.0f} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class CleanKey:
    """A key fit for a header, with what may be shown of it."""

    secret: Secret
    last_four: str


def clean_key(raw: Secret) -> CleanKey:
    """The key as pasted, trimmed. Raises Refused, which never quotes it."""
    text = raw.expose().strip().strip("\"'").removeprefix("Bearer ").strip()
    if len(text) == _SCIM_LENGTH and text.isalnum():
        raise Refused(
            "This looks like 15Five's SCIM key, which does not open the public API. Nothing was stored.",
            "In 15Five: Settings › Integrations › Public API › Company API keys.",
        )
    if len(text) != _KEY_LENGTH or not text.isalnum() or not text.isascii():
        raise Refused(
            "This is no key of 15Five's public API: those are 32 letters and digits. Nothing was stored.",
            "An Account Admin makes one in 15Five: Settings › Integrations › Public API › Company API keys.",
        )
    return CleanKey(Secret(text), text[-4:])


@dataclass
class FifteenFive:
    """One company's access. `sleep` ends a run early by raising; close it after the run."""

    base_url: str
    key: Secret
    form: Form = "bearer"
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    _next_at: float = 0.0
    _http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx2.Client(
            base_url=self.base_url,
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "uptake"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx2.Timeout(30.0, connect=10.0),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def settle_form(self) -> Form:
        """Which form of the header is accepted. Raises Rejected where neither is, Unavailable, Busy."""
        for form in FORMS:
            self.form = form
            try:
                self._get("user/", {"is_active": "true"})
            except Rejected:
                continue
            return form
        raise Rejected

    def users(self, **filters: str) -> Iterator[Mapping[str, Any]]:
        """Rows of the list of users. Rows that are no rows are left out."""
        return self._list("user/", {"is_active": "true", "order_by": "id", **filters})

    def user(self, number: int) -> Mapping[str, Any]:
        """One user with the details that the list may lack; nothing of one who was removed meanwhile."""
        try:
            found = self._get(f"user/{number:d}/", {})
        except _NotFound:
            return {}
        return found if isinstance(found, dict) else {}

    def groups(self) -> Iterator[Mapping[str, Any]]:
        return self._list("group/", {})

    def _list(self, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        asked: set[int] = set()
        page = 1
        while page not in asked:
            if len(asked) >= _MAX_PAGES:
                raise Unavailable("its list does not end")
            asked.add(page)
            body = self._get(path, {**query, "page": str(page)} if page > 1 else query)
            results = body.get("results") if isinstance(body, dict) else None
            if not isinstance(results, list):
                raise Unavailable("its answer is no list of the kind that is documented")
            yield from (row for row in results if isinstance(row, dict))
            following = _page(body.get("next"))
            if following is None:
                return
            page = following
        raise Unavailable("its list goes in a circle")

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        waited = 0.0
        for attempt in range(1, _TRIES + 1):
            self._pace()
            try:
                status, headers, body = self._ask(path, query)
            except httpx2.HTTPError as error:
                status, headers, body = 0, httpx2.Headers(), type(error).__name__.encode()
            if status == 200:
                return _decoded(body)
            if status in (401, 403):
                raise Rejected
            if status == 404:
                raise _NotFound("it does not know what was asked for")
            if status not in (0, 408, 429, 500, 502, 503, 504):
                raise Unavailable(f"it answered {status}")
            wait = _retry_after(headers) if status == 429 else None
            wait = 2.0 ** (attempt - 1) if wait is None else wait
            if waited + wait > _LONGEST_WAIT and status == 429:
                raise Busy(wait)
            if attempt < _TRIES:
                self.sleep(wait)
                waited += wait
        if status == 429:
            raise Busy(_LONGEST_WAIT)
        raise Unavailable(f"it answered {status}" if status else "it could not be reached")

    def _ask(self, path: str, query: Mapping[str, str]) -> tuple[int, httpx2.Headers, bytes]:
        shown = self.key.expose()
        header = {"Authorization": f"Bearer {shown}" if self.form == "bearer" else shown}
        self.requests += 1
        with self._http.stream("GET", _BASE + path, params=dict(query), headers=header) as response:
            parts, size = [], 0
            for part in response.iter_raw():
                size += len(part)
                if size > _MAX_BODY:
                    raise Unavailable("its answer is larger than any page")
                parts.append(part)
            return response.status_code, response.headers, b"".join(parts)

    def _pace(self) -> None:
        now = time.monotonic()
        if self._next_at > now:
            self.sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1 / _A_SECOND


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("its answer is not JSON") from None


def _page(following: object) -> int | None:
    """The number of the next page from its address, whatever host that names."""
    if not isinstance(following, str) or not following:
        return None
    try:
        numbers = parse_qs(urlsplit(following).query).get("page", [])
    except ValueError:
        numbers = []
    if not numbers or not numbers[-1].isascii() or not numbers[-1].isdigit() or len(numbers[-1]) > 6:
        raise Unavailable("it does not say which page comes next")
    return int(numbers[-1])


def _retry_after(headers: httpx2.Headers) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
