"""A digest whose process is killed between its record and the server's answer: shown as unsure, never sent a second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.messages.listeners import MailServer

from house import House

ROOT = Path(__file__).parents[2]
_BEGIN = """
import os
from datetime import UTC, datetime, timedelta
from uptake.site import boot
SETTINGS = boot.start(os.environ)
from tests.web import company
from uptake.actions import subscriptions
from uptake.actions.digests import send_due
from uptake.records.models import AuditEntry, Delivery
from uptake.web.digests import compose
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""
_SET_UP = """
connection = company.connected(now=MONDAY)
company.hold_company(SETTINGS, connection.pk, MONDAY.date() - timedelta(days=21), MONDAY.date(), members=30)
for email in ("hana@acme.example", "ada@acme.example"):
    subscriptions.choose(company.account(email).viewer, SETTINGS, "weekly", MONDAY - timedelta(days=3))
"""
_SEND = "send_due(SETTINGS, compose, MONDAY)"
_GO_ON = """
tried = [send_due(SETTINGS, compose, MONDAY + timedelta(minutes=minutes)) for minutes in (1, 10, 16, 60, 600)]
print(tried, sorted((row.subscription.account.email, row.state) for row in Delivery.objects.all()))
print(AuditEntry.objects.filter(action="digest.send", outcome="unsure").count())
"""


def _python(house: House, script: str) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-c", _BEGIN + script]
    return subprocess.Popen(command, env=house.environment(), cwd=ROOT, text=True, **pipes)


def _done(house: House, script: str) -> str:
    out, err = _python(house, script).communicate(timeout=120)
    assert "Traceback" not in err, err
    return out


def test_killed_before_the_answer(tmp_path: Path) -> None:
    with MailServer(hang=".") as post:
        mail = {"UPTAKE_SMTP_URL": post.url, "UPTAKE_MAIL_FROM": "uptake@acme.example"}
        house = House(
            tmp_path / "home", "http://127.0.0.1:9", {**mail, "UPTAKE_PUBLIC_URL": "https://uptake.acme.example"}
        )
        _done(house, _SET_UP)
        sending = _python(house, _SEND)
        assert post.reached.wait(60), sending.stderr.read() if sending.poll() is not None and sending.stderr else ""
        sending.kill()
        sending.wait()
        post.hang = ""
        first = post.letters[0].to[0]
        told, unsure = _done(house, _GO_ON).splitlines()
        other = next(one for one in ("ada@acme.example", "hana@acme.example") if one != first)
        assert told == f"[1, 0, 0, 0, 0] {sorted([(first, 'unsure'), (other, 'sent')])}"
        assert unsure == "1"
        assert sorted(letter.to[0] for letter in post.letters) == ["ada@acme.example", "hana@acme.example"]
