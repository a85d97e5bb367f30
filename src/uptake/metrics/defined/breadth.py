"""On how many surfaces and with which features Claude is used."""

from __future__ import annotations

from itertools import combinations, permutations

from uptake.metrics.activity import SURFACES, bit
from uptake.metrics.formula import count, mean, median, share
from uptake.metrics.metric import ELIGIBLE, ROUNDED, WINDOW, Metric
from uptake.metrics.weekly import FEATURES, feature_bit

_ACTIVES = "eligible AND days > 0"
_CHAT_COWORK = bit("chat") + bit("cowork")
_FEATURED = _CHAT_COWORK + bit("office")
NEW_WEEKS = 8
"""Weeks before the window in which a new member began; who was there in the four weeks before those is no new member."""
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
        "surface_habit",
        "Habit on the surface",
        "share",
        "Members active on the surface in at least three of the four weeks, divided by those active on it in any of them. Of "
        "members who held a seat in all four weeks.",
        "up",
        f"{_NO_MAP} A surface that is meant for an occasion, such as Design, need not be a habit.",
        ("surface",),
        "parts",
        topic="breadth",
        section="B7",
        needs="Five members active on the surface.",
        least=5,
        rows={name: share(f"held4 = 4 AND {name}_weeks > 0", f"{name}_weeks >= 3") for name in SURFACES},
    ),
    Metric(
        "surface_pairs",
        "Two surfaces together",
        "share",
        "Eligible members active on both surfaces in the four weeks, divided by the eligible members active at all.",
        "context",
        f"{_NO_MAP} Shares add up to more than 100 %: who uses three surfaces is in three pairs.",
        ("pair",),
        "ways",
        topic="breadth",
        section="B8",
        needs="Five active members.",
        least=5,
        rows={
            f"{one} and {other}": share(_ACTIVES, f"(surfaces & {bit(one) + bit(other)}) = {bit(one) + bit(other)}")
            for one, other in combinations(SURFACES, 2)
        },
    ),
    Metric(
        "next_surface",
        "From the first surface to the next",
        "share",
        "Of eligible members who began in the eight weeks before these four and used one surface alone, the share who used the "
        "other one first in these four weeks.",
        "up",
        f"New members only, so few people: much is withheld. Who added two surfaces is in two rows. {ROUNDED}",
        ("path",),
        "ways",
        topic="breadth",
        section="B9",
        needs="Sixteen whole weeks; five members who began with the surface alone.",
        least=5,
        whole_weeks=16,
        rows={
            f"{one} to {other}": share(
                f"eligible AND weeks_in BETWEEN 1 AND {NEW_WEEKS} AND surfaces_before = {bit(one)}",
                f"(surfaces & {bit(other)}) > 0",
            )
            for one, other in permutations(SURFACES, 2)
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
