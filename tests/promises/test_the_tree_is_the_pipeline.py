"""The rules of the house that a reader can check by looking: import directions, single call sites, small files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src/uptake").rglob("*.py"))
ROOMS = {
    "actions",
    "api",
    "claude",
    "cli",
    "domain",
    "fake",
    "insights",
    "lake",
    "messages",
    "metrics",
    "people",
    "records",
    "site",
    "sync",
    "web",
}


def _calls(path: Path, attribute: str) -> int:
    tree = ast.parse(path.read_text())
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sum(isinstance(func, ast.Attribute) and func.attr == attribute for func in calls)


def _callers(attribute: str) -> dict[str, int]:
    counts = {str(path.relative_to(ROOT / "src/uptake")): _calls(path, attribute) for path in SOURCES}
    return {name: count for name, count in counts.items() if count}


def test_imports_point_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_rooms_are_those_of_the_map() -> None:
    rooms = {path.name for path in (ROOT / "src/uptake").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == ROOMS
    picture = (ROOT / "src/uptake/__init__.py").read_text()
    assert all(room in picture for room in ROOMS - {"cli"})


def test_a_secret_is_opened_in_few_places() -> None:
    """Each is needed: into the header, in and out of the envelope, when cleaned, a password, a token shown once."""
    assert _callers("expose") == {
        "actions/accounts.py": 4,
        "claude/client.py": 1,
        "claude/keys.py": 1,
        "cli/accounts.py": 1,
        "cli/people_sources.py": 1,
        "messages/addresses.py": 3,
        "people/fifteen_five.py": 2,
        "records/keptkeys.py": 1,
        "records/vault.py": 2,
        "web/own.py": 1,
        "web/second_factor.py": 1,
        "web/oidc.py": 1,
        "web/scim.py": 1,
    }


def test_facts_are_written_in_one_place() -> None:
    """What Claude tells, the company's directory, and whatever is left once somebody is erased: each in one."""
    calls = [
        (path.name, ast.unparse(node.func))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("lake.replace")
    ]
    assert calls == [
        ("directory.py", "lake.replace"),
        ("erasures.py", "lake.replace"),
        ("session.py", "self.lake.replace"),
    ]


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete", "send", "stream"])
def test_only_get_is_ever_sent_to_anthropic(verb: str) -> None:
    callers = {name for name in _callers(verb) if name.startswith("claude/")}
    assert callers <= ({"claude/client.py"} if verb == "send" else set())


def test_files_and_functions_stay_small() -> None:
    long_files = {path.name: lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > 300}
    assert long_files == {}
    long = [
        (path.name, node.name)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_every_file_says_what_it_holds() -> None:
    silent = [
        str(path)
        for path in SOURCES
        if path.stat().st_size and "migrations" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_vague_rooms() -> None:
    vague = {"utils", "helpers", "common", "core", "manager", "services"}
    assert not [path for path in SOURCES if vague & {path.stem, *path.parts}]


def test_no_file_names_a_package_index() -> None:
    for path in [*ROOT.glob("requirements/*.txt"), ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / ".ci/run"]:
        text = path.read_text()
        assert "--index-url" not in text
        assert "--extra-index-url" not in text
        assert "pypi." not in text


def test_requirements_carry_hashes() -> None:
    for path in ROOT.glob("requirements/*.txt"):
        lines = path.read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pins
        assert all(line.endswith("\\") for line in pins), path


def test_generated_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.generated", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
