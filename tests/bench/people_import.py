"""A directory of many people by `uptake people import`: first, again, and a tenth moved. The real command, wall time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.processes import Spent, measured
from tests.bench.report import Figure, Section, figures
from tests.house import UPTAKE, House


def measure(people: int = 100_000) -> Section:
    """Import a file of `people` rows three times into one home."""
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder:
        home, file = Path(folder) / "home", Path(folder) / "people.csv"
        spent: dict[str, Spent] = {}
        for what, moved in (("first import", 0), ("the same file again", 0), ("a tenth has moved", people // 10)):
            file.write_text(_file(people, moved), encoding="utf-8-sig")
            environ = House(home, "http://127.0.0.1:9").environment()
            spent[what] = measured([*UPTAKE, "people", "import", str(file), "--yes"], environ)
            assert spent[what].code == 0
    found = [Figure(f"{what}, wall", one.wall, "s", 30) for what, one in spent.items()]
    found += [Figure(f"{what}, CPU", one.cpu, "s") for what, one in spent.items()]
    found.append(Figure("peak memory", max(one.peak_mb for one in spent.values()), "MB"))
    note = f"{people:,} rows of nine columns, managers eight reports each; start of the process included."
    return Section("people", "A directory by CSV", (figures(found),), (note,))


def _file(people: int, moved: int) -> str:
    head = "Employee ID,Name,E-mail,Manager,Department,Location,Job title,Start date,Groups\n"
    return head + "".join(_row(number, number < moved) for number in range(people))


def _row(number: int, moved: bool) -> str:
    manager = f"p{(number - 1) // 8}@acme.example" if number else ""
    department = "Moved" if moved else f"Department {number % 40}"
    return (
        f"{number},Pérson {number},p{number}@acme.example,{manager},{department},Place {number % 9},Title {number % 200},"
        f"2024-03-{number % 28 + 1:02},Group {number % 15}; Circle {number % 7}\n"
    )
