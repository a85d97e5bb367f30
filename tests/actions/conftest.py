"""An installation in a folder of its own, connected to a small made-up organisation where a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from uptake.actions.connections import connect
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.secret import Secret
from uptake.fake import FakeClaude, Organisation
from uptake.records.models import Connection


@pytest.fixture(scope="session")
def company() -> Organisation:
    return Organisation(members=40, seed=11)


@pytest.fixture
def fake(company: Organisation) -> Iterator[FakeClaude]:
    with FakeClaude(company, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def home(db: None, fake: FakeClaude, tmp_path: Path) -> Settings:
    return replace(
        django_settings.UPTAKE,
        home=tmp_path,
        lake=tmp_path / "lake",
        master_key_file=tmp_path / "master.key",
        claude_url=fake.url,
        requests_per_minute=60_000,
        backfill_days=3,
    )


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def connected(home: Settings, fake: FakeClaude, now: datetime) -> Connection:
    admin, analytics = Secret(fake.keys.members), Secret(fake.keys.analytics)
    connect(OPERATOR, home, name="Acme", admin_key=admin, analytics_key=analytics, now=now)
    return Connection.objects.get()
