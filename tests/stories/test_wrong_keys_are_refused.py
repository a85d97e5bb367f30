"""An administrator pastes a wrong key and is told which it is and what to do; nothing is stored, nothing printed."""

from __future__ import annotations

import pytest

from house import House
from uptake.fake import FakeClaude

WRONG = {
    "console key for usage": ("members", "console", "Claude Console"),
    "members key for usage": ("members", "members", "read:analytics"),
    "usage key for the roster": ("analytics", "analytics", "read:members"),
    "another organisation's usage": ("members", "foreign_analytics", "different Claude organisations"),
    "another organisation's roster": ("foreign_members", "analytics", "different Claude organisations"),
}
MANGLED = {
    "truncated": lambda key: key[:16],
    "line break inside": lambda key: key[:20] + "\n" + key[20:],
    "shortened display": lambda key: key[:12] + "…" + key[-4:],
    "look-alike letter": lambda key: key.replace("a", "а"),  # a Cyrillic letter is the point
    "something else": lambda _key: "AKIA-not-a-claude-key-at-all-1234",
    "empty": lambda _key: "",
}


def _nothing_stored(house: House, *keys: str) -> None:
    assert house.ask("status") == {"connections": []}
    for path in filter(lambda path: path.is_file(), house.home.rglob("*")):
        body = path.read_bytes()
        assert not any(key.encode() in body for key in keys if key), path


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_opens_something_else(house: House, fake: FakeClaude, case: str) -> None:
    admin, analytics, words = WRONG[case]
    keys = (getattr(fake.keys, admin), getattr(fake.keys, analytics))
    done = house.connect(*keys)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Nothing was stored" in done.stderr
    assert not any(key in done.stdout + done.stderr for key in keys)
    _nothing_stored(house, *keys)


@pytest.mark.parametrize("case", MANGLED)
def test_a_key_that_was_not_copied_whole(house: House, fake: FakeClaude, case: str) -> None:
    mangled = MANGLED[case](fake.keys.analytics)
    done = house.connect(fake.keys.members, mangled)
    assert done.returncode == 2
    assert "Nothing was stored" in done.stderr
    assert not mangled.strip() or mangled.strip() not in done.stdout + done.stderr
    assert fake.requests == []
    _nothing_stored(house, fake.keys.members, mangled)


def test_a_revoked_key(house: House, fake: FakeClaude) -> None:
    fake.revoke(fake.keys.analytics)
    done = house.connect(fake.keys.members, fake.keys.analytics)
    assert done.returncode == 2
    assert "revoked" in done.stderr
    assert "Primary Owner" in done.stderr


def test_refused_keys_leave_those_before_in_force(connected: House, fake: FakeClaude) -> None:
    assert connected.connect(fake.keys.members, fake.keys.foreign_analytics).returncode == 2
    assert connected.run("sync").returncode == 0


def test_one_key_may_fill_both_slots(house: House, fake: FakeClaude) -> None:
    assert house.connect(fake.keys.both, fake.keys.both).returncode == 0
    assert house.run("sync").returncode == 0


def test_a_console_roster_is_accepted_with_its_meaning(house: House, fake: FakeClaude) -> None:
    done = house.connect(fake.keys.console, fake.keys.analytics)
    assert done.returncode == 0
    assert "matched with usage by e-mail" in done.stdout
    assert house.run("sync").returncode == 0
    members = house.members()
    assert any(member["status"] == "active" for member in members)


def test_keys_come_from_standard_input_too(house: House, fake: FakeClaude) -> None:
    arguments = ("connect", "claude", "--admin-key-file", "-", "--analytics-key-file", "-")
    done = house.run(*arguments, stdin=f"{fake.keys.members}\n{fake.keys.analytics}\n")
    assert done.returncode == 0
    assert house.run("connect", "claude").returncode == 2  # no terminal to ask at


def test_the_sealed_keys_are_not_in_the_home(connected: House, fake: FakeClaude) -> None:
    for path in filter(lambda path: path.is_file(), connected.home.rglob("*")):
        assert fake.keys.members.encode() not in path.read_bytes()
        assert fake.keys.analytics.encode() not in path.read_bytes()
    assert (connected.home / "master.key").stat().st_mode & 0o777 == 0o600
