"""Commands that a text names, held against the program: words and options that there are not, are found."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer

from uptake.cli import app


def faults(line: str) -> list[str]:
    """What is wrong with a line such as `uptake sync --json`: a command or an option that does not exist."""
    here: Any = typer.main.get_command(app)
    first, *words = shlex.split(re.sub(r"[<>]\S*|…|\|.*", "", line), comments=True)
    if first != "uptake":
        return [f"{line}: not a command of ours"]
    while words and hasattr(here, "commands") and words[0] in here.commands:
        here = here.commands[words.pop(0)]
    if hasattr(here, "commands"):
        return [f"{line}: no such command"]
    known = {option for one in here.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    return [f"{line}: no option {word}" for word in words if word.startswith("-") and word.split("=")[0] not in known]
