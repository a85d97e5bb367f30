"""scim2-tester, over loopback HTTP: no check of SCIM's own test program fails."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from pytest_django.live_server_helper import LiveServer
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

import proof
from house import House, end
from uptake.actions import scim_tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR

NOT_DONE = {"search_with_attributes"}
"""A search over users and groups at once, which the server says it does not do."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    house = House(tmp_path / "home", "http://127.0.0.1:9")
    token = house.run("people", "connect-scim", "--name", "tester").stdout.strip()
    process = house.start("serve", "--port", "0", "--no-schedule", stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        yield address[0], token
    finally:
        end(process)


def check(address: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=f"{address.rstrip('/')}/scim/v2", headers=headers, timeout=30) as client:
        results = check_server(SyncSCIMClient(client))
    wrong = [one for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    proof.figures("scim2-tester", checks=len(results), wrong=len(wrong))
    assert [(one.title, one.resource_type, one.reason) for one in wrong] == []
    assert {one.title for one in results if one.status is Status.SKIPPED} <= NOT_DONE
    assert len(results) > 80


@pytest.mark.django_db(transaction=True)
def test_the_protocol_s_own_tests_find_nothing(live_server: LiveServer, home: Settings, now: datetime) -> None:
    check(str(live_server), scim_tokens.connect(OPERATOR, name="tester", lasts=None, now=now).expose())


@pytest.mark.full
def test_nor_against_a_process_with_its_own_disk(served: tuple[str, str]) -> None:
    check(*served)
