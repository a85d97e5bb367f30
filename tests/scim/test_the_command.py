"""uptake people connect-scim, disconnect-scim: a token printed once, and every one ended."""

from __future__ import annotations

from pathlib import Path

from house import House


def test_a_token_by_command_and_its_end(tmp_path: Path) -> None:
    house = House(tmp_path / "home", "http://127.0.0.1:9")
    made = house.run("people", "connect-scim", "--name", "Okta", "--days", "90")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("uptake_scim_")
    assert len(made.stdout.split()) == 1
    assert "/scim/v2" in made.stderr
    assert house.run("people", "connect-scim", "--days", "0").returncode == 2
    assert house.run("people", "disconnect-scim").returncode != 0
    done = house.run("people", "disconnect-scim", "--yes")
    assert (done.returncode, "disconnected" in done.stdout) == (0, True)
