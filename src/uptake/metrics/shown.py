"""A connection's panel as it may leave this room: every figure by group and window as a cell. The rules are in rounding.

The same for all viewers and questions: what is withheld or how it is rounded depends on panel and threshold alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from uptake.domain.days import from_day_no
from uptake.metrics import rounding, survival
from uptake.metrics.formula import Formula
from uptake.metrics.history import BRACKETS, IDLE_BANDS, NEVER_USED
from uptake.metrics.metric import Metric
from uptake.metrics.panel import Counted, Four, Panel
from uptake.metrics.question import Cell

TOO_FEW = "too few people to show"
NOT_REPORTED = "not reported by Claude"
NOBODY = "nobody it could be about"
NOT_DEFINED = "fewer than five people went: not defined"
NOT_REACHED = "fewer than half have started yet"

Cells = dict[str, Cell]
_NONE = Counted(0)


@dataclass(frozen=True, slots=True)
class PanelShown:
    """A panel with the threshold k at which it is shown."""

    panel: Panel
    k: int

    def of_window(self, metric: Metric, four: Four, dimension: str) -> Cells:
        """A metric's cells by group ("" for everybody) in one window."""
        groups = four.groups.get(dimension, {})
        if metric.since is not None and 7 * four.first < metric.since:
            return dict.fromkeys(groups or [""], Cell("not_collected", reason=counted_since(metric.since)))
        counted = {group: found.get(metric.id, _NONE) for group, found in groups.items()} or {"": _NONE}
        if metric.kind == "index":
            everybody = four.groups[""].get("", {}).get(metric.id, _NONE)
            return self._split(counted, lambda one: self.index(one, everybody))
        return self._split(counted, lambda one: self.cell(metric, metric.how, one))

    def parts(self, metric: Metric, four: Four) -> Cells:
        """The cells of a metric with a formula for each row."""
        found = four.groups[""].get("", {})
        sizes = {row: found.get(f"{metric.id}:{row}", _NONE) for row in metric.rows}
        if metric.id == "power_user_curve":
            return self.curve(metric, {row: one.people for row, one in sizes.items()})
        if metric.kind == "moves":
            return self.moves(metric, {row: one.people for row, one in sizes.items()})
        return {row: self.cell(metric, metric.rows[row], one) for row, one in sizes.items()}

    def weekly(self, week: int) -> Cell:
        people, reached = self.panel.weeks.get(week, (0, 0))
        return self.share(reached, people, seats=True)

    def brackets(self, bracket: str, weeks: int = 1) -> Cells:
        """By the Monday of the cohort's week, or of the fixed weeks it is in; "" for all cohorts together."""
        found = {week: (people, kept) for week, name, people, kept in self.panel.brackets if name == bracket}
        over = -1 if self.panel.last is None else self.panel.last - BRACKETS[bracket][1]
        cohorts: dict[int, tuple[int, int]] = {}
        for week, (people, kept) in sorted(found.items()):
            first = week // weeks * weeks
            if first + weeks - 1 <= over:
                known = cohorts.get(first, (0, 0))
                cohorts[first] = known[0] + people, known[1] + kept
        cells = {
            from_day_no(7 * first).isoformat(): self.share(kept, people, seats=False)
            for first, (people, kept) in cohorts.items()
        }
        if not found:
            return {"": Cell("not_yet", reason="no cohort is that old yet")}
        people, kept = (sum(values) for values in zip(*found.values(), strict=True))
        return cells | {"": self.share(kept, people, seats=False)}

    def since_joining(self, metric: Metric, dimension: str) -> Cells:
        groups = self.panel.joiners.get(dimension, {}) or {"": []}
        sizes = {group: survival.seen(steps) for group, steps in groups.items()}
        kept_back = self._kept_back(sizes)
        return {
            group: withheld() if group in kept_back else self._started(metric, steps, sizes[group])
            for group, steps in groups.items()
        }

    def habit_by_8(self, metric: Metric, dimension: str) -> Cells:
        groups = self.panel.habit_by_8.get(dimension, {}) or {"": (0, 0)}
        kept_back = self._kept_back({group: people for group, (people, _) in groups.items()})
        return {
            group: withheld() if group in kept_back else self._habitual(metric, people, met)
            for group, (people, met) in groups.items()
        }

    def _habitual(self, metric: Metric, people: int, met: int) -> Cell:
        few = _few(metric, people, self.k) if people else None
        return few or self.share(met, people, seats=False)

    def idle(self) -> Cells:
        """By band; "" for all bands together. A band that reaches further back than the facts is not known yet."""
        panel = self.panel
        if panel.last is None or panel.first_day is None:
            return {}
        span = 7 * panel.last + 7 - panel.first_day
        sizes = {band: panel.idle.get(band, 0) for band in (*IDLE_BANDS, NEVER_USED)}
        kept_back = self._kept_back(sizes)
        cells = {band: withheld() if band in kept_back else self.count(size) for band, size in sizes.items()}
        for band, days in IDLE_BANDS.items():
            if span < days:
                cells[band] = Cell("not_yet", reason=f"needs {days} days of usage; {span} so far")
        known = span >= min(IDLE_BANDS.values())
        return cells | {"": self.count(sum(sizes.values())) if known else cells["30-59"]}

    def _split(self, counted: Mapping[str, Counted], cell: Callable[[Counted], Cell]) -> Cells:
        kept_back = self._kept_back({group: one.people for group, one in counted.items()})
        return {group: withheld() if group in kept_back else cell(one) for group, one in counted.items()}

    def _kept_back(self, sizes: Mapping[str, int]) -> frozenset[str]:
        return rounding.hidden(sizes, self.k) if len(sizes) > 1 else frozenset()

    def cell(self, metric: Metric, how: Formula | None, one: Counted) -> Cell:
        if metric.source == "quick":
            return self._quick(one)
        if how is not None and how.shape == "count":
            return self.count(one.people)
        if one.people == 0:
            return Cell("not_collected", reason=NOBODY)
        return _few(metric, one.people, self.k) or self._figure(metric, how, one)

    def _figure(self, metric: Metric, how: Formula | None, one: Counted) -> Cell:
        if metric.kind == "top":
            return self._spread(one)
        if how is not None and how.shape == "share":
            return self.share(int(one.top or 0), one.people, seats=how.seats)
        if how is not None and how.shape == "ratio":
            return self._ratio(metric, one)
        if self._rounds and one.most is not None and one.top and one.most > one.top / 2:
            return withheld()
        return self._value(metric, one.value, one.people)

    def count(self, number: int) -> Cell:
        found = rounding.people(number, self.k)
        return withheld() if found is None else Cell("value", found, rounded=self._rounds and found > 0)

    @property
    def _rounds(self) -> bool:
        return self.k > 1

    def share(self, part: int, whole: int, *, seats: bool) -> Cell:
        if whole == 0:
            return Cell("not_collected", reason=NOBODY)
        found = rounding.share(part, whole, self.k, seats=seats)
        if found is None:
            return withheld()
        over, under = found
        return Cell("value", round(over / under, 4), numerator=over, denominator=under, rounded=self._rounds)

    def _ratio(self, metric: Metric, one: Counted) -> Cell:
        if one.top is None or not one.bottom:
            return Cell("not_collected", reason=NOT_REPORTED)
        if self._rounds and one.most is not None and one.top > 0 and one.most > one.top / 2:
            return withheld()
        cell = self._value(metric, one.top / one.bottom, one.people)
        if cell.value is None:
            return cell
        under = rounding.digits(one.bottom, one.people, self.k)
        over = one.top if self.k == 1 else rounding.digits(cell.value * under, one.people, self.k)
        return Cell("value", cell.value, numerator=over, denominator=under, rounded=cell.rounded)

    def _value(self, metric: Metric, value: float | None, people: int) -> Cell:
        if value is None:
            return Cell("not_collected", reason=NOT_REPORTED)
        if people < self.k:
            return withheld()
        found = rounding.stepped if metric.unit == "share" else rounding.digits
        coarse = found(value, people, self.k)
        return withheld() if coarse is None else Cell("value", coarse, rounded=self._rounds)

    def index(self, one: Counted, everybody: Counted) -> Cell:
        if not one.bottom or not everybody.bottom or not everybody.top or one.top is None:
            return Cell("not_collected", reason=NOBODY)
        if one.people < self.k:
            return withheld()
        value = (one.top / one.bottom) / (everybody.top / everybody.bottom)
        return Cell("value", rounding.digits(value, one.people, self.k), rounded=self._rounds)

    def _quick(self, one: Counted) -> Cell:
        """`one`: people who came or went, and those who came."""
        came = int(one.top or 0)
        went = one.people - came
        if went < 5:
            return Cell("not_collected", reason=NOT_DEFINED)
        over, under = rounding.people(came, self.k), rounding.people(went, self.k)
        if over is None or not under:
            return withheld()
        return Cell("value", round(over / under, 4), numerator=over, denominator=under, rounded=self._rounds)

    def _spread(self, one: Counted) -> Cell:
        value = one.value if one.value is not None or not one.bottom else (one.top or 0) / one.bottom
        if value is None:
            return Cell("not_collected", reason=NOT_REPORTED)
        # Two digits whatever the size: who writes most of all could otherwise be worked out.
        return Cell("value", round(value, 4 if self.k == 1 else 2), rounded=self._rounds)

    def _started(self, metric: Metric, steps: list[survival.Step], people: int) -> Cell:
        if people == 0:
            return Cell("not_collected", reason=NOBODY)
        if few := _few(metric, people, self.k):
            return few
        if metric.source == "median":
            day = survival.median(steps)
            return Cell("not_yet", reason=NOT_REACHED) if day is None else Cell("value", day)
        share = survival.started_by(steps, int(metric.source))
        if share is None:
            return Cell("not_yet", reason=f"nobody was seen for {metric.source} days yet")
        return self._value(metric, share, people)

    def curve(self, metric: Metric, sizes: Mapping[str, int]) -> Cells:
        if few := _few(metric, sum(sizes.values()), self.k):
            return {"": few}
        return {name: self.count(size) for name, size in rounding.folded(list(sizes.items()), self.k)}

    def moves(self, metric: Metric, sizes: Mapping[str, int]) -> Cells:
        """`sizes`: people by "state then to state now"."""
        if few := _few(metric, sum(sizes.values()), self.k):
            return {"": few}
        hidden = rounding.hidden_moves(sizes, self.k)
        return {move: withheld() if move in hidden else self.count(size) for move, size in sizes.items()}


def _few(metric: Metric, people: int, k: int) -> Cell | None:
    """Withheld, with its reason, where a figure about so few people says too little or too much."""
    if people < k:
        return withheld()
    return Cell("withheld", reason=f"needs at least {metric.least} people") if people < metric.least else None


def withheld() -> Cell:
    return Cell("withheld", reason=TOO_FEW)


def counted_since(day: int) -> str:
    return f"counted by Claude only since {from_day_no(day).isoformat()}"
