"""Growth: onboard more, or lose fewer? Who came and who went, in fixed four weeks, and what that leaves."""

from __future__ import annotations

from uptake.metrics.dashboards import says_of_ladder as says
from uptake.metrics.dashboards.fixed import fixed
from uptake.metrics.figures import Asked, Figure, Questions

CAME = ("flow_new", "flow_resurrected")
WENT = ("flow_churned", "flow_left")
_TILES = 12
_EACH = "Rounded each by itself: they need not add up. Everybody and all surfaces together."


def _flows(asked: Asked) -> Questions:
    return {"months": fixed(asked, *CAME, *WENT, "flow_retained", tiles=_TILES)}


def _active(asked: Asked) -> Questions:
    return {"months": fixed(asked, "flow_retained", *CAME, tiles=_TILES)}


def _kept(asked: Asked) -> Questions:
    return {"months": fixed(asked, "retention_rolling", tiles=_TILES)}


def _quick(asked: Asked) -> Questions:
    return {"months": fixed(asked, "quick_ratio", tiles=_TILES)}


FIGURES: tuple[Figure, ...] = (
    Figure("growth", "Who came, and who went", _flows, says.growth, draws="growth", remark=_EACH, wide=True),
    Figure("growth-kept", "Kept from the four weeks before", _kept, says.kept),
    Figure("growth-quick", "For each one who goes", _quick, says.quick, remark="Above 1 more people come than go."),
    Figure(
        "growth-active",
        "Active people, by where they come from",
        _active,
        says.active,
        draws="growth-active",
        remark=_EACH,
        wide=True,
    ),
)
