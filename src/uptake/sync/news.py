"""What is new in Anthropic's answers: names of fields that uptake does not read, each announced once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from uptake.records.models import Connection, UnknownField

MOST = 50
"""Names kept of one connection: whoever sends more sends noise."""


def keep(connection: Connection, seen: Mapping[str, date], now: datetime) -> list[str]:
    """Keep the names seen, each with the earliest day that carried it; returns those never seen before, in order."""
    known = {field.name: field for field in UnknownField.objects.filter(connection=connection)}
    for name, day in seen.items():
        if name in known:
            field = known[name]
            field.last_seen_at, field.first_day = now, min(day, field.first_day)
            field.save(update_fields=["last_seen_at", "first_day"])
    new = sorted(set(seen) - set(known))[: max(0, MOST - len(known))]
    for name in new:
        UnknownField.objects.create(
            connection=connection, name=name, first_seen_at=now, last_seen_at=now, first_day=seen[name]
        )
    return new


def announced(name: str, on: date) -> str:
    """The note of the run that saw a name first."""
    return f"Anthropic started sending {name} on {on.day} {on:%b %Y}. uptake does not read it; only its name is kept."
