"""What an answer is made from: the lake, the cache beside it, and what the records know about each connection."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from uptake import config
from uptake.domain.problems import Problem
from uptake.lake import Entry, Lake, charts, reader
from uptake.people.matching import Key, Link

if TYPE_CHECKING:
    from uptake.records.models import Connection

DEFAULT_THRESHOLD = 5


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """One Claude organisation as the records know it. `trouble` is one sentence for people, or empty."""

    id: str
    name: str
    connected: bool = True
    held_back: tuple[date, ...] = ()
    last_sync_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Facts:
    """The facts as they stand: a snapshot. Make a new one after the lake has changed; it looks at the disk once."""

    lake: Lake
    cache: Path
    connections: tuple[ConnectionFacts, ...]
    threshold: int = DEFAULT_THRESHOLD
    links: Mapping[Key, Link] = field(default_factory=dict)  # what somebody said of members: who they are

    @cached_property
    def usage(self) -> Mapping[str, Mapping[date, Entry]]:
        """Connection to the usage days held."""
        return {connection.id: self.lake.held("usage", connection.id) for connection in self.connections}

    @cached_property
    def rosters(self) -> Mapping[str, Mapping[date, Entry]]:
        """Connection to its roster snapshots; the newest is the whole truth."""
        return {connection.id: self.lake.held("members", connection.id) for connection in self.connections}

    @cached_property
    def summaries(self) -> Mapping[str, Mapping[date, Entry]]:
        """Connection to the days of Claude's own figures."""
        return {connection.id: self.lake.held("summaries", connection.id) for connection in self.connections}

    @cached_property
    def charts(self) -> Mapping[date, Entry]:
        """The Mondays whose weeks have an org chart of their own, oldest first."""
        return charts(self.lake)

    @cached_property
    def directory_version(self) -> str:
        """A name for the org charts and what was said of members. 16 hex digits; empty where there is no chart."""
        if not self.charts:
            return ""
        digest = hashlib.sha256()
        for entry in self.charts.values():
            digest.update(f"{entry.day} {entry.content_hash}\0".encode())
        for key, link in sorted(self.links.items()):
            digest.update(repr((key, link.person_id, link.decided, link.population)).encode())
        return digest.hexdigest()[:16]

    def named(self, name: str | None) -> str | None:
        """The id of the connection of a name; None for all. Raises Problem where there is none."""
        found = next((known.id for known in self.connections if name in {known.name, known.id}), None)
        if name is not None and found is None:
            names = ", ".join(known.name for known in self.connections) or "none yet"
            raise Problem(f"There is no connection {name!r}.", f"The connections are: {names}.")
        return found if name is not None else None

    @cached_property
    def version(self) -> str:
        """A name for the facts held of these connections: equal names mean equal facts. 16 hex digits."""
        digest = hashlib.sha256()
        for kind in (self.usage, self.rosters, self.summaries):
            for connection, held in kind.items():
                digest.update(f"\0{connection}".encode())
                for entry in held.values():
                    digest.update(entry.content_hash.encode())
        digest.update(self.directory_version.encode())
        return digest.hexdigest()[:16]


def current_facts(settings: config.Settings) -> Facts:
    """The facts of this installation, now. Needs Django's records."""
    from uptake.records.models import Connection, MemberLink
    from uptake.records.privacy import in_force

    found = Connection.objects.order_by("name").prefetch_related("keys", "streams", "held_back")
    return Facts(
        lake=reader(settings.lake, settings.aside),
        cache=settings.cache,
        connections=tuple(map(_connection_facts, found)),
        threshold=in_force().threshold,
        links={
            (str(row.connection_id), row.member_id): Link(row.person_id, row.decided, row.population, row.email)
            for row in MemberLink.objects.all()
        },
    )


def _connection_facts(connection: Connection) -> ConnectionFacts:
    usage = next((stream for stream in connection.streams.all() if stream.name == "usage"), None)
    return ConnectionFacts(
        id=connection.id,
        name=connection.name,
        connected=connection.state == "connected",
        held_back=tuple(sorted(held.day for held in connection.held_back.all() if held.stream == "usage")),
        last_sync_at=usage.last_ok_at if usage else None,
        trouble=_trouble(connection) if connection.state == "connected" else "",
    )


def _trouble(connection: Connection) -> str:
    """What keeps the figures from being current, in one sentence; a lost key says more than the stream it stops."""
    for key in connection.keys.all():
        if key.state in {"suspect", "stopped"}:
            return key.cause or f"Anthropic refused the {key.slot.capitalize()} key on {key.state_since:%-d %B}."
    for stream in connection.streams.all():
        if stream.name == "usage" and stream.state in {"failing", "stopped"}:
            return stream.cause or "The usage stream is failing; what is held stays."
    return ""
