"""account create, token create: what only the operator on the host can do."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from uptake.cli.doors import door, err, out
from uptake.domain.access import OPERATOR, Role
from uptake.domain.secret import Secret
from uptake.site import boot

Email = Annotated[str, typer.Option(help="The account's e-mail address.")]


@door()
def account_create(
    email: Email,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from a line of standard input.")
    ] = False,
) -> None:
    """Make an account. Without a password it signs in by a one-time link, which is printed."""
    settings = boot.start(os.environ)
    from uptake.actions import accounts

    now = datetime.now(UTC)
    password = Secret(sys.stdin.readline().rstrip("\r\n")) if password_stdin else None
    account = accounts.create_account(OPERATOR, email=email, role=role.value, password=password, now=now)
    out.print(f"Account {account.email} · {role.label}", markup=False)
    if password is None:
        path = accounts.create_sign_in_link(OPERATOR, email=account.email, now=now)
        host = settings.allowed_hosts[0] if settings.allowed_hosts else "localhost"
        out.print("Sign in once, within an hour, at the address uptake is served on:", markup=False)
        out.print(f"http://{host}:8321{path}", markup=False)


@door()
def token_create(email: Email) -> None:
    """Make a bearer token for the REST API. It is shown once and carries its owner's present role."""
    boot.start(os.environ)
    from uptake.actions import tokens

    token = tokens.create(OPERATOR, email=email, now=datetime.now(UTC))
    out.print(token.expose(), markup=False)
    err.print("Shown once, valid for 90 days. Send it as `Authorization: Bearer …`.", markup=False)
