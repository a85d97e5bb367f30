"""SCIM 2.0 under /scim/v2: django-scim2's views over our actions, behind a door of our own.

Its way of a request is kept (which method does what to an adapter, what is answered); how it reads bodies, filters,
checks who asks and words refusals is not, see docs/decisions/0012.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path, re_path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from django_scim import constants, views

from uptake.actions import scim, scim_groups, scim_lists
from uptake.api import scim_door
from uptake.api.scim_door import Door, viewer_of
from uptake.api.scim_shapes import Abilities, Group, User, chosen
from uptake.people.scim import sieve
from uptake.people.scim.kept import PERSON, TEAM, Attribute, schemas
from uptake.people.scim.sieve import Wrong
from uptake.records.models import ScimGroup, ScimUser

_USUAL = 100
_GONE = "There is no such resource type or schema."


class _Ours:
    """What every route has: the door first, then the method, and a refusal in SCIM's shape."""

    request: HttpRequest

    @method_decorator(csrf_exempt)
    @method_decorator(Door)
    def dispatch(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        answer: HttpResponse = View.dispatch(self, request, *args, **more)  # type: ignore[arg-type,assignment]
        if isinstance(answer, HttpResponseNotAllowed):
            refusal = scim_door.error(405, "This method does nothing here.")
            refusal["Allow"] = answer["Allow"]
            return refusal
        return answer


def _answered(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(body), content_type=constants.SCIM_CONTENT_TYPE, status=status)


class _Resources(_Ours):
    """Reading bodies and lists. `whole`: what is kept of one; the rest is django-scim2's."""

    whole: ClassVar[Attribute]
    scim_adapter: Any
    kwargs: dict[str, Any]

    def load_body(self, body: bytes) -> Any:
        if self.request.method == "PATCH":
            return {"Operations": sieve.operations(body)}
        return sieve.document(body, self.whole)

    def get_single(self, request: HttpRequest) -> HttpResponse:
        shown = self.shape(self.get_object())  # type: ignore[attr-defined]
        answer = _answered(self.asked(shown.to_dict(), request.GET.get))
        answer["Location"] = shown.location
        return answer

    def get_many(self, request: HttpRequest) -> HttpResponse:
        return self.listed(request.GET.get)

    def shape(self, row: Any) -> Any:
        return self.scim_adapter(row, request=self.request)

    def asked(self, shown: dict[str, Any], get: Callable[..., Any]) -> dict[str, Any]:
        return chosen(shown, get("attributes") or "", get("excludedAttributes") or "")

    def listed(self, get: Callable[..., Any]) -> HttpResponse:
        start, count = _number(get("startIndex"), 1), _number(get("count"), _USUAL)
        found, shapes = self.page(get("filter") or "", start, count, get)
        resources = [self.asked(shape.to_dict(), get) for shape in shapes]
        return _answered(
            {
                "schemas": [constants.SchemaURI.LIST_RESPONSE],
                "totalResults": found.total,
                "itemsPerPage": len(resources),
                "startIndex": max(start, 1),
                "Resources": resources,
            }
        )

    def page(self, text: str, start: int, count: int, get: Callable[..., Any]) -> tuple[Any, list[Any]]:
        raise NotImplementedError


def _number(text: Any, usual: int) -> int:
    if text in (None, ""):
        return usual
    try:
        return max(-1, min(int(text), 1 << 31))
    except (ValueError, TypeError):
        raise Wrong("startIndex and count are whole numbers.") from None


class Users(_Resources, views.UsersView):  # type: ignore[misc]
    """/Users"""

    whole = PERSON
    scim_adapter = User
    model_cls = ScimUser

    def get_object(self) -> ScimUser:
        return scim.user(viewer_of(self.request), self.kwargs["uuid"])

    def page(self, text: str, start: int, count: int, get: Callable[..., Any]) -> tuple[Any, list[Any]]:  # noqa: ARG002
        found = scim_lists.users(viewer_of(self.request), text, start, count)
        managers = scim_lists.managers(found.rows)
        shapes = [self.shape(row) for row in found.rows]
        for shape in shapes:
            shape.managers = managers
        return found, shapes


class Groups(_Resources, views.GroupsView):  # type: ignore[misc]
    """/Groups"""

    whole = TEAM
    scim_adapter = Group
    model_cls = ScimGroup

    def get_object(self) -> ScimGroup:
        return scim_groups.group(viewer_of(self.request), self.kwargs["uuid"])

    def patch(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Nothing is sent back: ten thousand members are not, for one who came."""
        operations = self.load_body(request.body)["Operations"]
        self.shape(self.get_object()).handle_operations(operations)
        return HttpResponse(status=204)

    def shape(self, row: Any) -> Any:
        shape = super().shape(row)
        shape.with_members = "members" in self.asked({"members": []}, self.request.GET.get)
        return shape

    def page(self, text: str, start: int, count: int, get: Callable[..., Any]) -> tuple[Any, list[Any]]:
        found = scim_lists.groups(viewer_of(self.request), text, start, count)
        shapes = [self.shape(row) for row in found.rows]
        for shape in shapes:
            shape.with_members = "members" in self.asked({"members": []}, get)
        return found, shapes


class _Search:
    """POST …/.search: a list asked for by a body instead of an address."""

    http_method_names = ["post"]  # noqa: RUF012

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        asked = sieve.search(request.body)
        return self.listed(lambda name: _asked(asked, name))  # type: ignore[attr-defined,no-any-return]


def _asked(body: Any, name: str) -> Any:
    """A parameter of a search; lists as they stand in an address, with commas."""
    raw = body.get(name)
    if raw is None:
        return None
    value = sieve.plain(raw)
    return ",".join(value) if isinstance(value, list) else value


class UsersSearch(_Search, Users):
    """/Users/.search"""


class GroupsSearch(_Search, Groups):
    """/Groups/.search"""


class Config(_Ours, views.ServiceProviderConfigView):  # type: ignore[misc]
    """/ServiceProviderConfig"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _answered(Abilities(request=request).to_dict())


class _Discovered(_Ours, View):
    """A short list that never changes, whole or one of it."""

    http_method_names = ["get"]  # noqa: RUF012

    def every(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get(self, request: HttpRequest, uuid: str = "") -> HttpResponse:
        if "filter" in request.GET:
            raise Wrong("What this server can do is not filtered.", "", 403)
        found = self.every()
        if uuid:
            one = next((one for one in found if one["id"] == uuid), None)
            if one is None:
                raise Wrong(_GONE, "", 404)
            return _answered(one)
        count = len(found)
        listed = {"schemas": [constants.SchemaURI.LIST_RESPONSE], "totalResults": count, "itemsPerPage": count}
        return _answered(listed | {"startIndex": 1, "Resources": found})


class Types(_Discovered):
    """/ResourceTypes"""

    def every(self) -> list[dict[str, Any]]:
        return [User.resource_type_dict(self.request), Group.resource_type_dict(self.request)]


class Schemas(_Discovered):
    """/Schemas"""

    def every(self) -> list[dict[str, Any]]:
        base = self.request.build_absolute_uri("/scim/v2/Schemas/")
        return [{**one, "meta": {"resourceType": "Schema", "location": f"{base}{one['id']}"}} for one in schemas()]


class Nothing(_Ours, View):
    """Every other address, and what SCIM knows and this server does not do."""

    status = 404

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:  # noqa: ARG002
        words = "There is nothing at this address." if self.status == 404 else "This server does not do that."
        return scim_door.error(self.status, words)


urlpatterns = [
    path("Users", Users.as_view(http_method_names=["get", "post"]), name="users"),
    path("Users/.search", UsersSearch.as_view(), name="users-search"),
    path("Users/<str:uuid>", Users.as_view(http_method_names=["get", "put", "patch", "delete"]), name="users"),
    path("Groups", Groups.as_view(http_method_names=["get", "post"]), name="groups"),
    path("Groups/.search", GroupsSearch.as_view(), name="groups-search"),
    path("Groups/<str:uuid>", Groups.as_view(http_method_names=["get", "put", "patch", "delete"]), name="groups"),
    path("ServiceProviderConfig", Config.as_view(), name="service-provider-config"),
    path("ResourceTypes", Types.as_view(), name="resource-types"),
    path("ResourceTypes/<str:uuid>", Types.as_view(), name="resource-types"),
    path("Schemas", Schemas.as_view(), name="schemas"),
    path("Schemas/<str:uuid>", Schemas.as_view(), name="schemas"),
    path("Me", Nothing.as_view(status=501), name="me"),
    path("Bulk", Nothing.as_view(status=501), name="bulk"),
    path(".search", Nothing.as_view(status=501), name="search"),
    re_path("^.*$", Nothing.as_view(), name="nothing"),
]
