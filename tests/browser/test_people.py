"""People in a real browser: a file is brought, looked at and applied by keyboard and pointer; every page of it is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import SHAPES, Open, Served

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
HEAD = "Employee ID;Name;E-mail;Reports to;Department;Location;Start date\n"


def company(moved: str) -> bytes:
    rows = [
        f"{n};Person {n};person{n}@acme.example;{'' if n == 1 else '1'};{moved};Berlin;2024-02-01\n"
        for n in range(1, 60)
    ]
    odd = [f"60;{LONG};long@acme.example;1;{LONG};São Paulo;soon\n", "61;محمد الحسن;m@elsewhere.example;99;Sales;;\n",
           "62;Twin;person1@acme.example;1;Sales;;\n", "63;=1+1;person70@elsewhere.example;1;Sales;;\n"]  # fmt: skip
    return (HEAD + "".join(rows + odd)).encode("utf-16")


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_people_are_brought_and_every_page_is_sound(
    healthy: Served, width: int, scheme: str, browse: Open, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(company(f"Sales {width}"))
    watched = browse(width, scheme)
    watched.sign_in(healthy)
    page = watched.page
    page.goto(healthy.address + "/people/")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Look at the file").press("Enter")
    page.wait_for_url("**/people/import/**")
    watched.expect_sound()
    page.get_by_label("Department").select_option("not in this file")
    page.get_by_role("button", name="Read the file this way").press("Enter")
    page.wait_for_url("**column.department=**")
    page.get_by_role("button", name="Apply to the directory").click()
    page.wait_for_url("**/people/")
    for path in ("/people/", "/people/matches/", "/people/teams/"):
        watched.open(healthy.address + path)
        watched.expect_sound()
    assert page.get_by_text("Berlin").count() == 1


def test_somebody_is_said_to_be_somebody_and_it_is_taken_back(healthy: Served, browse: Open, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(company("Sales"))
    watched = browse()
    watched.sign_in(healthy)
    page = watched.page
    page.goto(healthy.address + "/people/")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Apply to the directory").click()
    page.goto(healthy.address + "/people/matches/")
    page.get_by_role("button", name="It is =1+1").click()
    assert page.get_by_role("heading", name="What somebody said").is_visible()
    page.get_by_role("button", name="Take back").click()
    assert page.get_by_role("heading", name="What somebody said").count() == 0
    assert page.get_by_role("button", name="It is =1+1").is_visible()
