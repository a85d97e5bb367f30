"""release, revisions, member: accept what is held back, see how far days moved, and what rosters said of somebody."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from uptake.cli.doors import door, out, print_json
from uptake.cli.facts import Since, Until, day_of
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.actions.views import RevisionView

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@door()
def release(
    day: Annotated[list[str] | None, typer.Option(metavar="YYYY-MM-DD", help="A day that is held back.")] = None,
    roster: Annotated[bool, typer.Option("--roster", help="The roster that is held back.")] = False,
    all_days: Annotated[bool, typer.Option("--all-days", help="Every day that is held back.")] = False,
    name: Annotated[str, typer.Option(help="Which connection.")] = "Claude",
    as_json: AsJson = False,
) -> None:
    """Accept exactly the answer that is held back, after looking at it; the next sync takes it if it comes again."""
    if not (day or roster or all_days):
        raise Problem(
            "Name what to accept: --day, --all-days or --roster. Nothing was changed.",
            "`uptake status` lists what is held back, with the reason.",
        )
    boot.start(os.environ)
    from uptake.actions import reviews

    days = None if all_days else [given for text in day or () if (given := day_of(text, "day"))]
    holds = reviews.release(OPERATOR, name=name, now=datetime.now(UTC), days=days, roster=roster)
    if as_json:
        print_json({"released": [{"stream": hold.stream, "day": hold.day.isoformat()} for hold in holds]})
        return
    for hold in holds:
        out.print(f"Accepted: {hold.reason}", markup=False)
    out.print("The next sync takes exactly this answer: `uptake sync`, or leave it to `uptake serve`.", markup=False)


@door()
def revisions(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """How far each day moved after it was first shown: totals then and now."""
    boot.start(os.environ)
    from uptake.actions.revisions import revisions as moved

    rows = moved(OPERATOR, since=day_of(since, "since"), until=day_of(until, "until"))
    if as_json:
        print_json({"revisions": [_revision_json(row) for row in rows]})
    elif rows:
        _print_revisions(rows)
    else:
        out.print("No day moved after it was first shown.")


@door()
def member(
    who: Annotated[str, typer.Argument(metavar="ID|E-MAIL", help="A member id, or any e-mail address ever held.")],
    as_json: AsJson = False,
) -> None:
    """What the rosters said of one member over time: addresses, roles, absences, returns."""
    settings = boot.start(os.environ)
    from uptake.actions.histories import history

    chapters = history(OPERATOR, settings, who=who, now=datetime.now(UTC))
    if as_json:
        print_json({"history": msgspec.to_builtins(chapters)})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("member", "since", "status", "e-mail", "name", "role"):
        table.add_column(head)
    for chapter in chapters:
        status = f"{chapter.status} {chapter.left_at:%Y-%m-%d}" if chapter.left_at else chapter.status
        told = (chapter.member_id, chapter.since.isoformat(), status, chapter.email, chapter.name, chapter.claude_role)
        table.add_row(*(Text(text or "–") for text in told))
    out.print(table)


def _revision_json(row: RevisionView) -> dict[str, object]:
    return {
        "connection": row.connection,
        "day": row.day.isoformat(),
        "measure": row.measure,
        "first": row.old_total,
        "now": row.new_total,
        "at": row.at.isoformat(),
    }


def _print_revisions(rows: list[RevisionView]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("day", "measure"):
        table.add_column(head)
    for head in ("first", "now"):
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(row.day.isoformat(), row.measure, _shown(row.old_total), _shown(row.new_total))
    out.print(table)


def _shown(total: int | None) -> str:
    return "–" if total is None else f"{total:,}"
