"""Overview: the frame at once, then each figure by itself; a figure is also a page and a CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.domain.access import may
from uptake.metrics import Explanation, Facts, FigureAnswer
from uptake.web.figures import drawn
from uptake.web.policies import viewer_of

# The page asks for all figures at once. The first makes the cache; the others find it instead of making it again.
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page says before any figure: which organisation, and whether there is something to show."""

    title: str
    connected: bool
    has_usage: bool
    troubles: tuple[str, ...]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    facts = metrics.current_facts(settings.UPTAKE)
    context = {
        "standing": standing(facts),
        "figures": metrics.FIGURES,
        "may_connect": may(viewer_of(request), "connection.connect"),
    }
    return render(request, "uptake/overview.html", context)


def standing(facts: Facts) -> Standing:
    names = [connection.name for connection in facts.connections]
    title = f"Claude at {names[0]}" if len(names) == 1 else f"Claude at {len(names)} organisations"
    return Standing(
        title if names else "Overview",
        bool(names),
        any(facts.usage.values()),
        tuple(connection.trouble for connection in facts.connections if connection.trouble),
    )


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """One figure: the fragment that takes its place on the Overview, or a page of its own."""
    now = datetime.now(UTC)
    facts = _facts(name)
    found = _answered(request, name, facts, now)
    shown = drawn(found, _explanations(request, found, facts, now))
    template = "uptake/figure.html" if request.htmx else "uptake/figure_page.html"  # type: ignore[attr-defined]
    response = render(request, template, {"figure": shown, "now": now})
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


@require_safe
def figure_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of a figure's table; `part` where a figure has several."""
    answers = _answered(request, name, _facts(name), datetime.now(UTC)).answers
    part = request.GET.get("part", "0")
    if not (part.isascii() and part.isdigit() and int(part) < len(answers)):
        raise Http404
    response = HttpResponse(metrics.to_csv(answers[int(part)]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="uptake-{name}.csv"'
    return response


def _facts(name: str) -> Facts:
    """What a figure of that name is made from; 404 where there is no such figure."""
    if name not in {known.name for known in metrics.FIGURES}:
        raise Http404
    return metrics.current_facts(settings.UPTAKE)


def _answered(request: HttpRequest, name: str, facts: Facts, now: datetime) -> FigureAnswer:
    with _TURN:
        return metrics.figure(name, viewer_of(request), facts, now.date())


def _explanations(request: HttpRequest, found: FigureAnswer, facts: Facts, now: datetime) -> list[Explanation]:
    viewer, today = viewer_of(request), now.date()
    return [one for answer in found.answers for one in metrics.explain(answer.question, viewer, facts, today)]
