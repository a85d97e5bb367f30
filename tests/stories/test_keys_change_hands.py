"""Keys are replaced while a sync runs, handed over by a link, and sealed anew under another master key."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from house import House, until
from uptake.fake import FakeClaude


def entries(house: House) -> dict[str, dict[str, object]]:
    """The ledger entry of each day of usage held: day → entry."""
    found = {}
    for path in sorted((house.home / "lake" / "usage").glob("*/day=*/day.parquet")):
        values = (pq.read_metadata(path).metadata or {}).values()
        found[path.parent.name] = next(json.loads(value) for value in values if value.startswith(b"{"))
    return found


def key_file(house: House, key: str) -> str:
    path: Path = house.home.parent / "new.key"
    path.write_text(key)
    return str(path)


def test_a_sync_under_way_drops_its_pages_when_a_key_is_replaced(house: House, fake: FakeClaude) -> None:
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    slow = House(house.home, house.url, {**house.environ, "UPTAKE_REQUESTS_PER_MINUTE": "60"})
    running = slow.start("sync", "--json")
    until(lambda: len(entries(house)) >= 2)
    done = house.run("connect", "claude", "--analytics-key-file", key_file(house, fake.keys.both), "--json")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["keys"]) == ["analytics"]
    held = entries(house)
    assert 2 <= len(held) < 12
    out, _ = running.communicate(timeout=20)
    assert running.returncode == 3
    assert json.loads(out)["runs"][0]["outcome"] == "interrupted"
    assert entries(house) == held  # not a page more after the swap
    assert house.run("sync").returncode == 0
    after = entries(house)
    assert len(after) == 12
    assert {entry["key_version"] for entry in held.values()} == {1}
    assert {entry["key_version"] for day, entry in after.items() if day not in held} == {2}
    assert house.connection()["keys"]["analytics"]["state"] == "ok"


def test_one_refused_file_leaves_both_keys_in_force(connected: House, fake: FakeClaude) -> None:
    done = connected.run("connect", "claude", "--admin-key-file", key_file(connected, fake.keys.foreign_members))
    assert done.returncode == 2
    assert "Nothing was stored" in done.stderr
    assert connected.run("sync").returncode == 0


def test_links_are_made_listed_and_withdrawn(house: House) -> None:
    made = house.run("handover", "create", "--slot", "analytics")
    assert made.returncode == 0
    token = made.stdout.split("/hand-over/")[1].split("/")[0]
    assert "Primary Owner" in made.stderr
    listed = house.ask("handover", "list")["links"]
    assert [(link["slot"], link["state"]) for link in listed] == [("analytics", "open")]
    assert token not in json.dumps(listed)
    assert house.run("handover", "withdraw", listed[0]["id"]).returncode == 0
    assert house.run("handover", "withdraw", listed[0]["id"]).returncode == 2


def test_rotated_then_lost_then_back(connected: House) -> None:
    master = connected.home / "master.key"
    before = master.read_text()
    check = connected.ask("rotate-master-key")["check"]
    after = master.read_text()
    assert after != before
    assert connected.run("sync").returncode == 0
    for text in (before, None):
        master.unlink()
        if text:
            master.write_text(text)
        told = connected.ask("status")
        assert check in told["sealed"]["hint"]
        assert told["connections"][0]["usage"]["days_held"] == 12
        assert connected.run("sync").returncode == 3
        assert master.exists() == bool(text)
        master.write_text(after)
    assert connected.run("status").returncode == 0
