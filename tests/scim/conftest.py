"""An installation of its own for each test, and programs that come to /scim/v2 with a token made for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import home, now, signed_in
from uptake.actions import scim_tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR

__all__ = ["home", "now", "signed_in"]


@dataclass
class Program:
    """An identity provider: what it sends, and what comes back as status and body."""

    client: Client

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        kind = "application/scim+json" if data else "application/octet-stream"
        answer = self.client.generic(method, f"/scim/v2/{path}", data, kind, **more)
        assert answer.headers["Content-Type"] == "application/scim+json" or not answer.content
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def made(self, path: str, body: Any) -> str:
        """The id of what a POST made."""
        status, answer = self.ask("POST", path, body)
        assert status == 201, answer
        return str(answer["id"])

    def patch(self, path: str, *operations: dict[str, Any]) -> tuple[int, Any]:
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self.ask("PATCH", path, body)


@pytest.fixture
def token(db: None, home: Settings, now: datetime) -> str:
    return scim_tokens.connect(OPERATOR, name="Entra", lasts=None, now=now).expose()


@pytest.fixture
def program(token: str) -> Program:
    return Program(bearing(token))


def bearing(token: str) -> Client:
    headers = {"host": "localhost", "authorization": f"Bearer {token}"}
    return Client(raise_request_exception=False, headers=headers)
