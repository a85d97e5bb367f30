"""REST under /api/v1: the same questions and states as pages and commands, for other programs. Bearer tokens only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.security import HttpBearer
from pydantic import WithJsonSchema

from uptake import __version__, metrics
from uptake.actions import state
from uptake.actions.tokens import viewer_of_token
from uptake.domain.access import Viewer, require
from uptake.domain.measures import MEASURES
from uptake.domain.problems import NotAllowed, Problem


class Bearer(HttpBearer):
    """A token made with `uptake token create`. What it may do: its scopes, within what its owner may do now."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:  # noqa: ARG002
        return viewer_of_token(token, datetime.now(UTC))


api = NinjaAPI(
    title="uptake",
    version=__version__,
    description="How Claude is taken up across your organisation: counts only, never content.",
    auth=Bearer(),
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    status = 403 if isinstance(problem, NotAllowed) else 400
    body = {"title": problem.message, "detail": problem.hint, "status": status}
    return api.create_response(request, body, status=status)


@api.get("/status", summary="Connections, keys, streams and days")
def status(request: HttpRequest) -> dict[str, Any]:
    """The shape of `uptake status --json`."""
    views = state.connections(_viewer(request), django_settings.UPTAKE, datetime.now(UTC))
    return state.as_json(views) | {"healthy": state.healthy(views)}


@api.get("/metrics", summary="The catalogue: every metric that can be asked for")
def catalogue(request: HttpRequest) -> dict[str, Any]:
    require(_viewer(request), "measures.read")
    return {"metrics": [metrics.describe(metric) for metric in metrics.CATALOGUE.values()]}


@api.get("/measures", summary="The counts that are read from Claude")
def measures(request: HttpRequest) -> dict[str, Any]:
    require(_viewer(request), "measures.read")
    return {"measures": [{"column": m.column, "path": m.path, "surface": m.surface} for m in MEASURES]}


MetricId = Annotated[str, WithJsonSchema({"type": "string", "enum": [*metrics.CATALOGUE]})]
MetricIds = Annotated[list[MetricId], Query(..., min_length=1, max_length=40)]
ByWhat = Annotated[
    metrics.By | None, Query(description="; ".join(f"`{name}`: {words}" for name, words in metrics.BY.items()))
]
Compare = Annotated[bool, Query(description="With the four weeks before, over the people eligible in both.")]
Named = Annotated[str | None, Query(description="The name of one connection; all together without it.")]


@api.get("/answer", summary="Ask for metrics; every answer says until when it is known and what is withheld")
def answer(
    request: HttpRequest,
    metric: MetricIds,
    by: ByWhat = None,
    since: date | None = None,
    until: date | None = None,
    connection: Named = None,
    compare: Compare = False,
) -> dict[str, Any]:
    """Every cell is in one of four states: `value` (zero included), `not_yet`, `not_collected` and `withheld`."""
    facts = metrics.current_facts(django_settings.UPTAKE)
    question = metrics.Question(tuple(metric), by, since, until, facts.named(connection), compare)
    return metrics.to_json(metrics.answer(question, _viewer(request), facts, datetime.now(UTC).date()))


@api.get(
    "/explain", summary="What each number of an answer means: definition, fields, days, people, what is withheld, SQL"
)
def explain(
    request: HttpRequest,
    metric: MetricIds,
    by: ByWhat = None,
    since: date | None = None,
    until: date | None = None,
    connection: Named = None,
) -> dict[str, Any]:
    """Takes what `/answer` takes, and explains it by metric."""
    facts = metrics.current_facts(django_settings.UPTAKE)
    question = metrics.Question(tuple(metric), by, since, until, facts.named(connection))
    explained = metrics.explain(question, _viewer(request), facts, datetime.now(UTC).date())
    return {"explained": metrics.explained_json(explained)}


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.auth  # type: ignore[attr-defined]
    return viewer
