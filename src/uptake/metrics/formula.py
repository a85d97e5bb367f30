"""A figure over the seat holders of a window as a formula: who counts, and what is counted of them, in SQL.

Conditions and amounts read the columns of one row a person (fourweeks.person_window).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["count", "share", "ratio", "mean", "median"]


@dataclass(frozen=True, slots=True)
class Formula:
    """`count`: people for whom `who` holds. `share`: those of them for whom `part` holds too. `ratio`: the sum of `over`
    divided by the sum of `under`. `mean` and `median`: of `over`, one value a person.

    `seats`: `who` follows from the roster alone, so its number tells nothing of anybody's use.
    """

    shape: Shape
    who: str
    part: str = ""
    over: str = ""
    under: str = ""
    seats: bool = False
    heavy: bool = False  # of a mean: withheld where one person's part is more than half of all

    def columns(self, name: str) -> str:
        """The columns of an aggregate: `<name>_people`, `_top`, `_bottom`, `_value` and `_most`, null where not used."""
        cells = self._cells()
        return ", ".join(f"{cells.get(column, 'NULL')} AS {name}_{column}" for column in COLUMNS)

    def _cells(self) -> dict[str, str]:
        people = f"sum(CASE WHEN {self.who} THEN 1 ELSE 0 END)"
        if self.shape == "count":
            return {"people": people, "top": people}
        if self.shape == "share":
            return {"people": people, "top": f"sum(CASE WHEN {self.who} AND ({self.part}) THEN 1 ELSE 0 END)"}
        if self.shape == "ratio":
            return {"people": people, "top": self._of("sum", self.over), "bottom": self._of("sum", self.under),
                    "most": self._of("max", self.over)}  # fmt: skip
        weight = {"top": self._of("sum", self.over), "most": self._of("max", self.over)} if self.heavy else {}
        return weight | {"people": people, "value": self._of("avg" if self.shape == "mean" else "median", self.over)}

    def _of(self, aggregate: str, amount: str) -> str:
        return f"CAST({aggregate}(CASE WHEN {self.who} THEN {amount} END) AS DOUBLE)"

    def query(self, group: str = "") -> str:
        """The formula as one SQL query over the rows of a window, for everybody or by a column."""
        column = {"count": "people", "share": "top", "ratio": "top", "mean": "value", "median": "value"}[self.shape]
        cells = self._cells()
        if self.shape == "share":
            found = f"{cells['top']} AS numerator,\n  {cells['people']} AS denominator"
        elif self.shape == "ratio":
            found = f"{cells['top']} AS numerator,\n  {cells['bottom']} AS denominator,\n  {cells['people']} AS people"
        else:
            found = f"{cells[column]} AS value" + ("" if column == "people" else f",\n  {cells['people']} AS people")
        if group:
            return f"SELECT {group}, {found}\nFROM person_window GROUP BY {group}"
        return f"SELECT {found}\nFROM person_window"


COLUMNS = ("people", "top", "bottom", "value", "most")


def count(who: str) -> Formula:
    return Formula("count", who)


def share(who: str, part: str, *, seats: bool = False) -> Formula:
    return Formula("share", who, part=part, seats=seats)


def ratio(who: str, over: str, under: str) -> Formula:
    return Formula("ratio", who, over=over, under=under)


def mean(who: str, of: str, *, heavy: bool = False) -> Formula:
    return Formula("mean", who, over=of, heavy=heavy)


def median(who: str, of: str) -> Formula:
    return Formula("median", who, over=of)
