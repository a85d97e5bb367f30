"""/analytics: daily usage a member, the vendor's own figures, and the endpoints uptake does not ask (empty lists)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from uptake.domain.days import FLOOR_DAY, ONE_DAY, span
from uptake.domain.measures import MEASURES
from uptake.fake import encode, paging
from uptake.fake.answers import Answer, Asked, Refusal, ok
from uptake.fake.counts import ABSENT, NULL, Matrix
from uptake.fake.organisation import Organisation, UsageDay

LONGEST_RANGE = 366
DEFAULT_PAGE = 100
_ADDS_UP = np.array([measure.adds_up for measure in MEASURES])


def usage(company: Organisation, asked: Asked, lag: timedelta) -> Answer:
    """A page of /analytics/users: one day, or a window rolled up to one row a member."""
    _refuse_unknown(asked)
    day, first = asked.one("date"), asked.one("starting_date")
    if bool(day) == bool(first):
        raise Refusal(400, "Exactly one of date and starting_date must be given")
    newest = asked.at.date() - lag
    if day:
        told = company.usage(_served(_parsed(day, "date"), newest), asked.at)
    else:
        told = _rolled_up(company, asked, _window(asked, newest))
    told = _only(told, asked)
    start, size = paging.start(asked), paging.limit(asked, DEFAULT_PAGE)
    more = start + size < len(told.ids)
    body = encode.page(told.rows(start, start + size), paging.cursor(asked, start + size) if more else None)
    return Answer(200, body)


def summaries(company: Organisation, asked: Asked, lag: timedelta) -> Answer:
    """/analytics/summaries: one row a day, all in one page."""
    if not asked.one("starting_date"):
        raise Refusal(400, "starting_date: Field required")
    days = _window(asked, asked.at.date() - lag)
    rows = [
        {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day + ONE_DAY}T00:00:00Z"} | company.summary(day, asked.at)
        for day in days
    ]
    return ok({"data": rows, "next_page": None})


def empty(_company: Organisation, _asked: Asked, _lag: timedelta) -> Answer:
    """Endpoints of the engagement family that this organisation has nothing to tell about."""
    return ok({"data": [], "next_page": None})


def empty_report(_company: Organisation, asked: Asked, _lag: timedelta) -> Answer:
    """Token and cost reports: nothing was spent."""
    refreshed = asked.at.strftime("%Y-%m-%dT%H:00:00Z")
    return ok({"data": [], "has_more": False, "next_page": None, "data_refreshed_at": refreshed})


def _parsed(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name}: Input should be a valid date in YYYY-MM-DD format") from None


def _served(day: date, newest: date) -> date:
    if day < FLOOR_DAY:
        raise Refusal(400, f"date must be on or after {FLOOR_DAY}")
    if day > newest:
        raise Refusal(400, f"Data for {day} is not available yet. The most recent available date is {newest}.")
    return day


def _window(asked: Asked, newest: date) -> list[date]:
    """The days from starting_date up to, without, ending_date."""
    first = _served(_parsed(asked.one("starting_date") or "", "starting_date"), newest)
    ending = asked.one("ending_date")
    last = _parsed(ending, "ending_date") - ONE_DAY if ending else newest
    if last < first:
        raise Refusal(400, "ending_date must be after starting_date")
    if last > asked.at.date() - ONE_DAY and last > newest:
        raise Refusal(400, f"ending_date must not be after {newest + ONE_DAY}")
    if (last - first).days >= LONGEST_RANGE:
        raise Refusal(400, f"The date range must not exceed {LONGEST_RANGE} days")
    return span(first, min(last, newest))


def _refuse_unknown(asked: Asked) -> None:
    if asked.query.get("group_by[]"):
        raise Refusal(400, "group_by: not offered by this made-up organisation")
    for entry in asked.query.get("filter[]", []):
        if not entry.startswith("user_id:"):
            raise Refusal(400, f"filter: unknown dimension in {entry[:64]!r}")


def _only(told: UsageDay, asked: Asked) -> UsageDay:
    """The rows of the members named in filter[]."""
    wanted = {entry.partition(":")[2] for entry in asked.query.get("filter[]", [])}
    if not wanted:
        return told
    rows = [number for number, member_id in enumerate(told.ids) if member_id in wanted]
    return UsageDay(told.day, [told.ids[row] for row in rows], [told.emails[row] for row in rows], told.matrix[rows])


def _rolled_up(company: Organisation, asked: Asked, days: list[date]) -> UsageDay:
    """One row a member over the window: what adds up is added, distinct counts are null."""
    sums: dict[str, tuple[str, Matrix]] = {}
    for day in days:
        told = company.usage(day, asked.at)
        for member_id, email, row in zip(told.ids, told.emails, told.matrix, strict=True):
            before = sums.get(member_id)
            sums[member_id] = (email, row if before is None else _added(before[1], row))
    order = sorted(sums.items(), key=lambda item: item[1][0].lower())
    rows = [row for _, (_, row) in order]
    matrix = np.stack(rows) if rows else np.zeros((0, len(MEASURES)), dtype=np.int32)
    if len(days) > 1:
        matrix = np.where((matrix > ABSENT) & ~_ADDS_UP, NULL, matrix)
    return UsageDay(days[-1], [member_id for member_id, _ in order], [email for _, (email, _) in order], matrix)


def _added(left: Matrix, right: Matrix) -> Matrix:
    both = (left >= 0) & (right >= 0)
    return np.where(both, left + right, np.maximum(left, right)).astype(np.int32)
