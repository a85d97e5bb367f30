"""saved_view.*: a page with what was chosen in its filter bar, under a name; shared ones are listed for everybody here.

Kept are names and values of the filter bar alone. What opening a view shows is decided by the rights of whoever opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from uptake import metrics
from uptake.domain.access import Role, Viewer, require
from uptake.domain.members import clean_text
from uptake.domain.problems import Absent, Problem, Refused
from uptake.records import audit
from uptake.records.models import SavedView
from uptake.records.tombstones import Tombs

LONGEST = 60
_MOST = 50
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class View:
    """A saved view. `chosen` is what its filter bar said; `owner` whoever saved it."""

    id: int
    name: str
    page: str
    chosen: Mapping[str, str]
    owner: str
    shared: bool
    mine: bool
    made_at: datetime


def listed(viewer: Viewer) -> tuple[View, ...]:
    """The viewer's own views and those that are shared, by name. Raises NotAllowed."""
    require(viewer, "saved_view.view")
    found = sorted(_open_to(viewer), key=lambda row: (row.name.casefold(), row.pk))
    return tuple(_view(row, viewer) for row in found)


def opened(viewer: Viewer, *, id: int) -> View:
    """One view of the viewer's own or a shared one. Raises NotAllowed or Absent."""
    require(viewer, "saved_view.view")
    row = _open_to(viewer).filter(pk=id).first()
    if row is None:
        raise Absent(
            "There is no view here, or it is no longer shared.", "The list of saved views shows what there is."
        )
    return _view(row, viewer)


def save(viewer: Viewer, *, name: str, page: str, chosen: Mapping[str, str], now: datetime) -> int:
    """Keep a page and what is chosen on it; the view's id. Raises NotAllowed, Refused or Problem."""
    require(viewer, "saved_view.save")
    known = metrics.DASHBOARDS.get(page)
    if known is None or not _sound(chosen) or viewer.account_id is None:
        raise Refused("Only pages of figures and what their filter bar holds can be saved. Nothing was saved.", "")
    with transaction.atomic():
        mine = SavedView.objects.select_for_update().filter(account_id=viewer.account_id)
        if mine.count() >= _MOST:
            raise Problem(f"You have {_MOST} saved views. Nothing was saved.", "Delete one that you do not need.")
        row = SavedView(account_id=viewer.account_id, name=_free_name(mine, name), page=page, made_at=now)
        row.chosen = dict(chosen)
        row.save()
        audit.record(viewer, "saved_view.save", f"saved view {row.pk}", now, page=known.title)
    return row.pk


def rename(viewer: Viewer, *, id: int, name: str, now: datetime) -> None:
    """Raises NotAllowed, Absent, Refused or Problem."""
    require(viewer, "saved_view.rename")
    with transaction.atomic():
        row = _own(viewer, id)
        row.name = _free_name(SavedView.objects.filter(account_id=viewer.account_id or 0).exclude(pk=id), name)
        row.save()
        audit.record(viewer, "saved_view.rename", f"saved view {id}", now)


def share(viewer: Viewer, *, id: int, shared: bool, now: datetime) -> None:
    """List a view for everybody here, or no longer. Raises NotAllowed or Absent."""
    require(viewer, "saved_view.share")
    with transaction.atomic():
        row = _own(viewer, id)
        row.shared = shared
        row.save()
        outcome = "shared" if shared else "no longer shared"
        audit.record(viewer, "saved_view.share", f"saved view {id}", now, outcome=outcome)


def delete(viewer: Viewer, *, id: int, now: datetime) -> None:
    """Raises NotAllowed or Absent."""
    require(viewer, "saved_view.delete")
    with transaction.atomic():
        _own(viewer, id, anybodys_shared=viewer.role is Role.COMPANY_ADMIN).delete()
        audit.record(viewer, "saved_view.delete", f"saved view {id}", now)


def sweep(tombs: Tombs) -> int:
    """Delete views of the team of somebody who was erased, whoever saved them; how many. Their own go with the account."""
    gone = [
        row.pk
        for row in SavedView.objects.all()
        for value in (row.chosen.get("team", ""), row.chosen.get("within", ""))
        if value.startswith("tree:") and tombs.holds("person", value.partition(":")[2])
    ]
    return SavedView.objects.filter(pk__in=gone).delete()[0]


def _sound(chosen: Mapping[str, str]) -> bool:
    return all(
        name in metrics.FILTERS and 0 < len(value) <= _LONGEST_VALUE and value == clean_text(value, _LONGEST_VALUE)
        for name, value in chosen.items()
    )


def _free_name(mine: QuerySet[SavedView], name: str) -> str:
    """The name as it is kept, if none of the others has it. Raises Refused."""
    name = " ".join(clean_text(name, LONGEST).split())
    if not name:
        raise Refused("A view needs a name. Nothing was saved.", "Write what it shows, for instance “Sales, 26 weeks”.")
    if any(row.name.casefold() == name.casefold() for row in mine):
        raise Refused(
            "You have a view of this name already. Nothing was saved.", "Choose another name, or delete that one."
        )
    return name


def _open_to(viewer: Viewer) -> QuerySet[SavedView]:
    wanted = Q(account_id=viewer.account_id or 0) | Q(shared=True)
    return SavedView.objects.filter(wanted).select_related("account")


def _own(viewer: Viewer, id: int, *, anybodys_shared: bool = False) -> SavedView:
    wanted = Q(account_id=viewer.account_id or 0) | (Q(shared=True) if anybodys_shared else Q(pk=None))
    row = SavedView.objects.select_for_update().filter(wanted, pk=id).first()
    if row is None:
        raise Absent(
            "There is no view of yours here. Nothing was changed.", "The list of saved views shows what there is."
        )
    return row


def _view(row: SavedView, viewer: Viewer) -> View:
    mine = row.account_id == viewer.account_id
    return View(row.pk, row.name, row.page, row.chosen, row.account.email, row.shared, mine, row.made_at)
