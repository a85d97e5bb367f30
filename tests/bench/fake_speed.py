"""The made-up organisation itself: it must not be what the other benchmarks measure."""

from __future__ import annotations

import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from tests.bench.company import Company
from tests.bench.report import Figure, Section, figures

PAGES = "/v1/organizations/analytics/users?limit=1000"


def measure(members: int = 100_000, days: int = 3) -> Section:
    """Its start, and the pages it serves in a second to a client that only reads."""
    began = time.monotonic()
    with Company(members) as company:
        started = time.monotonic() - began
        began = time.monotonic()
        pages = sum(_read(company, datetime.now(UTC).date() - timedelta(days=back + 1)) for back in range(days))
        rate = pages / (time.monotonic() - began)
    found = [
        Figure(f"start with {members:,} members, CPU", company.start_cpu, "s"),
        Figure(f"start with {members:,} members, wall", started, "s"),
        Figure("pages of 1,000 members served, each for the first time", rate, "a second", 20, at_least=True),
    ]
    return Section("fake", "The made-up organisation", (figures(found),), ())


def _read(company: Company, day: object) -> int:
    """All pages of a day over one connection; how many there were."""
    parts = urlsplit(company.url)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port)
    cursor, pages = "", 0
    while True:
        target = f"{PAGES}&date={day}" + (f"&page={quote(cursor)}" if cursor else "")
        line.request("GET", target, headers={"Authorization": f"Bearer {company.analytics_key}"})
        cursor = json.loads(line.getresponse().read())["next_page"]
        pages += 1
        if not cursor:
            return pages
