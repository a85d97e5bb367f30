"""Files as people save them: encodings, separators, quotes, dates, formulas; what cannot be read is named by its place."""

from __future__ import annotations

import codecs
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain.problems import Refused
from uptake.lake import PEOPLE
from uptake.people import chart, columns, spreadsheet
from uptake.people.person import Said
from uptake.people.rows import Finding, Told, told

TEXT = "Name;E-Mail;Abteilung\nZoë Müller;zoe@acme.example;Vertrieb\n"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
def test_encodings(body: bytes, encoding: str) -> None:
    sheet = spreadsheet.read(body)
    assert sheet.encoding == encoding
    assert sheet.header == ("Name", "E-Mail", "Abteilung")
    assert sheet.rows == [["Zoë Müller", "zoe@acme.example", "Vertrieb"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator: str, line_end: str) -> None:
    text = line_end.join(separator.join(cells) for cells in (["Name", "E-mail"], ["Ada", "a@b.c"], ["", ""], ["B", ""]))
    sheet = spreadsheet.read(text.encode())
    assert sheet.rows == [["Ada", "a@b.c"], ["B", ""]]
    assert sheet.numbers == [2, 4]


def test_quotes_hold_separators_and_line_breaks_and_rows_keep_their_numbers() -> None:
    sheet = spreadsheet.read(b'sep=;\n"Name; first";E-mail\n"Ada\nL.";a@b.c\nBea;b@b.c\n')
    assert sheet.header == ("Name; first", "E-mail")
    assert sheet.rows[0] == ["Ada\nL.", "a@b.c"]
    assert sheet.numbers == [2, 3]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"PK\x03\x04rest", "workbook"),
        (b'Name,E-mail\n"Ada,a@b.c\n', "quotation mark"),
        (b"Name,E-mail\n\x81\x8d,a@b.c\n", "not text in Windows-1252"),
        (b",".join([b"x"] * 400), "400 columns"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        spreadsheet.read(body)


cells = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=6))
def test_what_is_written_opens_harmlessly_and_reads_back(rows: list[tuple[str, str]]) -> None:
    text = spreadsheet.write(["a", "b"], rows)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    sheet = spreadsheet.read(codecs.BOM_UTF8 + text.encode())
    assert not any(cell.startswith(spreadsheet.FORMULA) for row in sheet.rows for cell in row)
    if len(kept) == len(sheet.rows):  # a cell of blanks alone may turn a row into an empty one
        again = [tuple(map(spreadsheet.plain, row)) for row in sheet.rows]
        # Somebody's own apostrophe before a formula is the one thing that cannot be told from ours.
        assert again == [tuple(map(spreadsheet.plain, row)) for row in kept]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Employee ID", "First Name", "Last Name", "Work Email", "Reports To"],
         {"employee_id": 0, "first_name": 1, "last_name": 2, "email": 3, "manager": 4}),
        (["Personalnummer", "Vorname", "Nachname", "E-Mail-Adresse", "Vorgesetzter", "Abteilung", "Eintrittsdatum"],
         {"employee_id": 0, "first_name": 1, "last_name": 2, "email": 3, "manager": 4, "department": 5, "started_on": 6}),
        (["displayName", "userPrincipalName", "jobTitle", "employeeType", "Something else"],
         {"name": 0, "email": 1, "title": 2, "population": 3}),
        (["id", "name", "email", "email"], {"employee_id": 0, "name": 1, "email": 2}),
    ],
)  # fmt: skip
def test_headers_are_understood(header: list[str], expected: dict[str, int]) -> None:
    assert columns.guess(header) == expected


def test_a_guess_can_be_corrected() -> None:
    header = ["Nr", "Name", "Chef", "Mail"]
    found = columns.chosen(header, columns.guess(header), {"employee_id": "nr", "manager": "Chef", "name": ""})
    assert found == {"email": 3, "employee_id": 0, "manager": 2}


@pytest.mark.parametrize(
    "corrections", [{"email": ""}, {"email": "Nowhere"}, {"salary": "Mail"}], ids=["nothing", "column", "field"]
)
def test_a_mapping_that_tells_nobody_apart_is_refused(corrections: dict[str, str]) -> None:
    with pytest.raises(Refused):
        columns.chosen(["Name", "Mail"], columns.guess(["Name", "Mail"]), corrections)


def read(text: str) -> tuple[list[Told], list[Finding]]:
    sheet = spreadsheet.read(text.encode())
    people, findings, _ = told(sheet, columns.guess(sheet.header))
    return people, findings


def test_cells_become_what_their_column_says() -> None:
    people, findings = read(
        "Employee ID,First name,Last name,E-mail,Other e-mails,Groups,Employment type,Start date,On leave,Manager\n"
        "7, Ada ,Lovelace,ADA@Acme.example,al@x.example; ada2@x.example,A; B,Contractor,2026-02-01,yes,Mina\n"
    )
    assert findings == []
    assert people == [
        Told(
            row=2, key="7", employee_id="7", name="Ada Lovelace", email="ada@acme.example", manager="Mina", on_leave=True,
            other_emails=("al@x.example", "ada2@x.example"), groups=("A", "B"), population="contractor",
            started_on=date(2026, 2, 1),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "column", "left_out"),
    [
        ("7,Ada,no address,", "E-mail", True),
        ("7,Ada,a@b.example,31.02.2026", "Start date", False),
        ("7,Ada,a@b.example,soon", "Start date", False),
        (",Ada,,", "", True),
        ("7,Ada,a@b.example,,one too many", "", True),
    ],
)
def test_what_cannot_be_read_is_named_by_row_and_column(cell: str, column: str, left_out: bool) -> None:
    _, findings = read(f"Employee ID,Name,E-mail,Start date\n1,Bea,b@b.example,\n{cell}\n")
    assert [(finding.row, finding.column, finding.left_out) for finding in findings] == [(3, column, left_out)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-11-05"], date(2026, 11, 5)),
        (["2026-11-05T00:00:00Z"], date(2026, 11, 5)),
        (["05.11.2026"], date(2026, 11, 5)),
        (["05/11/2026", "30/01/2026"], date(2026, 11, 5)),
        (["11/05/2026", "01/30/2026"], date(2026, 11, 5)),
        (["05/05/2026"], date(2026, 5, 5)),
        (["46331"], date(2026, 11, 5)),
        (["05/11/2026"], None),
    ],
)
def test_dates_are_told_by_their_whole_column_or_not_at_all(cells: list[str], expected: date | None) -> None:
    rows = "".join(f"{n},x{n}@acme.example,{cell}\n" for n, cell in enumerate(cells))
    people, findings = read(f"Employee ID,E-mail,Start date\n{rows}")
    assert people[0].started_on == expected
    assert bool(findings) == (expected is None)


def test_a_chart_is_a_table_of_the_lake_and_back() -> None:
    said = [
        Said(person_id="p1", source="csv", rank=1, key="7", name="Ada", other_emails=("a@b.c", "d@e.f"), on_leave=False),
        Said(person_id="p2", source="csv", rank=1, key="8", started_on=date(2026, 1, 5), groups=("A, B", "C"), listed=False),
    ]  # fmt: skip
    table = chart.to_table(said)
    assert table.schema == PEOPLE
    assert chart.from_table(table) == said


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(str.encode),
        st.text('ab",;\n\t=é', max_size=80).map(str.encode),
    )
)
def test_whatever_is_brought_is_read_or_refused(body: bytes) -> None:
    try:
        sheet = spreadsheet.read(b"E-mail,Start date,Groups,On leave\n" + body)
    except Refused:
        return
    people, findings, _ = told(sheet, columns.guess(sheet.header))
    assert len(people) == len(sheet.rows)
    assert {one.row for one in findings} <= set(sheet.numbers)
