"""The made-up company's directory: its people are the roster's, but not one for one, and nobody reports in a circle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from uptake.fake import Organisation
from uptake.fake.directory import Directory, to_csv
from uptake.people import changes, columns, delivery, rows, spreadsheet
from uptake.people.matching import Member, match

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def _plan(company: Organisation, at: datetime) -> changes.Plan:
    sheet = spreadsheet.read(to_csv(Directory(company).at(at)).encode())
    people, findings, fields = rows.told(sheet, columns.guess(sheet.header))
    given = delivery.Delivery("csv", 1, people, fields, tuple(findings))
    numbers = iter(range(100_000))
    return changes.plan([], {}, given, date(2026, 11, 25), lambda: f"p{next(numbers)}")


def test_its_file_is_read_without_a_question() -> None:
    company = Organisation(members=400, seed=3)
    found = _plan(company, NOW)
    assert found.findings == ()
    people = found.people.values()
    assert 300 < len(found.people) < 700
    assert sum(person.manager_id is None for person in people) == 1
    assert all(person.department and person.location and person.title for person in people)


def test_most_members_match_and_some_are_left_on_both_sides() -> None:
    company = Organisation(members=400, seed=3)
    roster = [Member("c", one.id, one.name, one.email.lower()) for one in company.roster(NOW)]
    found = match(roster, _plan(company, NOW).people, {})
    hows = {one.how for one in found.of.values()}
    assert len(found.of) > 0.9 * len(roster)
    assert found.members
    assert found.people
    assert {"email", "alias"} <= hows


def test_people_move_in_the_course_of_a_year() -> None:
    hr = Directory(Organisation(members=400, seed=3))
    before = {one.number: one.department for one in hr.at(NOW - timedelta(days=180))}
    after = {one.number: one.department for one in hr.at(NOW)}
    both = before.keys() & after.keys()
    assert 3 < sum(before[one] != after[one] for one in both) < 0.2 * len(both)
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
