"""Problems become pages: what happened, what to do, the right status. Fragments for htmx. Never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from uptake.domain.problems import Absent, Busy, NotAllowed, Problem

_NOT_FOUND = Problem("There is no page here.", "Look at the address, or start from the Overview.")
_BROKEN = Problem(
    "Something here is broken; the error is in the log. No data was changed by this page.",
    "Try again. If it stays, tell whoever runs this installation.",
)
_MALFORMED = Problem("This request could not be understood. Nothing was changed.", "Go back and try again.")
_STALE_FORM = Problem(
    "This form is no longer valid: it was open for too long, or cookies are switched off. Nothing was changed.",
    "Load the page again and repeat the step.",
)
_TOO_MANY = Problem(
    "There were too many attempts from here. Nothing was changed.", "Wait a few minutes, then try again."
)


class ProblemPages:
    """Turns every Problem a view raises into its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return problem_page(request, exception, status_of(exception)) if isinstance(exception, Problem) else None


def status_of(problem: Problem) -> int:
    if isinstance(problem, NotAllowed):
        return HTTPStatus.FORBIDDEN
    if isinstance(problem, Absent):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.CONFLICT if isinstance(problem, Busy) else HTTPStatus.BAD_REQUEST


def problem_page(request: HttpRequest, problem: Problem, status: int) -> HttpResponse:
    """A whole page, or for htmx the fragment that takes the place of what was asked for."""
    asked_by_htmx = bool(getattr(request, "htmx", False))
    template = "uptake/problem_fragment.html" if asked_by_htmx else "uptake/problem.html"
    return render(request, template, {"problem": problem, "status": int(status)}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return problem_page(request, _STALE_FORM, HTTPStatus.FORBIDDEN)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    # Not the usual page: the host name may be what is wrong, and the page's frame needs a good one.
    return HttpResponse(f"{_MALFORMED}\n", status=HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_page(request, NotAllowed("This is not for your role.", ""), HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_page(request, _NOT_FOUND, HTTPStatus.NOT_FOUND)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return problem_page(request, _TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    # Plain on purpose: the database or a template may be what is broken.
    return HttpResponse(f"{_BROKEN}\n", status=500, content_type="text/plain; charset=utf-8")
