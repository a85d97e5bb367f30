"""Nobody but the vendor's address is ever asked, and nothing is written outside UPTAKE_HOME: the kernel's own account."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from house import end, until
from promises.scan import Scanner
from promises.traced import TracedHouse, may_trace
from uptake.fake import FakeClaude, Organisation

pytestmark = pytest.mark.skipif(not may_trace(), reason="strace is missing or not allowed here: egress is not proven")

_OPEN_ANYWAY = re.compile(r"/dev/(null|tty|urandom)|/proc/self/.*|.*/__pycache__(/.*)?")
"""No data: devices, the process's own entry, and bytecode that Python keeps beside its modules."""


def _outside(house: TracedHouse) -> set[Path]:
    return {
        path
        for path in house.changed()
        if house.home not in (path, *path.parents) and not _OPEN_ANYWAY.fullmatch(str(path))
    }


def _serve_and_look(house: TracedHouse, keys: Scanner) -> None:
    """The web server with its schedule, a page, a sign-in that fails, the API without a token; its keys shown nowhere."""
    process = house.start("serve", "--port", "0")
    address = until(lambda: re.search(r"http://\S+?(?=/)", process.stdout.readline() if process.stdout else ""))
    with httpx2.Client(base_url=address.group(), follow_redirects=True) as browser:
        statuses = [browser.get(path).status_code for path in ("/", "/livez", "/readyz", "/metrics", "/api/v1/status")]
        assert statuses == [200, 200, 200, 200, 401]
        assert browser.post("/accounts/login/", data={"login": "a@example.com", "password": "x"}).status_code in {
            200,
            403,
        }
    for name in ("cmdline", "environ"):
        told = Path(f"/proc/{process.pid}/{name}").read_bytes()
        assert b"serve" in told or b"UPTAKE_HOME" in told
        assert keys.look(told, name) == []
    assert end(process, signal.SIGTERM) in {143, -signal.SIGTERM}


def test_only_the_vendor_only_the_home(tmp_path: Path) -> None:
    with FakeClaude(Organisation(members=30, seed=3), requests_per_minute=None) as fake:
        house = TracedHouse(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "5"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        assert house.run("sync").returncode == 0
        assert house.run("ask", "messages", "--by", "day").returncode == 0
        keys = Scanner({name: getattr(fake.keys, name)[-40:-4] for name in ("members", "analytics")})
        _serve_and_look(house, keys)
        assert keys.look_through(house.home) == []
        assert {found.name for path in house.records for found in keys.look(path.read_bytes(), "wire")} == {
            "members",
            "analytics",
        }, "the same look finds the keys where they must be: on the wire"
        assert house.asked() == {urlsplit(fake.url).netloc}
        assert _outside(house) == set()
        assert house.home / "records.sqlite3" in house.changed()


_ELSEWHERE = """
import socket, pathlib
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.3", 53))
socket.socket().connect_ex(("127.0.0.2", 9))
pathlib.Path("here").write_text("x")
pathlib.Path("here").rename("there")
"""


def test_the_trace_would_show_it(tmp_path: Path) -> None:
    """The positive control: a datagram, a connection, a file beside the home."""
    house = TracedHouse(tmp_path / "home", "http://127.0.0.1:9")
    process = house.start_traced([sys.executable, "-c", _ELSEWHERE], stdout=subprocess.DEVNULL)
    assert process.wait(30) == 0
    until(lambda: len(house.asked()) == 2)
    assert house.asked() == {"127.0.0.3:53", "127.0.0.2:9"}
    until(lambda: {path.name for path in _outside(house)} == {"here", "there"})
