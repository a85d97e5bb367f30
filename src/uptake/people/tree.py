"""The tree of managers: who is above whom, and where it goes in a circle. Safe on any input, circles included."""

from __future__ import annotations

from collections.abc import Mapping

Managers = Mapping[str, str | None]
"""Person to manager, None at the top. A manager who is not a key of it is at the top too."""


def cycles(manager_of: Managers) -> list[tuple[str, ...]]:
    """Every circle once, each from its smallest id on, in the order of reporting."""
    done: set[str] = set()
    found = []
    for start in manager_of:
        path: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = manager_of.get(at)
        if at is not None and at in path:
            found.append(_from_smallest(list(path)[path[at] :]))
        done.update(path)
    return sorted(found)


def _from_smallest(circle: list[str]) -> tuple[str, ...]:
    at = circle.index(min(circle))
    return tuple(circle[at:] + circle[:at])


def above(person_id: str, manager_of: Managers) -> tuple[str, ...]:
    """The managers above a person, the nearest first. A circle ends it before anybody comes twice."""
    found: dict[str, None] = {}
    at = manager_of.get(person_id)
    while at is not None and at not in found and at != person_id:
        found[at] = None
        at = manager_of.get(at)
    return tuple(found)


def all_above(manager_of: Managers) -> dict[str, tuple[str, ...]]:
    """`above` for everybody, each chain made once from the manager's own."""
    known: dict[str, tuple[str, ...]] = {}
    circular = {person for circle in cycles(manager_of) for person in circle}
    for person in manager_of:
        path = []
        at: str | None = person
        while at is not None and at not in known and at not in circular:
            path.append(at)
            at = manager_of.get(at)
        if at is None:
            chain: tuple[str, ...] = ()
        elif at in known:
            chain = (at, *known[at])
        else:
            chain = (at, *above(at, manager_of))
        for one in reversed(path):
            known[one] = chain
            chain = (one, *chain)
    return known | {person: above(person, manager_of) for person in circular}
