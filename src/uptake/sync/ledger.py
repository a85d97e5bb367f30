"""What a run leaves in the records: its progress and outcome, the state of streams and keys, what is held back.

Only the run's main thread writes here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from uptake.claude.sieve import Flaws
from uptake.records.models import Connection, DayCheck, HeldBack, Revision, Run, SealedKey, Stream
from uptake.sync import health, news
from uptake.sync.guards import Earlier
from uptake.sync.health import Health
from uptake.sync.moves import Move
from uptake.sync.words import SLOT, StreamName, Trouble

_SAVE_EVERY = 1.0
_DAYS_TO_TELL = 3


@dataclass(slots=True)
class Progress:
    """How far a run is; told often, kept in the run's record about once a second."""

    phase: str = "starting"
    days_planned: int = 0
    days_done: int = 0
    rows: int = 0
    requests: int = 0
    written: int = 0
    seconds_left: int | None = None  # by the pace so far; None while there is nothing to tell it by

    def estimate(self, seconds_so_far: float) -> None:
        """How long the days that are left will take at the pace of those that are done."""
        left = self.days_planned - self.days_done
        told = self.days_done >= _DAYS_TO_TELL and left > 0
        self.seconds_left = round(left * seconds_so_far / self.days_done) if told else None


class Ledger:
    """The records of one run of one connection."""

    def __init__(self, connection: Connection, run: Run, key_versions: dict[str, int]) -> None:
        self.connection = connection
        self.run = run
        self.progress = Progress()
        self.flaws = Flaws()
        self.notes: list[str] = []
        self._key_versions = key_versions
        self._epoch = connection.epoch
        self._saved_at = 0.0
        self._days_since = 0.0
        self._checked: dict[date, datetime] = {}
        self._unknown: dict[str, date] = {}

    def still_ours(self) -> bool:
        """False once somebody disconnects, replaces a key or is about to: what this run holds must not be committed."""
        keys = dict(self.connection.keys.values_list("slot", "version"))
        same = Connection.objects.filter(pk=self.connection.pk, state="connected", epoch=self._epoch).exists()
        return same and keys == self._key_versions

    def key_version(self, kind: str) -> int:
        """The version of the key that a kind of facts was read with."""
        return self._key_versions.get("admin" if kind == "members" else "analytics", 0)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def days_planned(self, days: int) -> None:
        """From now on days are read: their pace is what the time that is left is told by."""
        self.progress.phase = "days"
        self.progress.days_planned = days
        self._days_since = time.monotonic()

    def tick(self) -> bool:
        """Keep the progress, about once a second; True when it did."""
        if time.monotonic() - self._saved_at < _SAVE_EVERY:
            return False
        self._saved_at = time.monotonic()
        self.progress.estimate(self._saved_at - self._days_since)
        self._save_checks()
        Run.objects.filter(pk=self.run.pk).update(progress=asdict(self.progress))
        return True

    def checked(self, day: date, now: datetime) -> None:
        """A day was read and is as it is held. A check lost by a crash costs one more reading, nothing else."""
        self._checked[day] = now

    def _save_checks(self) -> None:
        rows = [DayCheck(connection=self.connection, day=day, checked_at=at) for day, at in self._checked.items()]
        DayCheck.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["connection", "day"], update_fields=["checked_at"]
        )
        self._checked.clear()

    def read_at(self, fetched_at: Mapping[date, datetime]) -> dict[date, datetime]:
        """When each day held was last read: when it was written, or checked since.

        A day that was replaced after a reading, and not found the same since, counts as never read: what a settled day
        says all of a sudden is to be confirmed by the next run.
        """
        checked = dict(DayCheck.objects.filter(connection=self.connection).values_list("day", "checked_at"))
        return {day: at if day not in checked else _confirmed(at, checked[day]) for day, at in fetched_at.items()}

    def moved(self, day: date, moves: Sequence[Move], now: datetime) -> None:
        """Keep what a day's totals become. What was first shown stays, however often they move."""
        about = {"connection": self.connection, "day": day, "at": now}
        rows = [Revision(measure=move.measure, old_total=move.old, new_total=move.new, **about) for move in moves]
        Revision.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["connection", "day", "measure"],
            update_fields=["new_total", "at"],
        )

    def sent_unknown(self, day: date, names: frozenset[str]) -> None:
        """Fields that a day carried and uptake does not read."""
        for name in names:
            self._unknown[name] = min(day, self._unknown.get(name, day))

    def finish(self, outcome: str, now: datetime) -> None:
        self._save_checks()
        for name in news.keep(self.connection, self._unknown, now):
            self.note(news.announced(name, now.date()))
        self.run.outcome = outcome
        self.run.finished_at = now
        self.run.progress = asdict(self.progress)
        self.run.flaws = asdict(self.flaws)
        self.run.notes = self.notes
        self.run.save()

    def stream(self, name: StreamName) -> Stream:
        return Stream.objects.get_or_create(connection=self.connection, name=name)[0]

    def stream_ok(self, name: StreamName, now: datetime, newest: date | None = None) -> None:
        values = {"state": "ok", "cause": "", "hint": "", "last_ok_at": now, "not_before": None}
        self._update_stream(name, values | ({"newest_available": newest} if newest else {}))

    def stream_troubled(
        self, name: StreamName, trouble: Trouble, state: str = "failing", not_before: datetime | None = None
    ) -> None:
        self.note(trouble.cause)
        self._update_stream(
            name, {"state": state, "cause": trouble.cause, "hint": trouble.hint, "not_before": not_before}
        )

    def _update_stream(self, name: StreamName, values: dict[str, object]) -> None:
        Stream.objects.update_or_create(connection=self.connection, name=name, defaults=values)

    def key_accepted(self, name: StreamName, now: datetime) -> None:
        self._move_key(name, health.accepted, now, None, last_ok_at=now)

    def key_failed(self, name: StreamName, trouble: Trouble, now: datetime) -> None:
        self._move_key(name, health.failed, now, trouble)

    def key_rejected(self, name: StreamName, trouble: Trouble, now: datetime) -> None:
        self._move_key(name, health.rejected, now, trouble)

    def _move_key(
        self,
        name: StreamName,
        move: health.Move,
        now: datetime,
        trouble: Trouble | None,
        **values: datetime,
    ) -> None:
        key = SealedKey.objects.filter(connection=self.connection, slot=SLOT[name]).first()
        if key is None or key.version != self._key_versions.get(key.slot):
            return
        after = move(Health(health.state_of(key.state), key.state_since, key.rejected_at), now)
        key.state, key.state_since, key.rejected_at = after.state, after.since, after.rejected_at
        told = trouble if trouble and after.state != "ok" else Trouble("", "")
        key.cause, key.hint, key.cause_class = told.cause, told.hint, told.cause_class
        key.last_ok_at = values.get("last_ok_at", key.last_ok_at)
        key.save()

    def refused_since(self, name: StreamName, now: datetime) -> datetime:
        """When the present refusal of the stream's key began: at its first rejection, not at its last."""
        key = SealedKey.objects.filter(connection=self.connection, slot=SLOT[name]).first()
        known = key is not None and key.state in {"suspect", "stopped"}
        return (key.rejected_at or now) if key is not None and known else now

    def earlier_hold(self, stream: StreamName, day: date | None = None) -> Earlier | None:
        holds = HeldBack.objects.filter(connection=self.connection, stream=stream)
        hold = (holds.filter(day=day) if day else holds).first()
        return Earlier(hold.content_hash, hold.since, hold.released_at is not None) if hold else None

    def held_back_days(self) -> set[date]:
        return set(HeldBack.objects.filter(connection=self.connection, stream="usage").values_list("day", flat=True))

    def hold(self, stream: StreamName, day: date, reason: str, content_hash: str, now: datetime) -> None:
        """Keep a note of an answer that is not believed. The same answer again keeps its first time."""
        earlier = self.earlier_hold(stream, day if stream == "usage" else None)
        since = earlier.since if earlier and earlier.content_hash == content_hash else now
        if earlier and earlier.released and earlier.content_hash != content_hash:
            self.note("Anthropic's answer is not the one that was accepted any more; it is held back again.")
        self.release(stream, day if stream == "usage" else None)
        HeldBack.objects.create(
            connection=self.connection,
            stream=stream,
            day=day,
            reason=reason,
            since=since,
            seen_at=now,
            content_hash=content_hash,
        )
        self.note(f"Held back: {reason}")

    def release(self, stream: StreamName, day: date | None = None) -> None:
        holds = HeldBack.objects.filter(connection=self.connection, stream=stream)
        (holds.filter(day=day) if day else holds).delete()


def _confirmed(written_at: datetime, checked_at: datetime) -> datetime:
    return checked_at if checked_at >= written_at else datetime.min.replace(tzinfo=UTC)
