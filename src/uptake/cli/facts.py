"""ask and export: the two ways numbers leave by command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer
from rich.markup import escape
from rich.table import Table

from uptake.cli.doors import door, err, out, print_json
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.metrics.question import BY, POPULATIONS
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.config import Settings
    from uptake.metrics import Answer, Cell, Row


class What(StrEnum):
    USAGE = "usage"
    MEMBERS = "members"
    SUMMARIES = "summaries"


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class AnswerFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


Population = StrEnum("Population", {name.upper(): name for name in POPULATIONS})  # type: ignore[misc]
By = StrEnum("By", {name.upper().replace("28D", "TILE"): name for name in BY})  # type: ignore[misc]
_DIMENSIONS = "; ".join(f"{name}: {words}" for name, words in BY.items())


Since = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First day, included.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day, included.")]


def day_of(text: str | None, name: str) -> date | None:
    """A day as an option gives it. Raises Problem."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"--{name} {text!r} is not a day.", "Write it as YYYY-MM-DD, for instance 2026-11-19.") from None


def _list(wanted: bool) -> None:
    """The catalogue on standard output, for `ask --list`."""
    if not wanted:
        return
    from uptake.metrics import CATALOGUE
    from uptake.metrics.metric import TOPICS

    for topic, title in TOPICS.items():
        out.print(f"\n{title}", style="bold", markup=False)
        for metric in CATALOGUE.values():
            if metric.topic == topic:
                by = ", ".join(name for name in metric.by if name) or "no dimension"
                out.print(f"  {metric.id}  {metric.label} ({metric.unit}; by {by})", markup=False, highlight=False)
    raise typer.Exit


def _teams(wanted: bool) -> None:
    """The teams of the newest org chart on standard output, for `ask --teams`."""
    if not wanted:
        return
    settings = boot.start(os.environ)
    from uptake import metrics as numbers

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "name", "people", "within"):
        table.add_column(name, overflow="fold")
    for team in numbers.teams_of(numbers.current_facts(settings), OPERATOR):
        table.add_row(team.id, escape(team.name), team.people, team.above)
    out.print(table)
    raise typer.Exit


OneTeam = Annotated[str | None, typer.Option(metavar="ID", help="The people of one team alone; --teams shows the ids.")]

Within = Annotated[
    str | None, typer.Option(metavar="ID", help="With --by tree: the tree whose next level the rows are.")
]

People = Annotated[Population | None, typer.Option(help="Whom figures of teams are about; employees if not said.")]

Compare = Annotated[
    bool, typer.Option("--compare", help="With the four weeks before, over the people eligible in both.")
]

Explain = Annotated[
    bool, typer.Option("--explain", help="What each number means and is made from, its days and people, its SQL.")
]

AnswerFile = Annotated[
    AnswerFormat | None, typer.Option("--format", help="A file of this format, with what it is made from inside.")
]


ListMetrics = Annotated[bool, typer.Option("--list", help="List the metrics and end.", is_eager=True, callback=_list)]

ListTeams = Annotated[bool, typer.Option("--teams", help="List the teams and end.", is_eager=True, callback=_teams)]


@door()
def ask(  # noqa: PLR0913, PLR0917  a command's options
    metrics: Annotated[list[str], typer.Argument(metavar="METRIC...", help="Ids of metrics; --list shows them.")],
    by: Annotated[By | None, typer.Option(metavar="DIMENSION", help=f"{_DIMENSIONS}.")] = None,
    since: Since = None,
    until: Until = None,
    connection: Annotated[str | None, typer.Option(metavar="NAME", help="This connection alone.")] = None,
    team: OneTeam = None,
    within: Within = None,
    population: People = None,
    compare: Compare = False,
    explain: Explain = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    format: AnswerFile = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
    catalogue: ListMetrics = False,
    teams: ListTeams = False,
) -> None:
    """Ask for any metric of the catalogue."""
    del catalogue, teams  # shown before anything else is looked at
    settings = boot.start(os.environ)
    from uptake import metrics as numbers

    now = datetime.now(UTC)
    facts, today = numbers.current_facts(settings), now.date()
    question = numbers.Question(
        metrics=tuple(metrics),
        by=cast("numbers.By | None", by.value if by else None),
        since=day_of(since, "since"),
        until=day_of(until, "until"),
        connection=facts.named(connection),
        compare=compare,
        team=team,
        within=within,
        population=cast("numbers.Population | None", population.value if population else None),
    )
    answer = numbers.answer(question, OPERATOR, facts, today)
    if format or as_csv or output:
        _write(settings, answer, format, output, now)
        return
    explained = numbers.explain(question, OPERATOR, facts, today) if explain else None
    if as_json:
        told = {} if explained is None else {"explained": numbers.explained_json(explained)}
        print_json(numbers.to_json(answer) | told)
        return
    _print_answer(answer)
    for one in explained or ():
        out.print("\n" + numbers.in_words(one), markup=False, highlight=False, soft_wrap=True)


def _write(settings: Settings, answer: Answer, format: AnswerFormat | None, output: Path | None, now: datetime) -> None:
    """The answer as a file: of the format asked for, else of the one the file's name says, else CSV."""
    from uptake.actions import exports

    named = output.suffix.removeprefix(".") if output else ""
    wanted = format or next((known for known in AnswerFormat if known.value == named), AnswerFormat.CSV)
    with _opened(output) as stream:
        exports.taken(OPERATOR, settings, answer, wanted.value, stream, now)
    if output is not None:
        err.print(f"Written to {output}", markup=False)


def _print_answer(answer: Answer) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(answer.question.by or "")
    named = any(row.label for row in answer.rows)
    if named:
        table.add_column("name")
    for metric in answer.question.metrics:
        table.add_column(metric, justify="right")
        if answer.question.compare:
            table.add_column("before", justify="right")
    for row in answer.rows:
        name = [escape(row.label)] if named else []
        table.add_row(
            row.key or "", *name, *(text for metric in answer.question.metrics for text in _texts(row, metric))
        )
    out.print(table)
    fresh = answer.freshness
    words = [f"Data through {fresh.data_through}" if fresh.data_through else "No usage held yet"]
    words += [f"settling since {fresh.settling_since}"] if fresh.settling_since else []
    words += [f"{answer.withheld} withheld"] if answer.withheld else []
    err.print(" · ".join(words), *answer.notes, fresh.trouble, sep="\n", markup=False)


def _texts(row: Row, metric: str) -> list[str]:
    return [_shown(row.cells[metric]), *([_shown(row.before[metric])] if row.before else [])]


def _shown(cell: Cell) -> str:
    if cell.state == "value":
        return f"{cell.value:,.3f}" if isinstance(cell.value, float) else f"{cell.value:,}"
    return {"not_yet": "not yet available", "not_collected": "–", "withheld": "withheld"}[cell.state]


@door()
def export(
    what: Annotated[What, typer.Argument(help="What to export.")],
    format: Annotated[Format, typer.Option("--format", help="File format.")] = Format.JSONL,
    since: Since = None,
    until: Until = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """The facts as held: usage, members or the vendor's own summaries."""
    settings = boot.start(os.environ)
    from uptake.actions import exports

    wanted = exports.Wanted(what.value, format.value, day_of(since, "since"), day_of(until, "until"))
    with _opened(output) as stream:
        rows = exports.export(OPERATOR, settings, wanted, stream, datetime.now(UTC))
    if output is not None:
        err.print(f"{rows:,} rows written to {output}", markup=False)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that only takes its name once it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(output)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise Problem(
            f"The export could not be written: {error.strerror}. What stood there before stays.",
            "Name a file in a folder that takes writes, with enough free space.",
        ) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
