"""The client over real sockets: what stands on the wire, and lines that are slow, cut, silent or garbled."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from uptake.claude.answers import ClaudeError, Unavailable, Unreadable
from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.patience import Backoff, Patience
from uptake.domain.secret import Secret

KEY = "sk-ant-api01-tulip-tulip-tulip-9876"
BODY = b'{"data":[],"has_more":false}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY

Play = Callable[[socket.socket], None]


class Server:
    """Plays one act a connection, the last one for ever, and keeps what it was sent."""

    def __init__(self, *acts: Play) -> None:
        self.acts = list(acts)
        self.heard: list[bytes] = []
        self.closed = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self.closed.is_set():
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
            threading.Thread(target=self._play, args=(line, act), daemon=True).start()

    def _play(self, line: socket.socket, act: Play) -> None:
        with line, contextlib.suppress(OSError):
            while self.hear(line):
                act(line)

    def hear(self, line: socket.socket) -> bool:
        text = b""
        while b"\r\n\r\n" not in text:
            part = line.recv(65536)
            if not part:
                return False
            text += part
        self.heard.append(text)
        return True

    def close(self) -> None:
        self.closed.set()
        self._socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*acts: Play) -> Server:
        servers.append(Server(*acts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def says(text: bytes) -> Play:
    return lambda line: line.sendall(text)


def says_and_hangs_up(text: bytes) -> Play:
    def act(line: socket.socket) -> None:
        line.sendall(text)
        line.shutdown(socket.SHUT_RDWR)

    return act


def drips(head: bytes, text: bytes) -> Play:
    """A byte every twentieth of a second, after what comes at once; gives up after six seconds."""

    def act(line: socket.socket) -> None:
        line.sendall(head)
        for number in range(120):
            line.sendall(text[number % len(text) : number % len(text) + 1])
            time.sleep(0.05)

    return act


def is_silent(line: socket.socket) -> None:
    time.sleep(6)


def client(server: Server) -> Claude:
    return Claude(server.url, Secret(KEY), Limiter(1e12), backoff=Backoff(lambda: 0.0))


def test_the_wire_carries_one_plain_get_with_the_key_and_nothing_personal(serve: Callable[..., Server]) -> None:
    server = serve(says(GOOD))
    client(server).members(Patience(5))
    request, *headers = server.heard[0].decode().rstrip("\r\n").split("\r\n")
    assert request == "GET /v1/organizations/users?limit=1000 HTTP/1.1"
    names = {header.split(":")[0].lower() for header in headers}
    assert names == {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "anthropic-version",
        "authorization",
        "user-agent",
    }
    assert f"Authorization: Bearer {KEY}" in headers


def test_nothing_in_the_environment_changes_where_or_what_is_asked(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, other = serve(says(GOOD)), serve(says(GOOD))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, other.url)
        monkeypatch.setenv(name.lower(), other.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api01-other")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "other")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Other: yes")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    client(server).members(Patience(5))
    assert other.heard == []
    assert b"other" not in server.heard[0].lower()
    assert KEY.encode() in server.heard[0]


def test_pages_share_a_line_and_a_line_closed_between_them_is_nobodys_loss(serve: Callable[..., Server]) -> None:
    server = serve(says_and_hangs_up(GOOD), says(GOOD))
    claude = client(server)
    for _ in range(4):
        time.sleep(0.02)
        assert claude.members(Patience(5)).body == BODY
    assert len(server.heard) in {4, 5}
    claude.close()


CUT = HEAD + b"Content-Length: 1000\r\n\r\n" + BODY
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1c\r\n" + BODY + b"\r\n"


@pytest.mark.parametrize("first", [b"", CUT, CHUNKED, b"HTTP/1.1 200", b"garbage\r\n\r\n", b"\x16\x03\x01\x00" * 9])
def test_an_answer_that_breaks_off_is_asked_for_again(serve: Callable[..., Server], first: bytes) -> None:
    server = serve(says_and_hangs_up(first), says(GOOD))
    assert client(server).members(Patience(5)).body == BODY
    assert len(server.heard) == 2


def test_an_answer_that_always_breaks_off_is_no_answer(serve: Callable[..., Server]) -> None:
    with pytest.raises(Unavailable, match="network"):
        client(serve(says_and_hangs_up(CUT))).members(Patience(5))


def test_two_lengths_are_refused(serve: Callable[..., Server]) -> None:
    twice = HEAD + b"Content-Length: 28\r\nContent-Length: 5\r\n\r\n" + BODY
    with pytest.raises(ClaudeError):
        client(serve(says_and_hangs_up(twice))).members(Patience(5))


def test_a_chunked_answer_is_read_whole(serve: Callable[..., Server]) -> None:
    assert client(serve(says(CHUNKED + b"0\r\n\r\n"))).members(Patience(5)).body == BODY


def test_nobody_there_is_refused() -> None:
    with socket.socket() as bound:  # an address of which we know that nobody listens there
        bound.bind(("127.0.0.1", 0))
        claude = Claude(
            f"http://127.0.0.1:{bound.getsockname()[1]}", Secret(KEY), Limiter(1e12), backoff=Backoff(lambda: 0.0)
        )
        with pytest.raises(Unavailable, match="refused"):
            claude.members(Patience(5))


def test_a_server_that_does_not_speak_tls_gets_no_key(serve: Callable[..., Server]) -> None:
    server = serve(says(GOOD))
    claude = Claude(server.url.replace("http:", "https:"), Secret(KEY), Limiter(1e12))
    with pytest.raises(Unavailable):
        claude.members(Patience(0.5))
    assert not [text for text in server.heard if b"tulip" in text]


SLOW: dict[str, Play] = {
    "silent": is_silent,
    "body": drips(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "headers": drips(HEAD, b"X-Slow: 1\r\n"),
}


@pytest.mark.parametrize("how", SLOW)
def test_a_line_as_slow_as_a_byte_at_a_time_ends_with_patience(serve: Callable[..., Server], how: str) -> None:
    start = time.monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        client(serve(SLOW[how])).members(Patience(0.5))
    assert time.monotonic() - start < 2.5


def test_a_redirect_on_the_wire_reaches_nobody(serve: Callable[..., Server]) -> None:
    target = serve(says(GOOD))
    moved = (
        b"HTTP/1.1 307 Moved\r\nLocation: "
        + target.url.encode()
        + b"/v1/organizations/users\r\nContent-Length: 0\r\n\r\n"
    )
    with pytest.raises(Unreadable):
        client(serve(says(moved))).members(Patience(5))
    assert target.heard == []


def test_the_client_uses_the_transport_of_the_sdk(serve: Callable[..., Server]) -> None:
    claude = client(serve(says(GOOD)))
    assert isinstance(claude._http, httpx2.Client)
    assert claude._http.trust_env is False
