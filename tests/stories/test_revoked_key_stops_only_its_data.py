"""The Analytics key is revoked on a Tuesday: usage stops at once, the roster goes on, a new key closes the gap."""

from __future__ import annotations

from house import House
from uptake.fake import FakeClaude


def test_the_analytics_key_is_revoked(connected: House, fake: FakeClaude) -> None:
    held = connected.usage()
    fake.revoke(fake.keys.analytics)
    done = connected.ask("sync")
    connection = connected.connection()
    assert connected.run("status").returncode == 3
    assert done["runs"][0]["rows"] == 0
    assert connection["keys"]["analytics"]["state"] in {"suspect", "stopped"}
    assert "Nobody is shown as inactive" in connection["keys"]["analytics"]["hint"]
    assert connection["keys"]["admin"]["state"] == "ok"
    assert connection["streams"]["roster"]["state"] == "ok"
    assert connection["members"]["removed"] == 0
    assert connected.usage() == held

    assert connected.connect(fake.keys.members, fake.keys.both).returncode == 0
    assert connected.run("sync").returncode == 0
    assert connected.run("status").returncode == 0


def test_the_same_key_works_again(connected: House, fake: FakeClaude) -> None:
    fake.revoke(fake.keys.analytics)
    assert connected.run("sync").returncode == 3
    fake.restore(fake.keys.analytics)
    assert connected.run("sync").returncode == 0
    assert connected.run("status").returncode == 0


def test_the_admin_key_is_revoked(connected: House, fake: FakeClaude) -> None:
    members = connected.members()
    fake.revoke(fake.keys.members)
    done = connected.ask("sync")
    connection = connected.connection()
    assert done["runs"][0]["outcome"] == "stopped"
    assert connection["keys"]["admin"]["state"] in {"suspect", "stopped"}
    assert connection["streams"]["usage"]["state"] == "ok"
    assert connected.members() == members


def test_a_gap_is_closed_by_itself(house: House, fake: FakeClaude) -> None:
    """Nothing could be read at first; the next sync reads all of it."""
    assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
    fake.revoke(fake.keys.analytics)
    assert house.run("sync").returncode == 3
    assert house.usage() == []
    fake.restore(fake.keys.analytics)
    assert house.run("sync").returncode == 0
    assert len({row["day"] for row in house.usage()}) == 12
