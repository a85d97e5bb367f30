"""On how many surfaces and with which features Claude is used."""

from __future__ import annotations

from uptake.metrics.activity import SURFACES, bit
from uptake.metrics.formula import count, mean, median, share
from uptake.metrics.metric import ELIGIBLE, ROUNDED, WINDOW, Metric
from uptake.metrics.weekly import FEATURES, feature_bit

_ACTIVES = "eligible AND days > 0"
_CHAT_COWORK = bit("chat") + bit("cowork")
_FEATURED = _CHAT_COWORK + bit("office")
_NO_MAP = "Every surface counts as allowed to everybody: which surfaces are switched off for whom is not known."

METRICS: tuple[Metric, ...] = (
    Metric(
        "surface_reach",
        "Surface reach",
        "share",
        "Eligible members active on the surface in the four weeks, divided by the eligible members active at all.",
        "context",
        f"{ELIGIBLE} {_NO_MAP} Shares add up to more than 100 %.",
        ("surface",),
        "parts",
        topic="breadth",
        section="B1",
        needs="Five active members.",
        least=5,
        rows={name: share(_ACTIVES, f"(surfaces & {bit(name)}) > 0") for name in SURFACES},
        small_teams=True,
    ),
    Metric(
        "first_time_on_surface",
        "First time on the surface",
        "people",
        "Eligible members active on the surface in the four weeks and on no earlier day held.",
        "up",
        f"Nobody is new in the first four weeks held. {ROUNDED}",
        ("surface",),
        "parts",
        topic="breadth",
        section="B6",
        needs="Eight whole weeks.",
        whole_weeks=8,
        rows={
            name: count(f"eligible AND (surfaces & {bit(name)}) > 0 AND (surfaces_before & {bit(name)}) = 0")
            for name in SURFACES
        },
    ),
    Metric(
        "surfaces_mean",
        "Surfaces per active member",
        "surfaces",
        "Different surfaces on which each eligible active member was active in the four weeks; the mean of them.",
        "up",
        _NO_MAP,
        WINDOW,
        "window",
        topic="breadth",
        section="B2",
        needs="Five active members.",
        compares=True,
        least=5,
        how=mean(_ACTIVES, "bit_count(surfaces)"),
        small_teams=True,
    ),
    Metric(
        "multi_surface_share",
        "Multi-surface share",
        "share",
        "Eligible members active on two or more surfaces in the four weeks, divided by those active at all.",
        "up",
        _NO_MAP,
        WINDOW,
        "window",
        topic="breadth",
        section="B3",
        needs="Five active members.",
        compares=True,
        least=5,
        how=share(_ACTIVES, "bit_count(surfaces) >= 2"),
        small_teams=True,
    ),
    Metric(
        "feature_reach",
        "Feature reach",
        "share",
        "Eligible members who used the feature in the four weeks, divided by those active on Chat, Cowork or Office.",
        "context",
        "Used: on at least one active day. Which features are switched on is not known.",
        ("feature",),
        "parts",
        topic="breadth",
        section="B4",
        needs="Five members active on Chat, Cowork or Office.",
        least=5,
        rows={
            name: share(f"eligible AND (surfaces & {_FEATURED}) > 0", f"(features & {feature_bit(name)}) > 0")
            for name in FEATURES
        },
    ),
    Metric(
        "features_median",
        "Features per member",
        "features",
        "Different features, of seven, used in the four weeks by each eligible member active on Chat or Cowork; the median.",
        "up",
        "Features of Claude Code are not among them.",
        WINDOW,
        "window",
        topic="breadth",
        section="B5",
        needs="Five members active on Chat or Cowork.",
        least=5,
        how=median(f"eligible AND (surfaces & {_CHAT_COWORK}) > 0", "bit_count(features)"),
    ),
)
