"""The contract: the official SDK asks the same questions, and its types know the counts we read and no others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, get_args, get_origin

import anthropic
import httpx2
import pytest
from anthropic.types.beta import organization as types

from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.patience import Patience
from uptake.domain.measures import IGNORED_FIELDS, MEASURES, SUMMARY_COUNTS
from uptake.domain.secret import Secret

KEY = "sk-ant-api01-contract-contract-contract"
DAY = date(2026, 11, 18)
BASE = "https://claude.test/prefix"

Ours = Callable[[Claude, Patience], object]
Theirs = Callable[[Any], object]

QUESTIONS: dict[str, tuple[Ours, Theirs]] = {
    "roster": (
        lambda claude, patience: claude.members(patience),
        lambda organization: organization.users.list(limit=1000),
    ),
    "roster, next page": (
        lambda claude, patience: claude.members(patience, after_id="user_01+/="),
        lambda organization: organization.users.list(limit=1000, after_id="user_01+/="),
    ),
    "invites": (
        lambda claude, patience: claude.invites(patience),
        lambda organization: organization.invites.list(limit=1000),
    ),
    "invites, next page": (
        lambda claude, patience: claude.invites(patience, after_id="invite_9"),
        lambda organization: organization.invites.list(limit=1000, after_id="invite_9"),
    ),
    "usage": (
        lambda claude, patience: claude.usage(DAY, patience),
        lambda organization: organization.analytics.users.list(date=DAY, limit=1000),
    ),
    "usage, next page": (
        lambda claude, patience: claude.usage(DAY, patience, page="cur sor&=%é"),
        lambda organization: organization.analytics.users.list(date=DAY, limit=1000, page="cur sor&=%é"),
    ),
    "usage, a key being checked": (
        lambda claude, patience: claude.usage(DAY, patience, limit=1),
        lambda organization: organization.analytics.users.list(date=DAY, limit=1),
    ),
    "summaries to the newest day": (
        lambda claude, patience: claude.summaries(DAY, None, patience),
        lambda organization: organization.analytics.summaries.list(starting_date=DAY),
    ),
    "summaries of one day": (
        lambda claude, patience: claude.summaries(DAY, DAY, patience),
        lambda organization: organization.analytics.summaries.list(starting_date=DAY, ending_date="2026-11-19"),
    ),
}


class Recorder:
    """Answers everything with an empty page and keeps what was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, json={"data": [], "has_more": False, "next_page": None, "last_id": None})


def ours(ask: Ours) -> httpx2.Request:
    recorder = Recorder()
    claude = Claude(BASE, Secret(KEY), Limiter(6_000), transport=httpx2.MockTransport(recorder))
    ask(claude, Patience(5))
    [request] = recorder.requests
    return request


def theirs(ask: Theirs) -> httpx2.Request:
    recorder = Recorder()
    http = httpx2.Client(transport=httpx2.MockTransport(recorder))
    with anthropic.Anthropic(api_key=KEY, base_url=BASE, max_retries=0, http_client=http) as client:
        ask(client.beta.organization)
    [request] = recorder.requests
    return request


@pytest.mark.parametrize("question", QUESTIONS)
def test_we_ask_what_the_sdk_asks(question: str) -> None:
    our_request, their_request = (side(ask) for side, ask in zip((ours, theirs), QUESTIONS[question], strict=True))
    assert _question(our_request) == _question(their_request)
    for header in ("authorization", "anthropic-version"):
        assert our_request.headers[header] == their_request.headers[header]
    assert "anthropic-beta" not in their_request.headers
    assert our_request.content == their_request.content == b""


def _question(request: httpx2.Request) -> tuple[object, ...]:
    """Method, address and parameters; the order of parameters is nobody's business."""
    url = request.url
    return request.method, url.scheme, url.host, url.path, sorted(url.params.multi_items())


def test_every_count_of_the_sdk_is_read_or_ignored_by_name() -> None:
    counts = {path for path, kind in fields(types.BetaAnalyticsUserActivity) if int in kind}
    unknown = counts - {measure.path for measure in MEASURES} - set(IGNORED_FIELDS)
    assert not unknown, (
        f"anthropic {anthropic.__version__} knows counts that uptake does not: {sorted(unknown)}. Decide for each: a line "
        "in MEASURES (domain/measures.py) reads it, a line in IGNORED_FIELDS says why not."
    )


def test_every_field_of_the_sdk_that_is_no_count_is_ignored_by_name() -> None:
    others = {path for path, kind in fields(types.BetaAnalyticsUserActivity) if int not in kind}
    assert others <= set(IGNORED_FIELDS), (
        f"name these in IGNORED_FIELDS, with the reason: {others - set(IGNORED_FIELDS)}"
    )


def test_every_measure_is_a_field_of_the_sdk_and_nullable_where_the_sdk_says_so() -> None:
    known = dict(fields(types.BetaAnalyticsUserActivity))
    gone = {measure.path for measure in MEASURES} - set(known)
    assert not gone, f"anthropic {anthropic.__version__} no longer knows {sorted(gone)}: was it renamed?"
    assert {m.path for m in MEASURES if m.nullable} == {m.path for m in MEASURES if type(None) in known[m.path]}


def test_every_ignored_field_is_one_that_exists() -> None:
    assert set(IGNORED_FIELDS) <= {path for path, _ in fields(types.BetaAnalyticsUserActivity)}


def test_the_vendors_own_figures_are_those_of_the_sdk() -> None:
    figures = {path for path, kind in fields(types.BetaAnalyticsSingleDayActivitySummary) if int in kind}
    assert figures == set(SUMMARY_COUNTS), f"differ: {sorted(figures ^ set(SUMMARY_COUNTS))}"


def test_roster_and_invites_have_the_fields_we_read() -> None:
    assert {"id", "email", "name", "role", "added_at"} <= set(types.BetaOrganizationUser.model_fields)
    invite = {"email", "role", "status", "invited_at", "expires_at"}
    assert invite <= set(types.BetaOrganizationInvite.model_fields)


def fields(model: Any, above: str = "") -> Iterator[tuple[str, tuple[type, ...]]]:
    """The leaves below a model of the SDK: dotted path and what it may be."""
    for name, field in model.model_fields.items():
        kinds = _kinds(field.annotation)
        models = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, anthropic.BaseModel)]
        for below in models:
            yield from fields(below, f"{above}{name}.")
        if not models:
            yield f"{above}{name}", kinds


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return (annotation,) if get_origin(annotation) is None else get_args(annotation)


def test_a_new_count_of_the_sdk_would_be_noticed() -> None:
    class Newer(types.BetaAnalyticsUserActivity):  # type: ignore[misc, name-defined]
        voice_minute_count: int

    assert "voice_minute_count" in {path for path, kind in fields(Newer) if int in kind}
