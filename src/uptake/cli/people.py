"""people import, people export: the company's directory by file. A preview comes first; at a terminal it asks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from uptake.cli.doors import ATTENTION, door, err, out, print_json
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Refused
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.actions.people import Preview, Wanted
    from uptake.config import Settings
    from uptake.fake import Organisation
    from uptake.people.chart import Progress as Told
    from uptake.people.rows import Finding

_SHOWN = 20
_LARGE = 20_000


@door()
def people_import(
    file: Annotated[Path, typer.Argument(help="The CSV file; `-` reads standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="A field's column, as `manager=Reports to`; empty: not in this file.")
    ] = None,
    part: Annotated[bool, typer.Option("--part", help="The file holds a part of the company: nobody leaves.")] = False,
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="Many leave at once, and it is meant.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it holds from; today if not said.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask at the terminal.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring the company's directory from a CSV file. 0: applied. 2: refused, nothing applied. 3: some rows left out."""
    body = _body(file)
    settings = boot.start(os.environ)
    from uptake.actions import people

    now = datetime.now(UTC)
    wanted = people.Wanted(_day(since, now), _corrections(column or []), whole=not part, accept_loss=accept_losses)
    asks = not (dry_run or yes or as_json) and sys.stdin.isatty() and str(file) != "-"
    with _progress() as progress:
        if dry_run or asks:
            seen = people.preview(OPERATOR, settings, body, wanted, progress)
        else:
            seen = people.import_csv(OPERATOR, settings, body, wanted, now, progress=progress)
    if asks and _agreed(seen, wanted):
        wanted = replace(wanted, accept_loss=True)
        with _progress() as progress:
            seen = people.import_csv(OPERATOR, settings, body, wanted, now, seen=seen.mark, progress=progress)
        out.print("Applied.", markup=False)
    elif as_json:
        print_json(people.as_json(seen, applied=not dry_run))
    else:
        _tell(seen, applied=not (dry_run or asks))
    raise typer.Exit(ATTENTION if seen.plan.left_out else 0)


def _body(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}. Nothing was changed.", "Name another file.") from None


def _day(since: datetime | None, now: datetime) -> date:
    day = since.date() if since else now.date()
    if day > now.date():
        raise Refused("A directory cannot hold from a day to come. Nothing was changed.", "Import it on that day.")
    return day


def _corrections(columns: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    if any(not separator for _, separator, _ in pairs):
        raise Refused("--column takes a field and a header, as in `--column manager=Boss`.", "Nothing was changed.")
    return {name.strip(): header.strip() for name, _, header in pairs}


@contextmanager
def _progress() -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], total=max(1, of), completed=done)

        yield told


def _agreed(seen: Preview, wanted: Wanted) -> bool:
    _tell(seen, applied=False)
    if seen.plan.large_loss and not wanted.accept_loss:
        return typer.confirm(f"{len(seen.plan.left):,} people would leave at once. Is that meant, and apply it?")
    return typer.confirm("Apply this?")


def _tell(seen: Preview, *, applied: bool) -> None:
    plan = seen.plan
    out.print(f"{len(seen.sheet.rows):,} rows, {seen.sheet.encoding}. Columns:", markup=False)
    for name, at in seen.mapping.items():
        out.print(f"  {name:<14}{seen.sheet.header[at]}", markup=False)
    verb = "Applied" if applied else "It would be"
    counts = (
        f"{len(plan.created):,} created, {len(plan.changed):,} changed, {len(plan.left):,} left, {plan.same:,} the same"
    )
    out.print(f"{verb}: {counts}. {plan.left_out:,} rows left out.", markup=False)
    out.print(
        f"{seen.people_unmatched:,} people have no member at Claude, {seen.members_unmatched:,} of {seen.members:,} members "
        "no person.",
        markup=False,
    )
    for finding in plan.findings[:_SHOWN]:
        out.print(f"  {_finding(finding)}", markup=False)
    if len(plan.findings) > _SHOWN:
        out.print(f"  and {len(plan.findings) - _SHOWN:,} more; --json lists all of them", markup=False)


def _finding(finding: Finding) -> str:
    place = f"Row {finding.row}" + (f", {finding.column}" if finding.column else "")
    return f"{place}: {finding.words}{' (left out)' if finding.left_out else ''}"


@door()
def people_export(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output if not said.")] = None,
) -> None:
    """The directory as a CSV file that imports again. No cell of it is run by a spreadsheet program."""
    settings = boot.start(os.environ)
    from uptake.actions import people

    text = people.export_csv(OPERATOR, settings, datetime.now(UTC))
    if output is None:
        sys.stdout.buffer.write(text.encode())
        return
    output.write_text(text, encoding="utf-8", newline="")


def demo_directory(settings: Settings, company: Organisation) -> None:
    """The made-up company's own directory, four weeks apart, so that a demo's past has its teams."""
    from uptake.actions import people
    from uptake.fake.directory import Directory, to_csv

    now = datetime.now(UTC)
    hr = Directory(company)
    known = people.known_since(OPERATOR, settings)
    for weeks in (0,) if known or len(company.crew) > _LARGE else (12, 8, 4, 0):
        at = now - timedelta(weeks=weeks)
        wanted = people.Wanted(at.date(), accept_loss=True)
        people.import_csv(OPERATOR, settings, to_csv(hr.at(at)).encode(), wanted, now)
