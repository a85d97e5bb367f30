"""sync, status, disconnect claude: what a connection does and how it stands."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from uptake.cli.doors import ATTENTION, CURRENT, door, err, out, print_json
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.actions.syncing import Report
    from uptake.actions.views import ConnectionView, HeldBackView
    from uptake.sync.ledger import Progress as Done
    from uptake.sync.run import RunResult

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@door(problem=ATTENTION)
def sync(as_json: AsJson = False) -> None:
    """Sync every connection now. Ends with 0 if all is current, 3 if something needs attention, 4 if another runs."""
    settings = boot.start(os.environ)
    from uptake.actions.syncing import sync_now

    with progress_report() as report:
        results = sync_now(OPERATOR, settings, trigger="command", report=report)
    if as_json:
        print_json({"runs": [result_json(result) for result in results]})
    else:
        print_results(results)
    if any(result.outcome != "current" for result in results):
        raise typer.Exit(ATTENTION)


@contextmanager
def progress_report() -> Iterator[Report]:
    """A bar on a terminal, silence elsewhere (the summary at the end says it all)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} days"),
        TextColumn("{task.fields[rows]} rows · {task.fields[requests]} requests"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(name: str, progress: Done) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=1, rows="0", requests="0", left="")
            left = f"about {timedelta(seconds=progress.seconds_left)} left" if progress.seconds_left else ""
            total, rows, requests = max(1, progress.days_planned), f"{progress.rows:,}", f"{progress.requests:,}"
            bars.update(tasks[name], total=total, completed=progress.days_done, rows=rows, requests=requests, left=left)

        yield report


def result_json(result: RunResult) -> dict[str, object]:
    progress = result.progress
    return {
        "connection": result.connection,
        "run": result.run_id,
        "outcome": result.outcome,
        "days": progress.days_done,
        "rows": progress.rows,
        "written": progress.written,
        "requests": progress.requests,
        "flaws": {field: getattr(result.flaws, field) for field in result.flaws.__slots__},
        "notes": list(result.notes),
    }


def print_results(results: list[RunResult]) -> None:
    for result in results:
        done = result.progress
        out.print(
            f"{result.connection}: {result.outcome.replace('_', ' ')} · {done.days_done} days, {done.rows:,} rows read, "
            f"{done.written} files written, {done.requests} requests",
            markup=False,
        )
        for note in result.notes:
            out.print(f"  {note}", markup=False)


@door(problem=ATTENTION)
def status(as_json: AsJson = False) -> None:
    """Connections, keys, streams and days. Ends with 0 if all is well, 3 if something needs attention."""
    settings = boot.start(os.environ)
    from uptake.actions import state
    from uptake.actions.master_key import sealed

    views, shut = state.connections(OPERATOR, settings, datetime.now(UTC)), sealed(settings)
    if as_json:
        print_json(state.as_json(views) | ({"sealed": {"message": shut.message, "hint": shut.hint}} if shut else {}))
    elif shut:
        out.print(f"Sealed. {shut.message}", style="bold", markup=False)
        out.print(shut.hint, markup=False)
    for view in () if as_json else views:
        _print_view(view)
    if not views:
        err.print("There is no connection yet. Connect Claude first: `uptake connect claude --help`.", markup=False)
    raise typer.Exit(CURRENT if state.healthy(views) and not shut else ATTENTION)


def _print_view(view: ConnectionView) -> None:
    out.print(f"{view.name} · {view.state}", style="bold", markup=False)
    for key in view.keys:
        shown = f"{key.state}, {key.kind}, ends in {key.last_four}" if key.last_four else key.state
        shown += f", last accepted {key.last_ok_at:%d %b %Y %H:%M} UTC" if key.last_ok_at else ""
        _line(f"{key.slot.capitalize()} key", shown, *_why(key.cause, key.hint, told=key.state != "ok"))
    for stream in view.streams:
        last = f", last current {stream.last_ok_at:%d %b %Y %H:%M} UTC" if stream.last_ok_at else ""
        _line(stream.name.capitalize(), stream.state.replace("_", " ") + last, *_why(stream.cause, stream.hint))
    counts = view.members
    _line(
        "Members",
        f"{counts.active} active, {counts.invited} invited, {counts.removed} removed, {counts.unlisted} unlisted",
    )
    _line("Usage", _usage(view))
    for hold in (*view.held_back, *view.roster_held_back):
        _line("Held back", hold.reason, _way_out(hold, view.name))
    for notice in view.notices:
        _line("New", notice)
    if view.runs:
        run = view.runs[0]
        _line("Last run", f"{run.outcome.replace('_', ' ')}, {run.started_at:%d %b %Y %H:%M} UTC", *run.notes)


def _way_out(hold: HeldBackView, name: str) -> str:
    if hold.released_by:
        return f"Accepted by {hold.released_by}: the next sync takes exactly this answer."
    what = "--roster" if hold.stream == "roster" else f"--day {hold.day}"
    what += "" if name == "Claude" else f" --name {shlex.quote(name)}"
    return f"If it is right: `uptake release {what}`." if hold.mark else "There is no whole answer to accept."


def _usage(view: ConnectionView) -> str:
    if view.data_through is None:
        return "none held yet"
    text = f"data through {_day(view.data_through)}, {view.days_held} days held"
    if view.settling_since:
        text += f", settling since {_day(view.settling_since)}"
    return text + (f", {len(view.missing)} missing" if view.missing else "")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _why(cause: str, hint: str, *, told: bool = True) -> tuple[str, ...]:
    return tuple(filter(None, (cause, hint))) if told else ()


def _line(label: str, text: str, *more: str) -> None:
    out.print(f"  {label:<14}{text}", markup=False)
    for words in more:
        out.print(f"  {'':<14}{words}", markup=False)


@door()
def disconnect_claude(
    name: Annotated[str, typer.Option(help="Which connection.")] = "Claude",
    erase: Annotated[bool, typer.Option("--erase", help="Also remove everything that was synced.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Really do it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop syncing and destroy both keys; with --erase also remove the data, with a receipt."""
    if not yes:
        what = "destroys both keys and removes everything synced" if erase else "destroys both keys; the data stay"
        raise Problem(f"This {what}. Nothing was done.", "Say so with --yes.")
    settings = boot.start(os.environ)
    from uptake.actions.disconnects import disconnect

    receipt = disconnect(OPERATOR, settings, name=name, erase=erase, now=datetime.now(UTC))
    if as_json:
        print_json(
            {"name": receipt.name, "erased": receipt.erased, "removed": receipt.counts, "advice": receipt.advice}
        )
        return
    out.print(f"{receipt.name} is disconnected.", markup=False)
    for kind, count in receipt.counts.items():
        out.print(f"  {kind} removed: {count}", markup=False)
    out.print(receipt.advice, markup=False)
