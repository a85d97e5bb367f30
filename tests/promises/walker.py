"""Inside one process of an installation, with logs at debug: commands and pages, as told line by line on standard input.

Each line is a JSON object with the name of a step and its arguments; each answer goes to the file handle named first on
the command line, every response as a file into the folder named second.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from uptake.cli import app
from uptake.site import logs

ADA = "ada@example.com"
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _confirm(client: Any) -> None:
    """As if Ada gave her password just now."""
    session = client.session
    session["confirmed_at"] = int(time.time())
    session.save()


class Walker:
    """The steps there are; responses are numbered files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def command(self, *arguments: str) -> int:
        """One command to its end; its exit code."""
        try:
            app(list(arguments), standalone_mode=True)
        except SystemExit as end:
            return int(end.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return 0

    def pages(self, token: str = "") -> dict[str, int]:
        """GET of every route there is, signed in and not; route to status."""
        from django.test import Client

        from uptake.records.models import Account

        ada, nobody = Client(raise_request_exception=False), Client(raise_request_exception=False)
        ada.force_login(Account.objects.get(email=ADA), backend=_BACKEND)
        _confirm(ada)
        bearer = {"authorization": f"Bearer {token}"}
        found = {}
        for path in [*_paths(), "/nowhere/", "/api/v1/nowhere"]:
            found[path] = self._kept(ada, path, headers=bearer)
            self._kept(nobody, path)
            self._kept(ada, path, headers=bearer | {"hx-request": "true"})
        return found

    def post(self, path: str, data: dict[str, str]) -> int:
        """A form as Ada sends it; `{connection}` in the path is the connection's id. The status."""
        from django.test import Client

        from uptake.records.models import Account, Connection

        ada = Client(raise_request_exception=False)
        ada.force_login(Account.objects.get(email=ADA), backend=_BACKEND)
        _confirm(ada)
        connection = Connection.objects.first()
        path = path.format(connection=connection.pk if connection else "none")
        status = self._kept(ada, path, method="post", data=data)
        self._kept(ada, "/integrations/")
        return status

    def _kept(self, client: Any, path: str, method: str = "get", **more: Any) -> int:
        headers = {"host": "localhost"} | more.pop("headers", {})
        response = getattr(client, method)(path, headers=headers, **more)
        self._number += 1
        head = "\n".join(f"{name}: {value}" for name, value in response.items()) + f"\n{response.cookies}\n\n"
        body = b"".join(response.streaming_content) if response.streaming else response.content
        (self._folder / str(self._number)).write_bytes(head.encode() + body)
        return int(response.status_code)

    def hurry(self) -> None:
        """From now on a sync waits a second or two for what never comes, not a minute."""
        from uptake.claude.patience import Backoff
        from uptake.sync.run import sync
        from uptake.sync.waits import Waits

        backoff = Backoff(random=lambda: 0.005)
        hurried = Waits(roster=1.5, invites=1.0, summaries=1.0, usage=2.0, probe=0.5, backoff=backoff)
        sync.__kwdefaults__["waits"] = hurried  # type: ignore[index]

    def break_decoder(self) -> None:
        """From now on the decoder has a bug, and rows in its hands when it comes to that."""
        from uptake.claude import sieve

        real = sieve._batch

        def broken(*args: Any) -> Any:
            batch = real(*args)
            raise RuntimeError(f"a bug with {batch.num_rows} rows in its hands")

        sieve._batch = broken


def _paths() -> Iterator[str]:
    """Every route with arguments that fit, the API's by its own description."""
    from django.urls import get_resolver

    from uptake.api.urls import api
    from uptake.metrics import FIGURES
    from uptake.records.models import Connection

    connection = Connection.objects.first()
    fitting = {"connection": [connection.pk if connection else "none"], "name": list(FIGURES)}
    known = get_resolver().reverse_dict
    for name in {key for key in known if isinstance(key, str)}:
        for form, wanted in known.getlist(name)[0][0]:
            values = fitting.get(wanted[0], ["x" * 24]) if wanted else [""]
            yield from (f"/{form % dict.fromkeys(wanted, value)}" for value in values)
    for path in api.get_openapi_schema()["paths"]:
        yield f"{path}?metric=messages&metric=active_day&by=day"


def main() -> None:
    logs.configure = partial(logs.configure, logging.DEBUG)  # type: ignore[assignment]
    walker = Walker(Path(sys.argv[2]))
    with os.fdopen(int(sys.argv[1]), "w") as answers:
        for line in sys.stdin:
            step = json.loads(line)
            value = getattr(walker, step["step"])(*step["with"])
            answers.write(json.dumps(value) + "\n")
            answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
