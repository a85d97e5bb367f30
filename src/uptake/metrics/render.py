"""An Answer for programs and an explanation in words. Both carry until when it is known, what is withheld, definitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from uptake.metrics.catalogue import CATALOGUE, describe
from uptake.metrics.question import Answer

if TYPE_CHECKING:
    from uptake.metrics.explained import Explanation

STATES = {
    "value": "value",
    "not_yet": "not yet available",
    "not_collected": "not collected",
    "withheld": "withheld",
}


def to_json(answer: Answer) -> dict[str, Any]:
    """Plain JSON values: dates as text, and the definition of every metric asked for."""
    found: dict[str, Any] = msgspec.to_builtins(answer)
    found["data_through"] = found["freshness"]["data_through"]
    found["settling_since"] = found["freshness"]["settling_since"]
    found["definitions"] = {name: msgspec.to_builtins(describe(CATALOGUE[name])) for name in answer.question.metrics}
    return found


def explained_json(explained: Iterable[Explanation]) -> dict[str, Any]:
    """Explanations by metric as plain JSON values."""
    return {one.id: msgspec.to_builtins(one) for one in explained}


def in_words(one: Explanation) -> str:
    """An explanation as text, one thing a line."""
    defined = one.definition
    members = one.members.value if one.members.state == "value" else STATES[one.members.state]
    lines = [
        f"{defined['label']} ({one.id}, {defined['section']}, definition {defined['version']})",
        str(defined["formula"]),
        f"{defined['caveat']} {'Needs: ' + str(defined['needs']) if defined['needs'] else ''}".strip(),
        f"Days: {one.since} to {one.until}, {one.days_held} of {one.days_expected} held. Seat holders on the last: {members}.",
        f"Withheld: {one.withheld} of {one.rows} cells.",
        f"Read from: {', '.join(one.endpoints)}",
        *(["Fields: " + ", ".join(field.path for field in one.fields)] if one.fields else []),
        *([f"Teams by the org charts of: {', '.join(map(str, one.charts))}"] if one.charts else []),
        *one.remarks,
        *(["", one.sql] if one.sql else []),
    ]
    return "\n".join(lines)
