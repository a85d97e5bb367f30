"""Disconnect destroys the keys and keeps or erases the data, with a receipt; erased means no byte of any member left."""

from __future__ import annotations

from house import House
from uptake.fake import FakeClaude


def test_it_asks_for_yes(connected: House) -> None:
    done = connected.run("disconnect", "claude", "--erase")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert connected.connection()["state"] == "connected"


def test_the_data_stay(connected: House, fake: FakeClaude) -> None:
    held = connected.usage()
    done = connected.run("disconnect", "claude", "--yes")
    assert done.returncode == 0
    assert "Revoke both keys in Claude" in done.stdout
    connection = connected.connection()
    assert connection["state"] == "disconnected"
    assert connection["keys"]["admin"]["state"] == connection["keys"]["analytics"]["state"] == "missing"
    assert connected.run("sync").returncode == 3
    assert connected.usage() == held
    assert connected.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    assert connected.run("sync").returncode == 0


def test_erased_leaves_nothing_of_anybody(connected: House) -> None:
    people = [member for member in connected.members() if member["email"]]
    marks = {mark.encode() for member in people for mark in (member["email"], member["member_id"]) if mark}
    assert connected.run("ask", "active_day").returncode == 0  # fills the cache
    receipt = connected.ask("disconnect", "claude", "--erase", "--yes")
    assert receipt["erased"]
    assert receipt["removed"]["usage"] == 12
    assert receipt["removed"]["keys"] == 2
    for path in filter(lambda path: path.is_file(), connected.home.rglob("*")):
        body = path.read_bytes()
        assert not [mark for mark in marks if mark in body], path
    assert connected.usage() == []
