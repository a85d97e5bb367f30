"""A home of its own for each test, and a browserless client for each member of the cast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company
from uptake.config import Settings

SignedIn = Callable[..., Client]


@pytest.fixture
def home(tmp_path: Path, settings: DjangoSettings) -> Settings:
    """The product's settings, with a folder of this test's own; nothing answers at its Claude address."""
    settings.UPTAKE = replace(
        settings.UPTAKE,
        home=tmp_path,
        lake=tmp_path / "lake",
        master_key_file=tmp_path / "master.key",
        claude_url="http://127.0.0.1:9",
    )
    return settings.UPTAKE


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def signed_in(db: None, home: Settings) -> SignedIn:
    """`signed_in("ada@acme.example")` → a client with that session; CSRF is checked only where asked for."""

    def sign_in(email: str, *, checks: bool = False, confirmed: bool = True) -> Client:
        client = Client(enforce_csrf_checks=checks, headers={"host": "localhost"})
        client.force_login(company.account(email), backend="allauth.account.auth_backends.AuthenticationBackend")
        if confirmed:
            company.confirm(client)
        return client

    return sign_in
