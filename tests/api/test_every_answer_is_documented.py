"""The whole API against its own description, by every role and without a token: no error of the server, no answer that
is not documented. Requests are made up by Schemathesis, as described and not as described."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import proof
from tests.api.conftest import Token
from tests.web import company
from uptake.api.urls import api
from uptake.records.models import Connection
from uptake.site.wsgi import application

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
NOBODY = "without a token"


@dataclass
class Found:
    """What a run came to: requests by status, and every answer that is not as described."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)


def asked(who: dict[str, str], known: dict[str, str], size: int) -> Found:
    """Every operation asked by everybody, `size` times as described and `size` times not."""
    found = Found()
    for name, token in who.items():
        schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))
        schema.app = application
        for operation in (result.ok() for result in schema.get_all_operations()):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                ask(operation, mode, name, token, known, size, found)
    return found


def ask(
    operation: Any, mode: GenerationMode, who: str, token: str, known: dict[str, str], size: int, found: Found
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=size, deadline=None, database=None, derandomize=True, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def once(case: Any) -> None:
        sent(case, who, token, found)
        for likely in of_what_there_is(case, known) if mode is GenerationMode.POSITIVE else ():
            sent(likely, who, token, found)

    with suppress(Unsatisfiable, SkipTest, pytest.skip.Exception):  # there may be nothing that is not as described
        once()


def of_what_there_is(case: Any, known: dict[str, str]) -> Iterator[Any]:
    """The same request about what there is, beside what there is not; a question that makes sense; the examples."""
    operation = case.operation
    if case.path_parameters:
        yield operation.Case(path_parameters={name: known[name] for name in case.path_parameters})
    if "metric" in case.query:
        yield operation.Case(query={"metric": case.query["metric"]} | {"format": case.query.get("format", "csv")})
        yield operation.Case(query={"metric": ["members", "active_day"], "by": "day"})
    bodies = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    for example in bodies.get("examples", {}).values():
        yield operation.Case(body=example["value"], media_type="application/json")


def sent(case: Any, who: str, token: str, found: Found) -> None:
    headers = {"Host": "localhost"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with transaction.atomic():  # each request meets the same installation
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    found.statuses[response.status_code] += 1
    try:
        case.validate_response(response, checks=CHECKS, headers=headers)
    except FailureGroup as error:
        found.wrong.append(f"{who}: {case.method} {case.formatted_path} {response.status_code}: {error}"[:1500])


@pytest.fixture
def everybody(token: Token) -> dict[str, str]:
    return {email: token(email) for email in company.CAST} | {NOBODY: ""}


@pytest.fixture
def known(acme: Connection, export: str) -> dict[str, str]:
    return {"connection": acme.pk, "export": export}


def test_no_answer_is_a_surprise(everybody: dict[str, str], known: dict[str, str]) -> None:
    found = asked(everybody, known, proof.EVERYDAY.api)
    proof.figures("the API as described", requests=sum(found.statuses.values()), statuses=dict(found.statuses))
    assert found.wrong == []
    assert found.server_errors == 0 and sum(found.statuses.values()) > 300
    assert {200, 202, 204, 401, 403, 404, 422} <= set(found.statuses)


@pytest.mark.full
def test_no_answer_is_a_surprise_to_any_role(everybody: dict[str, str], known: dict[str, str]) -> None:
    found = asked(everybody, known, proof.FULL.api)
    proof.figures(
        "the API as described",
        requests=sum(found.statuses.values()),
        statuses=dict(sorted(found.statuses.items())),
        server_errors=found.server_errors,
        undocumented=len(found.wrong),
    )
    assert found.wrong[:5] == []
    assert found.server_errors == 0


def test_an_answer_that_is_not_documented_is_found(
    everybody: dict[str, str], known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = api.get_openapi_schema

    def forgetful(**how: Any) -> Any:
        told = real(**how)
        for operation in told["paths"].values():
            for method in operation.values():
                method["responses"].pop(403, None)
        return told

    monkeypatch.setattr(api, "get_openapi_schema", forgetful)
    found = asked({"mina@acme.example": everybody["mina@acme.example"]}, known, 1)
    assert found.wrong and all(" 403: " in line for line in found.wrong)
