"""Who listens on loopback: a mail server that keeps what it is given, and a webhook's place. Both can behave badly."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Letter:
    """A mail as it arrived: the envelope, and the mail itself."""

    sender: str
    to: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        found = BytesParser(policy=policy.default).parsebytes(self.raw)
        assert isinstance(found, EmailMessage)
        return found

    def part(self, kind: str) -> EmailMessage:
        return next(one for one in self.mail.walk() if one.get_content_type() == kind)  # type: ignore[return-value]

    def text(self, kind: str = "text/plain") -> str:
        return str(self.part(kind).get_content())


@dataclass
class MailServer:
    """SMTP, as little of it as a mail needs. `hang`: says nothing after the whole mail came; `say`: a verb → an answer."""

    say: dict[str, str] = field(default_factory=dict)
    hang: str = ""  # the verb after which nothing comes any more; "." is the end of the mail
    drop: str = ""  # the verb after which the line is cut
    letters: list[Letter] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.reached = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                threading.Thread(target=self._speak, args=(line,), daemon=True).start()

    def _speak(self, line: socket.socket) -> None:
        with suppress(OSError, ValueError), line, line.makefile("rwb") as stream:
            letter = Letter("", [], b"")
            self._answer(stream, "220 here", "CONNECT")
            for command in iter(stream.readline, b""):
                verb = command[:4].strip().upper().decode("ascii", "replace")
                if verb == "DATA":
                    self._answer(stream, "354 go on", verb)
                    letter.raw = self._mail(stream)
                    verb = "."
                elif verb == "MAIL":
                    letter = Letter(command.decode().split("<")[1].split(">")[0], [], b"")
                elif verb == "RCPT":
                    letter.to.append(command.decode().split("<")[1].split(">")[0])
                if verb == "." and not self.say.get("."):
                    self.letters.append(letter)
                self._answer(stream, "221 bye" if verb == "QUIT" else "250 fine", verb)

    def _mail(self, stream: Any) -> bytes:
        lines = []
        for line in iter(stream.readline, b".\r\n"):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _answer(self, stream: Any, usual: str, verb: str) -> None:
        if verb == self.hang:
            self.reached.set()
            threading.Event().wait(30)
        if verb == self.drop:
            raise ValueError("cut")
        stream.write(f"{self.say.get(verb, usual)}\r\n".encode())
        stream.flush()


@dataclass
class Post:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Hook:
    """A webhook's place. `status` is what it answers, `to` where it sends on; `cut`: it takes all and answers nothing."""

    status: int = 200
    to: str = ""
    cut: bool = False
    posts: list[Post] = field(default_factory=list)

    def __enter__(self) -> Self:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                hook.posts.append(Post(self.path, dict(self.headers.items()), body))
                if hook.cut:
                    self.close_connection = True
                    return
                self.send_response(hook.status)
                if hook.to:
                    self.send_header("Location", hook.to)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
