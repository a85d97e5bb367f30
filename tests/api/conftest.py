"""An installation with facts, a directory and an export of Ada's; a program for each role, and one without a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.web import company
from tests.web.conftest import home, now  # noqa: F401  the same installation as the pages'
from uptake.actions import export_jobs, people, tokens
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.metrics import Question
from uptake.records.models import Account, Connection

ADA = "ada@acme.example"
DIRECTORY = "employee id,name,email,department\n" + "".join(
    f"{n},Person {n},person{n}@acme.example,{'Sales' if n % 2 else 'Research'}\n" for n in range(40)
)
Program = Callable[..., Client]
Token = Callable[..., str]


@pytest.fixture
def acme(db: None, home: Settings, now: datetime) -> Connection:  # noqa: F811
    cache.clear()
    connection = company.connected(now=now)
    company.ran(connection, now - timedelta(hours=2))
    last = now.date() - timedelta(days=3)
    company.hold_company(home, connection.pk, last - timedelta(days=29), last, members=60)
    people.import_csv(OPERATOR, home, DIRECTORY.encode(), people.Wanted(on=last - timedelta(days=40)), now)
    for email in company.CAST:
        company.account(email)
    return connection


@pytest.fixture
def token(acme: Connection, now: datetime) -> Token:  # noqa: F811
    """`token(email)` → a token of that account's, for everything unless scopes are named."""

    def made(email: str, *scopes: str) -> str:
        return tokens.create(OPERATOR, email=email, now=now, scopes=scopes or tuple(tokens.SCOPES)).expose()

    return made


@pytest.fixture
def program(token: Token) -> Program:
    """`program(email)` → a client that bears such a token."""

    def made(email: str, *scopes: str) -> Client:
        return Client(headers={"host": "localhost", "authorization": f"Bearer {token(email, *scopes)}"})

    return made


@pytest.fixture
def export(acme: Connection, home: Settings, now: datetime) -> str:  # noqa: F811
    """The id of a file of figures that is ready for Ada."""
    ada = Account.objects.get(email=ADA).viewer
    job = export_jobs.ask_figures(ada, home, Question(("members",)), "csv", now).id
    export_jobs.work(home, now)
    return job
