"""Drawings: the page's own inks, words for every mark, and none of the four states looks like another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from uptake.web import bars, charts, cohorts, dots, svg
from uptake.web.bars import Bar
from uptake.web.charts import Point, Series
from uptake.web.cohorts import Field, Flow
from uptake.web.dots import Dot, Line

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
    found = svg.draw(bars.bars(rows, width=charts.NARROW), "surfaces")
    assert "Withheld: too few people</text>" in found
    assert 'class="f-chat"' in found
    assert found.index("Chat") < found.index("Design")


def test_hostile_names_stay_text() -> None:
    rows = [Bar("<script>x</script>", "chat", 1, "</text><b>", '"><i>')]
    found = svg.draw(bars.bars(rows, width=charts.WIDE), '"><script>')
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
    placed = charts.apart([100, 98, 20], 16)
    assert placed == [100, 84, 20]


def test_a_line_of_the_time_before_is_thin_and_says_nothing_of_its_own() -> None:
    now = weeks(5, 6, 7)
    before = Series("The time before", "faint", weeks(4, 4, 4).points, before=True)
    found = drawn(now, before)
    assert found.count('class="s-faint"') >= 1 and "The time before" not in found


def test_a_bar_carries_a_mark_where_it_stood_before() -> None:
    found = svg.draw(bars.bars([Bar("Chat", "chat", 10, "10", "Chat: 10", before=20)], width=charts.WIDE), "surfaces")
    assert found.count("<title>Chat: 10</title>") == 1 and "s-ink" in found


def test_a_row_without_a_value_keeps_its_place_and_says_why() -> None:
    rows = [
        Line("Sales", (Dot(0.5, "accent", 0.4, 0.6),), "50 %", "Sales: 50 %"),
        Line("Legal", (), "Withheld: too few people", "Legal: withheld"),
    ]
    found = svg.draw(dots.dots(rows, width=charts.WIDE, top=1.0, percent=True, middle=0.45), "teams")
    assert ">Legal</text>" in found and ">Withheld: too few people</text>" in found
    assert found.index(">Sales</text>") < found.index(">Legal</text>")


def test_a_cohort_that_is_withheld_is_no_zero() -> None:
    fields = [Field("All", "Week 1", 0.5, "50 %", "All: 50 %"), Field("2 Nov", "Week 1", None, "▒", "2 Nov: withheld")]
    found = svg.draw(cohorts.table(fields, width=charts.WIDE), "cohorts")
    assert "▒</text>" in found and 'fill-opacity="0.25"' in found and 'fill-opacity="0"' in found


def test_who_comes_is_above_the_line_and_who_goes_below_it() -> None:
    found = [Flow("12 Oct", "new", "accent", 0, 15, 1, "15 new"), Flow("12 Oct", "left", "slack", 0, -5, 1, "5 left")]
    drawing = svg.draw(cohorts.flows(found, width=charts.WIDE, height=190), "flows")
    assert "15 new</text>" in drawing and "5 left</text>" in drawing
