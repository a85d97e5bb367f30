"""What metrics does to know the teams of each week: from the lake and the records alone, against what HR said at the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from uptake.actions import people
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.days import day_no, monday
from uptake.fake import Organisation
from uptake.fake.directory import Directory, to_csv
from uptake.lake import Lake, chart, charts
from uptake.people.chart import from_table
from uptake.people.matching import Link, Member, match
from uptake.people.person import merged
from uptake.people.teams import spans, team_id
from uptake.records.models import MemberLink

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_a_member_is_in_the_department_hr_told_for_the_week(home: Settings) -> None:
    company = Organisation(members=80, seed=4)
    hr = Directory(company)
    told = [NOW - timedelta(weeks=weeks) for weeks in (24, 16, 8, 0)]
    for at in told:
        people.import_csv(OPERATOR, home, to_csv(hr.at(at)).encode(), people.Wanted(at.date(), accept_loss=True), NOW)

    lake = Lake(home.lake, home.aside)
    history = [(week, merged(from_table(chart(lake, week)))) for week in charts(lake)]
    members = [Member("c", member.id, member.name, member.email.lower()) for member in company.roster(NOW)]
    links = {
        (str(row.connection_id), row.member_id): Link(row.person_id, row.decided) for row in MemberLink.objects.all()
    }
    found = match(members, history[-1][1], links)
    of = {key: one.person_id for key, one in found.of.items()}
    rows = spans(history, of, {}, told[0].date(), NOW.date()).to_pylist()

    by_email = {member.member_id: member.email for member in members}
    moved = 0
    for at in told:
        week = day_no(monday(at.date())) // 7
        hr_says = {one.email: team_id("department", one.department) for one in hr.at(at)}
        here = {
            row["member_id"]: row["team"]
            for row in rows
            if row["kind"] == "department" and row["first_week"] <= week <= row["last_week"]
        }
        for member_id, team in here.items():
            if by_email[member_id] in hr_says:
                assert hr_says[by_email[member_id]] == team
                moved += team != next(row["team"] for row in rows if row["member_id"] == member_id)
    assert moved
