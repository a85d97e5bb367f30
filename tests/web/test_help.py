"""Help: each link opens for whoever is shown it, each question of the first wish has its answer, each command exists."""

from __future__ import annotations

import html
import re
from datetime import datetime

import pytest

from tests.commands import faults
from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import ALL_DAYS
from uptake.web.help import backfill

QUESTIONS = (
    "Does the Claude integration require a Claude Enterprise plan?",
    "What data does uptake sync from Claude?",
    "Does uptake access Claude conversations?",
    "Does uptake access source code from Claude Code?",
    "How far back does Claude’s data sync?",
    "Why is recent Claude activity missing?",
    "Can I disconnect the integration?",
    "What happens if an API key is revoked?",
    "Which Claude products are included in reporting?",
)


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


@pytest.mark.parametrize("email", sorted(company.CAST))
def test_every_link_opens_and_every_question_is_answered(email: str, signed_in: SignedIn, now: datetime) -> None:
    company.connected(now=now)
    client = signed_in(email)
    shown = main_of(client.get("/help/").content.decode())
    for address in sorted(set(re.findall(r'href="([^"]+)"', shown))):
        path, _, part = address.partition("#")
        answer = client.get(path or "/help/", follow=True)
        assert answer.status_code == 200, address
        assert not part or f'id="{part}"' in answer.content.decode(), address
    answers = {
        plain(question): plain(answer) for question, answer in re.findall(r"<h3>(.*?)</h3>\s*<p>(.*?)</p>", shown)
    }
    assert [question for question in QUESTIONS if len(answers.get(question, "")) < 40] == []
    commands = [plain(line) for line in re.findall(r"<code>(uptake .*?)</code>", shown)]
    assert [fault for line in commands for fault in faults(line)] == []
    assert bool(commands) == (email in {"ada@acme.example", "hana@acme.example", "ivan@acme.example"})


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert faults("uptake sync --json") == []
    assert faults("uptake connect claude --name N") == []
    assert len(faults("uptake synch")) == len(faults("uptake connect")) == len(faults("uptake sync --fast")) == 1


@pytest.mark.parametrize(
    ("days", "said"),
    [(31, "up to 31 days of history"), (1, "up to 1 day of history"), (ALL_DAYS, "everything since 1 Jan 2026")],
)
def test_the_first_sync_in_words(days: int, said: str) -> None:
    assert backfill(days) == said
