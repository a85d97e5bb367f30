"""Which days are known: pure rules from the days held to the state of any day, and the freshness an answer carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from uptake.domain.days import settling_since, span
from uptake.metrics.facts import ConnectionFacts, Facts
from uptake.metrics.question import Freshness, State

MISSING = "missing: no complete data for this day yet"
HELD_BACK = "held back: what Claude served for this day is not believed yet"
BEFORE = "before the first day held"
NOT_YET = "not yet available"
NO_USAGE = "no usage held yet"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one scope: held by every connection that should have them."""

    held: frozenset[date]
    held_back: frozenset[date]

    @property
    def first(self) -> date | None:
        return min(self.held, default=None)

    @property
    def through(self) -> date | None:
        return max(self.held, default=None)

    def held_in(self, since: date, until: date) -> list[date]:
        """The days held from since to until, both included, oldest first."""
        if self.first is None or self.through is None:
            return []
        return [day for day in span(max(since, self.first), min(until, self.through)) if day in self.held]

    def gap(self, since: date, until: date) -> tuple[State, str]:
        """Why none of the days from since to until is held: the state and its reason."""
        if self.first is None or self.through is None:
            return "not_collected", NO_USAGE
        if since > self.through:
            return "not_yet", NOT_YET
        if until < self.first:
            return "not_collected", BEFORE
        return "not_collected", HELD_BACK if self.held_back.intersection(span(since, until)) else MISSING


def calendar(held: Mapping[str, Iterable[date]], connections: Sequence[ConnectionFacts]) -> Calendar:
    """One calendar for the connections: a day is held if each of them holds it that should.

    A disconnected one owes nothing after its newest day; one without any usage yet owes nothing at all.
    """
    days = {connection: frozenset(held.get(connection.id, ())) for connection in connections}
    using = {connection: own for connection, own in days.items() if own}
    through = min((max(own) for connection, own in using.items() if connection.connected), default=None)
    common = {
        day
        for day in frozenset().union(*using.values())
        if (through is None or day <= through) and all(day in own or not _owes(c, own, day) for c, own in using.items())
    }
    return Calendar(frozenset(common), frozenset(day for connection in connections for day in connection.held_back))


def _owes(connection: ConnectionFacts, own: frozenset[date], day: date) -> bool:
    return min(own) <= day and (connection.connected or day <= max(own))


def freshness(days: Calendar, connections: Sequence[ConnectionFacts]) -> Freshness:
    """What every answer says about its own age."""
    first, through = days.first, days.through
    held_back = sorted(days.held_back)
    synced = [connection.last_sync_at for connection in connections if connection.last_sync_at is not None]
    return Freshness(
        data_through=through,
        settling_since=max(first, settling_since(through)) if first and through else None,
        first_day=first,
        days_held=len(days.held),
        missing=tuple(day for day in span(first, through) if day not in days.held) if first and through else (),
        held_back=tuple(held_back),
        last_sync_at=min(synced, default=None),
        trouble=" ".join(connection.trouble for connection in connections if connection.trouble),
    )


def freshness_of(facts: Facts) -> Freshness:
    """How old the facts of all connections together are."""
    return freshness(calendar(facts.usage, facts.connections), facts.connections)
