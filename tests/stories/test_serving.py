"""serve, demo, REST and health as another program sees them."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx2
import pytest

from house import House, end, until
from uptake.fake import FakeClaude

LINK = re.compile(r"^http://localhost:\d+/sign-in/\S+$", re.MULTILINE)


def _address(process: subprocess.Popen[str]) -> str:
    found = until(lambda: re.search(r"http://\S+?/", _line(process.stdout)))
    return str(found.group().rstrip("/"))


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    line = stream.readline()
    assert line, "the command ended before it said so"
    return line


@pytest.fixture
def served(connected: House) -> Iterator[tuple[House, str]]:
    process = connected.start("serve", "--port", "0", "--no-schedule")
    yield connected, _address(process)
    assert end(process, signal.SIGTERM) == 143


def test_health(served: tuple[House, str]) -> None:
    _, address = served
    assert httpx2.get(f"{address}/livez").status_code == 200
    ready = httpx2.get(f"{address}/readyz")
    assert ready.status_code == 200
    assert set(ready.json().values()) == {"ok"}
    gauges = httpx2.get(f"{address}/metrics").text
    assert 'uptake_usage_days_held{connection="Claude"} 12.0' in gauges


def test_rest_answers_what_the_commands_answer(served: tuple[House, str]) -> None:
    house, address = served
    assert house.run("account", "create", "--email", "ada@example.com", "--role", "company_admin").returncode == 0
    token = house.run("token", "create", "--email", "ada@example.com").stdout.strip()
    api = httpx2.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"})
    (told,), (on_host,) = api.get("/status").json()["connections"], house.ask("status")["connections"]
    exact, shown = (view["usage"].pop("moved") for view in (on_host, told))
    assert told == on_host
    assert all(set(week) > {"week", "days", "days_moved"} for week in exact)
    assert [
        week | own for week, own in zip(exact, shown, strict=True)
    ] == exact  # without totals of days with few people
    question = ("active_day", "messages", "--by", "day")
    asked = api.get("/answer", params={"metric": ["active_day", "messages"], "by": "day"}).json()
    assert asked["rows"] == house.ask("ask", *question)["rows"]
    assert len(api.get("/measures").json()["measures"]) == 108
    assert api.get("/answer", params={"metric": "nonsense"}).status_code == 400
    assert "/api/v1/answer" in httpx2.get(f"{address}/api/v1/openapi.json").json()["paths"]


def test_rest_asks_for_a_token(served: tuple[House, str]) -> None:
    house, address = served
    assert httpx2.get(f"{address}/api/v1/status").status_code == 401
    wrong = {"Authorization": "Bearer uptake_nonsense"}
    assert httpx2.get(f"{address}/api/v1/status", headers=wrong).status_code == 401
    house.run("account", "create", "--email", "emil@example.com", "--role", "employee")
    token = house.run("token", "create", "--email", "emil@example.com").stdout.strip()
    emil = {"Authorization": f"Bearer {token}"}
    assert httpx2.get(f"{address}/api/v1/status", headers=emil).status_code == 403
    assert httpx2.get(f"{address}/api/v1/answer?metric=messages", headers=emil).status_code == 403


def test_a_sync_that_was_asked_for_is_taken_up(house: House, fake: FakeClaude) -> None:
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    process = house.start("worker")
    until(lambda: house.connection()["usage"]["days_held"] == 12)
    assert end(process, signal.SIGTERM) == 143


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_however_busy_it_is(house: House, number: int, code: int) -> None:
    process = house.start("serve", "--port", "0", "--no-schedule")
    address = _address(process)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            with suppress(httpx2.HTTPError):
                httpx2.get(f"{address}/livez")

    assert httpx2.get(f"{address}/livez", timeout=30).status_code == 200
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        time.sleep(0.3)
        assert end(process, number) == code
    finally:
        stop.set()
        asking.join()


def test_the_port_is_taken(served: tuple[House, str]) -> None:
    house, address = served
    done = house.run("serve", "--port", address.rsplit(":", 1)[1])
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_demo_prints_a_link_that_signs_in(tmp_path: Path) -> None:
    house = House(tmp_path / "home", "http://127.0.0.1:1")
    for _ in range(2):  # the second start finds the company it made
        process = house.start("demo", "--members", "40", "--days", "9", "--port", "0")
        printed = ""
        while not (link := LINK.search(printed)):
            printed += _line(process.stdout)
        assert re.search(r"^http://localhost:\d+/$", printed, re.MULTILINE)
        _sign_in(link.group())
        assert end(process, signal.SIGTERM) == 143
    assert house.connection()["usage"]["days_held"] == 9
    other = house.run("demo", "--members", "41", "--port", "0")
    assert other.returncode == 2


def test_the_name_is_not_printed_where_somebody_else_answers_to_it(house: House) -> None:
    """Links are secrets: `localhost` may lead a browser to whoever listens at the other address of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        try:
            process = house.start("serve", "--host", "::1", "--port", str(port), "--no-schedule")
            assert _line(process.stdout).endswith(f" http://[::1]:{port}/\n")
        finally:
            end(process)


def _sign_in(link: str) -> None:
    with httpx2.Client(follow_redirects=True) as browser:
        page = browser.get(link)
        assert page.status_code == 200
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        signed_in = browser.post(link, data={"csrfmiddlewaretoken": token.group(1)}, headers={"Referer": link})
        assert signed_in.status_code == 200
        assert "Overview" in signed_in.text
        again = browser.get(link)
        assert "csrfmiddlewaretoken" not in again.text or again.status_code in {404, 410}


def test_demo_never_touches_a_home_in_use(connected: House) -> None:
    done = connected.run("demo", "--port", "0")
    assert done.returncode == 2
    assert "Nothing was touched" in done.stderr


def test_behind_https_forms_work_and_gauges_are_for_this_machine(connected: House) -> None:
    """As a proxy asks: plain HTTP from this machine, the browser's Host and Origin, and a header about who asks."""
    connected.environ |= {"UPTAKE_SECURE_COOKIES": "1", "UPTAKE_ALLOWED_HOSTS": "uptake.example.com"}
    made = connected.run("account", "create", "--email", "ada@acme.example", "--role", "company_admin")
    assert "\nhttps://uptake.example.com/sign-in/" in made.stdout
    process = connected.start("serve", "--port", "0", "--no-schedule")
    asked = {"Host": "uptake.example.com", "X-Forwarded-For": "203.0.113.7"}
    with httpx2.Client(base_url=_address(process), headers=asked) as client:
        page = client.get("/accounts/login/")
        assert "max-age=" in page.headers["Strict-Transport-Security"]
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": "ada@acme.example", "password": "not the password"}
        cookie = page.headers["Set-Cookie"].split(";")[0]
        told = {"Origin": "https://uptake.example.com", "Referer": "https://uptake.example.com/", "Cookie": cookie}
        assert client.post("/accounts/login/", data=form, headers=told).status_code == 200
        told["Origin"] = "https://elsewhere.example"
        assert client.post("/accounts/login/", data=form, headers=told).status_code == 403
        assert client.get("/metrics").status_code == 403
    assert end(process, signal.SIGTERM) == 143
