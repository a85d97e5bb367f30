"""One made-up organisation for all tests of it, served anew for each test at a fixed time."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from uptake.fake import FakeClaude, Organisation

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ROOT = "/v1/organizations"


@dataclass(frozen=True)
class Heard:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.value["error"]["message"])


Ask = Callable[..., Heard]


def ask_server(
    fake: FakeClaude, path: str, key: str = "", method: str = "GET", timeout: float = 5.0, **query: Any
) -> Heard:
    """Ask with a plain HTTP client, so that nothing is hidden by a library."""
    line = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=timeout)
    pairs = {name.replace("__", "[]"): value for name, value in query.items()}
    target = f"{ROOT}{path}?{urlencode(pairs, doseq=True)}" if pairs else f"{ROOT}{path}"
    try:
        line.request(method, target, headers={"Authorization": f"Bearer {key or fake.keys.both}"})
        reply = line.getresponse()
        headers = {name.lower(): value for name, value in reply.getheaders()}
        return Heard(reply.status, headers, reply.read())
    finally:
        line.close()


@pytest.fixture(scope="session")
def company() -> Organisation:
    return Organisation(members=150, seed=7)


@pytest.fixture
def fake(company: Organisation) -> Iterator[FakeClaude]:
    with FakeClaude(company, clock=lambda: NOW, requests_per_minute=None) as running:
        yield running


@pytest.fixture
def ask(fake: FakeClaude) -> Ask:
    def asked(path: str, key: str = "", method: str = "GET", **query: Any) -> Heard:
        return ask_server(fake, path, key, method, **query)

    return asked
