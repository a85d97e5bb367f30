"""What we read lists exactly what is decoded; machines are told the state and no more; problems become pages."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client, RequestFactory

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.domain.measures import COLUMNS, MEASURES, SUMMARY_COUNTS
from uptake.domain.problems import Busy, NotAllowed, Problem, Refused
from uptake.web import problems, reading


@pytest.mark.parametrize("email", sorted(company.CAST))
def test_everybody_signed_in_sees_every_count_that_is_read(email: str, signed_in: SignedIn) -> None:
    page = signed_in(email).get("/what-we-read/").content.decode()
    listed = re.findall(r'<th scope="row"><code>(\w+)</code></th><td><code>([\w.]+)</code>', page)
    assert sorted(listed) == sorted((measure.column, measure.path) for measure in MEASURES)
    assert len(listed) == len(COLUMNS) == 108
    assert all(f"<code>{name}</code>" in page for name in SUMMARY_COUNTS)


def test_the_groups_hold_each_measure_once() -> None:
    grouped = [measure for group in reading.groups() for measure in group.measures]
    assert sorted(m.column for m in grouped) == sorted(COLUMNS)


def test_alive_and_ready(db: None, home: Settings) -> None:
    client = Client(headers={"host": "localhost"})
    assert client.get("/livez").content == b"ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {"ok"})
    home.master_key_file.write_bytes(b"not the key that seals")
    broken = client.get("/readyz")
    assert broken.status_code == 503
    assert str(home.home) not in broken.content.decode()


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"}, 403),
    ],
)
def test_gauges_are_for_this_machine(
    extra: dict[str, str], status: int, db: None, home: Settings, now: datetime
) -> None:
    company.connected(now=now)
    answer = Client(headers={"host": "localhost"}).get("/metrics", **extra)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert (b"uptake_usage_days_held" in answer.content) == (status == 200)
    assert b"@" not in answer.content


@pytest.mark.parametrize(
    ("problem", "status"), [(Problem("m"), 400), (Refused("m"), 400), (NotAllowed("m"), 403), (Busy("m"), 409)]
)
def test_problems_have_their_status(problem: Problem, status: int) -> None:
    assert problems.status_of(problem) == status


def test_nothing_unknown_shows_its_inside(rf: RequestFactory) -> None:
    page = problems.server_error(rf.get("/"))
    assert page.status_code == 500
    assert b"Traceback" not in page.content
