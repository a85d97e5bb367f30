"""connection.view: how everything stands, for the Integrations page and `uptake status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import QuerySet

from uptake.actions.headcount import member_counts
from uptake.actions.revisions import moved_weeks
from uptake.actions.views import (
    ConnectionView,
    DayView,
    HeldBackView,
    KeyView,
    MemberCounts,
    MovedWeek,
    RunView,
    StreamView,
    UnknownFieldView,
)
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.days import settling_since, span
from uptake.lake import Entry, Lake, is_held, reader
from uptake.records.models import SLOTS, STREAMS, Connection, HeldBack, Run
from uptake.records.privacy import in_force
from uptake.sync.plan import Window, missing_days

__all__ = [
    "ConnectionView",
    "DayView",
    "HeldBackView",
    "KeyView",
    "MemberCounts",
    "RunView",
    "StreamView",
    "any_connection",
    "as_json",
    "connections",
    "healthy",
    "one",
]

_DAYS_SHOWN = 120
_RUNS_SHOWN = 10
_KEY_SHOWN = ("kind", "last_four", "fingerprint", "added_by", "added_at")


def connections(viewer: Viewer, settings: Settings, now: datetime) -> tuple[ConnectionView, ...]:
    """Every connection as it stands, oldest first. Raises NotAllowed."""
    require(viewer, "connection.view")
    return _views(viewer, settings, now, Connection.objects.order_by("connected_at"))


def one(viewer: Viewer, settings: Settings, pk: str, now: datetime) -> ConnectionView | None:
    """A connection as it stands; None where there is none of that id. Raises NotAllowed."""
    require(viewer, "connection.view")
    return next(iter(_views(viewer, settings, now, Connection.objects.filter(pk=pk))), None)


def any_connection(viewer: Viewer) -> bool:
    """Whether Claude was ever connected here. Raises NotAllowed."""
    require(viewer, "connection.view")
    return Connection.objects.exists()


def _views(
    viewer: Viewer, settings: Settings, now: datetime, found: QuerySet[Connection]
) -> tuple[ConnectionView, ...]:
    lake = reader(settings.lake, settings.aside)
    least = 0 if viewer.on_host else in_force().threshold
    running = is_held(settings.lake)
    whole = found.prefetch_related("keys", "streams", "held_back", "unknown_fields")
    return tuple(_view(connection, lake, settings, now, least, running=running) for connection in whole)


def _view(
    connection: Connection, lake: Lake, settings: Settings, now: datetime, least: int, *, running: bool
) -> ConnectionView:
    held = lake.held("usage", str(connection.pk))
    streams = _streams(connection)
    newest = max([day for day in (streams["usage"].newest_available, *held) if day], default=None)
    holds = list(connection.held_back.all())
    usage_holds = tuple(_hold(hold) for hold in holds if hold.stream == "usage")
    missing = _missing(newest, connection, held, settings)
    settling = tuple(day for day in held if newest and day >= settling_since(newest))
    runs = tuple(_run(run, running=running) for run in connection.runs.all()[:_RUNS_SHOWN])
    return ConnectionView(
        id=str(connection.pk),
        name=connection.name,
        state="connected" if connection.state == "connected" else "disconnected",
        connected_at=connection.connected_at,
        keys=_keys(connection),
        streams=tuple(streams.values()),
        members=member_counts(lake, settings.cache, str(connection.pk), held, now),
        roster_held_back=tuple(_hold(hold) for hold in holds if hold.stream == "roster"),
        data_through=max(held, default=None),
        settling_since=min(settling, default=None),
        days_held=len(held),
        missing=missing,
        held_back=usage_holds,
        settling=settling,
        days=_days(now.date(), held, settling, missing, usage_holds, newest),
        runs=runs,
        roster_kind=connection.roster_kind,
        next_sync_at=_next_sync(connection, runs, settings),
        sync_requested_at=connection.sync_requested_at,
        newest_served=streams["usage"].newest_available,
        moved=moved_weeks(connection, newest, least),
        unknown_fields=_unknown_fields(connection),
    )


def _keys(connection: Connection) -> tuple[KeyView, ...]:
    stored = {key.slot: key for key in connection.keys.all()}
    views = []
    for slot in SLOTS:
        key = stored.get(slot)
        if key is None:
            hint = "Connect again with a key for this slot."
            views.append(KeyView(slot=slot, state="missing", cause="No key is stored.", hint=hint))  # type: ignore[arg-type]
            continue
        shown = (*_KEY_SHOWN, "last_ok_at", "cause", "cause_class", "hint", "state")
        views.append(KeyView(slot=slot, **{name: getattr(key, name) for name in shown}))  # type: ignore[arg-type]
    return tuple(views)


def _streams(connection: Connection) -> dict[str, StreamView]:
    stored = {stream.name: stream for stream in connection.streams.all()}
    shown = ("last_ok_at", "newest_available", "cause", "hint", "state")
    views: dict[str, StreamView] = {}
    for name in STREAMS:
        stream = stored.get(name)
        values: dict[str, Any] = {field: getattr(stream, field) for field in shown} if stream else {"state": "never"}
        if stream and stream.state == "ok" and stream.last_ok_at is None:
            values["state"] = "never"
        views[name] = StreamView(name=name, **values)  # type: ignore[arg-type]
    return views


def _hold(hold: HeldBack) -> HeldBackView:
    stream: Literal["usage", "roster"] = "roster" if hold.stream == "roster" else "usage"
    return HeldBackView(hold.day, hold.reason, hold.since, stream, hold.content_hash, hold.released_by)


def _unknown_fields(connection: Connection) -> tuple[UnknownFieldView, ...]:
    rows = connection.unknown_fields.all()
    return tuple(UnknownFieldView(row.name, row.first_seen_at, row.first_day) for row in rows)


def _run(run: Run, *, running: bool) -> RunView:
    # A run that died could not say so; nobody holding the writer's lock says it.
    died = run.outcome == "running" and not running
    return RunView(
        id=str(run.pk),
        trigger=run.trigger,
        started_at=run.started_at,
        finished_at=run.finished_at,
        outcome="interrupted" if died else run.outcome,
        progress=run.progress,
        flaws=run.flaws,
        notes=tuple(run.notes),
    )


def _missing(
    newest: date | None, connection: Connection, held: dict[date, Entry], settings: Settings
) -> tuple[date, ...]:
    if newest is None:
        return ()
    window = Window(newest, settings.backfill_days, connection.oldest_available)
    return tuple(missing_days(window, held))


def _days(
    today: date,
    held: dict[date, Entry],
    settling: Sequence[date],
    missing: Sequence[date],
    holds: Sequence[HeldBackView],
    newest: date | None,
) -> tuple[DayView, ...]:
    """The calendar, newest first: from today back to the oldest day held or missing."""
    if newest is None:
        return ()
    reasons = {hold.day: hold.reason for hold in holds}
    oldest = min([*held, *missing, newest])
    first = max(oldest, today - timedelta(days=_DAYS_SHOWN - 1))
    views = []
    for day in reversed(span(first, max(today, newest))):
        entry = held.get(day)
        state = _day_state(day, entry, settling, reasons, newest)
        fetched_at = entry.fetched_at if entry else None
        views.append(DayView(day, state, fetched_at, reasons.get(day, "")))  # type: ignore[arg-type]
    return tuple(views)


def _day_state(day: date, entry: Entry | None, settling: Sequence[date], reasons: dict[date, str], newest: date) -> str:
    if day in reasons:
        return "held_back"
    if entry is not None:
        return "settling" if day in settling else "held"
    return "not_yet" if day > newest else "missing"


def _next_sync(connection: Connection, runs: Sequence[RunView], settings: Settings) -> datetime | None:
    if connection.state != "connected" or not runs:
        return None
    return runs[0].started_at + timedelta(hours=settings.sync_hours)


def as_json(views: Sequence[ConnectionView]) -> dict[str, Any]:
    """`uptake status --json`: the shape other programs rely on."""
    return {"connections": [_connection_json(view) for view in views]}


def _connection_json(view: ConnectionView) -> dict[str, Any]:
    counts = view.members
    return {
        "name": view.name,
        "state": view.state,
        "keys": {
            key.slot: {
                "state": key.state,
                "cause": key.cause_class,
                "hint": " ".join(filter(None, (key.cause, key.hint))),
            }
            for key in view.keys
        },
        "streams": {
            stream.name: {"state": stream.state, "hint": " ".join(filter(None, (stream.cause, stream.hint)))}
            for stream in view.streams
        },
        "members": {
            "active": counts.active,
            "invited": counts.invited,
            "invite_expired": counts.invite_expired,
            "removed": counts.removed,
            "unlisted": counts.unlisted,
            "held_back": [_hold_json(hold) for hold in view.roster_held_back],
        },
        "usage": {
            "data_through": view.data_through.isoformat() if view.data_through else None,
            "days_held": view.days_held,
            "missing": [day.isoformat() for day in view.missing],
            "held_back": [_hold_json(hold) for hold in view.held_back],
            "settling": [day.isoformat() for day in view.settling],
            "newest_served": view.newest_served.isoformat() if view.newest_served else None,
            "moved": [_week_json(week) for week in view.moved],
        },
        "unknown_fields": [
            {
                "name": field.name,
                "first_seen": field.first_seen_at.date().isoformat(),
                "first_day": field.first_day.isoformat(),
            }
            for field in view.unknown_fields
        ],
        "last_run": _last_run_json(view),
    }


def _hold_json(hold: HeldBackView) -> dict[str, str]:
    return {"day": hold.day.isoformat(), "reason": hold.reason, "released_by": hold.released_by}


def _week_json(week: MovedWeek) -> dict[str, Any]:
    """A week as first shown and as held now; without the totals for whoever may not have them."""
    shown = week.headlines if week.exact else ()
    totals = {moved.measure: {"first": moved.old, "now": moved.new} for moved in shown}
    return {"week": week.monday.isoformat(), "days": week.days, "days_moved": week.days_moved, **totals}


def _last_run_json(view: ConnectionView) -> dict[str, Any] | None:
    if not view.runs:
        return None
    run = view.runs[0]
    return {"started_at": run.started_at.isoformat(), "outcome": run.outcome, "notes": list(run.notes)}


def healthy(views: Sequence[ConnectionView]) -> bool:
    """True where every connected connection is whole; there must be one."""
    connected = [view for view in views if view.state == "connected"]
    return bool(connected) and all(view.healthy for view in connected)
