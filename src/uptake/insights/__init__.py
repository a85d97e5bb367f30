"""Findings with their evidence: what changed beyond chance, what it was held against, and what may be done.

Worked out after a sync, never while somebody waits. Numbers come from metrics alone; nothing here names a person.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uptake.insights.finding import Finding, Findings, Looked, Notice, Size
    from uptake.insights.kept import refresh, wanted
    from uptake.insights.standing import findings
    from uptake.insights.telling import chosen, tell, untold, worth_a_look

__all__ = [
    "Finding",
    "Findings",
    "Looked",
    "Notice",
    "Size",
    "chosen",
    "findings",
    "refresh",
    "tell",
    "untold",
    "wanted",
    "worth_a_look",
]

_HOME = {
    "finding": ("Finding", "Findings", "Looked", "Notice", "Size"),
    "kept": ("refresh", "wanted"),
    "standing": ("findings",),
    "telling": ("chosen", "tell", "untold", "worth_a_look"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOME.items():
        if name in names:
            value = getattr(import_module(f"uptake.insights.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(name)
