"""Disconnect destroys the keys and keeps or erases the data, with a receipt; erased means no byte of any member left."""

from __future__ import annotations

import pyarrow.parquet as pq

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


def found(house: House, marks: set[bytes]) -> dict[str, int]:
    """Files of the home that hold a mark, as they are or, for Parquet, decompressed: file → marks in it."""
    held = {}
    for path in filter(lambda path: path.is_file(), house.home.rglob("*")):
        body = path.read_bytes()
        if path.suffix == ".parquet":
            body += "\n".join(map(str, pq.read_table(path).to_pylist())).encode()
        held[str(path.relative_to(house.home))] = sum(mark in body for mark in marks)
    return {name: count for name, count in held.items() if count}


def test_erased_leaves_nothing_of_anybody(connected: House, fake: FakeClaude) -> None:
    people = [member for member in connected.members() if member["email"]]
    marks = {str(member[of]).encode() for member in people for of in ("email", "member_id", "name") if member[of]}
    assert connected.run("ask", "active_day").returncode == 0  # fills the cache
    assert connected.run("handover", "create", "--slot", "admin").returncode == 0
    victim = sorted(connected.home.glob("lake/usage/*/day=*/day.parquet"))[0]
    victim.write_bytes(victim.read_bytes()[:-20])  # set aside by the next sync
    assert connected.run("sync").returncode == 0
    before = found(connected, marks)
    assert {name.partition("/")[0] for name in before} >= {"lake", "cache"}  # the scan finds what is there
    assert list((connected.home / "aside").iterdir())
    receipt = connected.ask("disconnect", "claude", "--erase", "--yes")
    assert receipt["erased"]
    assert receipt["removed"]["usage"] == 12
    assert receipt["removed"]["keys"] == 2
    assert receipt["removed"]["hand_over_links"] == 1
    assert found(connected, marks) == {}
    assert not (connected.home / "aside").exists()
    assert connected.usage() == []
    assert connected.ask("handover", "list") == {"links": []}
