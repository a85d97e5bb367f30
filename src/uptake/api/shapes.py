"""What the API answers, as types: the description is made from them, and tests hold every answer against the description."""

from __future__ import annotations

from typing import Any

import msgspec

from uptake.actions.export_jobs import JobView
from uptake.actions.listings import Member, PersonView
from uptake.insights import Findings
from uptake.metrics import Answer, Explanation, Metric, TeamView
from uptake.metrics.metric import MADE_FROM


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is wrong with a request: where, and what."""

    where: str
    what: str


class ProblemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every refusal: `title` says what happened and what it means for the data, `detail` what to do."""

    title: str
    detail: str
    status: int
    type: str = "about:blank"
    faults: tuple[Fault, ...] = ()  # of a request that is not as described


class KeyState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str
    cause: str
    hint: str


class StreamState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str
    hint: str


class HeldBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: str
    reason: str
    released_by: str


class MemberNumbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    active: int
    invited: int
    invite_expired: int
    removed: int
    unlisted: int
    held_back: list[HeldBack]


class UsageState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    data_through: str | None
    days_held: int
    missing: list[str]
    held_back: list[HeldBack]
    settling: list[str]
    newest_served: str | None
    moved: list[dict[str, Any]]  # a week, how many of its days moved, and totals where they may be told


class UnknownField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    first_seen: str
    first_day: str


class LastRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    started_at: str
    outcome: str
    notes: list[str]


class ConnectionState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one Claude organisation stands, as `uptake status --json` tells it."""

    name: str
    state: str
    keys: dict[str, KeyState]
    streams: dict[str, StreamState]
    members: MemberNumbers
    usage: UsageState
    unknown_fields: list[UnknownField]
    last_run: LastRun | None
    id: str = ""


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    connections: list[ConnectionState]
    healthy: bool


class ConnectionPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: list[ConnectionState]
    next: str | None


class MemberPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[Member, ...]
    next: str | None


class PersonPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[PersonView, ...]
    next: str | None


class TeamPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[TeamView, ...]
    next: str | None


class ExportPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[JobView, ...]
    next: str | None


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    column: str
    path: str
    surface: str


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    measures: list[Measure]


class Explained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    explained: dict[str, Explanation]


_TYPES = (
    Answer, ConnectionPage, ConnectionState, ExportPage, Explained, JobView, Measures, MemberPage, Metric, PersonPage,
    Findings, ProblemBody, Status, TeamPage,
)  # fmt: skip


def components() -> dict[str, Any]:
    """JSON schemas by name, for the API's description."""
    _, found = msgspec.json.schema_components(_TYPES, schema_hook=_hook, ref_template="#/components/schemas/{name}")
    defined = found.pop("Metric")
    defined["properties"] = {name: told for name, told in defined["properties"].items() if name not in MADE_FROM}
    defined["required"] = [name for name in defined["required"] if name not in MADE_FROM]
    found["Definition"] = defined | {"title": "Definition"}
    found["Catalogue"] = _object({"metrics": {"type": "array", "items": _ref("Definition")}})
    told = {"data_through": _day(), "settling_since": _day()}
    told["definitions"] = {"type": "object", "additionalProperties": _ref("Definition")}
    found["AnswerTold"] = {"allOf": [_ref("Answer"), _object(told)]}
    return found


def _hook(of: type) -> dict[str, Any]:
    """What is not told further here, such as a definition inside an explanation."""
    del of
    return {"description": "Not told further here."}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _day() -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
