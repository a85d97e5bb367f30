"""A digest: three facts, one chart, what is worth a look, for one reader. Made anew for each from what that reader may see.

No name of a person is in one: a manager's says "your teams". Everything that somebody else named is escaped for where it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.template.loader import render_to_string

from uptake import insights, metrics
from uptake.actions.digests import days_held
from uptake.config import Settings
from uptake.domain.access import Viewer, may, require
from uptake.domain.days import day_no, from_day_no
from uptake.domain.digests import Cadence, Period
from uptake.domain.members import clean_text
from uptake.domain.problems import NotAllowed
from uptake.insights import Finding
from uptake.messages.shape import Message
from uptake.metrics import Facts, FigureAnswer, Tile
from uptake.metrics.figures import Choice
from uptake.web import pictures, words
from uptake.web.cellwords import WITHHELD, change, value_in_words
from uptake.web.figures import Drawn, drawn
from uptake.web.filters import OWN

_FACTS = {
    "eligible_reach": ("Reach", "of members used Claude"),
    "habitual_share": ("Habit", "of members have Claude as a habit"),
    "multi_surface_share": ("More than one surface", "of active members used more than one surface"),
}
_CHART = {Cadence.WEEKLY: ("active-over-time", "team-reach"), Cadence.MONTHLY: ("habits", "team-habit")}
_MOST_FINDINGS = 3
_SHORT = 900  # letters that every channel takes in one message
PURPOSE = "For offering help, courses and seats. Never for judging anybody's work."


@dataclass(frozen=True, slots=True)
class Fact:
    """One number. `why` says why there is none; `compared` what it was, over the same people, where that is known."""

    label: str
    shown: str
    words: str
    compared: str
    why: str


@dataclass(frozen=True, slots=True)
class Worth:
    """One thing worth a look, with the page behind it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Digest:
    title: str
    sentence: str
    facts: tuple[Fact, ...]
    missing: str
    findings: tuple[Worth, ...]
    chart: Drawn | None
    footer: tuple[str, ...]
    pages: tuple[tuple[str, str], ...]  # words, address


def compose(viewer: Viewer, period: Period, settings: Settings, now: datetime, ending: str) -> Message:
    """A digest as it is sent. Raises NotAllowed where the viewer may see no figure."""
    facts = metrics.current_facts(settings)
    found = digest(viewer, period, settings, facts, now)
    context = {"digest": found, "purpose": PURPOSE, "ending": ending, "alt": _alt(found), "cid": "cid:chart"}
    svg = _picture(found.chart) if found.chart else ""
    return Message(
        subject=found.title,
        text=_plain(found, ending),
        html=render_to_string("uptake/mail.html", {**context, "picture": bool(svg)}),
        short=_short(found),
        picture=pictures.pixels(svg) if svg else b"",
        alt=_alt(found),
        unsubscribe=ending,
    )


def _picture(chart: Drawn) -> str:
    """The first drawing; the sentence stands above it in the mail already."""
    return pictures.picture(replace(chart, charts=chart.charts[:1], sentence=""), room=48)


def digest(viewer: Viewer, period: Period, settings: Settings, facts: Facts, now: datetime) -> Digest:
    """What it says. Raises NotAllowed."""
    require(viewer, "digest.subscribe")
    whole = may(viewer, "numbers.ask")
    choice = Choice(until=period.until, team="" if whole else own_tree(facts, viewer))
    today = now.date()
    headlines = metrics.figure("headlines" if whole else "team-headlines", viewer, facts, today, choice)
    held = days_held(settings, today)
    of_weeks = replace(choice, until=over_by(period.until, held)) if period.cadence == Cadence.MONTHLY else choice
    chart = metrics.figure(_CHART[period.cadence][0 if whole else 1], viewer, facts, today, of_weeks)
    shown = drawn(chart)
    missing = period.missing(held)
    return Digest(
        title=f"{about(facts, whole)}, {_of(period)}",
        sentence=chart.sentence,
        facts=tuple(map(_fact, _three(headlines))),
        missing=_missing(period, missing),
        findings=_worth(first_to_tell(viewer, period, facts, today), settings),
        chart=shown if shown.charts else None,
        footer=_footer(shown, headlines, facts),
        pages=_pages(settings, period, whole),
    )


def over_by(day: date, held: Collection[date]) -> date:
    """The last day of the newest fixed four weeks that are over by a day: what began before it and ends later is not told."""
    last = min(day, max(held, default=day))
    return from_day_no((day_no(last) + 1) // 28 * 28 - 1)


def own_tree(facts: Facts, viewer: Viewer) -> str:
    mine = metrics.own_tree(facts, viewer)
    if mine is None:
        raise NotAllowed(
            "The company's directory names nobody who reports to this account, so there are no figures for it.",
            "Ask an HR Admin whether the directory is current.",
        )
    return mine


def about(facts: Facts, whole: bool) -> str:
    if not whole:
        return "Claude in your teams"
    names = [clean_text(connection.name, 60) or "" for connection in facts.connections]
    return f"Claude at {names[0]}" if len(names) == 1 else f"Claude in {len(names)} organisations"


def _of(period: Period) -> str:
    if period.cadence == Cadence.WEEKLY:
        return f"week from {words.day_and_year(period.since)}"
    return f"{period.since:%B %Y}"


def _three(headlines: FigureAnswer) -> tuple[Tile, ...]:
    tiles = {one.metric: one for one in headlines.tiles}
    return tuple(tiles[name] for name in _FACTS if name in tiles)


def _fact(tile: Tile) -> Fact:
    label, said = _FACTS[tile.metric]
    cell = tile.now
    if cell.value is None:
        return Fact(label, "", "", "", _why(tile))
    until = cell.until or (tile.window[1] if tile.window else None)
    when = f" in the four weeks to {words.day(until)}" if until else ""
    people = ""
    if cell.numerator is not None and cell.denominator is not None:
        people = f": {words.number(cell.numerator)} of {words.number(cell.denominator)}"
    return Fact(label, value_in_words(tile.metric, cell.value), f"{said}{when}{people}", _compared(tile), "")


def _why(tile: Tile) -> str:
    if tile.now.state == "withheld":
        return f"{WITHHELD}."
    reason = tile.now.reason.rstrip(".")
    if tile.now.state == "not_yet":
        return f"Not yet available: {reason}." if reason and reason != "not yet available" else "Not yet available."
    return f"Not collected: {reason}." if reason else "Not collected."


def _compared(tile: Tile) -> str:
    if tile.change is None or tile.before_window is None:
        return "Nothing to compare it with yet."
    before = f"the four weeks to {words.day(tile.before_window[1])}"
    # Of everybody the change is that of the same people; a team is compared as it was then.
    who = "the team as it was then" if tile.before is not None else "the same people"
    told = change(tile.metric, tile.change)
    return f"{told[0].upper()}{told[1:]} against {before}, {who}."


def _missing(period: Period, missing: tuple[date, ...]) -> str:
    """Which days of it are not in any figure."""
    if not missing:
        return ""
    length = (period.until - period.since).days + 1
    if len(missing) == length:
        return f"No day of this {_unit(period)} is held yet: the figures are of before."
    return not_held(missing, f"of this {_unit(period)}")


def not_held(days: Sequence[date], of: str) -> str:
    """2 days of this week are not held: 21 Nov and 22 Nov."""
    named = words.listed([words.day(day) for day in days[:7]]) if len(days) < 8 else ""
    named = named or f"{', '.join(words.day(day) for day in days[:7])} and {len(days) - 7} more"
    return f"{words.plural(len(days), 'day')} {of} {'is' if len(days) == 1 else 'are'} not held: {named}."


def _unit(period: Period) -> str:
    return "week" if period.cadence == Cadence.WEEKLY else "month"


def first_to_tell(viewer: Viewer, period: Period, facts: Facts, today: date) -> tuple[Finding, ...]:
    """The first findings that were not told in digests of this kind lately."""
    if not may(viewer, "insights.view"):
        return ()
    found = insights.findings(viewer, facts, today).findings
    return insights.chosen(insights.untold(found, period.cadence, today), _MOST_FINDINGS)


def remember(viewer: Viewer, period: Period, settings: Settings, now: datetime) -> None:
    """A digest of today goes out: what it tells rests for a while."""
    facts, today = metrics.current_facts(settings), now.date()
    insights.tell(first_to_tell(viewer, period, facts, today), period.cadence, today)


def worth(viewer: Viewer, facts: Facts, today: date, settings: Settings) -> tuple[Worth, ...]:
    if not may(viewer, "insights.view"):
        return ()
    return _worth(insights.worth_a_look(insights.findings(viewer, facts, today).findings), settings)


def _worth(found: tuple[Finding, ...], settings: Settings) -> tuple[Worth, ...]:
    return tuple(Worth(clean_text(one.sentence, 300) or "", f"{settings.address}{one.evidence}") for one in found)


def _footer(shown: Drawn, headlines: FigureAnswer, facts: Facts) -> tuple[str, ...]:
    withheld = sum(tile.now.state == "withheld" for tile in _three(headlines))
    kept = tuple(part for part in shown.footer if "withheld" not in part and not part.startswith("○"))
    told = (f"{words.plural(withheld, 'fact')} withheld",) if withheld else ()
    return (*kept, *told, f"Groups of fewer than {facts.threshold} people are never shown")


def _pages(settings: Settings, period: Period, whole: bool) -> tuple[tuple[str, str], ...]:
    """Links, with the same days where a page can show them. The reader's rights apply there too."""
    since = period.since - timedelta(weeks=11) if period.cadence == Cadence.WEEKLY else period.since
    days = urlencode({"period": OWN, "since": since.isoformat(), "until": period.until.isoformat()})
    first = (
        ("Overview", f"{settings.address}/?{days}") if whole else ("Your teams", f"{settings.address}/teams/?kind=tree")
    )
    return first, ("This month to print", f"{settings.address}/report/{period.until:%Y-%m}/")


def _alt(found: Digest) -> str:
    return f"Chart: {found.chart.title}. {found.sentence}" if found.chart else ""


def _plain(found: Digest, ending: str) -> str:
    return render_to_string("uptake/mail.txt", {"digest": found, "purpose": PURPOSE, "ending": ending}).strip() + "\n"


def _short(found: Digest) -> str:
    """For channels: one message, with the link before whatever may have to be left out."""
    lines = [found.sentence]
    lines += [f"• {one.label}: {one.shown} {one.words}. {one.compared}" if one.shown else f"• {one.label}: {one.why}"
              for one in found.facts]  # fmt: skip
    lines += [found.missing] if found.missing else []
    lines += [f"{said}: {url}" for said, url in found.pages[:1]]
    for one in found.findings:
        if len("\n".join([*lines, one.words])) < _SHORT:
            lines.append(f"• {one.words}")
    return "\n".join(lines)
