"""account …, token create: accounts as the operator on the host keeps them, the way in when nobody else can."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from uptake.cli.doors import address, door, err, out, print_json
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role
from uptake.domain.secret import Secret
from uptake.site import boot

Email = Annotated[str, typer.Option(help="The account's e-mail address.")]
NewRole = Annotated[Role, typer.Option(help="What the account may do.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@door()
def account_create(
    email: Email,
    role: NewRole,
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
        _print_link(settings, accounts.create_sign_in_link(OPERATOR, email=account.email, now=now))


def _print_link(settings: Settings, path: str) -> None:
    out.print("Sign in once, within an hour, at the address uptake is served on:", markup=False)
    out.print(address(settings, path), markup=False)


@door()
def account_list(as_json: AsJson = False) -> None:
    """Every account: role, state, second factor, last sign-in."""
    boot.start(os.environ)
    from uptake.actions import account_desk

    lines = [_told(line) for line in account_desk.everybody(OPERATOR, datetime.now(UTC))]
    if as_json:
        print_json({"accounts": lines})
        return
    for line in lines:
        state = "active" if line["active"] else "deactivated"
        factor = "second factor" if line["second_factor"] else "no second factor"
        seen = line["last_sign_in"] or "never signed in"
        out.print(f"{line['email']} · {Role(line['role']).label} · {state} · {factor} · {seen}", markup=False)


def _told(line: Any) -> dict[str, Any]:
    return {
        "email": line.email,
        "role": line.role.value,
        "active": line.active,
        "second_factor": line.has_factor,
        "last_sign_in": line.last_sign_in.isoformat(timespec="seconds") if line.last_sign_in else None,
        "sessions": line.sessions,
    }


@door()
def account_role(email: Email, role: NewRole) -> None:
    """Give an account another role. Who loses a right is signed out, and their tokens are revoked."""
    desk, account = _found(email)
    desk.change_role(OPERATOR, account=account, role=role.value, now=datetime.now(UTC))
    out.print(f"Account {email} · {role.label}", markup=False)


@door()
def account_deactivate(email: Email) -> None:
    """Let nobody sign in to an account any more; its sessions and tokens end at once."""
    desk, account = _found(email)
    desk.deactivate(OPERATOR, account=account, now=datetime.now(UTC))
    out.print(f"Account {email} is deactivated, signed out everywhere, its tokens are revoked.", markup=False)


@door()
def account_activate(email: Email) -> None:
    """Let an account sign in again, with the role it had."""
    desk, account = _found(email)
    desk.activate(OPERATOR, account=account, now=datetime.now(UTC))
    out.print(f"Account {email} is active again.", markup=False)


@door()
def account_link(email: Email) -> None:
    """Print a link that signs an account in once, within an hour. Links made before end."""
    settings = boot.start(os.environ)
    desk, account = _found(email)
    _print_link(settings, desk.new_link(OPERATOR, account=account, now=datetime.now(UTC)))


@door()
def account_forget_factors(email: Email) -> None:
    """Remove the second factors of somebody who lost them, and sign them out everywhere."""
    desk, account = _found(email)
    desk.forget_factors(OPERATOR, account=account, now=datetime.now(UTC))
    out.print(f"Account {email} has no second factor any more.", markup=False)


@door()
def account_forget_password(email: Email) -> None:
    """For somebody who forgot it: from now on a link signs in, and a new password is set."""
    desk, account = _found(email)
    desk.forget_password(OPERATOR, account=account, now=datetime.now(UTC))
    out.print(f"Account {email} has no password any more: make a link with `uptake account link`.", markup=False)


def _found(email: str) -> tuple[Any, int]:
    boot.start(os.environ)
    from uptake.actions import account_desk

    return account_desk, account_desk.id_of(OPERATOR, email)


@door()
def token_create(email: Email) -> None:
    """Make a bearer token for the REST API. It is shown once and carries its owner's present role."""
    boot.start(os.environ)
    from uptake.actions import tokens

    token = tokens.create(OPERATOR, email=email, now=datetime.now(UTC))
    out.print(token.expose(), markup=False)
    err.print("Shown once, valid for 90 days. Send it as `Authorization: Bearer …`.", markup=False)
