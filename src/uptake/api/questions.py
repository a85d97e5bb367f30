"""Questions: the catalogue, the counts behind it, answers, answers as files, and what each number means."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from uptake import metrics
from uptake.actions import exports
from uptake.api import examples
from uptake.api.described import answers, gives
from uptake.api.door import sent, tagged, unchanged, viewer_of
from uptake.domain.access import require
from uptake.domain.measures import MEASURES
from uptake.metrics import Facts, Question, files
from uptake.metrics.question import POPULATIONS, Population
from uptake.records.privacy import in_force

router = Router(tags=["Questions"])


def _iso(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a day is written YYYY-MM-DD")
    if isinstance(value, int | float):
        raise ValueError("a day is text")  # noqa: TRY004  the decoder tells of values, not of types
    return value


Day = Annotated[
    date,
    BeforeValidator(_iso),
    Field(ge=date(2020, 1, 1), le=date(2099, 12, 31)),
    WithJsonSchema({"type": "string", "format": "date"}),
]
MetricId = Annotated[str, WithJsonSchema({"type": "string", "enum": [*metrics.CATALOGUE]})]


class Asked(Schema):
    """What is asked: what `/answer`, `/explain`, files and exports take alike."""

    model_config = ConfigDict(extra="forbid")

    metric: list[MetricId] = Field(
        min_length=1, max_length=40, description="Ids of the catalogue.", examples=[["members"]]
    )
    by: metrics.By | None = Field(None, description="; ".join(f"`{name}`: {said}" for name, said in metrics.BY.items()))
    since: Day | None = Field(None, description="First day, included.")
    until: Day | None = Field(None, description="Last day, included.")
    connection: str | None = Field(
        None, max_length=120, description="The name or id of one connection; all together without it."
    )
    compare: bool = Field(False, description="With the four weeks before, over the people eligible in both.")
    team: str | None = Field(
        None, max_length=200, description="The id of a team: its people alone. `/teams` lists those you may ask for."
    )
    within: str | None = Field(None, max_length=200, description="By tree: the tree whose next level the rows are.")
    population: Population | None = Field(
        None, description="; ".join(f"`{name}`: {said}" for name, said in POPULATIONS.items())
    )

    def question(self) -> Question:
        """As asked; the connection still by its name."""
        told = {name: getattr(self, name) for name in Question.__struct_fields__ if name != "metrics"}
        return Question(tuple(self.metric), **told)

    def of(self, facts: Facts) -> Question:
        """As it is answered. Raises Problem where there is no such connection."""
        told = {
            name: getattr(self, name) for name in Question.__struct_fields__ if name not in {"metrics", "connection"}
        }
        return Question(tuple(self.metric), connection=facts.named(self.connection), **told)


@router.get("/metrics", summary="The catalogue: every metric that can be asked for", openapi_extra=answers("Catalogue"))
def catalogue(request: HttpRequest) -> HttpResponse:
    require(viewer_of(request), "measures.read")
    tag = tagged(request)
    return unchanged(request, tag) or sent(
        {"metrics": [metrics.describe(metric) for metric in metrics.CATALOGUE.values()]}, tag
    )


@router.get("/measures", summary="The counts that are read from Claude", openapi_extra=answers("Measures"))
def measures(request: HttpRequest) -> HttpResponse:
    require(viewer_of(request), "measures.read")
    tag = tagged(request)
    told = [{"column": m.column, "path": m.path, "surface": m.surface} for m in MEASURES]
    return unchanged(request, tag) or sent({"measures": told}, tag)


@router.get(
    "/answer",
    summary="Ask for metrics; every answer says until when it is known and what is withheld",
    openapi_extra=answers("AnswerTold", 400, 422, example=examples.ANSWER),
)
def answer(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Every cell is in one of four states: `value` (zero included), `not_yet`, `not_collected` and `withheld`.

    A Manager names a team of theirs: their own tree or one within it as `team`, or as `within` where the rows are trees.
    """
    viewer, facts, today = viewer_of(request), metrics.current_facts(django_settings.UPTAKE), datetime.now(UTC).date()
    question = asked.of(facts)
    metrics.permitted(question, viewer, facts)  # before the tag: whoever may not ask learns nothing from a 304
    tag = _tag(request, facts, today)
    if known := unchanged(request, tag):
        return known
    return sent(metrics.to_json(metrics.answer(question, viewer, facts, today)), tag)


@router.get(
    "/answer/file",
    summary="The same as a file, with what it is made from inside; an entry of the audit",
    openapi_extra=gives(files.MEDIA.values(), 400, 422),
)
def answer_file(request: HttpRequest, asked: Query[Asked], format: files.Format = "csv") -> HttpResponse:
    output, now = io.BytesIO(), datetime.now(UTC)
    exports.figures(viewer_of(request), django_settings.UPTAKE, asked.question(), format, output, now)
    response = HttpResponse(output.getvalue(), content_type=files.MEDIA[format])
    response.headers["Content-Disposition"] = f'attachment; filename="uptake-{asked.metric[0]}.{format}"'
    return response


@router.get(
    "/explain",
    summary="What each number of an answer means: definition, fields, days, people, what is withheld, SQL",
    openapi_extra=answers("Explained", 400, 422),
)
def explain(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Takes what `/answer` takes, and explains it by metric."""
    viewer, facts, today = viewer_of(request), metrics.current_facts(django_settings.UPTAKE), datetime.now(UTC).date()
    question = asked.of(facts)
    metrics.permitted(question, viewer, facts)
    tag = _tag(request, facts, today)
    if known := unchanged(request, tag):
        return known
    explained = metrics.explain(question, viewer, facts, today)
    return sent({"explained": metrics.explained_json(explained)}, tag)


def _tag(request: HttpRequest, facts: Facts, today: date) -> str:
    """What figures are made from: the lake, how the connections stand, the policy, the day."""
    made_from: tuple[Any, ...] = (facts.version, facts.connections, facts.threshold, in_force(), today)
    return tagged(request, *made_from)
