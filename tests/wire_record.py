"""Every request that uptake sends to a made-up organisation in any test, recorded and judged when the session ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

LISTED = {
    "/v1/organizations/users": {"limit", "after_id"},
    "/v1/organizations/invites": {"limit", "after_id"},
    "/v1/organizations/analytics/users": {"date", "limit", "page"},
    "/v1/organizations/analytics/summaries": {"starting_date", "ending_date"},
    "/v1/organizations/rbac_groups": {"limit", "page"},
    "/v1/organizations/rbac_groups/[A-Za-z0-9_-]{1,128}/members": {"limit", "page"},
}
"""Written down here once more, so that a path added to the client by mistake is not believed."""

_OURS = re.compile(r"uptake/\d")


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    host: str
    agent: str

    @property
    def trouble(self) -> str:
        """Why uptake must never have sent this; "" if it may."""
        parts = urlsplit(self.target)
        if self.method != "GET":
            return f"{self.method} {parts.path}"
        listed = next((path for path in LISTED if re.fullmatch(path, parts.path)), None)
        if listed is None:
            return f"a path that is not listed: {parts.path}"
        unknown = set(parse_qs(parts.query, keep_blank_values=True)) - LISTED[listed]
        if unknown:
            return f"{parts.path} with {sorted(unknown)}"
        return "" if self.host.startswith("127.0.0.1:") else f"another host: {self.host}"


def troubles(asked: Iterable[Asked]) -> list[str]:
    """What was sent and must never be, by uptake itself; other clients of the made-up organisation are not judged."""
    return sorted({one.trouble for one in asked if _OURS.match(one.agent) and one.trouble})


@contextmanager
def recorded() -> Iterator[list[Asked]]:
    """Every request that any made-up organisation of this process gets, whoever sends it and whatever comes of it."""
    from uptake.fake.server import _Handler

    found: list[Asked] = []
    real = _Handler.parse_request

    def parse_request(handler: _Handler) -> bool:
        understood = real(handler)
        if understood:
            told = handler.headers
            found.append(Asked(handler.command, handler.path, told.get("Host", ""), told.get("User-Agent", "")))
        return understood

    _Handler.parse_request = parse_request  # type: ignore[method-assign]
    try:
        yield found
    finally:
        _Handler.parse_request = real  # type: ignore[method-assign]
