"""The generated pages: `python -m tests.generated` writes them, `--check` ends with 1 if one is not what the code says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from uptake.config import SETTINGS
from uptake.domain.access import ACTIONS, Role
from uptake.domain.measures import IGNORED_FIELDS, MEASURES, SUMMARY_COUNTS, Measure
from uptake.metrics import BY, CATALOGUE, Metric
from uptake.metrics.metric import TOPICS

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def data_page() -> str:
    """docs/data.md: what is read, kept and never read."""
    counts = table(
        ["our column", "Anthropic's field", "surface", "adds up over days", "may be null", "block may be absent"],
        (_measure_row(measure) for measure in MEASURES),
    )
    return (
        f"{NOTE}# What uptake reads\n\n"
        f"Per member and UTC day these {len(MEASURES)} counts, nothing beside them. A field that is not in this list is "
        "skipped while the answer is decoded: it never becomes an object, and so can never be stored, logged or shown.\n\n"
        f"{counts}\n"
        "An absent count, a null and a value that is not a whole number from 0 to 1,000,000,000 are kept as *not "
        "reported*, never as zero.\n\n"
        "## Who a row is about\n\n"
        "From usage: the member's id and e-mail address. From the roster: id, name, e-mail, role in Claude, date of "
        "joining. From invites: e-mail, role, status, dates of invitation and expiry.\n\n"
        "## Claude's own figures for the whole organisation, a day\n\n"
        + "".join(f"- `{name}`\n" for name in SUMMARY_COUNTS)
        + "\n## Fields of a usage row that are known and left\n\n"
        + table(["field", "why"], ([f"`{name}`", why] for name, why in IGNORED_FIELDS.items()))
        + "\n## Never read\n\n"
        "Prompts, responses, system instructions, session content, source code, diffs, file contents, file names, and the "
        "names of projects, skills, connectors and artifacts. Only these addresses are ever asked, with GET alone: "
        "`/v1/organizations/users`, `/v1/organizations/invites`, `/v1/organizations/analytics/users` and "
        "`/v1/organizations/analytics/summaries`; and, only where an administrator switched on that Claude's groups are a "
        "source of the directory, `/v1/organizations/rbac_groups` and the members of each group: the groups' names and who is "
        "in them. No raw answer is kept.\n"
    )


def _measure_row(measure: Measure) -> list[str]:
    flags = (measure.adds_up, measure.nullable, measure.optional)
    return [f"`{measure.column}`", f"`{measure.path}`", measure.surface, *("yes" if flag else "no" for flag in flags)]


def settings_page() -> str:
    rows = (
        [f"`{setting.name}`", f"`{setting.default}`" if setting.default else "", setting.help] for setting in SETTINGS
    )
    return (
        f"{NOTE}# Settings\n\nAll settings are environment variables. Keys are never settings: they come from a file, "
        f"standard input or the page.\n\n{table(['name', 'default', 'what it is'], rows)}"
    )


def permissions_page() -> str:
    rows = (
        [f"`{action}`", row.words, *("yes" if role in row.roles else "" for role in Role), "yes" if row.confirm else ""]
        for action, row in ACTIONS.items()
    )
    return (
        f"{NOTE}# Who may do what\n\nOne row an action; the name is the function, the permission and the word in the "
        "audit. The operator on the host, who can read the home folder anyway, may do all of it; a row without any role "
        "is for the operator alone. What asks again takes the password or a second factor, given within the last minutes.\n\n"
        f"{table(['action', 'to', *(role.label for role in Role), 'asks again'], rows)}"
    )


def metrics_page() -> str:
    """docs/metrics.md: the catalogue."""
    by = table(["dimension", "a row"], ([f"`{name}`", words] for name, words in BY.items()))
    return (
        f"{NOTE}# Metrics\n\n{len(CATALOGUE)} figures can be asked for, by page, `uptake ask`, REST and file; nothing else "
        "can. Sums over people say how much is used, never how good somebody is. There is no ranking of people.\n\n"
        "Every cell is in one of four states: a value (zero included), *not yet available*, *not collected* with its cause, "
        "*withheld* for too few people. Weeks and windows of four weeks are given once all their days are held; days that "
        "may still be revised are marked as settling. Counts of people over weeks and groups are rounded to the threshold "
        "(decisions/0008), ratios carry numerator and denominator.\n\n"
        f"## Dimensions\n\n{by}\n"
        "Groups of people are given for the last fixed four weeks, everything without a dimension for the newest four whole "
        "weeks. `--compare` adds the four weeks before, over the people eligible in both.\n\n"
        "Teams are those of the company's directory as of each week: employees, unless another population is asked for. Over "
        "four weeks somebody counts in a team they were in for all four; else, or without a match, in the row `none`. A leader "
        "counts one level up, and so do those directly in a tree who are too few. Teams under the threshold become the row "
        "`other`; of trees and groups most figures need twice "
        "the threshold. `--team` asks the same of one team. What is withheld is the same for everybody who may ask "
        "(decisions/0013).\n\n"
        + "\n".join(_topic(topic, title) for topic, title in TOPICS.items())
        + "\n## Left out, and why\n\n"
        "Role-adjusted reach is not made yet. Purchased seats and the "
        "forecast of need are not counts of Claude. Spend is told by no key uptake asks for. Success at a task, time saved "
        "and productivity are never made up from counts.\n"
    )


def _topic(topic: str, title: str) -> str:
    entries = "\n".join(_metric(metric) for metric in CATALOGUE.values() if metric.topic == topic)
    return f"## {title}\n\n{entries}"


def _metric(metric: Metric) -> str:
    wanted = {"up": "usually wanted", "down": "usually not wanted", "context": "context, never coloured"}
    dimensions = ", ".join(f"`{by}`" if by else "none" for by in metric.by)
    facts = [
        metric.unit,
        metric.grain,
        wanted[metric.direction],
        f"dimensions: {dimensions}",
        f"version {metric.version}",
    ]
    if metric.of_team:
        facts.insert(4, "of one team: " + ", ".join(f"`{by}`" if by else "none" for by in metric.of_team))
    needs = f" Needs: {metric.needs}" if metric.needs else ""
    return (
        f"### {metric.label} (`{metric.id}`, {metric.section})\n\n{metric.formula}\n\n{metric.caveat}{needs}\n\n"
        f"{'; '.join(facts)}\n"
    )


PAGES: dict[str, Callable[[], str]] = {
    "data.md": data_page,
    "metrics.md": metrics_page,
    "settings.md": settings_page,
    "permissions.md": permissions_page,
}


def main(arguments: list[str]) -> int:
    stale = [name for name, page in PAGES.items() if not _is(DOCS / name, page())]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is not what the code says: run `make docs`.", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/{name} written")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
