"""What is asked of the made-up organisation and what it answers: bodies and errors in the vendor's shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import msgspec

Send = Literal["whole", "cut", "stall", "reset", "drip", "reset-midway", "trailer", "two-lengths", "hang-up"]
"""How the body goes over the wire: faults may cut it, hold it back, break the line, let it drip, or lie about its end."""

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    410: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `query` holds each name's values; `label` names the key, never shows it."""

    method: str
    path: str
    query: dict[str, list[str]]
    at: datetime
    label: str = ""
    scopes: frozenset[str] = frozenset()
    largest: int = 1000  # rows a page, whatever `limit` says: faults of pages show in a small organisation too

    def one(self, name: str) -> str | None:
        values = self.query.get(name)
        return values[-1] if values else None

    @property
    def day(self) -> date | None:
        """The day asked for, where the path is about one."""
        try:
            return date.fromisoformat(self.one("date") or "")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers; `send` says how the body travels."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    send: Send = "whole"

    def value(self) -> Any:
        """The body decoded."""
        return msgspec.json.decode(self.body)

    def with_value(self, value: Any) -> Answer:
        """The same answer with another body."""
        return replace(self, body=msgspec.json.encode(value))


class Refusal(Exception):
    """An error the contract foresees, raised where it is found."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer = error(status, message, **headers)


def ok(value: Any) -> Answer:
    return Answer(200, msgspec.json.encode(value))


def error(status: int, message: str, **headers: str) -> Answer:
    """An error body as documented. Header names are given with underscores."""
    body = {"type": "error", "error": {"type": ERROR_TYPES[status], "message": message}, "request_id": "req_made_up"}
    return Answer(status, msgspec.json.encode(body), {name.replace("_", "-"): value for name, value in headers.items()})
