"""An identity provider that sends the same user many times at once, to a served installation: one of them is it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from house import House, end
from tests.postgres import postgres, postgres_url  # noqa: F401

AT_ONCE = 8
EMIL = {"userName": "Emil@acme.example", "displayName": "Emil"}


@contextmanager
def served(house: House) -> Iterator[httpx2.Client]:
    """`uptake serve`, and an identity provider with a token for it."""
    token = house.run("people", "connect-scim").stdout.strip()
    process = house.start("serve", "--port", "0", "--no-schedule")
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        with httpx2.Client(base_url=f"{address[0]}scim/v2", headers=headers, timeout=60) as client:
            yield client
    finally:
        end(process)


def told(client: httpx2.Client, start: threading.Barrier, found: list[int]) -> None:
    """Sent with all the others; again where the records were busy, as an identity provider does."""
    start.wait()
    for _ in range(20):
        status = client.post("/Users", json=EMIL).status_code
        if status != 503:
            break
        time.sleep(0.1)
    found.append(status)


def check(house: House) -> None:
    house.environ["UPTAKE_SCIM_ACCOUNTS"] = "1"
    found: list[int] = []
    with served(house) as client:
        start = threading.Barrier(AT_ONCE)
        threads = [threading.Thread(target=told, args=(client, start, found)) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [201] + [409] * (AT_ONCE - 1)
        assert client.get("/Users").json()["totalResults"] == 1
    assert [one["email"] for one in house.ask("account", "list")["accounts"]] == ["emil@acme.example"]


def test_the_same_user_by_many_at_once_is_one(tmp_path: Path) -> None:
    check(House(tmp_path / "home", "http://127.0.0.1:9"))


@pytest.mark.postgres
def test_nor_are_there_two_on_postgresql(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811
    check(House(tmp_path / "home", "http://127.0.0.1:9", {"UPTAKE_DATABASE_URL": postgres_url}))
