"""The run: one sync of one connection under the writer's lock, from its gate to its outcome.

A stream that cannot go on is left as it was; the others go on. Whatever happens, the run's record says how it ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db import DatabaseError

from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.sieve import Flaws
from uptake.config import Settings
from uptake.domain.problems import Problem
from uptake.domain.slots import SLOTS
from uptake.lake import DamagedDay, Lake, keep, writer
from uptake.records import tombstones
from uptake.records.models import Connection, Run, SealedKey, Stream
from uptake.records.vault import Place, Vault, current
from uptake.sync.health import Health, left_alone, state_of
from uptake.sync.ledger import Ledger, Progress
from uptake.sync.roster_stream import RosterStream
from uptake.sync.session import IN_FLIGHT, Session, Superseded
from uptake.sync.usage_stream import UsageStream
from uptake.sync.waits import PATIENT, Waits
from uptake.sync.words import day_text, left_alone_words

Outcome = Literal["current", "partly", "held_back", "stopped", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. Only `current` means that every stream is up to date."""

    connection: str
    run_id: str
    outcome: Outcome
    notes: tuple[str, ...]
    progress: Progress
    flaws: Flaws


def utc_now() -> datetime:
    return datetime.now(UTC)


def sync(
    connection: Connection,
    settings: Settings,
    vault: Vault,
    *,
    trigger: str,
    report: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], datetime] = utc_now,
    waits: Waits = PATIENT,
) -> RunResult:
    """Bring one connection up to date. Raises Busy where another run holds the lock, Problem where the disk refuses."""
    with writer(settings.lake):
        lake = Lake(settings.lake, settings.aside)
        damaged = lake.gate()
        connection.refresh_from_db()
        vault = current(vault, settings.master_key_file)
        keys = {key.slot: key for key in connection.keys.all()}
        _close_interrupted(connection, clock())
        run = Run.objects.create(connection=connection, trigger=trigger, started_at=clock(), pid=os.getpid())
        ledger = Ledger(connection, run, {slot: key.version for slot, key in keys.items()})
        _note_damage(ledger, damaged)
        return _recorded(ledger, clock, lambda: _work(ledger, lake, settings, vault, keys, report, clock, waits))


def _recorded(ledger: Ledger, clock: Callable[[], datetime], work: Callable[[], Outcome]) -> RunResult:
    """Do the work and keep its outcome, also where it ends by an exception or a signal."""
    try:
        outcome = work()
    except Problem as problem:
        ledger.note(problem.message)
        _try_finish(ledger, "failed", clock())
        raise
    except BaseException:
        _try_finish(ledger, "interrupted", clock())
        raise
    ledger.finish(outcome, clock())
    return RunResult(
        connection=ledger.connection.name,
        run_id=str(ledger.run.pk),
        outcome=outcome,
        notes=tuple(ledger.notes),
        progress=ledger.progress,
        flaws=ledger.flaws,
    )


def _try_finish(ledger: Ledger, outcome: Outcome, now: datetime) -> None:
    # Where the disk is full or gone, the next run marks this one as interrupted.
    with suppress(DatabaseError):
        ledger.finish(outcome, now)


def _work(
    ledger: Ledger,
    lake: Lake,
    settings: Settings,
    vault: Vault,
    keys: dict[str, SealedKey],
    report: Callable[[Progress], None],
    clock: Callable[[], datetime],
    waits: Waits,
) -> Outcome:
    keep((settings.home, settings.lake), settings.reserve)
    limiter = Limiter(settings.requests_per_minute)
    admin, analytics = (_client(settings, vault, keys[slot], limiter, waits, clock) for slot in ("admin", "analytics"))
    pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="fetch")
    try:
        session = Session(
            lake=lake,
            ledger=ledger,
            admin=admin,
            analytics=analytics,
            pool=pool,
            clock=clock,
            backfill_days=settings.backfill_days,
            waits=waits,
            report=report,
            requests=lambda: limiter.requests,
            tombs=tombstones.every(vault),
        )
        _start(session, keys)
        session.work()
    except Superseded:
        ledger.note("A change of keys or connections went before this run; it ended without writing further.")
        return "interrupted"
    finally:
        admin.close()
        analytics.close()
        pool.shutdown(wait=False, cancel_futures=True)
    return _outcome(ledger)


def _start(session: Session, keys: dict[str, SealedKey]) -> None:
    """Start the streams; the streams of a key that was stopped a day ago only where somebody asked for this run."""
    by_hand = session.ledger.run.trigger != "schedule"
    streams: tuple[RosterStream | UsageStream, ...] = (RosterStream(session), UsageStream(session))
    for slot, stream in zip(SLOTS, streams, strict=True):
        key = keys[slot]
        health = Health(state_of(key.state), key.state_since, key.rejected_at)
        if left_alone(health, session.clock(), by_hand=by_hand):
            session.ledger.note(left_alone_words(slot))
        else:
            stream.start()


def _client(
    settings: Settings, vault: Vault, key: SealedKey, limiter: Limiter, waits: Waits, clock: Callable[[], datetime]
) -> Claude:
    place = Place(str(key.connection_id), key.slot, key.version)
    return Claude(settings.claude_url, vault.open(bytes(key.sealed), place), limiter, backoff=waits.backoff, now=clock)


def _outcome(ledger: Ledger) -> Outcome:
    states = dict(Stream.objects.filter(connection=ledger.connection).values_list("name", "state"))
    if "stopped" in (states.get("roster"), states.get("usage")):
        return "stopped"
    troubled = {name for name, state in states.items() if state in {"failing", "stopped"}}
    if {"roster", "usage"} <= troubled:
        return "failed"
    if troubled:
        return "partly"
    return "held_back" if "held_back" in states.values() else "current"


def _close_interrupted(connection: Connection, now: datetime) -> None:
    """Runs that died without a word: whoever holds the lock knows that nobody else is running."""
    Run.objects.filter(connection=connection, outcome="running").update(outcome="interrupted", finished_at=now)
    # Runs from the future: the clock was wrong then. They are told as just now, or none would be newer for years.
    Run.objects.filter(connection=connection, started_at__gt=now).update(started_at=now - timedelta(seconds=1))


def _note_damage(ledger: Ledger, damaged: list[DamagedDay]) -> None:
    for one in sorted(damaged, key=lambda one: one.day):
        again = "is fetched again" if one.kind != "people" else "takes the directory with it: import that again"
        ledger.note(f"The file of {day_text(one.day)} was damaged on disk; it was set aside and {again}.")
