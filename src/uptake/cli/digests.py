"""digest preview, digest send: what somebody's digest says, and sending it by hand. The schedule sends the others."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from uptake.cli.doors import ATTENTION, door, out, print_json
from uptake.domain.access import OPERATOR
from uptake.domain.digests import Cadence
from uptake.site import boot

To = Annotated[str, typer.Option("--to", help="E-mail address of the account whose rights it follows.")]
Monthly = Annotated[bool, typer.Option("--monthly", help="The newest month that is over, instead of the week.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@door()
def digest_preview(to: To, monthly: Monthly = False, as_json: AsJson = False) -> None:
    """What would be sent, as text. Nothing is sent."""
    settings = boot.start(os.environ)
    from uptake.actions import digests
    from uptake.web.digests import compose

    reader = digests.as_account(OPERATOR, to)
    message = digests.preview(reader, settings, compose, _cadence(monthly), datetime.now(UTC))
    if as_json:
        told = {
            "to": reader.name,
            "subject": message.subject,
            "text": message.text,
            "picture_bytes": len(message.picture),
        }
        print_json(told)
        return
    out.print(f"To: {reader.name}\nSubject: {message.subject}\n", markup=False)
    out.print(message.text, markup=False)


@door()
def digest_send(to: To, monthly: Monthly = False, as_json: AsJson = False) -> None:
    """Send one account its newest digest by mail, now, whatever was sent before. 3 where it was not delivered."""
    settings = boot.start(os.environ)
    from uptake.actions import digests
    from uptake.web.digests import compose

    found = digests.send_to(OPERATOR, settings, compose, to, _cadence(monthly), datetime.now(UTC))
    if as_json:
        print_json({"to": to, "outcome": found.outcome, "words": found.words})
    else:
        out.print(found.words, markup=False)
    if found.outcome != "sent":
        raise typer.Exit(ATTENTION)


def _cadence(monthly: bool) -> Cadence:
    return Cadence.MONTHLY if monthly else Cadence.WEEKLY
