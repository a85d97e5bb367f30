"""The visibility policy: for everybody to read, for Company Admins to set, by two of them where the preset is on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from uptake.actions import viewing, visibility
from uptake.domain.access import lookable, may
from uptake.domain.problems import Refused
from uptake.domain.visibility import STRICT, Named, Policy, sees_seat_use
from uptake.web.policies import viewer_of

_LABELS = {
    "named": "Usage by name",
    "threshold": "Smallest group shown",
    "person_exports": "Files about persons",
    "person_days": "Person-days kept",
    "runs": "Runs of the sync kept",
    "audit": "Audit kept",
    "strict": "Works-council preset",
}
_SEATS = (
    "Company Admin, HR Admin and IT Admin see of each seat its status and whether it lies idle, in bands of weeks; never a "
    "count, never a day. Each look is written down"
)
_SEATS_STRICT = (
    "Company Admin, HR Admin and IT Admin see of each seat its status alone; who uses it stays with the totals"
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    standing = visibility.standing(viewer)
    context = {
        "standing": standing,
        "rows": _rows(standing.policy),
        "changes": _changes(standing.policy, standing.proposed),
        "named": [(one.value, one.words) for one in Named],
        "may_set": may(viewer, "policy.set"),
        "mine": standing.proposed_by == viewer.name,
        "now": datetime.now(UTC),
        "lookable": lookable(viewer),
        "trees": viewing.trees(viewer, settings.UPTAKE) if lookable(viewer) else (),
    }
    return render(request, "uptake/policy.html", context)


def _rows(policy: Policy) -> list[tuple[str, str]]:
    rows = [(label, _said(name, getattr(policy, name))) for name, label in _LABELS.items()]
    return [*rows, ("Seats by name", _SEATS if sees_seat_use(policy) else _SEATS_STRICT)]


def _said(name: str, value: object) -> str:
    if name == "named":
        return Named(str(value)).words
    if name == "threshold":
        return f"{value} people"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value} days"


def _changes(policy: Policy, proposed: Policy | None) -> list[tuple[str, str, str]]:
    if proposed is None:
        return []
    now, then = asdict(policy), asdict(proposed)
    return [
        (_LABELS[name], _said(name, now[name]), _said(name, then[name])) for name in then if now[name] != then[name]
    ]


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    viewer, now = viewer_of(request), datetime.now(UTC)
    wanted = STRICT if request.POST.get("preset") == "strict" else _wanted(request.POST)
    if visibility.change(viewer, wanted=wanted, now=now):
        messages.success(request, "The policy is in force.", extra_tags="good")
    else:
        said = "The change is proposed. It takes force once another Company Admin accepts it."
        messages.success(request, said, extra_tags="attention")
    return redirect("policy")


def _wanted(form: QueryDict) -> Policy:
    try:
        numbers = {name: int(form.get(name, "")) for name in ("threshold", "person_days", "runs", "audit")}
        named = Named(form.get("named", ""))
    except ValueError:
        raise Refused(
            "A number of the policy is missing or none. Nothing was changed.", "Fill in whole numbers."
        ) from None
    return Policy(named=named, person_exports="person_exports" in form, strict="strict" in form, **numbers)


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    accept = request.POST.get("answer") == "accept"
    visibility.confirm(viewer_of(request), accept=accept, now=datetime.now(UTC))
    messages.success(request, "The policy is in force." if accept else "The change is turned down.", extra_tags="good")
    return redirect("policy")
