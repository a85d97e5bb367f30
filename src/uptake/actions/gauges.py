"""connection.view: how everything stands, as gauges for Prometheus."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from uptake.actions.state import connections
from uptake.config import Settings
from uptake.domain.access import SCHEDULE
from uptake.domain.days import ONE_DAY


def gauges(settings: Settings, now: datetime) -> str:
    """Prometheus text: no label of it names a person."""
    registry = CollectorRegistry()
    labels = ["connection"]
    held = Gauge("uptake_usage_days_held", "Days of usage held", labels, registry=registry)
    age = Gauge("uptake_usage_age_days", "Days between today and the newest day held", labels, registry=registry)
    good = Gauge("uptake_key_ok", "1 while a key is accepted", [*labels, "slot"], registry=registry)
    last = Gauge(
        "uptake_stream_last_success_seconds",
        "Seconds since a stream was current",
        [*labels, "stream"],
        registry=registry,
    )
    for view in connections(SCHEDULE, settings, now):
        held.labels(view.name).set(view.days_held)
        if view.data_through:
            age.labels(view.name).set((now.date() - view.data_through) / ONE_DAY)
        for key in view.keys:
            good.labels(view.name, key.slot).set(int(key.state in {"ok", "degraded"}))
        for stream in view.streams:
            if stream.last_ok_at:
                last.labels(view.name, stream.name).set((now - stream.last_ok_at).total_seconds())
    return str(generate_latest(registry).decode())
