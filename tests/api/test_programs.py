"""What programs rely on: one shape of refusal, nothing sent twice, lists part by part, files, and nobody by name too early."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import jsonschema_rs
import pyarrow.parquet as pq
import pytest
from django.test import Client

from tests.api.conftest import ADA, Program
from uptake.actions import export_jobs, visibility
from uptake.api import examples
from uptake.api.jobs import Figures, Held
from uptake.api.shapes import components
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.visibility import Named, Policy
from uptake.records.models import AuditEntry

PROBLEM = "application/problem+json"
API = "/api/v1"


def refusal(response: object, status: int) -> dict[str, object]:
    assert (response.status_code, response.headers["Content-Type"]) == (status, PROBLEM)  # type: ignore[attr-defined]
    body = json.loads(response.content)  # type: ignore[attr-defined]
    assert body["status"] == status and body["title"] and set(body) == {"type", "title", "detail", "status", "faults"}
    return dict(body)


def test_every_refusal_has_one_shape(program: Program) -> None:
    ada, emil = program(ADA), program("emil@acme.example")
    anybody = Client(headers={"host": "localhost"})
    assert anybody.get(f"{API}/status").headers["WWW-Authenticate"] == "Bearer"
    refusal(anybody.get(f"{API}/status"), 401)
    refusal(anybody.get(f"{API}/nowhere"), 401)
    refusal(ada.get(f"{API}/nowhere"), 404)
    refusal(emil.get(f"{API}/answer?metric=members"), 403)
    assert "nonsense" in str(refusal(ada.get(f"{API}/answer?metric=nonsense"), 400)["title"])
    (fault,) = refusal(ada.get(f"{API}/answer?metric=members&since=yesterday"), 422)["faults"]  # type: ignore[misc]
    assert "since" in fault["where"] and "yesterday" not in json.dumps(fault)
    refusal(ada.get(f"{API}/exports/{'0' * 24}"), 404)
    refusal(ada.post(f"{API}/exports", "{", content_type="application/json"), 400)


def test_what_one_has_already_is_not_sent_again(program: Program, now: datetime) -> None:
    ada = program(ADA)
    for path in (
        "/answer?metric=members&by=week",
        "/explain?metric=members",
        "/metrics",
        "/status",
        "/members?limit=3",
    ):
        first = ada.get(API + path)
        tag = first.headers["ETag"]
        again = ada.get(API + path, headers={"if-none-match": tag})
        assert (first.status_code, again.status_code, again.content, again.headers["ETag"]) == (200, 304, b"", tag)
        assert ada.get(API + path, headers={"if-none-match": '"other"'}).status_code == 200
    path = f"{API}/answer?metric=members&by=week"
    tag = ada.get(path).headers["ETag"]
    assert program("hana@acme.example").get(path).headers["ETag"] != tag  # another viewer
    assert ada.get(f"{path}&until={now.date()}").headers["ETag"] != tag  # another question
    visibility.change(OPERATOR, wanted=Policy(threshold=9), now=now)
    assert ada.get(path, headers={"if-none-match": tag}).status_code == 200  # another policy


def test_lists_come_part_by_part_and_whole(program: Program) -> None:
    ada = program(ADA)
    for path, least in (("members", 60), ("people", 40), ("connections", 1)):
        whole = ada.get(f"{API}/{path}?limit=1000").json()
        found, after = [], ""
        while after is not None:
            part = ada.get(f"{API}/{path}?limit=7{after and f'&cursor={after}'}").json()
            found, after = found + part["items"], part["next"]
        assert found == whole["items"] and whole["next"] is None and len(found) >= least
    assert "@" not in str(ada.get(f"{API}/members?limit=1").json()["next"])
    entries = AuditEntry.objects.filter(action="people.export", actor=ADA)
    assert sum(entry.details["rows"] for entry in entries if entry.subject == "members by API") == 60 * 2 + 1


def test_nobody_by_name_where_the_policy_or_the_token_says_so(program: Program, now: datetime) -> None:
    ada = program(ADA)
    refusal(program(ADA, "numbers.ask").get(f"{API}/members"), 403)
    refusal(program("ivan@acme.example").get(f"{API}/people"), 403)
    wanted = {"what": "usage", "format": "csv"}
    refusal(ada.post(f"{API}/exports", wanted, content_type="application/json"), 403)
    visibility.change(OPERATOR, wanted=Policy(named=Named.HR), now=now)
    assert ada.post(f"{API}/exports", wanted, content_type="application/json").status_code == 202
    visibility.change(OPERATOR, wanted=Policy(named=Named.HR, person_exports=False), now=now)
    for path in ("members", "people"):
        assert "Files about persons" in str(refusal(ada.get(f"{API}/{path}"), 403)["title"])


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet", "json"])
def test_an_answer_as_a_file_says_what_the_answer_says(program: Program, format: str) -> None:
    ada = program(ADA)
    path = "metric=members&by=week&connection=Acme"
    told = [row["cells"]["members"]["value"] for row in ada.get(f"{API}/answer?{path}").json()["rows"]]
    file = ada.get(f"{API}/answer/file?{path}&format={format}")
    assert f"uptake-members.{format}" in file.headers["Content-Disposition"]
    assert told and told == {"csv": of_csv, "json": of_json, "parquet": of_parquet}.get(format, lambda _: told)(
        file.content
    )
    assert file.content[:2] == {"xlsx": b"PK", "parquet": b"PA"}.get(format, file.content[:2])
    entry = AuditEntry.objects.get(action="numbers.export")
    assert (entry.actor, entry.subject, entry.details["format"]) == (ADA, "members", format)


def of_csv(body: bytes) -> list[int | None]:
    return [int(line["value"]) if line["value"] else None for line in csv.DictReader(io.StringIO(body.decode()))]


def of_json(body: bytes) -> list[int | None]:
    return [row["cells"]["members"]["value"] for row in json.loads(body)["rows"]]


def of_parquet(body: bytes) -> list[float | None]:
    return list(pq.read_table(io.BytesIO(body))["value"].to_pylist())


def test_an_export_is_asked_for_fetched_and_thrown_away(program: Program, home: Settings, now: datetime) -> None:
    ada, hana = program(ADA), program("hana@acme.example")
    wanted = {"what": "figures", "format": "csv", "metric": ["members"], "by": "week"}
    asked = ada.post(f"{API}/exports", wanted, content_type="application/json")
    place = asked.headers["Location"]
    refusal(ada.get(f"{place}/file"), 409)
    export_jobs.work(home, now)
    assert ada.get(place).json()["state"] == "ready"
    assert b"members" in b"".join(ada.get(f"{place}/file").streaming_content)  # type: ignore[arg-type]
    assert [one["id"] for one in ada.get(f"{API}/exports").json()["items"]] == [asked.json()["id"]]
    refusal(hana.get(place), 404)
    refusal(hana.delete(place), 404)
    assert ada.delete(place).status_code == 204
    refusal(ada.get(place), 404)
    assert list(home.exports.glob("*.csv")) == []


def test_a_sixth_export_under_way_waits(program: Program) -> None:
    ada = program(ADA)
    for status in (202, 202, 202, 202, 202, 429):
        response = ada.post(f"{API}/exports", {"what": "members"}, content_type="application/json")
        assert response.status_code == status
    assert response.headers["Retry-After"] == "10"


def test_examples_are_what_they_stand_for() -> None:
    schemas = {"$defs": components()}

    def fits(name: str, example: object) -> bool:
        rooted = json.loads(
            json.dumps({**schemas, "$ref": f"#/$defs/{name}"}).replace("#/components/schemas/", "#/$defs/")
        )
        return bool(jsonschema_rs.is_valid(rooted, example))

    assert (
        fits("AnswerTold", examples.ANSWER)
        and fits("JobView", examples.EXPORT)
        and fits("MemberPage", examples.MEMBERS)
    )
    assert not fits("JobView", examples.EXPORT | {"state": "nearly"})
    assert Figures(**examples.WANTED_FIGURES).question().metrics == ("active_day", "members")  # type: ignore[arg-type]
    assert Held(**examples.WANTED_FACTS).since  # type: ignore[arg-type]
