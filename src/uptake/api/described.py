"""What each operation may answer, for its description: the shape, the tag, and every refusal there can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from uptake.api.door import JSON, PROBLEM

_REFUSALS = {
    400: "The question makes no sense, or it cannot be answered at present",
    401: "No token, or none in force",
    403: "Not within the role, the token's scopes or the visibility policy",
    404: "There is nothing of that name or id, or not for this viewer",
    409: "Not ready yet, or something else is under way",
    422: "The request is not as described here",
    429: "Too much is under way for this viewer already",
}
_TAG = {
    "description": "Names exactly this answer for this viewer; send it back as `If-None-Match`.",
    "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    "required": True,
}
_IF_NEW = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "required": False,
    "description": "A tag of before: 304 without a body where the answer is still the same.",
}
_WAIT = {"description": "Seconds to wait", "schema": {"type": "integer"}, "required": True}
_BEARER = {"description": "Says that a bearer token is wanted", "schema": {"const": "Bearer"}, "required": True}


def answers(shape: str, *refusals: int, example: object = None, status: int = 200, tag: bool = True) -> dict[str, Any]:
    """Answers with JSON of a named shape. 401 and 403 go without saying."""
    content: dict[str, Any] = {"schema": _ref(shape)}
    if example is not None:
        content["example"] = example
    said: dict[str, Any] = {"description": "As asked", "content": {JSON: content}}
    if tag:
        said["headers"] = {"ETag": _TAG}
    return _operation({status: said}, refusals, tag=tag)


def gives(media: Iterable[str], *refusals: int) -> dict[str, Any]:
    """Answers with a file of one of the media types."""
    content = {kind.partition(";")[0]: {"schema": _file(kind)} for kind in media}
    headers = {"Content-Disposition": {"schema": {"type": "string"}, "required": True}}
    return _operation({200: {"description": "The file", "content": content, "headers": headers}}, refusals, tag=False)


def nothing(*refusals: int) -> dict[str, Any]:
    """Answers with 204 and no body."""
    return _operation({204: {"description": "Done"}}, refusals, tag=False)


def _operation(told: dict[int, Any], refusals: tuple[int, ...], *, tag: bool) -> dict[str, Any]:
    if tag:
        told[304] = {"description": "Still the same", "headers": {"ETag": _TAG}}
    responses = told | {status: _refusal(status) for status in sorted({401, 403, *refusals})}
    return {"responses": responses} | ({"parameters": [_IF_NEW]} if tag else {})


def _refusal(status: int) -> dict[str, Any]:
    headers = {401: {"WWW-Authenticate": _BEARER}, 429: {"Retry-After": _WAIT}}.get(status)
    said = {"description": _REFUSALS[status], "content": {PROBLEM: {"schema": _ref("ProblemBody")}}}
    return said | ({"headers": headers} if headers else {})


def _file(kind: str) -> dict[str, Any]:
    return (
        {}
        if kind == JSON
        else {"type": "string"}
        if kind.startswith("text/")
        else {"type": "string", "format": "binary"}
    )


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
