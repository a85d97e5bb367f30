"""A department stops, in a made-up company over HTTP: read by the sync, found by the statistics, told on the page."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from house import House, end, until
from uptake.domain.days import day_no, from_day_no
from uptake.fake import FakeClaude, Organisation
from uptake.fake.directory import Directory, to_csv
from uptake.fake.organisation import UsageDay
from uptake.fake.people import DEPARTMENTS

TEAM = DEPARTMENTS.index("Sales")
LEFT = 0.1


class Planted(Organisation):
    """From a day on the people of one department use Claude on few of the days on which they would have."""

    since: date = date.max

    def _draw(self, day: date, number: int) -> UsageDay:
        told = super()._draw(day, number)
        if day < self.since:
            return told
        places = {member_id: at for at, member_id in enumerate(self.crew.ids)}
        stopped = np.array([self.crew.department[places[one]] == TEAM for one in told.ids])
        kept = np.flatnonzero(~stopped | (np.random.default_rng([day.toordinal(), 9]).random(len(stopped)) < LEFT))
        ids, emails = ([names[at] for at in kept] for names in (told.ids, told.emails))
        return UsageDay(day, ids, emails, told.matrix[kept])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    company = Planted(members=300, seed=3)
    today = datetime.now(UTC).date()
    newest_settled_week = (day_no(today) - 14) // 7  # its Sunday is a week older than the newest day, yesterday
    company.since = from_day_no(7 * (newest_settled_week - 3))
    with FakeClaude(company, requests_per_minute=None) as fake:
        house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "84"})
        assert house.connect(fake.keys.members, fake.keys.analytics).returncode == 0
        assert house.run("sync").returncode == 0
        directory = tmp_path / "people.csv"
        directory.write_text(to_csv(Directory(company).at(datetime.now(UTC))))
        done = house.run("people", "import", str(directory), "--since", str(today - timedelta(weeks=12)))
        assert done.returncode in {0, 3}, done.stdout + done.stderr  # 3: some rows were left out
        yield house


def test_a_drop_becomes_a_sentence(house: House) -> None:
    found = house.ask("insights")
    [drop] = [one for one in found["findings"] if one["about"] == "use" and one["direction"] == "down"]
    assert DEPARTMENTS[TEAM] in drop["name"]
    process = house.start("serve", "--port", "0")
    try:
        _seen(house, str(until(lambda: _address(process))), drop)
    finally:
        assert end(process, signal.SIGTERM) == 143


def _address(process: Any) -> str:
    found = re.search(r"http://\S+?(?=/)", process.stdout.readline())
    return found.group() if found else ""


def _seen(house: House, address: str, drop: dict[str, Any]) -> None:
    """By somebody of HR on the page, on Overview and in REST; not by who runs it."""
    for email, role in (("hana@example.com", "hr_admin"), ("ivan@example.com", "it_admin")):
        assert house.run("account", "create", "--email", email, "--role", role).returncode == 0
        token = house.run("token", "create", "--email", email).stdout.strip()
        asked = httpx2.get(f"{address}/api/v1/insights", headers={"Authorization": f"Bearer {token}"}).json()
        sentences = [one["sentence"] for one in asked["findings"]]
        assert (drop["sentence"] in sentences) == (role == "hr_admin")
        link = re.search(r"/sign-in/\S+", house.run("account", "link", "--email", email).stdout)
        assert link is not None
        with httpx2.Client(base_url=address, follow_redirects=True) as browser:
            page = browser.get(link.group())
            token_field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            if token_field:
                browser.post(str(page.url), data={"csrfmiddlewaretoken": token_field.group(1)})
            for path in ("/insights/", "/"):
                assert (drop["sentence"] in browser.get(path).text) == (role == "hr_admin"), path
