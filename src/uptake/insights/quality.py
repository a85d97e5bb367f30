"""I15, data quality. It runs before everything else: a figure that may be wrong for a reason of its own is no finding.

What it finds is told as it is, and vetoes what would be said of the days concerned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from uptake.domain.days import day_no, from_day_no
from uptake.insights import words
from uptake.insights.finding import Finding, Looked
from uptake.metrics import CATALOGUE, Facts, Freshness, freshness_of, matched

LATE = timedelta(days=5)
"""Usage is served a day or two later, now and then three."""
UNMATCHED = 0.05
_RECENT = 12 * 7
_EVIDENCE = "/integrations/"


@dataclass(frozen=True, slots=True)
class News:
    """A field that Claude sends and uptake does not read: what people do there may be missing elsewhere."""

    name: str
    since: date


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the facts can be relied on."""

    fresh: Freshness
    news: tuple[News, ...]
    unmatched: float | None

    @property
    def told(self) -> Looked:
        return Looked("I15", "Days, matches and definitions behind the figures", 1)

    def vetoes(self, first: date, last: date, metric: str, *, teams: bool = False) -> tuple[str, ...]:
        """Why nothing may be said of a metric from first to last; empty where it may."""
        gaps = {"missing": self.fresh.missing, "held back": self.fresh.held_back}
        found = [
            f"{words.days(inside)} {'is' if len(inside) == 1 else 'are'} {state}"
            for state, gone in gaps.items()
            if (inside := [day for day in gone if first <= day <= last])
        ]
        if self.fresh.settling_since is not None and last >= self.fresh.settling_since:
            found.append(f"days from {words.day(self.fresh.settling_since)} on may still be revised")
        since = CATALOGUE[metric].since
        if since is not None and day_no(first) < since <= day_no(last):
            found.append(f"what Claude counts changed on {words.day(from_day_no(since))}")
        found += [f"Claude started to send {one.name} on {words.day(one.since)}" for one in self.news
                  if first <= one.since <= last]  # fmt: skip
        if teams and self.unmatched is not None and self.unmatched > UNMATCHED:
            found.append(f"{self.unmatched:.0%} of seat holders match nobody in the directory".replace("%", " %"))
        return tuple(found)


def look(facts: Facts) -> Quality:
    """What there is to know before anything is said. Needs Django's records."""
    from uptake.records.models import UnknownField

    known = {one.id for one in facts.connections}
    rows = UnknownField.objects.filter(connection_id__in=known).order_by("first_day", "name")
    news = {row.name: News(row.name, row.first_day) for row in reversed(rows)}
    found = matched(facts)
    unmatched = None if found is None or not found[1] else 1 - found[0] / found[1]
    return Quality(freshness_of(facts), tuple(news.values()), unmatched)


def findings(quality: Quality, today: date) -> Iterator[Finding]:
    """What somebody should know or repair; nothing where all is well or nothing is held yet."""
    fresh = quality.fresh
    if fresh.data_through is None or fresh.first_day is None:
        return
    through = fresh.data_through
    recent = max(fresh.first_day, through - timedelta(days=_RECENT))
    missing = [day for day in fresh.missing if day >= recent and day not in fresh.held_back]
    if missing:
        plural = "is" if len(missing) == 1 else "are"
        text = f"{words.days(missing)} {plural} missing: weeks with such days are in no finding."
        yield _one("missing", missing[0], missing[-1], through, text, "Look at the runs of the sync.")
    held_back = [day for day in fresh.held_back if day >= recent]
    if held_back:
        plural = "is" if len(held_back) == 1 else "are"
        text = f"{words.days(held_back)} {plural} held back: what Claude served is not believed yet."
        yield _one(
            "held_back", held_back[0], held_back[-1], through, text, "Look at the answer and accept it, or wait."
        )
    if today - through > LATE:
        text = (
            f"Usage is known through {words.day(through)}; newer days have not come for {(today - through).days} days."
        )
        yield _one("late", through, today, through, text, "Look at the keys and the last run.")
    yield from _definitions(quality, through)


def _definitions(quality: Quality, through: date) -> Iterator[Finding]:
    for one in quality.news:
        if through - one.since <= timedelta(days=_RECENT):
            text = f"Claude sends {one.name} since {words.day(one.since)}, which no figure counts yet."
            yield _one(f"new:{one.name}", one.since, through, through, text, "Bring uptake to its newest version.")
    if quality.unmatched is not None and quality.unmatched > UNMATCHED:
        share = f"{quality.unmatched:.0%}".replace("%", " %")
        text = f"{share} of those who hold a seat match nobody in the directory, so figures of teams miss them."
        yield _one("unmatched", through, through, through, text, "Say who they are.", "/people/matches/")


def _one(
    what: str, since: date, until: date, through: date, sentence: str, action: str, evidence: str = _EVIDENCE
) -> Finding:
    return Finding(
        id="I15",
        about="data",
        cell="",
        name="Data",
        metric=what,
        direction="",
        since=since,
        until=until,
        data_through=through,
        sentence=sentence,
        compared_with="complete, settled days",
        action=action,
        evidence=evidence,
    )
