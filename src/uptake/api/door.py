"""The door of the API: who asks, in one shape whatever is refused, and what need not be sent again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from uptake import __version__
from uptake.actions.tokens import viewer_of_token
from uptake.api.shapes import Fault, ProblemBody, components
from uptake.domain.access import Viewer
from uptake.domain.problems import Absent, Busy, NotAllowed, NotYet, Problem, TooMany

log = structlog.get_logger("uptake.api")

PROBLEM = "application/problem+json"
JSON = "application/json"
_STATUS: dict[type[Problem], int] = {NotAllowed: 403, Absent: 404, Busy: 409, NotYet: 409, TooMany: 429}
_BAD = 400
_NO_TOKEN = Problem(
    "This needs a token in force.", "Send it as `Authorization: Bearer …`; make one under Your account."
)
_NOT_AS_DESCRIBED = Problem(
    "The request is not as described. Nothing was changed.", "Compare it with /api/v1/openapi.json."
)
_BROKEN = Problem(
    "Something here is broken; the error is in the log. No data was changed by this request.",
    "Try again. If it stays, tell whoever runs this installation.",
)


class Bearer(HttpBearer):
    """A token made with `uptake token create`. What it may do: its scopes, within what its owner may do now."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:  # noqa: ARG002
        return viewer_of_token(token, datetime.now(UTC))


class Api(NinjaAPI):
    """Ninja's API, described with the shapes that are really answered."""

    def get_openapi_schema(self, **how: Any) -> Any:
        found = super().get_openapi_schema(**how)
        found["components"].setdefault("schemas", {}).update(components())
        return found


def made(title: str, description: str) -> Api:
    """An API whose every refusal has the one shape."""
    api = Api(
        title=title, version=__version__, description=description, auth=Bearer(), docs_url=None, urls_namespace="api"
    )
    api.exception_handler(Problem)(_problem)
    api.exception_handler(ValidationError)(_not_as_described)
    api.exception_handler(AuthenticationError)(_no_token)
    api.exception_handler(HttpError)(_malformed)
    api.exception_handler(Exception)(_broken)
    return api


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks, behind the door."""
    viewer: Viewer = request.auth  # type: ignore[attr-defined]
    return viewer


def refused(problem: Problem, status: int, faults: Iterable[Fault] = ()) -> HttpResponse:
    body = ProblemBody(problem.message, problem.hint, status, faults=tuple(faults))
    return HttpResponse(msgspec.json.encode(body), content_type=PROBLEM, status=status)


def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:  # noqa: ARG001
    found = refused(problem, _STATUS.get(type(problem), _BAD))
    if isinstance(problem, TooMany):
        found.headers["Retry-After"] = "10"
    return found


def _not_as_described(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001
    # Only where and what: a message of the decoder may repeat what was sent.
    faults = (Fault(".".join(map(str, fault["loc"])), str(fault["type"]).replace("_", " ")) for fault in error.errors)
    return refused(_NOT_AS_DESCRIBED, 422, faults)


def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
    found = refused(_NO_TOKEN, 401)
    found.headers["WWW-Authenticate"] = "Bearer"
    return found


def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001
    return refused(_NOT_AS_DESCRIBED, error.status_code)


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, SuspiciousOperation):  # such as a body far too large
        return refused(_NOT_AS_DESCRIBED, _BAD)
    log.error("a request to the API failed", path=request.path, exc_info=error)
    return refused(_BROKEN, 500)


def sent(body: object, tag: str = "", status: int = 200) -> HttpResponse:
    """A body as JSON, with its tag where it has one."""
    response = HttpResponse(msgspec.json.encode(body), content_type=JSON, status=status)
    if tag:
        response.headers["ETag"] = tag
    return response


def sent_if_new(request: HttpRequest, body: object) -> HttpResponse:
    """A body that is only known to be the same once it is made; nothing where whoever asks has it already."""
    text = msgspec.json.encode(body)
    tag = tagged(request, sha256(text).hexdigest())
    if known := unchanged(request, tag):
        return known
    return sent(msgspec.Raw(text), tag)


def tagged(request: HttpRequest, *made_from: object) -> str:
    """The tag of an answer: this program, who asks in which role for what, and what the answer is made from."""
    viewer = viewer_of(request)
    rights = sorted(viewer.only) if viewer.only is not None else "all"
    told = (__version__, viewer.role, rights, viewer.account_id, request.get_full_path(), *made_from)
    return f'"{sha256(repr(told).encode()).hexdigest()[:32]}"'


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """304 where whoever asks has exactly this already."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if tag not in known and "*" not in known and f"W/{tag}" not in known:
        return None
    response = HttpResponse(status=304)
    response.headers["ETag"] = tag
    return response
