"""Killed at random and at every call that changes the disk: nothing is lost or mixed, and at most two runs make it well."""

from __future__ import annotations

import random

import pytest

from faults.killing import START, Found, Site, killed_at_random, killed_everywhere

SHARE = {"sync": 0.55, "replace": 0.15, "rotate": 0.15, "erase": 0.15}
LASTS = {"sync": 0.3, "replace": 0.08, "rotate": 0.05, "erase": 0.08}
EVERYDAY = 3


def _require(found: Found) -> None:
    assert found.kills
    assert found.clean, found


def test_a_few_kills(site: Site) -> None:
    _require(killed_at_random(site, "sync", EVERYDAY, LASTS["sync"], random.Random(1)))


@pytest.mark.full
@pytest.mark.parametrize("action", SHARE)
def test_killed_at_random(site: Site, action: str, request: pytest.FixtureRequest) -> None:
    times = round(request.config.getoption("--kills") * SHARE[action])
    found = killed_at_random(site, action, times, LASTS[action], random.Random(times))
    found.tell("random SIGKILL", action)
    _require(found)


@pytest.mark.full
@pytest.mark.parametrize("action", [action for action in START if action != "sync"])  # a sync: row F63
def test_killed_at_every_call(site: Site, action: str) -> None:
    found = killed_everywhere(site, action)
    found.tell("SIGKILL at every call", action)
    _require(found)
