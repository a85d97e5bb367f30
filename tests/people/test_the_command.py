"""`uptake people import`: exit codes and words, as other programs rely on them."""

from __future__ import annotations

import json
from pathlib import Path

from house import House
from uptake.fake import Organisation
from uptake.fake.fifteen_five import FakeFifteenFive

FILE = "Employee ID;Name;E-mail;Chef\n1;Zoë;zoe@acme.example;\n2;Mina;mina@acme.example;1\n"


def test_import_by_command(tmp_path: Path) -> None:
    house = House(tmp_path / "home", "http://127.0.0.1:9")
    file = tmp_path / "people.csv"
    file.write_bytes(FILE.encode("utf-16"))
    dry = house.run("people", "import", str(file), "--dry-run", "--json")
    assert (dry.returncode, json.loads(dry.stdout)["applied"]) == (0, False)
    assert not list(house.home.glob("lake/people/*/*/day.parquet"))

    done = house.run("people", "import", str(file), "--column", "manager=Chef")
    assert done.returncode == 0, done.stderr
    assert "2 created" in done.stdout
    back = house.run("people", "export")
    assert "Mina,mina@acme.example,,zoe@acme.example" in back.stdout

    file.write_text(FILE + "3;Emil;mina@acme.example;1\n")
    some = house.run("people", "import", str(file))
    assert some.returncode == 3
    assert "Row 4, E-mail: mina@acme.example also stands in row 3" in some.stdout
    assert house.run("people", "import", str(file), "--column", "email=Nowhere").returncode == 2
    assert house.run("people", "import", str(tmp_path / "none.csv")).returncode == 2


def test_fifteen_five_by_command(tmp_path: Path) -> None:
    with FakeFifteenFive(Organisation(members=30, seed=5), per_second=None, details_in_list=True) as fake:
        house = House(tmp_path / "home", "http://127.0.0.1:9", {"UPTAKE_FIFTEEN_FIVE_URL": fake.url})
        wrong = house.run("people", "connect", "--key-file", house.key_file("wrong", "q" * 32))
        assert (wrong.returncode, house.run("people", "sync").returncode) == (2, 3)
        done = house.run("people", "connect", "--key-file", house.key_file("15five", f"{fake.key}\n"))
        assert done.returncode == 0, done.stderr
        assert fake.key not in done.stdout + done.stderr + wrong.stderr
        assert house.run("people", "sync").returncode == 0
        assert len(house.run("people", "export").stdout.splitlines()) > 25
        fake.fault = "forbidden"
        stopped = house.run("people", "sync")
        assert stopped.returncode == 3
        assert "refused the key" in stopped.stdout
        assert house.run("people", "disconnect", "--yes").returncode == 0


def test_the_made_up_15five_stands_alone(tmp_path: Path) -> None:
    house = House(tmp_path / "home", "http://127.0.0.1:9")
    wrong = house.run("fake-15five", "--fault", "nonsense")
    assert wrong.returncode == 2
    assert "forbidden" in wrong.stderr
    with house.start("fake-15five", "--port", "0", "--members", "8") as served:
        try:
            assert served.stdout is not None
            _, url, _, key = (served.stdout.readline().strip() for _ in range(4))
            house.environ["UPTAKE_FIFTEEN_FIVE_URL"] = url
            done = house.run("people", "connect", "--key-file", house.key_file("15five", key))
            assert done.returncode == 0, done.stderr
            assert house.run("people", "sync").returncode == 0
            assert len(house.run("people", "export").stdout.splitlines()) > 6
        finally:
            served.terminate()
