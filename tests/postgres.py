"""A PostgreSQL server of the tests' own on loopback, and an empty database of it for each test that asks for one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBER = count(1)


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else (found[-1].parent if found else None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The server. It refuses to run as root, so then it runs as its own user."""
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
    yield f"postgresql://uptake@127.0.0.1:{port}"
    _run([*as_user, str(binaries / "pg_ctl"), "-m", "immediate", "-D", str(data), "stop"])
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """An empty database."""
    name = f"uptake_{next(_NUMBER)}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgres}/{name}"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/")
