"""Rows F01–F12: the way to the vendor."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from dataclasses import replace

from faults import tls
from faults.conftest import Flat
from faults.expect import Before, Expect, heals, played, require, require_true, timed
from faults.matrix import Case, Row
from uptake.sync.run import RunResult

UNREAD = Expect("partly", "same", {"usage": "failing"}, {"analytics": "degraded"})
ALL_FAILING = dict.fromkeys(("roster", "invites", "summaries", "usage"), "failing")
NOBODY = Expect("failed", "same", ALL_FAILING, {"admin": "degraded", "analytics": "degraded"}, requests=0, seconds=10)


def unread(cause: str = "", **more: object) -> Expect:
    """Usage could not be read: what is held stays, the roster goes on."""
    return replace(UNREAD, cause=cause, **more)  # type: ignore[arg-type]


def elsewhere(url: Callable[[], str], cause: str) -> Callable[[Flat], None]:
    """The vendor is not where it should be."""

    def run(flat: Flat) -> None:
        assert flat.sync().outcome == "current"
        before, there = Before(flat.held(), flat.members()), flat.settings
        flat.clock.forward(hours=20)
        flat.fake.clear_requests()
        flat.settings = replace(there, claude_url=url())
        result, seconds = timed(flat)
        require(flat, before, result, seconds, replace(NOBODY, cause=cause))
        flat.settings = there
        heals(flat)

    return run


def _closed() -> str:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{line.getsockname()[1]}"


def _bounded(_flat: Flat, _before: Before, _result: RunResult) -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 512 * 1024, "more than 512 MiB"


def _not_followed(flat: Flat, _before: Before, _result: RunResult) -> None:
    assert not [request.path for request in flat.fake.requests if "elsewhere" in request.path]


def _tls(kind: str) -> Callable[[Flat], None]:
    """A line with a certificate that is not to be accepted; beside it, as a control, one that is."""

    def run(flat: Flat) -> None:
        assert flat.sync().outcome == "current"
        before, there = Before(flat.held(), flat.members()), flat.settings
        flat.clock.forward(hours=20)
        flat.fake.clear_requests()
        with tls.trusted() as authority, tls.Line(authority, kind, flat.fake.url) as line:
            flat.settings = replace(there, claude_url=line.url)
            result, seconds = timed(flat)
        require(flat, before, result, seconds, replace(NOBODY, cause="(tls)"))
        assert line.shakes > 0
        assert line.heard == 0, "bytes went out over a line that was not accepted"
        with tls.trusted() as authority, tls.Line(authority, "good", flat.fake.url) as line:
            flat.settings = replace(there, claude_url=line.url)
            good = flat.sync()
            assert good.outcome == "current", good.notes
            require_true(flat)
        flat.settings = there
        heals(flat)

    return run


ROWS = (
    Row("F01", "DNS failure", "a host name that does not exist", "degraded, nothing changed, cause dns, 0 requests",
        (Case("name", elsewhere(lambda: "http://claude.invalid", "(dns)"), everyday=True),)),
    Row("F02", "refused, or reset before the headers", "a closed port; `reset-always`", "degraded, nothing changed, in budget",
        (Case("refused", elsewhere(_closed, "(refused)")),
         Case("reset", played("reset-always", unread("(network)", requests=20))))),
    Row("F03", "reset in the middle of page k", "`reset-midway`: each day's second page", "the page is asked again; the day is whole",
        (Case("midway", played("reset-midway", Expect())), Case("cut", played("cut", Expect())))),
    Row("F04", "a truncated prefix that looks valid", "`truncated-json`", "never a part of a day; usage as before",
        (Case("prefix", played("truncated-json", unread(requests=40))),)),
    Row("F05", "one byte a second", "`drip-always`", "read deadline, run ends, lock free",
        (Case("drip", played("drip-always", unread("(timeout)", seconds=15))),)),
    Row("F06", "accepts, never answers", "`stalled-always`", "timeout; the roster is not affected",
        (Case("stall", played("stalled-always", unread("(timeout)", seconds=15))),)),
    Row("F07", "TLS expired, wrong host, self-signed, 1.0", "a TLS line in front of the organisation; a good one as control",
        "refused, not a byte of a request sent, cause tls", tuple(Case(kind, _tls(kind)) for kind in tls.KINDS)),
    Row("F08", "redirects", "`redirect` to another host, http, 169.254.169.254, another path", "not followed",
        tuple(Case(name, played(name, unread(requests=20), _not_followed))
              for name in ("redirect", "redirect-here", "redirect-host", "redirect-metadata"))),
    Row("F09", "a captive portal: 200 text/html", "`html`", "refused by its content type, nothing held back, usage as before",
        (Case("html", played("html", unread("HTML", requests=40))),
         Case("as-json", played("html-as-json", unread(requests=40))))),
    Row("F10", "a gzip bomb, 200 kB to 200 MB", "`gzip-bomb`, `size-bomb`", "refused, process under 512 MiB",
        (Case("gzip", played("gzip-bomb", unread("compressed", requests=40), _bounded)),
         Case("size", played("size-bomb", unread("16 MiB", requests=40), _bounded)))),
    Row("F11", "garbage after the body; two lengths", "`trailer`, `two-lengths`", "asked again or refused; never a wrong day",
        (Case("trailer", played("trailer", Expect())), Case("lengths", played("two-lengths", unread(requests=40))))),
    Row("F12", "keep-alive closed between pages", "`hang-up`", "nobody notices", (Case("hang-up", played("hang-up", Expect())),)),
)  # fmt: skip
