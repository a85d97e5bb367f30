"""A figure by itself: the fragment that takes its place on a dashboard, a page of its own, a file, a picture."""

from __future__ import annotations

import io
from collections.abc import Hashable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.actions import exports
from uptake.domain.access import may
from uptake.metrics import Answer, Dashboard, Explanation, Facts, Figure, FigureAnswer, files
from uptake.web import filters, pictures
from uptake.web.figures import Drawn, drawn
from uptake.web.filters import Filters
from uptake.web.policies import viewer_of

# A page asks for all figures at once. The first makes the cache; the others find it instead of making it again.
_TURN = Lock()
_SEEN: dict[Hashable, None] = {}
_MANY = 2_000


@require_safe
@gzip_page
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """One figure: a fragment for htmx, a page for everybody else."""
    now = datetime.now(UTC)
    known, picked, facts = _asked(request, name, now)
    context = {
        "figure": draw(request, known, picked, facts, now),
        "filters": picked,
        "now": now,
        "dashboard": _home_of(known),
    }
    template = "uptake/parts/figure.html" if request.htmx else "uptake/figure_page.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    return response


@require_safe
def figure_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of a figure's table as a file: CSV, or another `format`; `part` where a figure has several."""
    now = datetime.now(UTC)
    known, picked, facts = _asked(request, name, now)
    found = _answered(request, known, picked, facts, now)
    format = next((known for known in files.MEDIA if known == request.GET.get("format", "csv")), None)
    if format is None:
        raise Http404
    output = io.BytesIO()
    exports.taken(viewer_of(request), settings.UPTAKE, _part(request, found.answers), format, output, now)
    return _file(output.getvalue(), files.MEDIA[format], f"uptake-{name}.{format}")


@require_safe
def figure_svg(request: HttpRequest, name: str) -> HttpResponse:
    """The figure as a drawing that stands alone: sentence, charts and what every figure says of its age."""
    return _file(_picture(request, name).encode(), "image/svg+xml", f"uptake-{name}.svg")


@require_safe
def figure_png(request: HttpRequest, name: str) -> HttpResponse:
    """The same as pixels, for slides and mails."""
    return _file(pictures.pixels(_picture(request, name)), "image/png", f"uptake-{name}.png")


def chosen(request: HttpRequest, facts: Facts, now: datetime) -> Filters:
    """What the address asks for, of what the viewer may ask for: a manager's teams are the tree below them."""
    viewer = viewer_of(request)
    found = filters.read(request.GET.dict(), now.date(), metrics.teams_of(facts, viewer))
    if may(viewer, "numbers.ask"):
        return found
    mine = metrics.own_tree(facts, viewer) or ""
    own = replace(found.choice, kind="tree", within=found.choice.within or mine)
    return replace(found, choice=own, whole=False)


def drawn_before(request: HttpRequest, known: Figure, picked: Filters, facts: Facts, now: datetime) -> Drawn | None:
    """The figure where it takes no time: it was drawn before from the same facts. Rights are asked for anew, as always."""
    return draw(request, known, picked, facts, now) if _key(known, picked, facts, now) in _SEEN else None


def draw(request: HttpRequest, known: Figure, picked: Filters, facts: Facts, now: datetime) -> Drawn:
    """A figure, answered for whoever asks."""
    found = _answered(request, known, picked, facts, now)
    shown = drawn(found, _explanations(request, found.answers, facts, now))
    if len(_SEEN) > _MANY:
        _SEEN.clear()
    _SEEN[_key(known, picked, facts, now)] = None
    return shown


def _picture(request: HttpRequest, name: str) -> str:
    now = datetime.now(UTC)
    known, picked, facts = _asked(request, name, now)
    found = pictures.picture(draw(request, known, picked, facts, now))
    if not found:
        raise Http404
    return found


def _asked(request: HttpRequest, name: str, now: datetime) -> tuple[Figure, Filters, Facts]:
    """The figure of that name, what was picked, what it is made from; 404 where there is no such figure."""
    if name not in metrics.FIGURES:
        raise Http404
    facts = metrics.current_facts(settings.UPTAKE)
    known, picked = metrics.FIGURES[name], chosen(request, facts, now)
    of_team = any(known in one.of_team for one in metrics.DASHBOARDS.values())
    if picked.choice.team and not of_team:
        everybody = replace(picked.choice, team="", population=None)
        picked = replace(picked, choice=everybody, remark="This figure is not given for one team: it is of everybody.")
    return known, picked, facts


def _answered(request: HttpRequest, known: Figure, picked: Filters, facts: Facts, now: datetime) -> FigureAnswer:
    with _TURN:
        return metrics.figure(known.name, viewer_of(request), facts, now.date(), picked.choice)


def _explanations(request: HttpRequest, answers: tuple[Answer, ...], facts: Facts, now: datetime) -> list[Explanation]:
    viewer, today = viewer_of(request), now.date()
    return [one for answer in answers for one in metrics.explain(answer.question, viewer, facts, today)]


def _part(request: HttpRequest, answers: tuple[Answer, ...]) -> Answer:
    part = request.GET.get("part", "0")
    if not (part.isascii() and part.isdigit() and int(part) < len(answers)):
        raise Http404
    return answers[int(part)]


def _home_of(known: Figure) -> Dashboard:
    return next(one for one in metrics.DASHBOARDS.values() if known in (*one.figures, *one.of_team))


def _key(known: Figure, picked: Filters, facts: Facts, now: datetime) -> Hashable:
    return facts.cache, facts.version, facts.threshold, now.date(), known.name, picked.choice, picked.whole


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
