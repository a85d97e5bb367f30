"""people connect, sync, disconnect: 15Five as a source of the directory; people connect-scim, disconnect-scim: SCIM."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from uptake.cli.doors import ATTENTION, door, err, out
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.site import boot

_LONGEST = 4096


@door()
def people_connect(
    key_file: Annotated[Path, typer.Option(help="File that holds 15Five's key; `-` reads a line of standard input.")],
) -> None:
    """Check a key of 15Five's public API and store it sealed. A refused key leaves nothing behind."""
    settings = boot.start(os.environ)
    from uptake.actions import sources

    sources.connect_fifteen_five(OPERATOR, settings, _key(key_file), datetime.now(UTC), time.sleep)
    out.print("15Five accepted the key. `uptake people sync` reads it now; `uptake serve` twice a day.", markup=False)


@door(problem=ATTENTION)
def people_sync() -> None:
    """Read the directory's sources now. 0: all are current. 3: one is not, and says why."""
    settings = boot.start(os.environ)
    from uptake.actions import roll, sources
    from uptake.people.delivery import SCIM

    connected = [view for view in roll.sources() if view.connected and (view.last_four or view.name == SCIM)]
    if not connected:
        raise Problem("No source of the directory is connected.", "`uptake people connect --help`.")
    whole = True
    for view in connected:
        found = sources.read(OPERATOR, settings, view.name, datetime.now(UTC), time.sleep)
        whole &= found.outcome == "current"
        out.print(f"{view.label}: {found.outcome.replace('_', ' ')}. {found.words}".strip(), markup=False)
    raise typer.Exit(0 if whole else ATTENTION)


@door()
def people_disconnect(yes: Annotated[bool, typer.Option("--yes", help="Really do it.")] = False) -> None:
    """Destroy 15Five's key here. What it told of people stays."""
    if not yes:
        raise Problem("This destroys 15Five's key here; what it told stays. Nothing was done.", "Say so with --yes.")
    boot.start(os.environ)
    from uptake.actions import sources
    from uptake.people.delivery import FIFTEEN_FIVE

    sources.disconnect(OPERATOR, FIFTEEN_FIVE, datetime.now(UTC))
    out.print("15Five is disconnected. Delete the key in 15Five too.", markup=False)


@door()
def people_connect_scim(
    name: Annotated[str, typer.Option(help="What the token is called in lists and in the audit.")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=3660, help="Days it lasts; until revoked if not said.")] = None,
) -> None:
    """Make a bearer token for an identity provider (SCIM 2.0). It is printed once."""
    settings = boot.start(os.environ)
    from uptake.actions import scim_tokens

    lasts = timedelta(days=days) if days else None
    token = scim_tokens.connect(OPERATOR, name=name, lasts=lasts, now=datetime.now(UTC))
    out.print(token.expose(), markup=False)
    host = settings.allowed_hosts[0] if settings.allowed_hosts else "localhost"
    err.print(f"Shown once. Base address for the identity provider: https://{host}/scim/v2", markup=False)


@door()
def people_disconnect_scim(yes: Annotated[bool, typer.Option("--yes", help="Really do it.")] = False) -> None:
    """Revoke every SCIM token. What SCIM told of people stays."""
    if not yes:
        raise Problem("This revokes every SCIM token; what SCIM told stays. Nothing was done.", "Say so with --yes.")
    boot.start(os.environ)
    from uptake.actions import sources
    from uptake.people.delivery import SCIM

    sources.disconnect(OPERATOR, SCIM, datetime.now(UTC))
    out.print("SCIM is disconnected. Stop provisioning at the identity provider too.", markup=False)


def _key(path: Path) -> Secret:
    if str(path) == "-":
        return Secret(sys.stdin.readline())
    try:
        return Secret(path.read_bytes()[:_LONGEST].decode("utf-8-sig"))
    except OSError as error:
        raise Refused(f"The key file cannot be read: {error.strerror}. Nothing was stored.") from None
    except UnicodeDecodeError:
        raise Refused("The key file is not text. Nothing was stored.") from None
