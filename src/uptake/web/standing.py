"""How a connection stands, in the lines and cells of the Integrations page. Pure: views in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

import msgspec

from uptake.actions.views import ConnectionView, DayView, KeyView, RunView, StreamView
from uptake.domain.days import ONE_DAY, monday
from uptake.web import words

_ASKED_FOR = timedelta(seconds=45)
_WEEKS_SHOWN = 6

_KEY_NAMES = {"admin": "Admin key", "analytics": "Analytics key"}
_KEY_KINDS = {"enterprise": "Claude Enterprise key", "console": "Claude Console Admin key", "unknown": "Claude key"}
_KEY_STATES = {
    "ok": ("accepted", "good"),
    "degraded": ("not answered lately", "attention"),
    "suspect": ("refused once, asked again soon", "attention"),
    "stopped": ("refused", "bad"),
    "missing": ("missing", "bad"),
}
_STREAM_NAMES = {
    "roster": "Roster",
    "invites": "Invites",
    "usage": "Usage",
    "summaries": "Anthropic’s own figures",
}
_STREAM_STATES = {
    "ok": ("current", "good"),
    "failing": ("failing", "attention"),
    "stopped": ("stopped", "bad"),
    "held_back": ("held back", "attention"),
    "never": ("not read yet", "quiet"),
}
_OUTCOMES = {
    "running": ("running", "quiet"),
    "current": ("everything current", "good"),
    "partly": ("partly done", "attention"),
    "held_back": ("held back", "attention"),
    "stopped": ("stopped", "bad"),
    "failed": ("failed", "bad"),
    "interrupted": ("interrupted", "attention"),
}
_TRIGGERS = {"schedule": "schedule", "web": "this page", "command": "command line", "demo": "demo"}
_FLAWS = {
    "wrong_values": (
        "value was no count and reads as not collected",
        "values were no counts and read as not collected",
    ),
    "missing_values": ("value was missing", "values were missing"),
    "rejected_rows": ("row had no usable member", "rows had no usable member"),
    "duplicates": ("row came twice", "rows came twice"),
}
_PHASES = {"starting": "Reading the roster", "days": "Reading usage"}

DAY_STATES = {
    "held": "held",
    "settling": "settling: may still move by a few percent",
    "not_yet": "not yet available",
    "waiting": "still to be fetched",
    "missing": "missing: fetched as soon as it can be",
    "held_back": "held back: not believed yet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line about one key or stream: its name, its state in a word, what it holds, since when."""

    name: str
    state: str
    tone: str  # good | attention | bad | quiet
    words: str = ""
    at: datetime | None = None
    cause: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar."""

    number: int
    state: str
    state_words: str
    title: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the calendar, Monday to Sunday; None where a day is before the first or after today."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    started_at: datetime
    trigger: str
    state: str
    tone: str
    took: str
    rows: str
    requests: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the running sync is."""

    phase: str
    days_done: int
    days_planned: int
    rows: int
    requests: int
    left: str  # about 3 minutes; empty while there is nothing to tell it by


def key_lines(view: ConnectionView) -> tuple[Line, ...]:
    return tuple(_key_line(key) for key in view.keys)


def _key_line(key: KeyView) -> Line:
    state, tone = _KEY_STATES[key.state]
    kind = f"{_KEY_KINDS.get(key.kind, 'Claude key')}, ends in {key.last_four}" if key.last_four else ""
    kind += f", fingerprint {key.fingerprint}" if key.fingerprint else ""
    added = f", added by {key.added_by} on {words.day_and_year(key.added_at.date())}" if key.added_at else ""
    return Line(_KEY_NAMES[key.slot], state, tone, kind + added, key.last_ok_at, key.cause, key.hint)


def stream_lines(view: ConnectionView) -> tuple[Line, ...]:
    order = ("roster", "usage", "invites", "summaries")
    told = {key.cause for key in view.keys}
    ordered = sorted(view.streams, key=lambda stream: order.index(stream.name))
    lines = (_stream_line(view, stream) for stream in ordered)
    return tuple(replace(line, cause="", hint="") if line.cause in told else line for line in lines)


def _stream_line(view: ConnectionView, stream: StreamView) -> Line:
    state, tone = _STREAM_STATES[stream.state]
    held = {"roster": _roster_words, "usage": _usage_words, "invites": _invite_words}.get(stream.name)
    return Line(
        _STREAM_NAMES[stream.name],
        state,
        tone,
        held(view) if held else "",
        stream.last_ok_at,
        stream.cause,
        stream.hint,
    )


def _roster_words(view: ConnectionView) -> str:
    counts = view.members
    if not (counts.active or counts.removed or counts.unlisted):
        return ""
    parts = [words.plural(counts.active, "member")]
    parts += [f"{words.number(counts.removed)} removed"] if counts.removed else []
    parts += [f"{words.number(counts.unlisted)} unlisted"] if counts.unlisted else []
    return ", ".join(parts)


def _invite_words(view: ConnectionView) -> str:
    counts = view.members
    parts = [f"{words.number(counts.invited)} pending"] if counts.invited else []
    parts += [f"{words.number(counts.invite_expired)} expired"] if counts.invite_expired else []
    return ", ".join(parts)


def _usage_words(view: ConnectionView) -> str:
    if view.data_through is None:
        return ""
    text = f"through {words.day_and_year(view.data_through)}, {words.plural(view.days_held, 'day')} held"
    return f"{text}, settling since {words.day(view.settling_since)}" if view.settling_since else text


def troubles(view: ConnectionView) -> tuple[Line, ...]:
    """What to read first: keys that are refused, then streams that cannot go on for another reason."""
    if view.state != "connected":
        return ()
    keys = [line for line in key_lines(view) if line.tone != "good" and line.cause]
    told = {line.cause for line in keys}
    streams = [line for line in stream_lines(view) if line.cause and line.cause not in told and not keys]
    holds = [Line("Roster", "held back", "attention", cause=hold.reason) for hold in view.roster_held_back]
    told |= {line.cause for line in streams}
    return (*keys, *streams, *(hold for hold in holds if hold.cause not in told))


def days_now(view: ConnectionView) -> tuple[DayView, ...]:
    """The days; while a sync is under way, what is missing is still being fetched and no trouble yet."""
    if running(view) is None and view.data_through is not None:
        return view.days
    return tuple(msgspec.structs.replace(day, state="waiting") if day.state == "missing" else day for day in view.days)


def calendar(days: Sequence[DayView]) -> tuple[Week, ...]:
    """The days by weeks, newest week first."""
    by_monday = groupby(sorted(days, key=lambda d: d.day, reverse=True), key=lambda d: monday(d.day))
    return tuple(_week(first, {view.day: view for view in views}) for first, views in by_monday)


def _week(first: date, views: dict[date, DayView]) -> Week:
    days = (first + n * ONE_DAY for n in range(7))
    return Week(words.day(first), tuple(_cell(views[day]) if day in views else None for day in days))


def _cell(view: DayView) -> Cell:
    state = f"held back: {view.reason}" if view.reason else DAY_STATES.get(view.state, view.state)
    title = f"{words.weekday(view.day)}: {state}"
    return Cell(view.day.day, view.state, view.state.replace("_", " "), title)


def split_weeks(weeks: Sequence[Week]) -> tuple[Sequence[Week], Sequence[Week]]:
    """The weeks to show at once, and the earlier ones to fold away."""
    return weeks[:_WEEKS_SHOWN], weeks[_WEEKS_SHOWN:]


def states_shown(days: Sequence[DayView]) -> tuple[tuple[str, str], ...]:
    """The key in words: only the states that occur."""
    seen = {view.state for view in days}
    return tuple((state, text) for state, text in DAY_STATES.items() if state in seen)


def run_lines(view: ConnectionView) -> tuple[RunLine, ...]:
    return tuple(_run_line(run) for run in view.runs)


def _run_line(run: RunView) -> RunLine:
    state, tone = _OUTCOMES.get(run.outcome, (run.outcome, "quiet"))
    flaws = [_flaw(name, count) for name, count in run.flaws.items() if count and name in _FLAWS]
    return RunLine(
        run.started_at,
        _TRIGGERS.get(run.trigger, run.trigger),
        state,
        tone,
        words.duration(run.finished_at - run.started_at) if run.finished_at else "",
        words.number(int(run.progress.get("rows", 0))),
        words.number(int(run.progress.get("requests", 0))),
        (*run.notes, *flaws),
    )


def _flaw(name: str, count: int) -> str:
    one, many = _FLAWS[name]
    return f"{words.number(count)} {one if count == 1 else many}."


def running(view: ConnectionView) -> Progress | None:
    """The progress of the sync under way, if one is."""
    if not view.runs or view.runs[0].outcome != "running":
        return None
    told = view.runs[0].progress
    done, planned, rows, requests = (int(told.get(k, 0)) for k in ("days_done", "days_planned", "rows", "requests"))
    phase = str(told.get("phase", "starting"))
    seconds = told.get("seconds_left")
    left = f"about {words.duration(timedelta(seconds=int(seconds)))}" if seconds else ""
    return Progress(_PHASES.get(phase, phase.capitalize()), done, planned, rows, requests, left)


def awaited(view: ConnectionView, now: datetime) -> bool:
    """Whether a sync was asked for that has not started yet: the page looks again until it has, for a while."""
    if view.state != "connected":
        return False
    asked_at = (view.sync_requested_at, None if view.runs else view.connected_at)
    asked = max((moment for moment in asked_at if moment), default=None)
    if asked is None or now - asked > _ASKED_FOR:
        return False
    return not view.runs or view.runs[0].started_at < asked
