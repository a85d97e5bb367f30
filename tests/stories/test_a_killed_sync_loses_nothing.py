"""Killed, terminated, interrupted, or two at once: the lake is whole, the lock is free, the next sync completes it."""

from __future__ import annotations

import signal

import pytest

from house import House, end, until
from uptake.fake import FakeClaude

CODES = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -9}


def _under_way(house: House, fake: FakeClaude) -> bool:
    return len(list(house.home.glob("lake/usage/*/day=*/day.parquet"))) >= 2


@pytest.mark.parametrize("number", CODES, ids=lambda number: signal.Signals(number).name)
def test_a_sync_that_is_ended(house: House, fake: FakeClaude, number: int) -> None:
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    house.environ["UPTAKE_REQUESTS_PER_MINUTE"] = "100"
    process = house.start("sync")
    until(lambda: _under_way(house, fake))
    assert end(process, number) == CODES[signal.Signals(number)]
    connection = house.connection()
    assert connection["last_run"]["outcome"] == "interrupted"
    assert 2 <= connection["usage"]["days_held"] < 12
    house.environ["UPTAKE_REQUESTS_PER_MINUTE"] = "60000"
    assert house.run("sync").returncode == 0
    assert house.connection()["usage"]["days_held"] == 12
    assert not list(house.home.glob("lake/**/*.tmp"))


def test_two_syncs_at_once(house: House, fake: FakeClaude) -> None:
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    house.environ["UPTAKE_REQUESTS_PER_MINUTE"] = "120"
    process = house.start("sync")
    until(lambda: _under_way(house, fake))
    second = house.run("sync")
    assert second.returncode == 4
    assert "Another sync is running" in second.stderr
    assert end(process, signal.SIGTERM) == 143


def test_a_damaged_day_is_fetched_again(connected: House) -> None:
    before = connected.usage()
    victim = sorted(connected.home.glob("lake/usage/*/day=*/day.parquet"))[0]
    body = bytearray(victim.read_bytes())
    body[len(body) // 2] ^= 0x10
    victim.write_bytes(bytes(body))
    refused = connected.run("export", "usage")
    assert refused.returncode == 2
    assert "damaged" in refused.stderr
    done = connected.run("sync")
    assert done.returncode == 0
    assert "damaged on disk" in done.stdout
    assert connected.usage() == before
