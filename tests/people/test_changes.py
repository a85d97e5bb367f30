"""A delivery becomes the next chart: created, changed, left, left out; who is unclear stays as before, and is named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people.cast import ALL, MONDAY, by_name, delivered, row
from uptake.people.changes import Plan
from uptake.people.delivery import FIFTEEN_FIVE
from uptake.people.person import merged
from uptake.people.tree import above, all_above, cycles


def three() -> Plan:
    return delivered(
        [],
        row(2, "Ada", employee_id="1", department="Board"),
        row(3, "Mina", employee_id="2", manager="1", department="Sales", groups=("Tour", "Pilot")),
        row(4, "Emil", employee_id="3", manager="mina@acme.example", department="Sales"),
    )


def words(plan: Plan) -> list[tuple[int, str]]:
    return [(finding.row, finding.words) for finding in plan.findings]


def test_everybody_is_created_and_reports_to_whom_the_file_says() -> None:
    first = three()
    people = by_name(first.chart)
    assert len(first.created) == 3
    assert first.findings == ()
    assert people["Emil"].manager_id == people["Mina"].person_id
    assert people["Mina"].manager_id == people["Ada"].person_id
    assert people["Ada"].manager_id is None


def test_the_same_file_again_changes_nothing() -> None:
    first = three()
    again = delivered(
        first.chart,
        row(2, "Ada", employee_id="1", department="Board"),
        row(3, "Mina", employee_id="2", manager="1", department="Sales", groups=("Tour", "Pilot")),
        row(4, "Emil", employee_id="3", manager="mina@acme.example", department="Sales"),
    )
    assert not again.anything
    assert again.same == 3
    assert set(again.chart) == set(first.chart)


def test_a_change_names_field_before_and_after() -> None:
    moved = delivered(
        three().chart,
        row(2, "Ada", employee_id="1", department="Board"),
        row(3, "Mina", employee_id="2", manager="1", department="Sales", groups=("Tour",)),
        row(4, "Emil", employee_id="3", manager="Ada", department="Support"),
    )
    changes = {change.person.name: change.fields for change in moved.changed}
    assert changes["Emil"] == (("Manager", "Mina", "Ada"), ("Department", "Sales", "Support"))
    assert changes["Mina"] == (("Groups", "Tour, Pilot", "Tour"),)
    assert "Ada" not in changes


def test_who_is_missing_has_left_on_the_day_and_keeps_the_team_for_the_past() -> None:
    gone = delivered(three().chart, row(2, "Ada", employee_id="1"), row(3, "Mina", employee_id="2", manager="1"))
    emil = by_name(gone.chart)["Emil"]
    assert [person.name for person in gone.left] == ["Emil"]
    assert (emil.listed, emil.ended_on, emil.department) == (False, MONDAY, "Sales")
    assert emil.works_in(MONDAY, MONDAY)
    assert not emil.works_in(date(2026, 11, 30), date(2026, 12, 6))


def test_who_comes_back_is_the_same_person() -> None:
    first = three()
    gone = delivered(first.chart, row(2, "Ada", employee_id="1"), row(3, "Mina", employee_id="2"))
    back = delivered(
        gone.chart, row(2, "Ada", employee_id="1"), row(3, "Mina", employee_id="2"), row(4, "Emil", employee_id="3")
    )
    assert by_name(back.chart)["Emil"].person_id == by_name(first.chart)["Emil"].person_id
    assert by_name(back.chart)["Emil"].listed
    assert by_name(back.chart)["Emil"].ended_on is None


def test_a_part_of_the_company_makes_nobody_leave() -> None:
    part = delivered(three().chart, row(2, "Emil", employee_id="3", department="Support"), whole=False)
    assert part.left == ()
    assert len(merged(part.chart)) == 3


def test_a_new_address_is_the_same_person_and_the_old_one_still_tells_them() -> None:
    wed = delivered(
        three().chart,
        row(2, "Ada", employee_id="1"),
        row(3, "Mina", employee_id="2", email="mina.new@acme.example"),
        row(4, "Emil", employee_id="3"),
    )
    assert wed.created == ()
    assert by_name(wed.chart)["Mina"].emails == ("mina.new@acme.example", "mina@acme.example")


def test_an_address_given_to_somebody_else_is_theirs() -> None:
    first = delivered([], row(2, "Ada", employee_id="1"), row(3, "Sam", employee_id="2", email="sam@acme.example"))
    next_ = delivered(
        first.chart,
        row(2, "Ada", employee_id="1"),
        row(3, "Sam", employee_id="2", email="sam.old@acme.example"),
        row(4, "Samuel", employee_id="9", email="other@acme.example", other_emails=("sam.old@acme.example",)),
    )
    people = by_name(next_.chart)
    assert people["Samuel"].emails == ("other@acme.example",)
    assert words(next_)[0][0] == 4


def test_a_column_that_is_not_there_takes_nothing_away() -> None:
    less = delivered(
        three().chart,
        row(2, "Ada", employee_id="1"),
        row(3, "Mina", employee_id="2"),
        row(4, "Emil", employee_id="3"),
        fields=frozenset({"name", "email", "employee_id"}),
    )
    assert not less.anything
    assert by_name(less.chart)["Emil"].department == "Sales"


@pytest.mark.parametrize("shared", [{"employee_id": "7"}, {"email": "one@acme.example"}])
def test_two_rows_that_claim_the_same_are_both_left_out(shared: dict[str, str]) -> None:
    found = delivered([], row(2, "Ada", employee_id="1"), row(3, "Bea", **shared), row(4, "Cai", **shared))
    assert [person.name for person in found.created] == ["Ada"]
    assert {number for number, _ in words(found)} == {3, 4}
    assert "row 4" in words(found)[0][1]
    assert found.left_out == 2


def test_a_row_that_is_left_out_leaves_its_person_as_before() -> None:
    found = delivered(
        three().chart,
        row(2, "Ada", employee_id="1", department="Board"),
        row(3, "Mina", employee_id="2", manager="1", email="x@acme.example"),
        row(4, "Emil", employee_id="3", email="x@acme.example"),
    )
    assert found.left == ()
    assert by_name(found.chart)["Emil"].department == "Sales"
    assert found.left_out == 2


def test_an_id_of_one_and_an_address_of_another_is_a_contradiction() -> None:
    found = delivered(
        three().chart,
        row(2, "Ada", employee_id="1"),
        row(3, "Mina", employee_id="2", email="emil@acme.example"),
    )
    assert found.left == ()
    assert found.left_out == 1
    assert "another one" in words(found)[0][1]


def test_nobody_leaves_where_a_row_may_be_about_anybody() -> None:
    found = delivered(three().chart, row(2, "Ada", employee_id="1"), row(3, "?", email=None, key=""))
    assert found.left == ()


@pytest.mark.parametrize(
    ("manager", "says"),
    [("nobody@acme.example", "nobody whom"), ("Nobody At All", "nobody whom"), ("Twin", "2 people")],
)
def test_a_manager_who_is_unknown_is_named_and_left_open(manager: str, says: str) -> None:
    found = delivered(
        [],
        row(2, "Twin", email="one@acme.example"),
        row(3, "Twin", email="two@acme.example", key="two@acme.example"),
        row(4, "Emil", manager=manager),
    )
    assert by_name(found.chart)["Emil"].manager_id is None
    assert [number for number, text in words(found) if says in text] == [4]
    assert found.left_out == 0


def test_who_names_the_own_address_as_manager_is_at_the_top() -> None:
    found = delivered([], row(2, "Ada", manager="ada@acme.example"))
    assert found.findings == ()
    assert found.created[0].manager_id is None


def test_a_circle_is_named_and_left_open() -> None:
    found = delivered(
        [],
        row(2, "Ada", manager="emil@acme.example"),
        row(3, "Mina", manager="ada@acme.example"),
        row(4, "Emil", manager="mina@acme.example"),
        row(5, "Otto", manager="mina@acme.example"),
    )
    assert [finding.column for finding in found.findings] == ["Manager"]
    assert found.findings[0].words == "goes in a circle: Ada reports to Emil reports to Mina reports to Ada"
    people = by_name(found.chart)
    assert [people[name].manager_id for name in ("Ada", "Mina", "Emil")] == [None, None, None]
    assert people["Otto"].manager_id == people["Mina"].person_id


def test_sources_stand_side_by_side_and_the_first_one_that_says_something_counts() -> None:
    first = three()
    both = delivered(
        first.chart,
        row(1, "Emil Berg", email="emil@acme.example", key="77", department="Marketing", title="Seller"),
        source=FIFTEEN_FIVE,
        rank=2,
        fields=ALL - {"manager"},
    )
    emil = by_name(both.chart)["Emil"]
    assert (emil.department, emil.title, emil.sources) == ("Sales", "Seller", ("csv", FIFTEEN_FIVE))
    assert both.created == ()
    assert both.left == ()


def test_losses_beyond_a_tenth_ask_for_a_word() -> None:
    everybody = [row(n, f"P{n}", employee_id=str(n)) for n in range(2, 102)]
    first = delivered([], *everybody)
    assert not delivered(first.chart, *everybody[:90]).large_loss
    assert delivered(first.chart, *everybody[:89]).large_loss


managers = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([*"abcdefgh", None]))


@given(managers)
def test_chains_end_and_hold_nobody_twice(manager_of: dict[str, str | None]) -> None:
    chains = all_above(manager_of)
    for person in manager_of:
        assert chains[person] == above(person, manager_of)
        assert len(set(chains[person])) == len(chains[person])
        assert person not in chains[person]


@given(managers)
def test_cycles_are_those_who_are_above_themselves(manager_of: dict[str, str | None]) -> None:
    def comes_back(person: str) -> bool:
        at, steps = manager_of.get(person), 0
        while at is not None and at != person and steps < 20:
            at, steps = manager_of.get(at), steps + 1
        return at == person

    assert {one for circle in cycles(manager_of) for one in circle} == {p for p in manager_of if comes_back(p)}
