"""A Problem says what happened and what to do, in one shape for page, command and API."""

from __future__ import annotations

import pytest

from uptake.domain.problems import Busy, NotAllowed, Problem, Refused


@pytest.mark.parametrize("kind", [Problem, Refused, NotAllowed, Busy])
def test_message_and_hint_stay_apart_and_read_as_one_sentence_after_the_other(kind: type[Problem]) -> None:
    problem = kind("The disk is full.", "Free some space.")
    assert (problem.message, problem.hint) == ("The disk is full.", "Free some space.")
    assert str(problem) == "The disk is full. Free some space."
    assert isinstance(problem, Problem)


def test_without_a_hint_there_is_no_trailing_space() -> None:
    assert str(Problem("The disk is full.")) == "The disk is full."
    assert Problem("The disk is full.").hint == ""
