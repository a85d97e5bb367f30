"""The teams a viewer may ask about, part by part: ids for questions, and no figure of anybody's use."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from uptake import metrics
from uptake.api import examples
from uptake.api.described import answers
from uptake.api.door import sent_if_new, viewer_of
from uptake.api.paging import Digest, Most

router = Router(tags=["Questions"])

Kind = Annotated[
    Literal["department", "location", "title", "group", "tree"] | None, Query(description="Teams of one kind alone.")
]


@router.get(
    "/teams",
    summary="The teams you may ask about: as Manager, your own tree and those within it",
    openapi_extra=answers("TeamPage", 400, 422, example=examples.TEAMS),
)
def teams(request: HttpRequest, limit: Most = 100, cursor: Digest = None, kind: Kind = None) -> HttpResponse:
    """By the newest org chart, in no telling order. `people` is a band; of a `small` team no figure is shown alone."""
    facts = metrics.current_facts(django_settings.UPTAKE)
    found = [one for one in metrics.teams_of(facts, viewer_of(request)) if kind in {None, one.kind}]
    marked = {_mark(one.id): one for one in found}
    rest = sorted(mark for mark in marked if mark > (cursor or ""))
    part = rest[:limit]
    after = part[-1] if len(rest) > limit else None
    return sent_if_new(request, {"items": [marked[mark] for mark in part], "next": after})


def _mark(team: str) -> str:
    """Where a team stands in the order; as a cursor it names nobody."""
    return sha256(team.encode()).hexdigest()[:16]
