"""connect claude, handover, rotate-master-key. Keys come from a file, standard input or a prompt, never an argument."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from uptake.cli.doors import address, door, err, out, print_json
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, Slot
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.actions.connections import Connected

KeyFile = Annotated[Path | None, typer.Option(help="File that holds the key; `-` reads a line of standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Option(help="What to call this organisation.")]

_LONGEST_FILE = 64 * 1024


class Which(StrEnum):
    ADMIN = "admin"
    ANALYTICS = "analytics"


@door()
def connect_claude(
    admin_key_file: KeyFile = None,
    analytics_key_file: KeyFile = None,
    name: Name = "Claude",
    as_json: AsJson = False,
) -> None:
    """Check both keys against what the sync reads, then store them sealed. Refused keys leave nothing behind.

    On a connection that has its keys, one file alone replaces that key; the other stays as it is.
    """
    settings = boot.start(os.environ)
    from uptake.actions import connections

    given: dict[Slot, Path | None] = {"admin": admin_key_file, "analytics": analytics_key_file}
    named: list[Slot] = [slot for slot, path in given.items() if path is not None]
    now = datetime.now(UTC)
    if len(named) == 1 and connections.is_connected(name):
        key = _key(given[named[0]], named[0])
        done = connections.replace_key(OPERATOR, settings, name=name, slot=named[0], key=key, now=now)
    else:
        admin, analytics = (_key_or_waiting(name, slot, path) for slot, path in given.items())
        done = connections.connect(
            OPERATOR, settings, name=name, admin_key=admin, analytics_key=analytics, now=datetime.now(UTC)
        )
    if as_json:
        print_json(_connected_json(done))
    else:
        _print_connected(done)


def _key_or_waiting(name: str, slot: Slot, path: Path | None) -> Secret | None:
    """The key that was named or typed; None where one was handed over by a link and waits."""
    from uptake.actions.handover import waits

    return None if path is None and waits(name, slot) else _key(path, slot)


def _key(path: Path | None, slot: Slot) -> Secret:
    guide = GUIDES[slot]
    if path is None:
        if not sys.stdin.isatty():
            raise Refused(
                f"No {guide.label} was given.",
                f"Name a file that holds it, or `-` for a line of standard input. {guide.who}",
            )
        err.print(f"{guide.label}, {guide.purpose}. {guide.who}", markup=False)
        return Secret(getpass.getpass(f"{guide.label}: "))
    if str(path) == "-":
        return Secret(sys.stdin.readline())
    try:
        with path.open("rb") as file:
            return Secret(file.read(_LONGEST_FILE).decode("utf-8-sig"))
    except OSError as error:
        raise Refused(f"The file of the {guide.label} cannot be read: {error.strerror}. Nothing was stored.") from None
    except UnicodeDecodeError:
        raise Refused(f"The file of the {guide.label} is not text. Nothing was stored.") from None


def _connected_json(connected: Connected) -> dict[str, object]:
    return {
        "name": connected.name,
        "replaced": connected.replaced,
        "keys": {report.slot: {"kind": report.kind, "words": report.words} for report in connected.reports},
        "match": connected.match,
        "warnings": list(connected.warnings),
    }


def _print_connected(connected: Connected) -> None:
    labels = " and the ".join(GUIDES[report.slot].label for report in connected.reports)
    what = f"The {labels} {'was' if len(connected.reports) == 1 else 'were'} replaced"
    out.print(f"{what if connected.replaced else 'Connected'}: {connected.name}", markup=False)
    for report in connected.reports:
        out.print(f"  {GUIDES[report.slot].label}: {report.words}", markup=False)
    for words in (connected.match, *connected.warnings):
        out.print(f"  {words}", markup=False)
    out.print("Next: `uptake sync`, or leave it to `uptake serve`.", markup=False)


@door()
def handover_create(
    slot: Annotated[Which, typer.Option(help="Which key is asked for.")],
    name: Name = "Claude",
    as_json: AsJson = False,
) -> None:
    """Make a link by which somebody without an account gives one key, once, within a day. It is shown only now."""
    settings = boot.start(os.environ)
    from uptake.actions import handover

    guide = GUIDES["admin" if slot is Which.ADMIN else "analytics"]
    path = handover.create(OPERATOR, name=name, slot=guide.slot, now=datetime.now(UTC))
    if as_json:
        print_json({"name": name, "slot": guide.slot, "path": path})
        return
    out.print(f"Send this to who makes the {guide.label}, at the address uptake is served on:", markup=False)
    out.print(address(settings, path), markup=False)
    err.print(f"It takes one key, once, within a day. {guide.who}", markup=False)


@door()
def handover_list(as_json: AsJson = False) -> None:
    """The hand-over links of the last weeks: what became of each. Never a link or a key itself."""
    boot.start(os.environ)
    from uptake.actions import handover

    links = handover.links(OPERATOR, datetime.now(UTC))
    if as_json:
        shown = ("id", "name", "slot", "state", "created_by", "last_four")
        print_json({"links": [{field: getattr(link, field) for field in shown} for link in links]})
        return
    for link in links:
        until = f"until {link.expires_at:%d %b %Y %H:%M} UTC" if link.state == "open" else ""
        out.print(f"{link.id}  {GUIDES[link.slot].label} of {link.name}: {link.state} {until}".rstrip(), markup=False)
    if not links:
        err.print("There is no hand-over link.", markup=False)


@door()
def handover_withdraw(
    link: Annotated[str, typer.Argument(metavar="ID", help="As `uptake handover list` shows it.")],
) -> None:
    """End an open link, or destroy a key that was given and waits for the other one."""
    boot.start(os.environ)
    from uptake.actions import handover

    handover.withdraw(OPERATOR, link=link, now=datetime.now(UTC))
    out.print("Withdrawn.", markup=False)


@door()
def rotate_master_key(as_json: AsJson = False) -> None:
    """Seal every stored key with a new master key. The one before is gone; backups made before need their own copy."""
    settings = boot.start(os.environ)
    from uptake.actions.master_key import rotate

    done = rotate(OPERATOR, settings, now=datetime.now(UTC))
    if as_json:
        print_json({"keys": done.keys, "check": done.mark})
        return
    out.print(f"The master key was rotated; keys sealed anew: {done.keys}.", markup=False)
    out.print(f"Copy the new file to your safe place now; its check value starts with {done.mark}.", markup=False)
    out.print("Keep the copy of the one before as long as you keep backups made before.", markup=False)
