"""Unreachable, TLS failing, a home that takes no writes, a locked database, a full disk: a Problem, nothing half-written."""

from __future__ import annotations

import resource
import signal
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House
from uptake.fake import FakeClaude, Organisation

ROOM = 800_000


def test_an_unreachable_host(house: House, fake: FakeClaude) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        house.url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = house.connect(fake.keys.members, fake.keys.analytics)
    assert done.returncode == 2
    assert "no connection to the server" in done.stderr
    assert house.ask("status") == {"connections": []}


@pytest.fixture
def broken_tls() -> Iterator[str]:
    """A server that speaks no TLS where TLS is expected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def answer() -> None:
            while not stop.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.recv(1024)
                    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\nno TLS here")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        thread.join()


def test_tls_that_fails(house: House, fake: FakeClaude, broken_tls: str) -> None:
    assert ssl.OPENSSL_VERSION  # the real thing, no stand-in
    house.url = broken_tls
    done = house.connect(fake.keys.members, fake.keys.analytics)
    assert done.returncode == 2
    assert "(tls)" in done.stderr
    assert "no key was sent" in done.stderr


def test_keys_are_never_sent_in_clear(house: House) -> None:
    house.url = "http://example.com"
    done = house.run("status")
    assert done.returncode == 3
    assert "must be https" in done.stderr


def test_a_home_that_is_a_file(house: House) -> None:
    house.home.write_text("not a folder")
    done = house.run("status")
    assert done.returncode == 3
    assert "UPTAKE_HOME" in done.stderr
    assert house.home.read_text() == "not a folder"


def test_a_locked_database(connected: House, tmp_path: Path) -> None:
    held = connected.usage()
    with sqlite3.connect(connected.home / "records.sqlite3", isolation_level=None) as records:
        records.execute("BEGIN EXCLUSIVE")
        done = connected.run("sync")
        records.execute("ROLLBACK")
    assert done.returncode == 3
    assert "locked" in done.stderr
    assert connected.run("sync").returncode == 0
    assert connected.usage() == held


def _no_room_for_a_day() -> None:
    """Stands for a full disk: nothing larger than this can be written, so a day's file fails half-way."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


def test_a_disk_that_fills_during_a_commit(tmp_path: Path) -> None:
    with FakeClaude(Organisation(members=30_000, seed=2), requests_per_minute=None) as fake:
        house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "2"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        assert (house.home / "records.sqlite3").stat().st_size < ROOM - 50_000
        process = house.start("sync", preexec_fn=_no_room_for_a_day)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 3, out + err
        assert "The disk did not take" in err
        assert not list(house.home.glob("lake/**/.*.tmp"))
        assert house.usage() == []
        assert house.connection()["last_run"]["outcome"] == "failed"
        assert house.run("sync").returncode == 0
        assert len({row["day"] for row in house.usage()}) == 2
