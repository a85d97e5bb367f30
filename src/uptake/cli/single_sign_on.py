"""sso check, sso expect: the file of identity providers looked at, and an account that waits for its first sign-in by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from uptake import config
from uptake.cli.accounts import Email
from uptake.cli.doors import ATTENTION, door, err, out
from uptake.domain.access import OPERATOR
from uptake.domain.identity_providers import Oidc, Provider, SingleSignOn
from uptake.site import boot, sso_file


@door()
def sso_check() -> None:
    """Look at the file, ask the providers in it where they are, and print what to enter there. 3: something needs a look."""
    settings = config.load(os.environ)
    if settings.sso_file is None:
        out.print("There is no single sign-on: UPTAKE_SSO_FILE is not set.", markup=False)
        return
    sign_on = sso_file.load(settings.sso_file)
    boot.start(os.environ)
    found = [_look(sign_on, one) for one in sign_on.providers]
    if any(found):
        raise typer.Exit(ATTENTION)


def _look(sign_on: SingleSignOn, one: Provider) -> bool:
    """Print what there is to say of a provider; whether it needs a look."""
    out.print(f"{one.id} ({one.kind}) · Sign in with {one.button}", style="bold", markup=False)
    for line in _to_enter(sign_on, one):
        out.print(f"  {line}", markup=False)
    rules = ", then ".join(f"{rule.group} is {rule.role.label}" for rule in one.roles)
    out.print(f"  Roles: {f'{rules}; otherwise {one.otherwise}' if rules else 'as set in uptake'}", markup=False)
    troubles = list(_troubles(sign_on, one))
    for trouble in troubles:
        err.print(f"  {trouble}", markup=False)
    return bool(troubles)


def _to_enter(sign_on: SingleSignOn, one: Provider) -> Iterator[str]:
    from uptake.web import oidc, saml

    if isinstance(one, Oidc):
        yield f"Redirect URI: {oidc.callback_address(sign_on, one)}"
        return
    ours = saml.here(sign_on, one)
    yield f"Entity ID, audience: {ours.entity}"
    yield f"Assertion consumer service (POST), recipient: {ours.acs}"


def _troubles(sign_on: SingleSignOn, one: Provider) -> Iterator[str]:
    from uptake.web import oidc

    if isinstance(one, Oidc):
        if found := oidc.trouble(sign_on, one):
            yield found
        if one.id in sign_on.authorities:
            for ended in _ended(Path(sign_on.authorities[one.id]).read_text()):
                yield f"An authority of {one.ca_file} ended on {ended}: what it signed is not believed any more."
        return
    for text in sign_on.saml[one.id].certificates:
        for ended in _ended(text):
            yield f"A certificate ended on {ended}. It is still believed: the file pins it."


def _ended(text: str) -> Iterator[str]:
    """The ends of the certificates that have ended."""
    now = datetime.now(UTC)
    for one in x509.load_pem_x509_certificates(text.encode()):
        if one.not_valid_after_utc < now:
            yield f"{one.not_valid_after_utc:%Y-%m-%d}"


@door()
def sso_expect(
    email: Email,
    provider: Annotated[str, typer.Option(help="Id of the provider in the file.")],
) -> None:
    """The next sign-in from that provider with this account's address, within seven days, is linked to the account."""
    boot.start(os.environ)
    from django.conf import settings

    from uptake.actions import single_sign_on

    account = single_sign_on.expect(
        OPERATOR, settings.UPTAKE_SSO, email=email, provider=provider, now=datetime.now(UTC)
    )
    out.print(f"{account.email} is expected by {provider}.", markup=False)
