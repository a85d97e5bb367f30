"""The made-up organisation over HTTP: keys, rate limit, faults, and a record of every request."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from uptake.fake import faults
from uptake.fake.answers import Answer, Asked, Refusal, error
from uptake.fake.keys import SCOPES, Keys, KeyTable, made_up_keys
from uptake.fake.organisation import Organisation
from uptake.fake.roster import Roster
from uptake.fake.routes import World, route

_DRIP = 0.2
_STALLED = 600.0
_TRAILER = b"\r\nand another thing\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that arrived. `key` is the key's label."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    key: str
    at: datetime


class FakeClaude:
    """A server on loopback; use it as a context. `fault` may be changed while it runs."""

    def __init__(
        self,
        organisation: Organisation,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        requests_per_minute: float | None = 60.0,
        lag_days: int = 1,
        fault: str | None = None,
    ) -> None:
        self.keys: Keys = made_up_keys(organisation.seed)
        self._table = KeyTable(self.keys)
        self._clock = clock
        lag = timedelta(days=lag_days)
        foreign = Organisation(max(25, len(organisation.crew) // 40), organisation.seed + 1_000_003, domain="norrland")
        self._own, self._foreign = _world(organisation, lag), _world(foreign, lag)
        self._bucket = _Bucket(requests_per_minute)
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self.fault = fault
        self._server = _Server((host, port), type("Handler", (_Handler,), {"fake": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def fault(self) -> str | None:
        return self._fault.fault.name if self._fault.fault else None

    @fault.setter
    def fault(self, name: str | None) -> None:
        """Play a fault from now on; its counting starts anew. Raises Problem for an unknown name."""
        self._fault = faults.Played(name)

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)

    def clear_requests(self) -> None:
        with self._lock:
            self._requests.clear()

    def revoke(self, key: str) -> None:
        self._table.revoke(key)

    def restore(self, key: str) -> None:
        self._table.restore(key)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> bool:
        """Hold an answer back, but not beyond the server's own end; True where it ends."""
        return self._ending.wait(seconds)

    def answer(self, method: str, target: str, authorization: str, x_api_key: str) -> Answer:
        """The answer to one request, faults included; the request is remembered."""
        parts = urlsplit(target)
        asked = Asked(method, parts.path, parse_qs(parts.query, keep_blank_values=True), self._clock())
        try:
            label = self._table.label(authorization, x_api_key)
            fault = self._fault
            asked = Asked(method, asked.path, asked.query, asked.at, label, SCOPES[label], fault.page_rows)
            given = fault.play(asked, lambda instead=None: self._true(instead or asked))
        except Refusal as refusal:
            given = refusal.answer
        with self._lock:
            query = {name: values[-1] for name, values in asked.query.items()}
            self._requests.append(Request(method, asked.path, query, given.status, asked.label, asked.at))
        return given

    def _true(self, asked: Asked) -> Answer:
        world = self._foreign if asked.label.startswith("foreign") else self._own
        try:
            if asked.method != "GET":
                raise Refusal(405, "Only reading is offered here")
            self._bucket.take()
            given = route(world, asked)
        except Refusal as refusal:
            given = refusal.answer
        owner = "org_console_made_up" if asked.label == "console" else world.company.id
        headers = {"anthropic-organization-id": owner} | given.headers
        return Answer(given.status, given.body, headers, given.send)


def _world(company: Organisation, lag: timedelta) -> World:
    return World(company, Roster(company), Roster(company, console=True), lag)


class _Bucket:
    """The vendor's rate limit: a minute's budget that refills evenly."""

    def __init__(self, requests_per_minute: float | None) -> None:
        self._rate = requests_per_minute
        self._left = requests_per_minute or 0.0
        self._seen_at = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Raises Refusal (429) with the seconds until the next request would pass."""
        if self._rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._left = min(self._rate, self._left + (now - self._seen_at) * self._rate / 60)
            self._seen_at = now
            if self._left < 1:
                wait = max(1, round((1 - self._left) * 60 / self._rate + 0.5))
                raise Refusal(429, "This request would exceed your organization's rate limit", retry_after=str(wait))
            self._left -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""


class _Handler(BaseHTTPRequestHandler):
    """Writes one answer the way it wants to travel. `fake` is set by the server's own subclass."""

    fake: FakeClaude
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 20

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are recorded, not printed: a line would hold addresses."""

    def do_GET(self) -> None:
        key, other = self.headers.get("Authorization", ""), self.headers.get("X-Api-Key", "")
        try:
            given = self.fake.answer(self.command, self.path, key, other)
        except Exception as broken:  # noqa: BLE001  # the server must outlive a bug of its own
            given = error(500, f"the made-up organisation failed: {type(broken).__name__}")
        with contextlib.suppress(OSError):
            self._send(given)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _send(self, given: Answer) -> None:
        if given.send == "reset":
            self._reset()
            return
        if given.send == "stall":
            self.fake.wait(_STALLED)
            self.close_connection = True
            return
        length = str(len(given.body))
        defaults = {"Content-Type": "application/json", "Content-Length": length, "request-id": "req_made_up"}
        self.send_response(given.status)
        for name, value in (defaults | given.headers).items():
            self.send_header(name, value)
        if given.send == "two-lengths":
            self.send_header("Content-Length", str(len(given.body) // 2))
        self.end_headers()
        self._write(given)

    def _write(self, given: Answer) -> None:
        if given.send == "cut":
            self.wfile.write(given.body[: len(given.body) // 2])
            self.close_connection = True
        elif given.send == "reset-midway":
            self.wfile.write(given.body[: len(given.body) // 2])
            self.wfile.flush()
            self._reset()
            return
        elif given.send == "drip":
            self._drip(given.body)
        else:
            self.wfile.write(given.body + (_TRAILER if given.send == "trailer" else b""))
            self.close_connection |= given.send == "hang-up"  # without a word in the headers
        self.wfile.flush()

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.fake.wait(_DRIP):
                return

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()


def run(
    host: str,
    port: int,
    members: int,
    seed: int,
    fault: str | None,
    requests_per_minute: float | None,
    lag_days: int,
) -> None:
    """Serve until a signal: the command `uptake fake-claude`. Prints the address and the demo keys."""
    faults.Played(fault)
    company = Organisation(members=members, seed=seed)
    with FakeClaude(
        company, host=host, port=port, requests_per_minute=requests_per_minute, lag_days=lag_days, fault=fault
    ) as fake:
        lines = [f"A made-up Claude organisation of {members:,} members", fake.url, ""]
        lines += [f"{name:<18}{getattr(fake.keys, name)}" for name in SCOPES]
        print("\n".join(lines), flush=True)  # noqa: T201
        threading.Event().wait()
