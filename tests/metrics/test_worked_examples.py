"""The worked examples of the definitions, by hand: what the engine counts before anything is rounded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from metrics.world import Row, World
from uptake.metrics import CATALOGUE, cache, survival
from uptake.metrics.panel import Counted, Panel

EPOCH = date(2026, 1, 5)
# person: (joined, left, weeks with one active Tuesday)
H = {
    "ada": (-20, None, "1111 1111 1111 1111"),
    "ben": (-20, None, "1100 0000 0010 0000"),
    "cyd": (28, None, "0000 0111 1111 1011"),
    "dee": (-20, 86, "1111 1111 1100 0000"),
    "eli": (0, None, "0000 0000 0000 0000"),
    "fay": (56, None, "0000 0000 0011 1111"),
    "gus": (-20, None, "1111 1110 0110 1101"),
    "hal": (28, 70, "0000 0100 0000 0000"),
}


def day(number: int) -> date:
    return EPOCH + timedelta(days=number)


def seat(name: str, joined: int, left: int | None = None) -> Row:
    at = {"joined_at": joined, "left_at": left}
    times = {key: None if n is None else datetime.combine(day(n), time(9), UTC) for key, n in at.items()}
    return {
        "member_id": name,
        "email": f"{name}@example.com",
        "status": "active" if left is None else "removed",
        **times,
    }


def panel(home: Path, days: Iterable[tuple[int, list[Row]]], seats: list[Row]) -> Panel:
    world = World(home, 1)
    for number, rows in days:
        world.day("one", day(number), rows)
    found, whole = cache.panel(world.roster("one", seats).facts, "one")
    assert found is not None and whole
    return found


def of(found: Panel, tile: int, metric: str) -> Counted:
    return next(four for four in found.fours if four.first == 4 * tile).groups[""][""][metric]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    on = {name: weeks.replace(" ", "") for name, (_, _, weeks) in H.items()}
    days = (
        (n, [{"id": name, "chat_messages": 1} for name in H if n % 7 == 1 and on[name][n // 7] == "1"])
        for n in range(112)
    )
    return panel(
        tmp_path_factory.mktemp("h"), days, [seat(name, joined, left) for name, (joined, left, _) in H.items()]
    )


@pytest.mark.parametrize(("tile", "eligible", "active"), [(0, 5, 4), (1, 7, 5), (2, 8, 6), (3, 6, 4)])
def test_reach(company: Panel, tile: int, eligible: int, active: int) -> None:
    found = of(company, tile, "eligible_reach")
    assert (found.people, found.top) == (eligible, active)


def test_weekly_active_and_habit(company: Panel) -> None:
    assert company.weeks[15][1] == 4
    habit = of(company, 3, "habitual_share")
    assert (habit.people, habit.top) == (6, 3)  # ada, cyd and fay; dee and hal left: unknown, not no
    assert of(company, 3, "habitual_short_rule").top == 1  # fay


# before, new, resurrected, churned, left, active; quick ratio
FLOWS = {1: ((4, 2, 0, 1, 0, 5), 2.0), 2: ((5, 1, 1, 0, 1, 6), 2.0), 3: ((6, 0, 0, 1, 1, 4), 0.0)}


@pytest.mark.parametrize("tile", FLOWS)
def test_growth_accounting(company: Panel, tile: int) -> None:
    (before, *flows, active), quick = FLOWS[tile]
    found = [of(company, tile, f"flow_{name}").people for name in ("new", "resurrected", "churned", "left")]
    new, resurrected, churned, left = found
    assert found == flows
    assert of(company, tile, "flow_retained").people == before - churned - left
    assert active == before + new + resurrected - churned - left == of(company, tile, "eligible_reach").top
    ratio = of(company, tile, "quick_ratio")
    assert (ratio.top or 0) / (ratio.people - (ratio.top or 0)) == quick


def test_the_ladder_from_seat_to_core(company: Panel) -> None:
    """Seats at the end: ada, ben, cyd, eli, fay, gus. Nobody has three active days a week."""
    names = ("ever_used", "seat_utilisation", "habitual_of_seats", "core_of_seats")
    found = [of(company, 3, name) for name in names]
    assert [one.people for one in found] == [6, 6, 6, 6]
    assert [one.top for one in found] == [5, 4, 3, 0]


def test_moves_between_states(company: Panel) -> None:
    """ada stayed habitual, gus no longer is, ben went quiet, eli never began; the others were not there both times."""
    moves = {then_now: of(company, 3, f"state_moves:{then_now}").people for then_now in CATALOGUE["state_moves"].rows}
    assert {one: people for one, people in moves.items() if people} == {
        "habitual to habitual": 1,
        "habitual to occasional": 1,
        "occasional to dormant": 1,
        "never to never": 1,
    }
    assert of(company, 3, "state_moves").people == 4


def test_bracket_retention(company: Panel) -> None:
    assert sorted(company.brackets) == [
        (5, "w1", 2, 1),
        (5, "w2_4", 2, 1),
        (5, "w5_8", 1, 1),  # hal left; weeks 9 to 12 are not over
        (10, "w1", 1, 1),
        (10, "w2_4", 1, 1),
    ]


def test_frequency_of_one_tile(tmp_path: Path) -> None:
    """u1 all 20 weekdays; u2 every Monday and Thursday; u3 one Saturday; u4 a seat without use."""
    on = {"u1": {0, 1, 2, 3, 4}, "u2": {0, 3}}
    days = (
        (
            n,
            [{"id": who, "chat_messages": 1} for who in on if n % 7 in on[who]]
            + [{"id": "u3", "chat_messages": 1}] * (n == 5),
        )
        for n in range(28)
    )
    found = panel(tmp_path, days, [seat(f"u{n}", -20) for n in (1, 2, 3, 4)])
    bars = {n: of(found, 0, f"power_user_curve:{n}").people for n in range(21)}
    assert {n: people for n, people in bars.items() if people} == {0: 1, 1: 1, 8: 1, 20: 1}
    assert of(found, 0, "active_days_mean").value == pytest.approx(2.4167, abs=1e-4)
    assert of(found, 0, "active_days_median").value == 2
    rate, sticky, reach = (
        of(found, 0, name) for name in ("active_workday_rate", "workday_stickiness", "eligible_reach")
    )
    assert (rate.top, rate.bottom) == (29, 80)
    assert (sticky.top or 0) / (sticky.bottom or 1) == pytest.approx(28 / 20 / 3)
    assert (reach.top, reach.people) == (3, 4)


def test_concentration_and_acceptance(tmp_path: Path) -> None:
    """Prompts 1, 2, 3, 10 and somebody without; decisions with everybody's rate at 0.80."""
    decisions = {"a": (90, 10), "b": (8, 12), "c": (10, 0), "d": (1, 3), "e": (3, 3)}
    rows = [
        {"id": who, "chat_messages": prompts, "code_edit_accepted": yes, "code_edit_rejected": no}
        for (who, (yes, no)), prompts in zip(decisions.items(), (1, 2, 3, 10, None), strict=True)
    ]
    found = panel(tmp_path, ((n, rows if n == 3 else []) for n in range(28)), [seat(who, -20) for who in decisions])
    weighted = of(found, 0, "acceptance_person_weighted")
    assert weighted.people == 3 and weighted.value == pytest.approx((94 / 105 + 12 / 25 + 14 / 15) / 3)
    assert weighted.value == pytest.approx(0.7695, abs=1e-4)
    assert of(found, 0, "prompts_gini_all").value == pytest.approx(0.55)
    four = [row for row in rows if row["chat_messages"]]
    (tmp_path / "four").mkdir()
    alone = panel(
        tmp_path / "four", ((n, four if n == 3 else []) for n in range(28)), [seat(who, -20) for who in "abcd"]
    )
    assert of(alone, 0, "prompts_gini").value == pytest.approx(0.4375)


K = [(0, 1, 1), (2, 1, 1), (5, 1, 1), (9, 0, 1), (12, 1, 1), (20, 0, 1), (31, 0, 2)]


def test_kaplan_meier() -> None:
    assert survival.curve(K) == [
        (0, 0.875), (2, 0.75), (5, 0.625), (9, 0.625), (12, 0.46875), (20, 0.46875), (31, 0.46875),
    ]  # fmt: skip
    assert (survival.started_by(K, 7), survival.started_by(K, 30), survival.median(K)) == (0.375, 0.53125, 12)
    assert survival.started_by(K, 32) is None  # nobody was in sight for so long
    assert (
        survival.started_by([(3, 2, 2)], 30) == 1.0 and survival.median([(3, 1, 4)]) is None and survival.seen(K) == 8
    )
