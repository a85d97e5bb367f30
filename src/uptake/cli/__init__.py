"""The commands. Each starts the installation, calls one action or asks one question, and says what came of it."""

from __future__ import annotations

import typer

from uptake import __version__
from uptake.cli import (
    accounts,
    audits,
    connection,
    digests,
    doors,
    facts,
    findings,
    keys,
    operating,
    people,
    people_sources,
    reviews,
    serving,
    single_sign_on,
)

app = typer.Typer(
    name="uptake",
    help="How Claude is taken up across your organisation: counts only, never content.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_AUDIT = typer.Typer(help="Who did what: the trail, and whether it is whole.", no_args_is_help=True)
_CONNECT = typer.Typer(help="Connect a Claude organisation with its two keys.", no_args_is_help=True)
_DISCONNECT = typer.Typer(help="Destroy the keys of a connection.", no_args_is_help=True)
_ACCOUNT = typer.Typer(help="Accounts that sign in to uptake.", no_args_is_help=True)
_DIGEST = typer.Typer(help="The digest: what is sent to whom, by mail and into channels.", no_args_is_help=True)
_HANDOVER = typer.Typer(help="One-time links by which somebody else gives a key.", no_args_is_help=True)
_PEOPLE = typer.Typer(help="The company's directory: who works where.", no_args_is_help=True)
_SSO = typer.Typer(help="Single sign-on: the identity providers of the file.", no_args_is_help=True)
_TOKEN = typer.Typer(help="Bearer tokens for the REST API.", no_args_is_help=True)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    if version:
        doors.out.print(f"uptake {__version__}", markup=False)
        raise typer.Exit


app.command("demo")(serving.demo)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.add_typer(_CONNECT, name="connect")
_CONNECT.command("claude")(keys.connect_claude)
app.add_typer(_HANDOVER, name="handover")
_HANDOVER.command("create")(keys.handover_create)
_HANDOVER.command("list")(keys.handover_list)
_HANDOVER.command("withdraw")(keys.handover_withdraw)
app.command("sync")(connection.sync)
app.command("status")(connection.status)
app.command("ask")(facts.ask)
app.command("export")(facts.export)
app.command("insights")(findings.findings)
app.command("release")(reviews.release)
app.command("revisions")(reviews.revisions)
app.command("member")(reviews.member)
app.add_typer(_DISCONNECT, name="disconnect")
_DISCONNECT.command("claude")(connection.disconnect_claude)
app.add_typer(_ACCOUNT, name="account")
_ACCOUNT.command("create")(accounts.account_create)
_ACCOUNT.command("list")(accounts.account_list)
_ACCOUNT.command("role")(accounts.account_role)
_ACCOUNT.command("deactivate")(accounts.account_deactivate)
_ACCOUNT.command("activate")(accounts.account_activate)
_ACCOUNT.command("link")(accounts.account_link)
_ACCOUNT.command("forget-factors")(accounts.account_forget_factors)
_ACCOUNT.command("forget-password")(accounts.account_forget_password)
app.add_typer(_TOKEN, name="token")
_TOKEN.command("create")(accounts.token_create)
app.add_typer(_PEOPLE, name="people")
_PEOPLE.command("import")(people.people_import)
_PEOPLE.command("export")(people.people_export)
_PEOPLE.command("connect")(people_sources.people_connect)
_PEOPLE.command("sync")(people_sources.people_sync)
_PEOPLE.command("disconnect")(people_sources.people_disconnect)
_PEOPLE.command("connect-scim")(people_sources.people_connect_scim)
_PEOPLE.command("disconnect-scim")(people_sources.people_disconnect_scim)
app.add_typer(_DIGEST, name="digest")
_DIGEST.command("preview")(digests.digest_preview)
_DIGEST.command("send")(digests.digest_send)
app.add_typer(_SSO, name="sso")
_SSO.command("check")(single_sign_on.sso_check)
_SSO.command("expect")(single_sign_on.sso_expect)
app.add_typer(_AUDIT, name="audit")
_AUDIT.command("verify")(audits.audit_verify)
_AUDIT.command("export")(audits.audit_export)
app.command("rotate-master-key")(keys.rotate_master_key)
app.command("backup")(operating.backup)
app.command("restore")(operating.restore)
app.command("doctor")(operating.doctor)
app.command("fake-claude")(serving.fake_claude)
app.command("fake-15five")(serving.fake_15five)


# A group with one command would swallow its name without a callback.
@_CONNECT.callback()
@_DISCONNECT.callback()
@_ACCOUNT.callback()
@_TOKEN.callback()
def _group() -> None: ...


def main() -> None:
    """The console script."""
    code = 0
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 141
    doors.leave(code)
