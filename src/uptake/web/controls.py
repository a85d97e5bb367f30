"""The controls of the filter bar: the same on every page, and in words what of the choice changes nothing there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from uptake.web.filters import SURFACES, Filters, Option


@dataclass(frozen=True, slots=True)
class Control:
    """One choice of the bar, in groups of options. `heard`: whether it changes anything on the page."""

    name: str
    label: str
    groups: tuple[tuple[str, tuple[Option, ...]], ...]
    heard: bool

    @property
    def carried(self) -> str:
        """What goes along where it changes nothing; empty for what is usual."""
        found = next((one.value for _, options in self.groups for one in options if one.chosen), "")
        return "" if found in {"before", "employee"} else found


_WHY_NOT = {
    "team": "these figures are made for everybody together",
    "population": "these figures are about all members",
    "surface": "these figures are of all surfaces together",
    "compare": "what is beside these figures is fixed",
}


def controls(filters: Filters, heard: frozenset[str]) -> tuple[Control, ...]:
    """The choices beside the period, on every page the same. People and teams only where the directory has any."""
    everybody = (("", (Option("", "Everybody", not filters.choice.team),)),) if filters.whole else ()
    found = [
        ("team", "Team", (*everybody, *filters.teams_to_choose)),
        ("population", "People", (("", filters.populations),)),
        ("surface", "Surface", (("", filters.surfaces),)),
        ("compare", "Compare", (("", filters.compared),)),
    ]
    return tuple(
        Control(name, label, groups, name in heard)
        for name, label, groups in found
        if groups and (filters.teams or name not in {"team", "population"})
    )


def unheard(filters: Filters, heard: frozenset[str]) -> str:
    """What of the choice changes nothing on a page that listens to `heard`, and why; empty where nothing was chosen."""
    chosen = {"team": filters.choice.team, "population": filters.choice.population, "surface": filters.choice.surface}
    said = {one.name: one.label for one in controls(filters, heard)}
    why = _WHY_NOT | (
        {"team": "here all stand beside each other; each has a page of its own"} if "metric" in heard else {}
    )
    reasons = [f"{said[name]}: {why[name]}." for name in chosen if chosen[name] and name in said and name not in heard]
    if "compare" not in heard and not filters.choice.compare:
        reasons.append(f"Compare: {_WHY_NOT['compare']}.")
    if filters.choice.population and "population" in heard and not filters.choice.team and "kind" not in heard:
        reasons.append("People: only the figures of a team are of some alone; those of everybody are of all members.")
    if filters.choice.surface and "surface" in heard:
        label = SURFACES[filters.choice.surface]
        reasons.append(f"Surface: figures by surface speak of {label}; all others are of all surfaces together.")
    return " ".join(reasons)
