"""serve, worker, demo, fake-claude, fake-15five: the commands that stay until they are told to end."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uptake.cli import connection, people
from uptake.cli.doors import door, err, out
from uptake.config import Settings
from uptake.domain.access import OPERATOR, SCHEDULE, Role, Viewer
from uptake.domain.digests import Period
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.site import boot

if TYPE_CHECKING:
    from uptake.actions.rounds import Rounds
    from uptake.fake import FakeClaude
    from uptake.messages.shape import Message

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]
Members = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many made-up members.")]
Seed = Annotated[int, typer.Option(help="Another seed is another company.")]

_THREADS = 8
_LOOK = 0.5
_HERE = "localhost"
_DEMO_EMAIL = "ada@example.com"
_DEMO_NAME = "Acme (made up)"
_DEMO_HOME = "demo-data"
_DEMO_RATE = 6000  # the made-up organisation does not mind


@door()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8321,
    no_schedule: Annotated[bool, typer.Option("--no-schedule", help="Leave the syncs to `uptake worker`.")] = False,
) -> None:
    """Web pages, REST and the scheduler in one process."""
    settings = boot.start(os.environ)
    server = _listen(settings, host, port)
    out.print(f"uptake serves on {_address(settings, host, server.effective_port)}/", markup=False)
    _serve(server, () if no_schedule else _schedules(settings))


def _listen(settings: Settings, host: str, port: int) -> Any:
    """A waitress server, bound but not yet serving.

    With secure cookies every visitor came by HTTPS, whatever the proxy in front speaks with us. Its headers are passed on
    and believed in nothing: that there are any tells /metrics that a stranger asks.
    """
    from waitress import create_server

    from uptake.site.wsgi import application

    try:
        return create_server(
            application,
            host=host,
            port=port,
            threads=_THREADS,
            ident="uptake",
            url_scheme="https" if settings.secure_cookies else "http",
            clear_untrusted_proxy_headers=False,
        )
    except OSError as error:
        raise Problem(
            f"Port {port} on {host} cannot be used: {error.strerror}.", "Choose another one with --port."
        ) from None


def _address(settings: Settings, host: str, port: int) -> str:
    """Where a browser finds what listens here. By name on this machine, as browsers make passkeys for names alone; not where
    the name leads to somebody else too, who would then be given our links."""
    found = {str(address[4][0]) for address in _named(port)}
    free = host in found and not any(_answers(other, port) for other in found - {host})
    if _HERE in settings.allowed_hosts and free:
        return f"http://{_HERE}:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _named(port: int) -> list[Any]:
    try:
        return socket.getaddrinfo(_HERE, port, type=socket.SOCK_STREAM)
    except OSError:
        return []


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _serve(server: Any, schedules: Sequence[Rounds]) -> None:
    """Serve until a signal; then let a sync under way close its record, briefly: nothing depends on it.

    The server has a thread of its own and the main thread only waits: the server's loop would swallow a signal that
    arrives while it handles a request. Its sockets end with the process.
    """
    serving = threading.Thread(target=server.run, name="server", daemon=True)
    serving.start()
    threads = [schedule.start() for schedule in schedules]
    try:
        _wait_for(serving)
    finally:
        _end(schedules, threads)


def _wait_for(thread: threading.Thread) -> None:
    """Until it ends. The kernel may give a signal to any thread, and only the main one can act: it looks now and then."""
    while thread.is_alive():
        thread.join(_LOOK)


def _end(schedules: Sequence[Rounds], threads: Sequence[threading.Thread]) -> None:
    for schedule in schedules:
        schedule.stop()
    for schedule, thread in zip(schedules, threads, strict=True):
        thread.join(schedule.grace)


def _schedules(settings: Settings) -> tuple[Rounds, ...]:
    """Claude's syncs, the directory's sources, exports, digests and findings, side by side: each of them may take minutes."""
    from uptake.actions.digests import DigestRounds
    from uptake.actions.directory_schedule import DirectorySchedule
    from uptake.actions.export_rounds import ExportRounds
    from uptake.actions.syncing import Scheduler
    from uptake.cli.findings import InsightRounds

    findings = InsightRounds(settings)

    def after_sync() -> None:
        _warm(settings)
        findings.due.set()

    syncs = Scheduler(settings, after_sync=after_sync)
    digests = DigestRounds(settings, _composed)
    return syncs, DirectorySchedule(settings), ExportRounds(settings), digests, findings


def _composed(viewer: Viewer, period: Period, settings: Settings, now: datetime, ending: str) -> Message:
    """A digest, drawn only where one is due: its drawings are slow to load."""
    from uptake.web.digests import compose, remember

    message = compose(viewer, period, settings, now, ending)
    remember(viewer, period, settings, now)
    return message


def _warm(settings: Settings) -> None:
    """Make the cache from the new facts, so that the next reader does not wait for it."""
    from uptake import metrics

    metrics.warm(metrics.current_facts(settings), SCHEDULE, datetime.now(UTC).date())


@door()
def worker() -> None:
    """The scheduler alone, beside several `uptake serve --no-schedule`."""
    settings = boot.start(os.environ)
    out.print("uptake worker: syncing what is due.", markup=False)
    schedules = _schedules(settings)
    threads = [schedule.start() for schedule in schedules]
    try:
        _wait_for(threads[0])
    finally:
        _end(schedules, threads)


@door()
def demo(
    members: Members = 500,
    days: Annotated[int, typer.Option(min=1, max=1000, help="How many days to read at first.")] = 90,
    port: Port = 8321,
    seed: Seed = 1,
) -> None:
    """A made-up company: connected, synced and served, with a link that signs you in as Company Admin."""
    from uptake.fake import FakeClaude, Organisation

    home = Path(os.environ.setdefault("UPTAKE_HOME", _DEMO_HOME)).expanduser().absolute()
    members = _demo_company(home, members, seed)
    err.print(f"A made-up company of {members:,} members is being set up in {home}", markup=False)
    company = Organisation(members=members, seed=seed)
    with FakeClaude(company, requests_per_minute=None) as fake:
        os.environ["UPTAKE_CLAUDE_URL"] = fake.url
        os.environ["UPTAKE_REQUESTS_PER_MINUTE"] = str(_DEMO_RATE)
        os.environ["UPTAKE_BACKFILL_DAYS"] = str(days)
        settings = boot.start(os.environ)
        server = _listen(settings, "127.0.0.1", port)
        _connect_demo(settings, fake)
        people.demo_directory(settings, company)
        link = _demo_link()
        address = _address(settings, "127.0.0.1", server.effective_port)
        out.print(f"\nuptake shows {_DEMO_NAME} at\n{address}/", markup=False)
        out.print(
            f"Sign in as Ada, Company Admin, with this link (once, within an hour):\n{address}{link}", markup=False
        )
        out.print("Ctrl-C ends it; the data stay in the folder named above.", markup=False)
        _serve(server, _schedules(settings))


def _demo_company(home: Path, members: int, seed: int) -> int:
    """Remember the company of this home. A home that is no demo's is never touched."""
    marker = home / "demo.json"
    company = {"members": members, "seed": seed}
    if marker.exists():
        if json.loads(marker.read_text()) != company:
            raise Problem(
                f"{home} holds a made-up company of another size or seed.",
                "Remove that folder, or name another one in UPTAKE_HOME.",
            )
        return members
    if home.exists() and any(home.iterdir()):
        raise Problem(
            f"{home} is in use and not by a demo. Nothing was touched.", "Name an empty folder in UPTAKE_HOME."
        )
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        marker.write_text(json.dumps(company))
    except OSError as error:
        raise Problem(f"{home} cannot be written: {error.strerror}.", "Name another folder in UPTAKE_HOME.") from None
    return members


def _connect_demo(settings: Settings, fake: FakeClaude) -> None:
    """The same steps as for a real organisation, with the made-up one's keys."""
    from uptake.actions.connections import connect
    from uptake.actions.state import connections
    from uptake.actions.syncing import sync_now

    now = datetime.now(UTC)
    if not connections(OPERATOR, settings, now):
        admin, analytics = Secret(fake.keys.members), Secret(fake.keys.analytics)
        connect(OPERATOR, settings, name=_DEMO_NAME, admin_key=admin, analytics_key=analytics, now=now)
    with connection.progress_report() as report:
        results = sync_now(OPERATOR, settings, trigger="demo", report=report)
    connection.print_results(results)
    _warm(settings)


def _demo_link() -> str:
    from uptake.actions import accounts

    now = datetime.now(UTC)
    if not accounts.exists(_DEMO_EMAIL):
        accounts.create_account(OPERATOR, email=_DEMO_EMAIL, role=Role.COMPANY_ADMIN, password=None, now=now)
    return accounts.create_sign_in_link(OPERATOR, email=_DEMO_EMAIL, now=now)


@door()
def fake_claude(
    port: Port = 8322,
    members: Members = 500,
    seed: Seed = 1,
    host: Host = "127.0.0.1",
    fault: Annotated[str | None, typer.Option(help="A fault to play; a wrong name lists them.")] = None,
    requests_per_minute: Annotated[float, typer.Option(min=0, help="Rate limit; 0 is none.")] = 60,
    lag_days: Annotated[int, typer.Option(min=0, max=10, help="Days until usage is served.")] = 1,
) -> None:
    """The made-up Claude organisation alone, over HTTP, with its demo keys."""
    from uptake.fake import run

    run(host, port, members, seed, fault, requests_per_minute or None, lag_days)


@door()
def fake_15five(
    port: Port = 8323,
    members: Members = 500,
    seed: Seed = 1,
    host: Host = "127.0.0.1",
    fault: Annotated[str | None, typer.Option(help="A fault to play; a wrong name lists them.")] = None,
) -> None:
    """The made-up company's 15Five alone, over HTTP, with its key: the people of `fake-claude` of the same seed."""
    from uptake.fake import run_fifteen_five

    run_fifteen_five(host, port, members, seed, fault)
