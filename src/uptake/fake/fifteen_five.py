"""15Five's public API as the made-up company's people department would have it: users and groups, over HTTP, read only.

From 15Five's help pages and public clients: both forms of the header are in use, `next` names a host that must not be
followed with the key, a path without its last slash answers 301, five requests a second, then 429.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from uptake.domain.problems import Problem
from uptake.fake.directory import Directory, Employee
from uptake.fake.organisation import Organisation

BASE = "/api/public/"
ELSEWHERE = "https://my.15five.example"
"""The host that `next` names: a server behind a proxy does not know its own."""

Form = Literal["bearer", "bare", "both"]
FAULTS = (
    "busy",
    "busy-without-word",
    "down",
    "html",
    "circle",
    "moved",
    "few",
    "empty",
    "forbidden",
    "huge",
    "odd-rows",
)

_PAGE = 100
_FEW = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    query: str
    status: int
    form: str


class FakeFifteenFive:
    """A server on loopback; use it as a context. `fault`, `forms` and `details_in_list` may be changed while it runs."""

    def __init__(
        self,
        company: Organisation,
        *,
        per_second: float | None = 5.0,
        forms: Form = "both",
        details_in_list: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.key = hashlib.sha256(f"15five/{company.seed}".encode()).hexdigest()[:32]
        self.forms = forms
        self.details_in_list = details_in_list
        self.fault: str | None = None
        self.requests: list[Seen] = []
        self._directory = Directory(company)
        self._clock = clock
        self._listed: tuple[datetime | None, list[Employee]] = (None, [])
        self._rate = per_second
        self._times: list[float] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, target: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(target)
        form = "bearer" if authorization.lower().startswith("bearer ") else "bare" if authorization else ""
        status, headers, body = self._answer(method, parts.path, parse_qs(parts.query), authorization, form)
        with self._lock:
            self.requests.append(Seen(method, parts.path, parts.query, status, form))
        return status, headers, body

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], authorization: str, form: str
    ) -> tuple[int, dict[str, str], bytes]:
        if method != "GET":
            return _json(405, {"detail": f'Method "{method}" not allowed.'})
        if not path.endswith("/"):
            return 301, {"Location": f"{path}/"}, b""
        if not self._knows(authorization, form):
            return _json(401, {"detail": "Invalid API key."})
        if refusal := self._refusal():
            return refusal
        return self._found(path.removeprefix(BASE).strip("/"), {name: values[-1] for name, values in query.items()})

    def _knows(self, authorization: str, form: str) -> bool:
        given = authorization.partition(" ")[2] if form == "bearer" else authorization
        return given.strip() == self.key and self.forms in ("both", form)

    def _refusal(self) -> tuple[int, dict[str, str], bytes] | None:
        if self.fault in ("busy", "busy-without-word"):
            told, self.fault = self.fault == "busy", None
            return _json(429, {"detail": "Request was throttled."}, {"Retry-After": "1"} if told else {})
        if self.fault == "huge":
            return 200, {"Content-Type": "application/json"}, b'{"results": [' + b" " * (33 << 20) + b"]}"
        return _REFUSALS.get(self.fault or "") or self._throttled()

    def _throttled(self) -> tuple[int, dict[str, str], bytes] | None:
        if self._rate is None:
            return None
        with self._lock:
            now = time.monotonic()
            self._times = [at for at in self._times if now - at < 1]
            if len(self._times) >= self._rate:
                return _json(429, {"detail": "Request was throttled. Expected available in 1 second."})
            self._times.append(now)
        return None

    def _found(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        people = self._people()
        if path == "user":
            return self._list(path, query, [_user(one, self._groups(), self.details_in_list) for one in people])
        if path == "group":
            return self._list(
                path, query, [_group(name, kind, number) for (kind, name), number in self._groups().items()]
            )
        if path.startswith("user/"):
            found = next((one for one in people if str(_id(one.number)) == path[5:]), None)
            return _json(200, _user(found, self._groups(), True)) if found else _json(404, {"detail": "Not found."})
        return _json(404, {"detail": "Not found."})

    def _employed(self) -> list[Employee]:
        """Everybody employed now, looked up once a minute of its clock: pages of one list must agree."""
        now = self._clock().replace(second=0, microsecond=0)
        with self._lock:
            if now != self._listed[0]:
                self._listed = (now, self._directory.at(now))
            return self._listed[1]

    def _people(self) -> list[Employee]:
        everybody = self._employed()
        if self.fault == "empty":
            return []
        return everybody[: int(len(everybody) * _FEW)] if self.fault == "few" else everybody

    def _groups(self) -> dict[tuple[str, str], int]:
        everybody = self._employed()
        named = {("Department", one.department) for one in everybody} | {
            ("Location", one.location) for one in everybody
        }
        named |= {("Team", group) for one in everybody for group in one.groups}
        return {name: number for number, name in enumerate(sorted(named), start=501)}

    def _list(self, path: str, query: dict[str, str], rows: list[dict[str, Any]]) -> tuple[int, dict[str, str], bytes]:
        if query.get("is_active") == "false" or "updated_after" in query:
            rows = []
        if self.fault == "odd-rows" and path == "user":
            rows = [{"id": "seven"}, {"id": 1, "email": 5, "first_name": None}, "not a row", *rows]  # type: ignore[list-item]
        number = int(query["page"]) if query.get("page", "").isdecimal() else 1
        part = rows[(number - 1) * _PAGE : number * _PAGE]
        more = number * _PAGE < len(rows) or self.fault == "circle"
        following = 1 if self.fault == "circle" else number + 1
        beyond = f"{ELSEWHERE}{BASE}{path}/?{urlencode(query | {'page': following})}" if more else None
        return _json(200, {"count": len(rows), "next": beyond, "previous": None, "results": part})


def run_fifteen_five(host: str, port: int, members: int, seed: int, fault: str | None) -> None:
    """Serve until a signal: the command `uptake fake-15five`. Prints the address and the key. Raises Problem."""
    if fault is not None and fault not in FAULTS:
        raise Problem(f"There is no fault {fault!r}.", f"The faults are: {', '.join(FAULTS)}.")
    with FakeFifteenFive(Organisation(members=members, seed=seed), host=host, port=port) as fake:
        fake.fault = fault
        lines = [f"A made-up company's 15Five; as its directory, {members:,} people at Claude", fake.url, "", fake.key]
        print("\n".join(lines), flush=True)  # noqa: T201
        threading.Event().wait()


def _id(number: int) -> int:
    return 70_000 + number


def _user(one: Employee, groups: dict[tuple[str, str], int], whole: bool) -> dict[str, Any]:
    first, _, last = one.name.partition(" ")
    named = [("Department", one.department), ("Location", one.location), *(("Team", group) for group in one.groups)]
    row: dict[str, Any] = {
        "id": _id(one.number),
        "global_id": str(uuid.UUID(int=one.number + 1)),
        "first_name": first,
        "last_name": last,
        "email": one.email,
        "is_active": True,
        "company_groups_ids": [groups[name] for name in named],
    }
    if whole:
        row |= {
            "employee_id": one.employee_id,
            "title": one.title,
            "is_reporter": True,
            "is_reviewer": one.title.startswith("Lead"),
            "is_company_admin": False,
            "first_login_ts": "2024-05-01T08:00:00Z",
            "last_login_ts": "2026-11-20T08:00:00Z",
            "reviewer_id": None if one.manager is None else _id(one.manager),
        }
    return row


def _group(name: str, kind: str, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "group_type_name": kind,
        "members_count": 0,
        "create_ts": "2024-05-01T08:00:00Z",
    }


def _json(status: int, value: Any, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"} | (headers or {}), msgspec.json.encode(value)


_REFUSALS = {
    "forbidden": _json(403, {"detail": "You do not have permission to perform this action."}),
    "down": _json(503, {"message": "Service unavailable"}),
    "html": (200, {"Content-Type": "text/html"}, b"<html>Maintenance</html>"),
    "moved": (302, {"Location": f"{ELSEWHERE}{BASE}user/"}, b""),
}


class _Handler(BaseHTTPRequestHandler):
    fake: FakeFifteenFive
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are recorded, not printed."""

    def do_GET(self) -> None:
        status, headers, body = self.fake.answer(self.command, self.path, self.headers.get("Authorization", ""))
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815
