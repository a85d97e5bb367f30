"""The findings that stand now, for whoever asks: within their rights and nothing else."""

from __future__ import annotations

from datetime import date

from uptake.domain.access import Viewer, require
from uptake.insights import quality
from uptake.insights.finding import Findings
from uptake.metrics import Facts


def findings(viewer: Viewer, facts: Facts, today: date) -> Findings:
    """What stands now. Raises NotAllowed."""
    require(viewer, "insights.view")
    found = quality.look(facts)
    return Findings(True, found.fresh.data_through, tuple(quality.findings(found, today)), (found.told,))
