"""Whatever has no address here, refused in the same shape as everything else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from uptake.domain.problems import Absent

router = Router()


@router.api_operation(["GET", "POST", "PUT", "PATCH", "DELETE"], "/{path:rest}", include_in_schema=False)
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    raise Absent("There is nothing at this address.", "GET /api/v1/openapi.json lists what there is.")
