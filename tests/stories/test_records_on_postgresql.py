"""The records on PostgreSQL: connect, sync, status, serve and disconnect as on SQLite."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House, end, until
from uptake.fake import FakeClaude

pytestmark = pytest.mark.postgres


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else (found[-1].parent if found else None)


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own on loopback. It refuses to run as root, so then it runs as its own user."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("UPTAKE_REQUIRE_POSTGRES") == "1":
            pytest.fail("PostgreSQL is required here and not installed")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="uptake-postgres-", dir="/tmp"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, log = folder / "data", folder / "log"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run([*as_user, str(binaries / "initdb"), "-A", "trust", "-U", "uptake", "-D", str(data)])
    _run([*as_user, str(binaries / "pg_ctl"), "-w", "-D", str(data), "-l", str(log), "-o", options, "start"])
    yield f"postgresql://uptake@127.0.0.1:{port}/postgres"
    _run([*as_user, str(binaries / "pg_ctl"), "-m", "immediate", "-D", str(data), "stop"])
    shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/")


def test_the_main_job(house: House, fake: FakeClaude, postgres_url: str) -> None:
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
