"""What the Integrations page says of answers held back, of news, and of days that moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from uptake.actions.views import HeldBackView, Moved, MovedWeek, UnknownFieldView
from uptake.web.reviewed import reviewed
from web.test_standing import connection

NOW = datetime(2026, 11, 19, 14, 2, tzinfo=UTC)
LAST_WEEK = date(2026, 11, 9)  # a Monday; the week ends on the 15th, data go through the 16th


def week(monday: date, moved: int, *headlines: Moved) -> MovedWeek:
    return MovedWeek(monday, 7, moved, headlines)


def test_holds_name_what_they_are_and_carry_the_answer_that_was_seen() -> None:
    roster = HeldBackView(date(2026, 11, 19), "Gone.", NOW, "roster", "ab")
    day = HeldBackView(date(2026, 11, 12), "Shrunk.", NOW, "usage", "cd", "ada@acme.example")
    holds = reviewed(connection(roster_held_back=(roster,), held_back=(day,))).holds
    assert [(hold.name, hold.mark, hold.released_by) for hold in holds] == [
        ("the roster", "ab", ""),
        ("Thu 12 Nov 2026", "cd", "ada@acme.example"),
    ]


def test_news_tells_the_first_day_and_a_retreat_tells_that_nothing_is_lost() -> None:
    field = UnknownFieldView("x_metrics", datetime(2026, 3, 12, tzinfo=UTC), date(2026, 3, 11))
    view = connection(unknown_fields=(field,), newest_served=date(2026, 11, 14))
    news, retreat = reviewed(view).notices
    assert news.startswith("Anthropic started sending x_metrics on 12 Mar 2026.")
    assert "through 14 Nov 2026 at present" in retreat
    assert "through 16 Nov 2026; they are kept" in retreat
    assert reviewed(connection(newest_served=date(2026, 11, 16))).notices == ()


@pytest.mark.parametrize(
    ("moved", "text"),
    [
        (Moved("chat_messages", 1000, 1021), "+2.1 %"),
        (Moved("chat_messages", 1000, 990), "−1.0 %"),
        (Moved("chat_messages", 10_000, 10_001), "less than 0.1 %"),
        (Moved("chat_messages", 5, 5), "unchanged"),
        (Moved("chat_messages", 0, 5), "from 0"),
        (Moved("chat_messages", None, 5), "–"),
        (Moved("chat_messages", 5, None), "–"),
        (Moved("chat_messages", None, None, withheld=True), "withheld: too few people"),
    ],
)
def test_a_change_in_a_word(moved: Moved, text: str) -> None:
    assert reviewed(connection(moved=(week(LAST_WEEK, 1, moved),))).weeks[0].cells[1].text == text


def test_how_much_last_week_moved_is_one_sentence_about_the_last_whole_week() -> None:
    running = week(LAST_WEEK + timedelta(days=7), 1, Moved("members", 10, 99))
    whole = week(LAST_WEEK, 5, Moved("members", 100, 102), Moved("chat_messages", 1000, 969))
    told = reviewed(connection(moved=(running, whole)))
    assert told.sentence == "The week of 9 Nov moved by at most 3.1 % since it was first shown."
    assert [line.days for line in told.weeks] == ["1 of 7", "5 of 7"]
    still = week(LAST_WEEK, 0, Moved("members", 100, 100))
    assert "has not moved" in reviewed(connection(moved=(still,))).sentence
    assert reviewed(connection(moved=(running,))).sentence == ""
    few = week(LAST_WEEK, 2, Moved("members", None, None, withheld=True))
    assert reviewed(connection(moved=(few,))).sentence == ""  # it may have moved: nothing is claimed
