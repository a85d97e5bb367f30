"""Which findings are told first, and which rest because they were told lately."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from uptake.insights.finding import Finding

REST = timedelta(weeks=4)
MOST, OF_A_GROUP = 5, 2


def worth_a_look(found: Sequence[Finding], most: int = 3) -> tuple[Finding, ...]:
    """The first few to look at."""
    return chosen(found, most)


def chosen(found: Iterable[Finding], most: int = MOST) -> tuple[Finding, ...]:
    """The most important, at most two of a department or tree; a favourable one among them where there is any."""
    kept: list[Finding] = []
    groups: Counter[str] = Counter()
    ordered = sorted(found, key=lambda one: -one.score)
    for one in ordered:
        if len(kept) < most and groups[one.group or one.id] < OF_A_GROUP:
            kept.append(one)
            groups[one.group or one.id] += 1
    good = next((one for one in ordered if one.favourable), None)
    if good is not None and len(kept) == most and not any(one.favourable for one in kept):
        kept[-1] = good
    return tuple(kept)


def untold(found: Iterable[Finding], to: str, today: date) -> tuple[Finding, ...]:
    """Those of which the same was not told in the four weeks before today. `to`: what they are told in, such as weekly."""
    from uptake.records.told import ToldFinding

    lately = ToldFinding.objects.filter(told_on__gt=today - REST, told_on__lt=today)
    known = set(lately.values_list("mark", flat=True))
    return tuple(one for one in found if mark(one, to) not in known)


def tell(told: Iterable[Finding], to: str, today: date) -> None:
    """Remember that these were told."""
    from uptake.records.told import ToldFinding

    for one in told:
        ToldFinding.objects.update_or_create(mark=mark(one, to), defaults={"told_on": today})


def mark(one: Finding, to: str) -> str:
    """A name for team, metric and direction. A hash: a tree's id holds its manager's."""
    return hashlib.sha256(f"{to}\0{one.id}\0{one.cell}\0{one.metric}\0{one.direction}".encode()).hexdigest()
