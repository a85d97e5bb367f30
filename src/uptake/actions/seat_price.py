"""seats.price: what one seat costs, and what the seats cost by it. A number of seats that is withheld has no cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from uptake import metrics
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Refused
from uptake.metrics import CATALOGUE, Facts, Question
from uptake.records import audit
from uptake.records.models import SeatPrice

PRICED = ("reported_seats", "members", "seats_never_used", "idle_seats")
"""Figures that are numbers of seats."""
PER = {"month": "a month", "year": "a year"}
_MOST = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """What one seat costs: 39.90 EUR a seat a month."""

    amount: Decimal
    currency: str = ""
    per: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.amount:,.2f}", self.currency, "a seat", PER.get(self.per, ""))))

    def of(self, seats: float) -> Decimal:
        return self.amount * int(seats)


@dataclass(frozen=True, slots=True)
class Cost:
    """A number of seats and what they cost; both None where the number may not be shown or is not known."""

    label: str
    seats: int | None
    cost: Decimal | None
    rounded: bool
    withheld: bool


def amount_of(text: str) -> Decimal | None:
    """A price as people type it, 40 or 39.90 or 39,90; None where none is given. Raises Refused."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        price = Decimal(plain) if plain.isascii() else Decimal("NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 < price <= _MOST:
        raise Refused("The price is not a number above 0. Nothing was changed.", "Write it like 39.90, without a sign.")
    return price.quantize(Decimal("0.01"))


def kept(viewer: Viewer) -> Price | None:
    """The price that was kept, if one was. Raises NotAllowed."""
    require(viewer, "seats.view")
    row = SeatPrice.objects.first()
    return Price(row.amount, row.currency, row.per) if row else None


def keep(viewer: Viewer, *, amount: str, currency: str, per: str, now: datetime) -> Price | None:
    """Keep a price in place of the one before; without an amount, none. Raises NotAllowed or Refused."""
    require(viewer, "seats.price")
    price, currency = amount_of(amount), currency.strip().upper()
    if price and not (len(currency) == 3 and currency.isascii() and currency.isalpha() and per in PER):
        raise Refused("The currency is not one. Nothing was changed.", "Write three letters, for instance EUR or USD.")
    with transaction.atomic():
        SeatPrice.objects.all().delete()
        if price:
            SeatPrice.objects.create(amount=price, currency=currency, per=per)
        audit.record(viewer, "seats.price", "price of a seat", now, outcome="kept" if price else "removed")
    return Price(price, currency, per) if price else None


def costs(viewer: Viewer, facts: Facts, price: Price, today: date) -> tuple[Cost, ...]:
    """What the numbers of seats cost. Raises NotAllowed."""
    require(viewer, "seats.view")
    found = []
    for name in PRICED:
        cell = metrics.answer(Question((name,)), viewer, facts, today).rows[0].cells[name]
        seats = None if cell.value is None else int(cell.value)
        cost = None if seats is None else price.of(seats)
        found.append(Cost(CATALOGUE[name].label, seats, cost, cell.rounded, cell.state == "withheld"))
    return tuple(found)
