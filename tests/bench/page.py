"""The sections as a page of Markdown, and as rich tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rich.console import Console
from rich.table import Table as RichTable

from tests.bench.report import Section, Table

COMMAND = ".venv/bin/python -m tests.bench"


def markdown(sections: Sequence[Section], day: date, machine: str) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks",
        f"Written by `make bench` on {day} and not edited. {machine}. A shared machine: trust ratios within one run and "
        "CPU time, not wall time. The code is in `tests/bench/`; the made-up organisation runs in a process of its own.",
        *(_section(section) for section in sections),
    ]
    return "\n\n".join(parts) + "\n"


def put(page: str, sections: Sequence[Section], day: date) -> str:
    """The page with these sections measured anew; one that it did not have comes last."""
    for section in sections:
        text = _section(replace(section, notes=(*section.notes, f"Measured alone, on {day}.")))
        head, found, after = page.partition(f"## {section.title}\n")
        if not found:
            page = page.rstrip("\n") + f"\n\n{text}\n"
            continue
        rest = after.partition("\n## ")
        page = head + text + "\n" + (f"\n## {rest[2]}" if rest[1] else "")
    return page


def _section(section: Section) -> str:
    tables = [_table(table) for table in section.tables]
    notes = ["\n".join(f"- {note}" for note in section.notes)] if section.notes else []
    return "\n\n".join([f"## {section.title}", f"`{COMMAND} --only {section.name}`", *tables, *notes])


def _table(table: Table) -> str:
    rows = [table.head, tuple("---" for _ in table.head), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def show(section: Section, console: Console) -> None:
    """A section on the terminal."""
    for table in section.tables:
        drawn = RichTable(*table.head, title=section.title)
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
    for note in section.notes:
        console.print(f"  {note}", style="dim", markup=False)
