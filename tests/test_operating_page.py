"""docs/operate.md: every command, option and setting that it names is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import typer

from uptake.cli import app
from uptake.config import SETTINGS
from uptake.metrics import CATALOGUE

PAGE = (Path(__file__).parents[1] / "docs" / "operate.md").read_text()
COMMAND = re.compile(r"(?:^|`|/bin/)uptake ([a-z][^`\n|]*)", re.MULTILINE)


def options_of(words: list[str]) -> tuple[str, set[str]]:
    """The command that the words name, and the options it takes. Fails where there is none."""
    command: Any = typer.main.get_command(app)
    path = []
    while hasattr(command, "commands"):
        assert words[len(path)] in command.commands, " ".join(words)
        path.append(words[len(path)])
        command = command.commands[path[-1]]
    return " ".join(path), {option for parameter in command.params for option in parameter.opts}


def test_every_command_is_one() -> None:
    named = set()
    for text in COMMAND.findall(PAGE):
        words = shlex.split(text.split("'")[0].replace('"', ""))
        name, options = options_of(words)
        named.add(name)
        assert {word for word in words if word.startswith("--")} <= options, text
    assert {"backup", "restore", "doctor", "rotate-master-key", "audit verify", "account create", "serve"} <= named


def test_every_figure_that_is_asked_for_is_one() -> None:
    asked = [text.split()[1] for text in COMMAND.findall(PAGE) if text.startswith("ask ")]
    assert asked
    assert set(asked) <= set(CATALOGUE)


def test_every_setting_is_one() -> None:
    assert set(re.findall(r"UPTAKE_[A-Z_]+", PAGE)) <= {setting.name for setting in SETTINGS}
