"""Exports that take a while: who may have which file, that it is gone when it must be, and that no death leaves one behind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.promises.scan import Scanner
from uptake.actions import disconnects, erasures, export_jobs, exports, retention, visibility
from uptake.actions.exports import Wanted
from uptake.actions.syncing import sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR, SCHEDULE, Role, Viewer
from uptake.domain.problems import Absent, NotAllowed, NotYet, Problem, TooMany
from uptake.domain.visibility import Named, Policy
from uptake.lake import Lake, members
from uptake.metrics import Question
from uptake.records.models import Account, AuditEntry, Connection, ExportJob

USAGE = Wanted("usage", "parquet")


@pytest.fixture
def home(home: Settings, settings: object) -> Settings:
    settings.UPTAKE = home  # type: ignore[attr-defined]
    return home


@pytest.fixture
def synced(home: Settings, connected: Connection) -> Connection:
    sync_now(OPERATOR, home, trigger="command")
    return connected


def account(email: str, role: Role) -> Viewer:
    return Account.objects.create_user(email, None, role.value).viewer


@pytest.fixture
def ada(db: None) -> Viewer:
    return account("ada@acme.example", Role.COMPANY_ADMIN)


def open_policy(now: datetime, **values: object) -> None:
    visibility.change(OPERATOR, wanted=Policy(**{"named": Named.HR, **values}), now=now)  # type: ignore[arg-type]


def left(home: Settings) -> list[Path]:
    return sorted(home.exports.glob("*")) if home.exports.exists() else []


def ready(ada: Viewer, home: Settings, now: datetime, wanted: Wanted = USAGE) -> str:
    """The id of a file of facts that was asked for and made."""
    job = export_jobs.ask_facts(ada, wanted, now).id
    export_jobs.work(home, now)
    assert export_jobs.seen(ada, job).state == "ready"
    return job


def test_figures_are_asked_for_made_and_fetched(home: Settings, synced: Connection, ada: Viewer, now: datetime) -> None:
    job = export_jobs.ask_figures(ada, home, Question(("members",), connection="Acme"), "parquet", now)
    with pytest.raises(NotYet):
        export_jobs.fetch(ada, home, job.id, now)
    assert export_jobs.work(home, now) == 1
    view, file = export_jobs.fetch(ada, home, job.id, now)
    with file:
        table = pq.read_table(file)
    assert table["metric"].to_pylist() == ["members"] and table["value"].to_pylist()[0] > 0
    assert table["filters"].to_pylist() == ["connection Acme"]
    assert view.bytes == left(home)[0].stat().st_size and view.expires_at == now + timedelta(days=1)
    told = AuditEntry.objects.filter(action="numbers.export").order_by("pk").values_list("outcome", "actor")
    assert list(told) == [(outcome, ada.name) for outcome in ("asked for", "made", "fetched")]


def test_days_of_people_stay_on_the_host_while_the_policy_shows_nobody(
    home: Settings, synced: Connection, ada: Viewer, now: datetime
) -> None:
    for what in ("usage", "summaries"):
        with pytest.raises(NotAllowed, match="on the host only"):
            export_jobs.ask_facts(ada, Wanted(what, "csv"), now)  # type: ignore[arg-type]
    assert exports.export(OPERATOR, home, USAGE, (home.home / "mine").open("wb"), now) > 0
    assert export_jobs.ask_facts(ada, Wanted("members", "csv"), now).state == "queued"  # the roster tells of no use
    open_policy(now, person_exports=False)
    for what in ("usage", "members"):
        with pytest.raises(NotAllowed, match="Files about persons"):
            export_jobs.ask_facts(ada, Wanted(what, "csv"), now)  # type: ignore[arg-type]


def test_where_the_policy_opens_them_they_go_to_hr_and_to_nobody_else(
    home: Settings, synced: Connection, ada: Viewer, now: datetime
) -> None:
    open_policy(now)
    job = ready(ada, home, now)
    _, file = export_jobs.fetch(ada, home, job, now)
    with file:
        found = pq.read_table(file)
    assert found.num_rows == export_jobs.seen(ada, job).rows > 0 and "member_id" in found.column_names
    for role in (Role.IT_ADMIN, Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            export_jobs.ask_facts(account(f"{role}@acme.example", role), USAGE, now)
    hana = account("hana@acme.example", Role.HR_ADMIN)
    assert export_jobs.listed(hana, None, 10) == ((), None)
    for ask in (lambda: export_jobs.seen(hana, job), lambda: export_jobs.fetch(hana, home, job, now)):
        with pytest.raises(Absent):
            ask()


def test_a_file_is_gone_once_the_policy_or_the_role_closes_it(
    home: Settings, synced: Connection, ada: Viewer, now: datetime
) -> None:
    open_policy(now)
    first, second = ready(ada, home, now), ready(ada, home, now)
    Account.objects.filter(pk=ada.account_id).update(role=Role.HR_ADMIN.value)
    export_jobs.tidy(home, now)
    assert export_jobs.seen(ada, first).state == "ready"  # HR may too
    open_policy(now, named=Named.NOBODY)
    with pytest.raises(NotAllowed):
        export_jobs.fetch(ada, home, first, now)
    retention.apply(SCHEDULE, home, now=now)
    assert {export_jobs.seen(ada, job).state for job in (first, second)} == {"gone"} and left(home) == []


def test_nothing_of_an_erased_person_is_left_in_a_file_or_comes_into_one(
    home: Settings, synced: Connection, ada: Viewer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_policy(now)
    lake = Lake(home.lake, home.aside)
    days = [lake.read("usage", synced.pk, day)["member_id"].to_pylist() for day in lake.held("usage", synced.pk)]
    often = Counter(one for day in days for one in day)
    who = max((one for one in members(lake, synced.pk, now) if one.email), key=lambda one: often[one.member_id])
    done = ready(ada, home, now, Wanted("members", "jsonl"))
    figures = export_jobs.ask_figures(ada, home, Question(("members",)), "json", now).id
    export_jobs.work(home, now)
    under_way = export_jobs.ask_facts(ada, Wanted("usage", "jsonl"), now).id
    real = exports.write

    def erased_meanwhile(*asked: object) -> int:
        rows = real(*asked)  # type: ignore[arg-type]
        erasures.erase(OPERATOR, home, who=str(who.email), now=now)
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(exports, "write", erased_meanwhile)
        export_jobs.work(home, now)
    assert [export_jobs.seen(ada, job).state for job in (done, under_way, figures)] == ["gone", "gone", "ready"]
    assert [path.name for path in left(home)] == [f"{figures}.json"]
    scanner = Scanner({"id": str(who.member_id), "email": str(who.email)})
    assert scanner.look_through(home.home) == []
    again = ready(ada, home, now, Wanted("members", "jsonl"))
    assert str(who.email).encode() not in (home.exports / f"{again}.jsonl").read_bytes()


def test_a_disconnect_takes_every_file_along(home: Settings, synced: Connection, ada: Viewer, now: datetime) -> None:
    export_jobs.ask_figures(ada, home, Question(("members",)), "csv", now)
    export_jobs.work(home, now)
    assert len(left(home)) == 1
    receipt = disconnects.disconnect(OPERATOR, home, name="Acme", erase=False, now=now)
    assert left(home) == [] and receipt.counts["exports"] == 1


def test_a_file_waits_for_a_day_and_goes_with_its_account(
    home: Settings, synced: Connection, ada: Viewer, now: datetime
) -> None:
    job = export_jobs.ask_figures(ada, home, Question(("members",)), "csv", now).id
    export_jobs.work(home, now)
    export_jobs.work(home, now + timedelta(hours=23))
    assert len(left(home)) == 1
    export_jobs.work(home, now + timedelta(hours=24))
    assert left(home) == [] and export_jobs.seen(ada, job).state == "gone"
    with pytest.raises(Absent, match="any more"):
        export_jobs.fetch(ada, home, job, now)
    export_jobs.ask_figures(ada, home, Question(("members",)), "csv", now)
    export_jobs.work(home, now)
    Account.objects.all().delete()
    export_jobs.tidy(home, now)
    assert left(home) == [] and not ExportJob.objects.exists()


def test_whoever_dies_over_a_file_leaves_none_and_it_is_made_again(
    home: Settings, synced: Connection, ada: Viewer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = export_jobs.ask_figures(ada, home, Question(("members",)), "csv", now).id

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(exports, "write_figures", dies)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                export_jobs.work(home, now)
            assert export_jobs.seen(ada, job).state == "running"
    export_jobs.work(home, now)
    assert export_jobs.seen(ada, job).state == "ready" and len(left(home)) == 1
    ExportJob.objects.update(state="running", tries=3)
    export_jobs.work(home, now)
    assert export_jobs.seen(ada, job).state == "failed"
    assert "three times" in export_jobs.seen(ada, job).trouble


def test_nobody_fills_the_line_alone(home: Settings, synced: Connection, ada: Viewer, now: datetime) -> None:
    for _ in range(export_jobs.MOST_OPEN):
        export_jobs.ask_facts(ada, Wanted("members", "csv"), now)
    with pytest.raises(TooMany):
        export_jobs.ask_facts(ada, Wanted("members", "csv"), now)
    first, after = export_jobs.listed(ada, None, 3)
    rest, end = export_jobs.listed(ada, after, 3)
    assert len({job.id for job in (*first, *rest)}) == 5 and end is None
    export_jobs.drop(ada, home, first[0].id)
    assert export_jobs.ask_facts(ada, Wanted("members", "csv"), now).state == "queued"


def test_what_cannot_be_answered_is_refused_at_once(
    home: Settings, synced: Connection, ada: Viewer, now: datetime
) -> None:
    with pytest.raises(Problem, match="no metric"):
        export_jobs.ask_figures(ada, home, Question(("nonsense",)), "csv", now)
    assert not ExportJob.objects.exists()
