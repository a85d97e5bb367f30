"""What the hand-written pages name is there: links, files, tests, commands, settings, metrics, addresses of the API."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.commands import faults
from tests.web.matrix import API

from uptake.config import SETTINGS
from uptake.metrics import CATALOGUE
from uptake.metrics.rounding import share
from uptake.metrics.teamrules import rolled_up

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ("README.md", *(f"docs/{name}.md" for name in ("administrator", "analyst", "operate", "voice")),
         "docs/employees-and-works-council.md")  # fmt: skip


def wrong(text: str, place: Path) -> list[str]:
    """Everything a page names that there is not; `place`: the folder its links start from."""
    return [*_links(text, place), *_paths(text), *_commands(text), *_names(text)]


def _links(text: str, place: Path) -> list[str]:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    return [f"no such page: {link}" for link in links if link and not (place / link).exists()]


def _paths(text: str) -> list[str]:
    found = []
    for path, test in re.findall(r"`((?:src|tests|docs|requirements)/[\w./-]+)(?:::(\w+))?`", text):
        file = ROOT / path
        if not file.exists():
            found.append(f"no such file: {path}")
        elif test and test not in _functions(file):
            found.append(f"no such test: {path}::{test}")
    return found


def _functions(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def _commands(text: str) -> list[str]:
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    spoken = re.findall(r"^(?:\S*/)?(uptake \w.*)$", blocks, re.MULTILINE)
    spoken += re.findall(r"`(uptake [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [fault for line in spoken for fault in faults(line)]


def _names(text: str) -> list[str]:
    settings = {setting.name for setting in SETTINGS}
    asked = re.findall(r"uptake ask ([a-z]\w+)", text) + re.findall(r"[?&]metric=(\w+)", text)
    known = {*API, "/api/v1/openapi.json", "/api/v1"}
    return [
        *(f"no such setting: {name}" for name in re.findall(r"\bUPTAKE_[A-Z_]+\b", text) if name not in settings),
        *(f"no such metric: {name}" for name in asked if name not in CATALOGUE),
        *(f"no such address: {at}" for at in re.findall(r"/api/v1[\w./]*", text) if at.rstrip("/.") not in known),
    ]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    assert wrong((ROOT / page).read_text(), (ROOT / page).parent) == []


@pytest.mark.parametrize(
    "text",
    [
        "[x](nowhere.md)",
        "`src/uptake/nowhere.py`",
        "`tests/promises/test_docs_are_true.py::test_of_nothing`",
        "`uptake nothing`",
        "```\nuptake sync --nothing\n```",
        "`UPTAKE_NOTHING`",
        "`uptake ask nothing_at_all`",
        "`/api/v1/nothing`",
    ],
)
def test_what_is_not_there_would_be_found(text: str) -> None:
    assert len(wrong(text, DOCS)) == 1


def test_each_claim_to_the_works_council_has_its_proof() -> None:
    told, _, proof = (DOCS / "employees-and-works-council.md").read_text().partition("## Check it")
    claims = {int(number) for number in re.findall(r"\s\((\d+)\)", told)}
    assert claims == {int(number) for number in re.findall(r"^\| (\d+) ", proof, re.MULTILINE)} == set(range(1, 13))


def test_the_example_of_withholding_is_what_the_rules_do() -> None:
    text = (DOCS / "employees-and-works-council.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (.*) \|$", text, re.MULTILINE)
    other = rolled_up({name: int(people) for name, people, _, _ in rows}, 5)
    assert other == {name for name, _, _, shown in rows if shown.startswith("within *other*")} == {"Legal", "Sales"}
    [(people, active, shown)] = [row[1:] for row in rows if row[0] not in other]
    assert share(int(active), int(people), 5, seats=True) == (15, 30)
    assert shown.startswith("15 of 30")


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [page.name for page in sorted(DOCS.glob("*.md")) if f"](docs/{page.name})" not in readme] == []
