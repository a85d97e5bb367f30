"""seats.view, seats.export: who holds a seat, by name, and in which band of use it is, where the policy opens that.

In the order of names, never of use. People on leave, and people who left the company, are counted and not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.paginator import Page, Paginator

from uptake import metrics
from uptake.actions import seat_roll
from uptake.actions.seat_roll import Seat, connected_of
from uptake.actions.visibility import require_person_exports
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import invite_status
from uptake.domain.visibility import sees_seat_use
from uptake.metrics import Facts, SeatUse
from uptake.metrics.seatuse import Band
from uptake.people import spreadsheet
from uptake.people.matching import Key
from uptake.records import audit
from uptake.records.models import SeatQuestion
from uptake.records.privacy import in_force

_A_PAGE = 50
QUIET: tuple[Band, ...] = ("idle", "idle_long", "never")
"""Of whom it may be asked whether the seat is still needed."""

STATUS = {"active": "active", "invited": "invited", "invite_expired": "invite expired"}
BANDS: dict[str, str] = {
    "new": "new",
    "lately": "used lately",
    "idle": "idle for 4 to 8 weeks",
    "idle_long": "idle for longer",
    "never": "never used",
    "unknown": "not known yet",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest question to somebody. `outcome`: keeps, gives_back, used_since, or empty: no answer yet."""

    id: int
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Line:
    """A seat as it is listed. `band` is empty for an invite, and where the policy hides use."""

    seat: Seat
    status: str
    band: str
    asked: Asked | None

    @property
    def askable(self) -> bool:
        return self.band in QUIET


@dataclass(frozen=True, slots=True)
class Reach:
    """How far use is known: through which day, and how many days before it are missing."""

    through: date | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of seats. `rosters`: whether any is held."""

    lines: tuple[Line, ...]
    page: Page[Seat]
    rosters: bool
    every: int
    on_leave: int
    gone: int
    shows_use: bool
    known: Reach


def listing(
    viewer: Viewer, settings: Settings, *, words: str = "", show: str = "", number: str = "", now: datetime
) -> Listing:
    """Fifty seats whose name or address holds every word, of one status or band. The look is an entry of the audit.

    Raises NotAllowed.
    """
    require(viewer, "seats.view")
    facts = metrics.current_facts(settings)
    everybody, uses = seat_roll.roll(settings, facts, now), _uses(viewer, facts)
    wanted = words.casefold().split()
    found = [seat for text, seat in everybody.seats if all(word in text for word in wanted) and _status(seat, now)]
    if show:
        found = [seat for seat in found if show in {_status(seat, now), _band(seat, uses)}]
    page = Paginator(found, _A_PAGE).get_page(number)
    shown = _with_questions([line for seat in page if (line := _line(seat, uses, now))], uses)
    if shown:
        audit.record(viewer, "seats.view", "seats by name", now, shown=len(shown))
    return Listing(
        lines=tuple(shown),
        page=page,
        rosters=any(facts.rosters[one.id] for one in connected_of(facts)),
        every=len(everybody.seats),
        on_leave=everybody.on_leave,
        gone=everybody.gone,
        shows_use=sees_seat_use(in_force()),
        known=_known(facts),
    )


def export(viewer: Viewer, settings: Settings, *, now: datetime) -> str:
    """Every seat listed as CSV that no spreadsheet program runs. Raises NotAllowed."""
    require(viewer, "seats.export")
    require_person_exports()
    facts = metrics.current_facts(settings)
    uses = _uses(viewer, facts)
    rows = [line for _, seat in seat_roll.roll(settings, facts, now).seats if (line := _line(seat, uses, now))]
    audit.record(viewer, "seats.export", "seats by name", now, rows=len(rows))
    head = ("organisation", "name", "email", "counts as", "status", "use")
    return "\ufeff" + spreadsheet.write(head, (_cells(line) for line in rows))


def files_allowed() -> bool:
    """Whether the policy lets files about persons be made."""
    return in_force().person_exports


def _cells(line: Line) -> tuple[str, ...]:
    seat = line.seat
    use = BANDS.get(line.band, "")
    return seat.organisation, seat.name, seat.email, seat.population, STATUS[line.status], use


def one(viewer: Viewer, settings: Settings, key: Key, now: datetime) -> Line | None:
    """A seat by connection and member id, as it stands; None where nobody is listed with it. Raises NotAllowed."""
    require(viewer, "seats.view")
    facts = metrics.current_facts(settings)
    seat = next(
        (seat for _, seat in seat_roll.roll(settings, facts, now).seats if seat.member_id and seat.key == key), None
    )
    uses = _uses(viewer, facts)
    line = _line(seat, uses, now) if seat else None
    return _with_questions([line], uses)[0] if line else None


def _known(facts: Facts) -> Reach:
    """Of several connections what is certain of all."""
    held = [days for one in connected_of(facts) if (days := facts.usage[one.id])]
    if not held:
        return Reach()
    missing = max((max(days) - min(days)).days + 1 - len(days) for days in held)
    return Reach(min(max(days) for days in held), missing)


def _uses(viewer: Viewer, facts: Facts) -> dict[str, SeatUse]:
    """By connection; nothing where the policy keeps use to the totals."""
    if not sees_seat_use(in_force()):
        return {}
    return {one.id: metrics.seat_use(viewer, facts, one.id) for one in connected_of(facts)}


def _line(seat: Seat, uses: dict[str, SeatUse], now: datetime) -> Line | None:
    status = _status(seat, now)
    return Line(seat, status, _band(seat, uses), None) if status else None


def _status(seat: Seat, now: datetime) -> str | None:
    return "active" if seat.member_id else invite_status(seat.invite, seat.expires_at, now)


def _band(seat: Seat, uses: dict[str, SeatUse]) -> str:
    use = uses.get(seat.connection)
    return use.bands.get(seat.member_id, "unknown") if use and seat.member_id else ""


def _with_questions(lines: list[Line], uses: dict[str, SeatUse]) -> list[Line]:
    keys = [line.seat.member_id for line in lines if line.seat.member_id]
    rows = SeatQuestion.objects.filter(member_id__in=keys).order_by("asked_at")
    asked = {(row.connection_id, row.member_id): row for row in rows}
    return [Line(line.seat, line.status, line.band, _asked(asked.get(line.seat.key), uses)) for line in lines]


def _asked(row: SeatQuestion | None, uses: dict[str, SeatUse]) -> Asked | None:
    if row is None:
        return None
    use = uses.get(row.connection_id)
    since = not row.outcome and use is not None and use.used_after(row.member_id, row.asked_at.astimezone(UTC).date())
    return Asked(row.pk, row.asked_at, "used_since" if since else row.outcome)
