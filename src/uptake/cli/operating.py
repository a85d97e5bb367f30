"""doctor, backup, restore: for whoever runs the installation."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from uptake import config
from uptake.cli.doors import ATTENTION, door, err, out, print_json
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.findings import Finding, broken, ok
from uptake.domain.problems import Problem
from uptake.site import boot, restoring, surroundings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="One file, outside UPTAKE_HOME.")]

_STYLES = {"ok": "green", "attention": "yellow", "broken": "bold red"}


@door()
def backup(file: File, as_json: AsJson = False) -> None:
    """Write records and facts into one new file and read it back. The master key is not in it: keep its copy elsewhere."""
    settings = boot.start(os.environ)
    from uptake.actions import backups

    made = backups.make(OPERATOR, settings, path=file.absolute(), now=datetime.now(UTC))
    if as_json:
        print_json({
            "file": str(made.path), "made_at": made.made_at.isoformat(), "days": made.days, "bytes": made.size,
            "erased": made.erased, "master_key": made.master_key, "damaged_days": made.damaged, "sealed": made.sealed,
        })  # fmt: skip
        return
    out.print(f"Backed up and verified: {made.path}, {made.days:,} day files, {made.size:,} bytes.", markup=False)
    if made.master_key:
        out.print(f"It needs the master key whose check value starts with {made.master_key}.", markup=False)
    if made.damaged:
        err.print(f"{made.damaged} damaged day files were set aside and are not in it; sync again.", markup=False)
    if made.sealed:
        err.print(f"{made.sealed} So nobody vouches for this backup.", markup=False)


@door()
def restore(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Really do it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of what UPTAKE_HOME holds; what was there is kept in a folder beside."""
    if not yes:
        raise Problem("This replaces records and facts by those of the backup. Nothing was done.", "Say so with --yes.")
    settings = boot.prepare(os.environ)
    now = datetime.now(UTC).replace(microsecond=0)
    intent, counts = restoring.restore(settings, file.absolute(), now, lambda: boot.up(settings))
    kept = [str(restoring.at(settings, folder)) for folder in intent.kept]
    if as_json:
        made_at = intent.made_at.isoformat()
        print_json({"made_at": made_at, "days": intent.days, "kept": kept, "ended": counts, "notes": intent.notes})
        return
    out.print(f"Restored: the backup of {intent.made_at:%d %b %Y %H:%M} UTC, {intent.days:,} day files.", markup=False)
    for folder in kept:
        out.print(f"What was there before is in {folder}: remove it once it is not needed.", markup=False)
    if counts["erased"]:
        out.print(
            f"Taken out again, since they were erased after it was made: {counts['erased']} people.", markup=False
        )
    out.print("Everybody signs in anew; one-time links of then are ended.", markup=False)
    for note in intent.notes:
        err.print(note, markup=False)


@door(problem=ATTENTION)
def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what reads every byte.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything this installation stands on. Changes nothing; ends with 3 where something needs attention."""
    findings = _findings(quick=quick)
    if as_json:
        print_json(
            {"healthy": all(one.state == "ok" for one in findings), "findings": [asdict(one) for one in findings]}
        )
    for one in () if as_json else findings:
        out.print(f"{one.state:<10}", style=_STYLES[one.state], end="", markup=False)
        out.print(f"{one.part}: {one.words}", markup=False)
        if one.todo:
            out.print(f"{'':<10}{one.todo}", markup=False)
    if any(one.state != "ok" for one in findings):
        raise typer.Exit(ATTENTION)


def _findings(*, quick: bool) -> list[Finding]:
    try:
        settings = config.load(os.environ)
    except Problem as problem:
        return [broken("settings", problem.message, problem.hint)]
    findings = [*surroundings.look(settings)]
    if restoring.interrupted(settings):
        return [*findings, broken("restore", "A restore was interrupted.", "Any other command of uptake finishes it.")]
    if not all(path.exists() for path in (settings.home / "django.key", settings.temp)):
        return [*findings, ok("records", "none yet: nothing was started here")]
    return [*findings, *_inside(settings, quick=quick)]


def _inside(settings: Settings, *, quick: bool) -> list[Finding]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uptake.site.settings")
    import django

    django.setup()
    from uptake.actions import doctoring

    doctoring.look_only(settings)
    return list(doctoring.examine(OPERATOR, settings, datetime.now(UTC), quick=quick))
