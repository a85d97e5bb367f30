"""Accounts kept on the host: listed, changed, let in again; and two Company Admins never remove each other."""

from __future__ import annotations

import re
from pathlib import Path

from house import House


def make(house: House, name: str, role: str) -> str:
    done = house.run("account", "create", "--email", f"{name}@example.com", "--role", role)
    assert done.returncode == 0, done.stderr
    return f"{name}@example.com"


def test_accounts_by_command(tmp_path: Path) -> None:
    house = House(tmp_path / "home", "http://127.0.0.1:9")
    ada, emil = make(house, "ada", "company_admin"), make(house, "emil", "employee")
    refused = house.run("account", "deactivate", "--email", ada)
    assert refused.returncode == 2
    assert "last Company Admin" in refused.stderr
    assert house.run("account", "role", "--email", emil, "--role", "company_admin").returncode == 0
    both = [house.start("account", "deactivate", "--email", email) for email in (ada, emil)]
    assert sorted(process.wait(60) for process in both) == [0, 2]
    told = {one["email"]: one for one in house.ask("account", "list")["accounts"]}
    assert sorted(one["active"] for one in told.values()) == [False, True]
    gone = next(email for email, one in told.items() if not one["active"])
    assert house.run("account", "link", "--email", gone).returncode == 2
    assert house.run("account", "activate", "--email", gone).returncode == 0
    assert re.search(r"http://localhost:8321/sign-in/\S+/", house.run("account", "link", "--email", gone).stdout)
    nothing = house.run("account", "forget-factors", "--email", gone)
    assert (nothing.returncode, "no second factor" in nothing.stderr) == (2, True)
    assert "Company Admin · active · no second factor · never signed in" in house.run("account", "list").stdout
    assert house.run("account", "role", "--email", "nobody@example.com", "--role", "employee").returncode == 2
