"""REST under /api/v1: the same questions and states as pages and commands, for other programs. Bearer tokens only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.security import HttpBearer

from uptake import __version__, metrics
from uptake.actions import state
from uptake.actions.accounts import account_of_token
from uptake.domain.access import Viewer
from uptake.domain.measures import MEASURES
from uptake.domain.problems import NotAllowed, Problem


class Bearer(HttpBearer):
    """A token made with `uptake token create`. What it may do is what its owner may do now."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:  # noqa: ARG002
        account = account_of_token(token, datetime.now(UTC))
        return account.viewer if account else None


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
def catalogue(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    return {"metrics": [metrics.describe(metric) for metric in metrics.CATALOGUE.values()]}


@api.get("/measures", summary="The counts that are read from Claude")
def measures(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    return {"measures": [{"column": m.column, "path": m.path, "surface": m.surface} for m in MEASURES]}


@api.get("/answer", summary="Ask for metrics; every answer says until when it is known and what is withheld")
def answer(
    request: HttpRequest,
    metric: Annotated[list[str], Query(..., min_length=1, max_length=20)],
    by: Literal["day", "week", "surface"] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> dict[str, Any]:
    question = metrics.Question(metrics=tuple(metric), by=by, since=since, until=until)
    facts = metrics.current_facts(django_settings.UPTAKE)
    return metrics.to_json(metrics.answer(question, _viewer(request), facts, datetime.now(UTC).date()))


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.auth  # type: ignore[attr-defined]
    return viewer
