"""The records on PostgreSQL: connect, sync, status, serve and disconnect as on SQLite."""

from __future__ import annotations

import signal

import pytest
from tests.postgres import postgres, postgres_url  # noqa: F401

from house import House, end, until
from uptake.fake import FakeClaude

pytestmark = pytest.mark.postgres


def test_the_main_job(house: House, fake: FakeClaude, postgres_url: str) -> None:  # noqa: F811
    house.environ["UPTAKE_DATABASE_URL"] = postgres_url
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    assert house.run("sync").returncode == 0
    assert house.run("status").returncode == 0
    assert not (house.home / "records.sqlite3").exists()
    assert len({row["day"] for row in house.usage()}) == 12

    process = house.start("serve", "--port", "0")
    assert until(lambda: process.stdout and "http://" in process.stdout.readline())
    assert end(process, signal.SIGTERM) == 143

    fake.revoke(fake.keys.analytics)
    assert house.run("sync").returncode == 3
    assert house.run("disconnect", "claude", "--erase", "--yes").returncode == 0
    assert house.ask("status") == {"connections": []}


def test_a_server_that_is_away(house: House) -> None:
    house.environ["UPTAKE_DATABASE_URL"] = "postgresql://uptake@127.0.0.1:9/none?connect_timeout=2"
    done = house.run("status")
    assert done.returncode == 3
    assert "records database" in done.stderr
    assert "Traceback" not in done.stderr
