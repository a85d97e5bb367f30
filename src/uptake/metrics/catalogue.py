"""The catalogue: every metric anybody may ask for, with its definition in plain words. Nothing else can be asked.

Left out on purpose: role-adjusted reach, purchased seats, forecasts, and cost, which no count
tells. Never faked from counts: success at a task, time saved, productivity.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from uptake.metrics.defined import breadth, days, depth, engineering, frequency, ladder, onboarding, reach, staying
from uptake.metrics.metric import MADE_FROM, TOPICS, Metric

_MODULES = (days, reach, frequency, ladder, breadth, depth, engineering, onboarding, staying)


def _sorted(metrics: Iterable[Metric]) -> list[Metric]:
    return sorted(metrics, key=lambda metric: list(TOPICS).index(metric.topic))


CATALOGUE: dict[str, Metric] = {
    metric.id: metric for metric in _sorted(metric for module in _MODULES for metric in module.METRICS)
}


def describe(metric: Metric) -> dict[str, object]:
    """The metric's definition for people and programs: everything but what it is made from."""
    found: dict[str, object] = msgspec.to_builtins(metric)
    return {name: value for name, value in found.items() if name not in MADE_FROM} | {"of_team": list(metric.of_team)}
