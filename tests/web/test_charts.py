"""Drawings: the page's own inks, words for every mark, and none of the four states looks like another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from uptake.web import charts, svg
from uptake.web.charts import Bar, Point, Series

FIRST = date(2026, 8, 24)


def weeks(*values: float | None, settling: int = 0) -> Series:
    points = [
        Point(FIRST + timedelta(weeks=n), value, f"week {n}", settling=n >= len(values) - settling)
        for n, value in enumerate(values)
    ]
    return Series("Active", "accent", tuple(points), "9")


def drawn(*series: Series, width: int = charts.WIDE) -> str:
    return svg.draw(charts.lines(series, width=width, height=190, step=7), "a drawing")


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_a_drawing_keeps_to_the_content_policy(width: int) -> None:
    found = drawn(weeks(1, None, 9, settling=1), width=width)
    assert "style=" not in found
    assert "#fe00" not in found  # every stand-in became a class
    assert 'role="img"' in found
    assert 'aria-label="a drawing"' in found
    assert f'width="{width}"' in found
    assert min(svg.font_sizes(found)) >= 11


def test_every_week_has_its_words() -> None:
    found = drawn(weeks(1, None, 9))
    assert [f"<title>week {n}</title>" in found for n in range(3)] == [True] * 3


def test_settling_weeks_are_marked_and_said() -> None:
    assert "settling" not in drawn(weeks(1, 2, 9))
    assert "settling</text>" in drawn(weeks(1, 2, 9, settling=1))


def test_withheld_is_marked_and_not_yet_is_blank() -> None:
    withheld = Point(FIRST, None, "withheld", withheld=True)
    assert "▒" in drawn(Series("Active", "accent", (withheld, Point(FIRST + timedelta(weeks=1), 3.0, "3")), "3"))
    assert "▒" not in drawn(weeks(3, None))


def test_a_week_cut_short_is_no_fall_of_the_line() -> None:
    whole = weeks(90, 91, 92)
    cut = Point(FIRST + timedelta(weeks=3), 20.0, "2 of 7 days", settling=True, partial=True)
    found = drawn(Series("Active", "accent", (*whole.points, cut), "92"))
    assert charts.newest((*whole.points, cut)) == whole.points[-1]
    assert charts.newest((cut,)) == cut
    # One stroke of the line for the whole weeks, one ring for the week cut short, nothing between them.
    assert found.count('class="s-accent"') == 2


def test_amounts_start_at_zero() -> None:
    found = drawn(weeks(900, 901, 902))
    assert ">0</text>" in found


def test_bars_say_their_value_and_nothing_withheld_has_a_length() -> None:
    rows = [
        Bar("Chat", "chat", 95, "95", "Chat: 95"),
        Bar("Design", "design", None, "Withheld: too few people", "Design"),
    ]
    found = svg.draw(charts.bars(rows, width=charts.NARROW), "surfaces")
    assert "Withheld: too few people</text>" in found
    assert 'class="f-chat"' in found
    assert found.index("Chat") < found.index("Design")


def test_hostile_names_stay_text() -> None:
    rows = [Bar("<script>x</script>", "chat", 1, "</text><b>", '"><i>')]
    found = svg.draw(charts.bars(rows, width=charts.WIDE), '"><script>')
    assert "<script>" not in found
    assert "<b>" not in found
    assert "<i>" not in found


def test_nothing_known_is_still_a_drawing() -> None:
    assert drawn(weeks(None, None)).startswith("<svg")


@pytest.mark.parametrize(
    ("top", "ceiling"), [(0, 1), (1, 1), (7, 8), (95, 100), (101, 150), (4_071, 5_000), (12_400, 15_000)]
)
def test_the_scale_ends_at_a_round_number(top: float, ceiling: float) -> None:
    assert charts._ceiling(top, percent=False) == ceiling


def test_names_at_the_ends_do_not_cover_each_other() -> None:
    placed = charts._apart([100, 98, 20], 16)
    assert placed == [100, 84, 20]
