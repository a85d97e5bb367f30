"""audit verify, audit export: whether the trail is whole, and the trail itself."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from uptake.cli.doors import ATTENTION, door, err, out, print_json
from uptake.cli.facts import Since, Until, day_of
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.records.audit import Verdict


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


@door()
def audit_verify(
    anchor: Annotated[
        str | None, typer.Option(metavar="NUMBER:SEAL", help="An entry noted elsewhere that must still be there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Walk the whole chain of the audit. Ends with 3 where an entry was changed, removed, moved or put in."""
    settings = boot.start(os.environ)
    from uptake.actions import auditing

    verdict = auditing.verify(OPERATOR, settings, _anchor(anchor))
    if as_json:
        print_json(auditing.verdict_as_dict(verdict))
    else:
        _print(verdict)
    if not verdict.intact:
        raise typer.Exit(ATTENTION)


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, seal = text.partition(":")
    if not number.isdecimal() or len(seal) != 64:
        raise Problem("--anchor takes a number, a colon and a seal of 64 digits.", "`uptake audit verify` prints both.")
    return int(number), seal


def _print(verdict: Verdict) -> None:
    if verdict.intact:
        out.print(f"The audit is whole: {verdict.entries:,} entries, {verdict.first} to {verdict.last}.", markup=False)
        out.print(f"Note this elsewhere to prove it later: {verdict.last}:{verdict.seal}", markup=False)
    else:
        out.print("The audit is not what was written:", style="bold", markup=False)
        for fault in verdict.faults:
            out.print(f"  entry {fault.number} {fault.words}", markup=False)
    for note in verdict.notes:
        err.print(note, markup=False)


@door()
def audit_export(
    format: Annotated[Format, typer.Option("--format", help="File format.")] = Format.JSON,
    since: Since = None,
    until: Until = None,
) -> None:
    """The entries, oldest first, on standard output."""
    boot.start(os.environ)
    from uptake.actions import auditing

    sought = auditing.Sought(since=day_of(since, "since"), until=day_of(until, "until"))
    for piece in auditing.export(OPERATOR, sought, "csv" if format is Format.CSV else "json", datetime.now(UTC)):
        sys.stdout.write(piece)
