"""The figures over weeks and groups a second time: plain Python over raw rows, straight from the definitions in words.

Shares no code with the engine. Slow on purpose: one person and one day at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil
from statistics import mean, median
from typing import Any

from metrics.world import Row, active_on

EPOCH = date(2026, 1, 5)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
TOOLS = ("edit", "multi_edit", "write", "notebook_edit")
APPS = ("excel", "outlook", "powerpoint", "word")
SURFACES = ("chat", "claude_code", "cowork", "office", "design", "science", "slack")
BRACKETS = {"retention_w1": (1, 1), "retention_w2_4": (2, 4), "retention_w5_8": (5, 8), "retention_w9_12": (9, 12)}


@dataclass(frozen=True)
class Found:
    """What a figure is: its value, numerator and denominator where it is a ratio, and how many people it is about."""

    value: float | int | None
    people: int
    over: float | None = None
    under: float | None = None
    who: frozenset[int] | None = None  # the people counted, and those they are a share of, where it counts people
    base: frozenset[int] | None = None


def ratio(over: float, under: float, people: int) -> Found:
    return Found(over / under if under else None, people, over, under)


def of(values: Iterable[float], how: Callable[[Any], float]) -> Found:
    known = list(values)
    return Found(how(known) if known else None, len(known))


def on_surface(person: Person, first: date, surface: str) -> list[date]:
    return [day for day in person.between(first, first + 6 * DAY) if surface in person.active[day]]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def added(row: Row, *names: str) -> int | None:
    """The sum of what is reported; None where nothing is."""
    known = [row[name] for name in names if row.get(name) is not None]
    return sum(known) if known else None


def twins(name: str, *rooms: str) -> list[str]:
    return [f"{twin}{room}_{name}" for room in rooms for twin in ("", "unified_")]


@dataclass
class Person:
    """A seat holder and the rows of usage that are theirs, by day."""

    seat: Row
    days: dict[date, list[Row]]

    @property
    def joined(self) -> date:
        return self.seat["joined_at"].date()

    def holds(self, day: date) -> bool:
        left = self.seat["left_at"]
        return self.joined <= day and (left is None or day < left.date())

    @cached_property
    def active(self) -> dict[date, set[str]]:
        """Day to surfaces."""
        found = {day: set().union(*map(active_on, rows)) for day, rows in self.days.items()}
        return {day: surfaces for day, surfaces in found.items() if surfaces}

    def between(self, first: date, last: date) -> list[date]:
        return sorted(day for day in self.active if first <= day <= last)

    def workdays(self, first: date, last: date) -> int:
        return sum(self.holds(day) for day in span(first, last) if day.weekday() < 5)

    def weeks_on(self, first: date, last: date) -> int:
        return len({monday(day) for day in self.between(first, last)})

    def weeks_held(self, first: date, last: date) -> int:
        return sum(self.workdays(day, day + 6 * DAY) >= 3 for day in span(first, last)[::7])

    def rows(self, first: date, last: date) -> list[Row]:
        """Rows of active days."""
        return [row for day in self.between(first, last) for row in self.days[day] if active_on(row)]

    def sum(self, first: date, last: date, *names: str) -> int | None:
        known = [value for row in self.rows(first, last) if (value := added(row, *names)) is not None]
        return sum(known) if known else None


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@dataclass
class Slow:
    usage: dict[date, list[Row]]
    roster: list[Row]

    @cached_property
    def people(self) -> list[Person]:
        seats = [row for row in self.roster if row.get("member_id")]
        ids = {row["member_id"]: place for place, row in enumerate(seats)}
        emails = {row["email"].strip().lower(): place for place, row in enumerate(seats) if row["email"]}
        found = [Person(seat, {}) for seat in seats]
        for day, rows in self.usage.items():
            for row in rows:
                place = ids.get(row["member_id"], emails.get((row["email"] or "").strip().lower()))
                if place is not None:
                    found[place].days.setdefault(day, []).append(row)
        return found

    @cached_property
    def whole(self) -> list[date]:
        """The Mondays of the weeks of which all seven days are held."""
        return sorted({monday(d) for d in self.usage if all(monday(d) + n * DAY in self.usage for n in range(7))})

    def is_whole(self, first: date, last: date) -> bool:
        """Whether all weeks from one Monday to another are whole."""
        return all(day in self.whole for day in span(first, last)[::7])

    @property
    def newest(self) -> date | None:
        """The Monday that opens the newest four whole weeks in a row."""
        return max((day - 3 * WEEK for day in self.whole if self.is_whole(day - 3 * WEEK, day)), default=None)

    def tile(self, day: date) -> date:
        return EPOCH + timedelta(days=(day - EPOCH).days // 28 * 28)

    # One window: everything about a person that a figure asks.

    def member(self, person: Person, first: date) -> dict[str, Any]:
        last, before = first + 27 * DAY, first - 4 * WEEK
        p: dict[str, Any] = {"eligible": 2 * person.workdays(first, last) >= 20, "seat": person.holds(last)}
        p["was"] = 2 * person.workdays(before, first - DAY) >= 20
        p["will"] = 2 * person.workdays(last + DAY, last + 28 * DAY) >= 20
        p["role"] = person.seat["claude_role"] or "unknown"
        p["joined"] = f"{person.joined:%Y-%m}"
        p["tenure"] = tenure((last - person.joined).days)
        days = person.between(first, last)
        p["days"], p["before"] = len(days), len(person.between(before, first - DAY))
        p["workdays"] = sum(day.weekday() < 5 for day in days)
        p["expected"] = person.workdays(first, last)
        p["capped"] = sum(
            min(len(person.between(day, day + 6 * DAY)), person.workdays(day, day + 6 * DAY))
            for day in span(first, last)[::7]
        )
        p["held4"] = person.weeks_held(first, last)
        p["used_weeks"] = sum(
            person.workdays(day, day + 6 * DAY) >= 3 and bool(person.between(day, day + 6 * DAY))
            for day in span(first, last)[::7]
        )
        p["on4"] = person.weeks_on(first, last)
        p["habit"] = self.habit(person, last)
        p["habit_before"] = self.habit(person, first - DAY)
        twelve = last - 12 * WEEK + DAY
        p["long"] = self.is_whole(twelve, last) and person.weeks_held(twelve, last) == 12
        p["days12"] = len(person.between(twelve, last))
        ever = person.between(date.min, last)
        p["ever"], p["new"] = bool(ever), bool(ever) and monday(ever[0]) >= first
        p["surfaces"] = set().union(*(person.active[day] for day in days)) if days else set()
        p["earlier"] = set().union(*(on for day, on in person.active.items() if day < first), set())
        p["features"] = set().union(*(features(row) for row in person.rows(first, last)), set())
        p["person"] = person
        return p

    def habit(self, person: Person, last: date) -> bool | None:
        long, short = last - 12 * WEEK + DAY, last - 4 * WEEK + DAY
        if self.is_whole(long, last) and person.weeks_held(long, last) == 12:
            return person.weeks_on(long, last) >= 9
        return person.weeks_on(short, last) >= 3 if person.weeks_held(short, last) == 4 else None

    def state(self, p: dict[str, Any], last: date) -> str:
        """The state of use at the end of a week."""
        person = p["person"]
        if self.habit(person, last):
            return "habitual"
        if person.between(last - 27 * DAY, last):
            return "occasional"
        return "dormant" if person.between(date.min, last) else "never"

    def members(self, first: date) -> list[dict[str, Any]]:
        last = first + 27 * DAY
        there = [
            p
            for p in self.people
            if p.joined <= last and (not p.seat["left_at"] or p.seat["left_at"].date() > first - 28 * DAY)
        ]
        return [self.member(person, first) for person in there]

    # Figures of a window. `part` is the row of a figure with a formula for each.

    def figure(self, metric: str, first: date, members: list[dict[str, Any]], part: str = "") -> Found:  # noqa: C901, PLR0911, PLR0912, PLR0915
        last = first + 27 * DAY
        eligible = [p for p in members if p["eligible"]]
        active = [p for p in eligible if p["days"]]

        def share(some: list[Any], every: list[Any]) -> Found:
            return replace(ratio(len(some), len(every), len(every)), who=ids(some), base=ids(every))

        def number(people: list[Any]) -> Found:
            return Found(len(people), len(people), who=ids(people))

        def total(p: dict[str, Any], *names: str) -> int | None:
            return p["person"].sum(first, last, *names)

        if metric == "active_members":
            return number(active)
        if metric == "eligible_reach":
            return share(active, eligible)
        if metric == "ever_used":
            seats = [p for p in members if p["seat"]]
            return share([p for p in seats if p["ever"]], seats)
        if metric == "seat_utilisation":
            seats = [p for p in members if p["seat"]]
            return share([p for p in seats if p["days"]], seats)
        if metric in {"habitual_of_seats", "core_of_seats"}:
            seats = [p for p in members if p["seat"]]
            met = [p for p in seats if p["habit"] and ((p["long"] and p["days12"] / 12 >= 3) or metric[0] == "h")]
            return share(met, seats)
        if metric == "state_moves":
            both = [p for p in members if p["seat"] and p["person"].holds(last - 12 * WEEK)]
            return number([p for p in both if f"{self.state(p, last - 12 * WEEK)} to {self.state(p, last)}" == part])
        if metric in {"active_days_mean", "active_days_median"}:
            return of((min(p["days"], 20) / 4 for p in active), mean if metric.endswith("mean") else median)
        if metric == "active_workday_rate":
            return ratio(sum(p["capped"] for p in eligible), sum(p["expected"] for p in eligible), len(eligible))
        if metric == "workday_stickiness":
            return ratio(sum(p["workdays"] for p in active), 20 * len(active), len(active))
        if metric == "power_user_curve":
            return number([p for p in eligible if min(p["days"], 20) == int(part)])
        if metric in {"habitual_share", "habitual_short_rule"}:
            known = [p for p in members if p["habit"] is not None]
            met = [p for p in known if (p["habit"] if metric == "habitual_share" else not p["long"])]
            return share(met, known)
        if metric == "core_share":
            known = [p for p in members if p["long"]]
            return share([p for p in known if p["habit"] and p["days12"] / 12 >= 3], known)
        if metric == "lapsing_share":
            were = [p for p in members if p["habit_before"] and p["held4"] == 4]
            return share([p for p in were if p["on4"] <= 1], were)
        if metric == "surface_reach":
            return share([p for p in active if part in p["surfaces"]], active)
        if metric == "surface_habit":
            weeks = [
                (p, sum(bool(on_surface(p["person"], day, part)) for day in span(first, last)[::7])) for p in members
            ]
            used = [(p, number) for p, number in weeks if p["held4"] == 4 and number]
            return share([p for p, number in used if number >= 3], [p for p, _ in used])
        if metric == "surface_pairs":
            return share([p for p in active if set(part.split(" and ")) <= p["surfaces"]], active)
        if metric == "next_surface":
            began_with, then = part.split(" to ")
            new = [p for p in eligible if p["earlier"] == {began_with}]
            new = [p for p in new if first - 8 * WEEK <= monday(min(p["person"].active)) < first]
            return share([p for p in new if then in p["surfaces"]], new)
        if metric.endswith("_per_member"):
            column = metric.removesuffix("_per_member")
            coded = [p for p in eligible if code_on(p["person"], first, last)]
            return of([known for p in coded if (known := total(p, column)) is not None], mean)
        if metric == "first_time_on_surface":
            people = [p for p in eligible if part in p["surfaces"] and part not in p["earlier"]]
            return number(people)
        if metric == "surfaces_mean":
            return of((len(p["surfaces"]) for p in active), mean)
        if metric == "multi_surface_share":
            return share([p for p in active if len(p["surfaces"]) >= 2], active)
        if metric == "feature_reach":
            base = [p for p in eligible if p["surfaces"] & {"chat", "cowork", "office"}]
            return share([p for p in base if part in p["features"]], base)
        if metric == "features_median":
            return of((len(p["features"]) for p in eligible if p["surfaces"] & {"chat", "cowork"}), median)
        if metric == "prompts_per_active_day":
            sums = [(total(p, *PROMPTS), p["days"]) for p in active]
            return of((prompts / days for prompts, days in sums if prompts is not None), median)
        if metric == "messages_per_conversation":
            pairs = [
                (total(p, *twins("messages", "chat")), total(p, *twins("conversations", "chat"))) for p in eligible
            ]
            return of((sent / talks for sent, talks in pairs if talks and sent is not None), median)
        if metric == "thinking_share":
            wrote = [p for p in eligible if total(p, *twins("messages", "chat"))]
            thought = [total(p, *twins("thinking_messages", "chat")) for p in wrote]
            if all(one is None for one in thought):
                return Found(None, len(wrote))
            return ratio(
                sum(filter(None, thought)), sum(total(p, *twins("messages", "chat")) or 0 for p in wrote), len(wrote)
            )
        if metric == "creations_rate":
            made = [total(p, *CREATED) for p in active]
            if all(one is None for one in made):
                return Found(None, len(active))
            return ratio(100 * sum(filter(None, made)), sum(p["on4"] for p in active), len(active))
        if metric == "cowork_actions_per_session":
            each = [self.actions(p["person"], first, last) for p in eligible]
            each = [one for one in each if one]
            return ratio(float(sum(map(sum, each))), sum(map(len, each)), len(each))
        if metric == "cowork_dispatched_share":
            pairs = [
                (total(p, *twins("dispatch_turns", "cowork")) or 0, total(p, *twins("messages", "cowork")) or 0)
                for p in eligible
            ]
            pairs = [pair for pair in pairs if sum(pair)]
            return ratio(sum(turns for turns, _ in pairs), sum(map(sum, pairs)), len(pairs))
        if metric in {"prompts_top_tenth", "prompts_gini", "prompts_gini_all"}:
            people = eligible if metric == "prompts_gini_all" else active
            return spread(metric, sorted(total(p, *PROMPTS) or 0 for p in people))
        if metric == "code_reach":
            return share([p for p in eligible if "claude_code" in p["surfaces"]], eligible)
        if metric == "code_sessions_per_day":
            return of((mean(known) for p in eligible if (known := self.sessions(p["person"], first, last))), median)
        if metric in {"acceptance_person_weighted", "acceptance_by_tool"}:
            return self.acceptance(
                [p["person"] for p in members if p["eligible"]], first, last, [part] if part else TOOLS
            )
        if metric.startswith("code_lines_") and metric.endswith("_median"):
            column = metric.removesuffix("_median")
            weeks = [(p["person"], day) for p in eligible for day in span(first, last)[::7]]
            coded = [(who, day) for who, day in weeks if code_on(who, day, day + 6 * DAY)]
            known = [value for who, day in coded if (value := who.sum(day, day + 6 * DAY, column)) is not None]
            return Found(median(known) if known else None, len({id(who) for who, _ in coded}))
        if metric == "shipping_share":
            coded = [
                (p["person"], day)
                for p in eligible
                for day in span(first, last)[::7]
                if code_on(p["person"], day, day + 6 * DAY)
            ]
            did = [one for one in coded if one[0].sum(one[1], one[1] + 6 * DAY, "code_commits", "code_pull_requests")]
            return ratio(len(did), len(coded), len({id(who) for who, _ in coded}))
        if metric == "retention_rolling":
            were = [p for p in members if p["before"] and p["seat"]]
            return share([p for p in were if p["days"]], were)
        if metric == "usage_index":
            held = [p for p in members if p["held4"]]
            return ratio(sum(p["used_weeks"] for p in held), sum(p["held4"] for p in held), len(held))
        if metric == "quick_ratio":
            came = [p for p in members if p["days"] and not p["before"]]
            went = [p for p in members if p["before"] and not p["days"]]
            return ratio(len(came), len(went), len(went))
        flows = {
            "flow_new": lambda p: p["days"] and not p["before"] and p["new"],
            "flow_retained": lambda p: p["days"] and p["before"],
            "flow_resurrected": lambda p: p["days"] and not p["before"] and not p["new"],
            "flow_churned": lambda p: not p["days"] and p["before"] and p["seat"],
            "flow_left": lambda p: not p["days"] and p["before"] and not p["seat"],
        }
        return number([p for p in members if flows[metric](p)])

    def actions(self, person: Person, first: date, last: date) -> list[Fraction]:
        """Actions a session of each day with a session."""
        found = []
        for row in person.rows(first, last):
            actions, sessions = added(row, *twins("actions", "cowork")), added(row, *twins("sessions", "cowork"))
            if sessions and actions is not None:
                found.append(Fraction(actions, sessions))
        return found

    def sessions(self, person: Person, first: date, last: date) -> list[int]:
        days = [day for day in person.between(first, last) if "claude_code" in person.active[day]]
        rows = [row for day in days for row in person.days[day] if "claude_code" in active_on(row)]
        return [row["code_sessions"] for row in rows if row.get("code_sessions") is not None]

    def acceptance(self, people: list[Person], first: date, last: date, tools: Iterable[str]) -> Found:
        each = [decided(person.rows(first, last), tools) for person in people]
        yes, every = (sum(column) for column in zip(*each, strict=True)) if each else (0, 0)
        if not every:
            return Found(None, 0)
        rate = yes / every
        return of(((mine + 5 * rate) / (all_mine + 5) for mine, all_mine in each if all_mine >= 10), mean)

    # Over all weeks held.

    def week_reach(self, first: date) -> Found:
        held = [p for p in self.people if p.workdays(first, first + 6 * DAY) >= 3]
        used = [p for p in held if p.between(first, first + 6 * DAY)]
        return ratio(len(used), len(held), len(held))

    def starts(self) -> dict[int, date]:
        """Person to the Monday of first use, where it is in the fifth week held or later."""
        opens = monday(min(self.usage)) + 4 * WEEK
        first = {place: monday(min(p.active)) for place, p in enumerate(self.people) if p.active}
        return {place: day for place, day in first.items() if day >= opens}

    def bracket(self, metric: str, start: date | None = None, weeks: int = 1) -> Found:
        low, high = BRACKETS[metric]
        at_risk = kept = 0
        for place, began in self.starts().items():
            opens, closes = began + low * WEEK, began + high * WEEK
            mine = start is None or start <= began < start + weeks * WEEK
            if mine and self.is_whole(opens, closes) and self.people[place].holds(opens):
                at_risk += 1
                kept += bool(self.people[place].between(opens, closes + 6 * DAY))
        return ratio(kept, at_risk, at_risk)

    def joiners(self, keep: Callable[[Person], bool]) -> list[tuple[int, bool]]:
        """(days, whether active for the first time on it or lost from sight then) of those who joined since the first day."""
        opens, closes = min(self.usage), self.whole[-1] + 6 * DAY
        found = []
        for person in self.people:
            left = person.seat["left_at"].date() if person.seat["left_at"] else date.max
            if opens <= person.joined <= closes and person.joined < left and keep(person):
                seen = min(closes, left)
                first = next((day for day in sorted(person.active) if person.joined <= day <= seen), None)
                found.append(((first or seen) - person.joined, first is not None))
        return [(time.days, event) for time, event in found]

    def habit_by_8(self, keep: Callable[[Person], bool]) -> Found:
        people = met = 0
        for place, began in self.starts().items():
            person, ends = self.people[place], began + 55 * DAY
            if self.is_whole(began, began + 7 * WEEK) and person.holds(ends) and keep(person):
                people += 1
                met += any(person.weeks_on(began + n * WEEK, began + (n + 4) * WEEK - DAY) >= 3 for n in range(5))
        return ratio(met, people, people)

    def idle(self) -> dict[str, int]:
        opens, closes = min(self.usage), self.whole[-1] + 6 * DAY
        found = {"30-59": 0, "60-89": 0, "90+": 0, "never": 0}
        for person in self.people:
            if not person.holds(closes) or (closes - person.joined).days < 30:
                continue
            used = [day for day in person.active if day <= closes]
            if not used and person.joined >= opens:
                found["never"] += 1
                continue
            quiet = (closes - (max(used) if used else opens - DAY)).days
            band = "90+" if quiet >= 90 else "60-89" if quiet >= 60 else "30-59" if quiet >= 30 else ""
            if band:
                found[band] += 1
        return found


PROMPTS = (*twins("messages", "chat", "cowork"), *(f"office_{app}_messages" for app in APPS), "design_messages")
CREATED = (
    *twins("projects_created", "chat"),
    *twins("artifacts_created", "chat", "cowork"),
    "design_projects_created",
)


def ids(people: list[dict[str, Any]]) -> frozenset[int]:
    return frozenset(id(p["person"]) for p in people)


def tenure(days: int) -> str:
    for most, name in ((30, "under 30 days"), (90, "30 to 89 days"), (180, "90 to 179 days"), (365, "180 to 364 days")):
        if days < most:
            return name
    return "365 days and more"


def features(row: Row) -> set[str]:
    office = {what: [f"office_{app}_{what}" for app in APPS] for what in ("skill_uses", "connector_calls")}
    rules = {
        "projects": [*twins("projects_used", "chat"), *twins("projects_created", "chat")],
        "artifacts": twins("artifacts_created", "chat", "cowork"),
        "files": twins("files_uploaded", "chat"),
        "skills": [*twins("skills_used", "chat"), *twins("skill_uses", "cowork"), *office["skill_uses"]],
        "connectors": [*twins("connector_calls", "chat", "cowork"), *office["connector_calls"]],
        "web_search": ["web_searches"],
        "thinking": twins("thinking_messages", "chat"),
    }
    return {name for name, columns in rules.items() if any((row.get(column) or 0) > 0 for column in columns)}


def code_on(person: Person, first: date, last: date) -> bool:
    return any("claude_code" in person.active[day] for day in person.between(first, last))


def decided(rows: list[Row], tools: Iterable[str]) -> tuple[int, int]:
    accepted = every = 0
    for row in rows:
        for tool in tools:
            yes, no = row.get(f"code_{tool}_accepted"), row.get(f"code_{tool}_rejected")
            if yes is not None and no is not None:
                accepted, every = accepted + yes, every + yes + no
    return accepted, every


def spread(metric: str, values: list[int]) -> Found:
    people, whole = len(values), sum(values)
    if not whole:
        return Found(None, people)
    if metric == "prompts_top_tenth":
        return Found(sum(values[-ceil(people / 10) :]) / whole, people)
    apart = sum(abs(one - other) for one in values for other in values)
    return Found(apart / (2 * people * whole), people)


def kaplan_meier(joiners: list[tuple[int, bool]], day: int) -> float | None:
    """The share that started by the day; None where nobody was in sight for so long and not all had started."""
    left = 1.0
    for time in sorted({time for time, event in joiners if event and time <= day}):
        at_risk = sum(other >= time for other, _ in joiners)
        left *= 1 - sum(event and other == time for other, event in joiners) / at_risk
    if max(time for time, _ in joiners) < day and left > 0:
        return None
    return 1 - left
