"""The commands' door: problems become two lines and an exit code, signals end a command at once, nothing else escapes."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import structlog
import typer
from rich.console import Console

from uptake.config import Settings
from uptake.domain.problems import Busy, Problem

P = ParamSpec("P")
R = TypeVar("R")

CURRENT, REFUSED, ATTENTION, BUSY = 0, 2, 3, 4
_BROKEN, _INTERRUPTED, _PIPE = 1, 130, 141

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Terminated(BaseException):
    """SIGTERM arrived: the run's record is closed on the way out, the lock is freed by the kernel."""


def door(problem: int = REFUSED) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Wrap a command: `problem` is its exit code where a Problem ends it. Busy is always 4."""

    def wrap(command: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(command)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            signal.signal(signal.SIGTERM, _terminate)
            # A shell starts background jobs with SIGINT ignored; ours ends by it, as documented, wherever it runs.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                return command(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  # one of the three doors
                raise typer.Exit(_told(error, problem, as_json=bool(kwargs.get("as_json")))) from None
            except KeyboardInterrupt:
                raise typer.Exit(_INTERRUPTED) from None
            except Terminated:
                raise typer.Exit(128 + signal.SIGTERM) from None

        return run

    return wrap


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _told(error: Exception, code: int, *, as_json: bool) -> int:
    """Tell the error to the person; returns the exit code. An exception that is no Problem is logged, redacted."""
    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, BrokenPipeError):
        return _PIPE
    found = _problem(error)
    if found is None:
        structlog.get_logger("uptake").error("unexpected error", exc_info=error)
        tell(Problem("uptake came upon something it did not expect; nothing more was changed.", "The log says where."))
        return _BROKEN
    tell(found, as_json=as_json)
    return BUSY if isinstance(found, Busy) else code


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, OSError) and error.strerror:
        return Problem(f"The disk or the system refused: {error.strerror}.", "What was held before stays. Try again.")
    from django.db import DatabaseError

    if isinstance(error, DatabaseError):
        from uptake.site.boot import database_problem

        return database_problem(error)
    return None


def tell(problem: Problem, *, as_json: bool = False) -> None:
    """A Problem as the command line shows it: on standard error, and as JSON on standard output where asked for."""
    if as_json:
        print_json({"error": {"message": problem.message, "hint": problem.hint}})
    err.print(problem.message, style="bold", markup=False)
    if problem.hint:
        err.print(problem.hint, markup=False)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def address(settings: Settings, path: str) -> str:
    """Where a path of ours is found in a browser, as far as the settings tell."""
    return f"{settings.address}{path}"


def leave(code: int) -> None:
    """End the process now. Threads that still wait on a stalled vendor must not keep a command from ending."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        code = code or _PIPE
    os._exit(code)
