"""Kills replacing, rotating and erasing at random moments: `python -m tests.faults.key_kills ROUNDS SEED KEY KEY`.

Run inside an installation that is connected and synced. One fork does the change and is killed, another looks at what is
left. Prints figures as JSON; ends with 1 at the first violation.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from uptake.site import boot

SETTINGS = boot.start(os.environ)

from django.db import connections as databases  # noqa: E402  Django must be ready first

from uptake.actions import channels  # noqa: E402
from uptake.actions.connections import replace_key  # noqa: E402
from uptake.actions.disconnects import disconnect, finish_interrupted  # noqa: E402
from uptake.actions.master_key import rotate  # noqa: E402
from uptake.domain.access import OPERATOR  # noqa: E402
from uptake.domain.secret import Secret  # noqa: E402
from uptake.records.models import (  # noqa: E402
    Account,
    AuditEntry,
    Channel,
    Connection,
    HandOver,
    Run,
    SealedKey,
    Stream,
)
from uptake.records.vault import open_vault, place_of  # noqa: E402

_DIED = -signal.SIGKILL
_CHANNEL = Secret("slack://T0AAAAAAA/B0BBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC")


def forked(work: Callable[[], None]) -> int:
    """A fork that does the work with a connection of its own to the database; its process id."""
    databases.close_all()
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:  # noqa: BLE001  # a fork must never come back into its parent
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(work: Callable[[], None], after: float) -> bool:
    """Whether the kill came before the end."""
    child = forked(work)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return ended(child) == _DIED


def took(work: Callable[[], None]) -> float:
    started = time.monotonic()
    require(work)
    return time.monotonic() - started


def require(look: Callable[[], None]) -> None:
    if ended(forked(look)):
        sys.exit(1)


def rotating() -> None:
    rotate(OPERATOR, SETTINGS, now=datetime.now(UTC))


def replacing(key: str) -> Callable[[], None]:
    def work() -> None:
        replace_key(OPERATOR, SETTINGS, name="Claude", slot="analytics", key=Secret(key), now=datetime.now(UTC))

    return work


def erasing() -> None:
    disconnect(OPERATOR, SETTINGS, name="Claude", erase=True, now=datetime.now(UTC))


def channelled() -> None:
    """A channel, whose address is sealed like the keys."""
    ada = Account.objects.create_user("ada@acme.example", None, "company_admin").viewer
    channels.add(ada, SETTINGS, name="x", address=_CHANNEL, cadence="weekly", now=datetime.now(UTC))


def whole(keys: set[Secret]) -> Callable[[], None]:
    """Keys and a channel's address open, each change of a key has its audit entry, the Analytics key is one of those given."""

    def look() -> None:
        vault = open_vault(SETTINGS.master_key_file)
        rows = list(SealedKey.objects.all())
        assert sorted(row.slot for row in rows) == ["admin", "analytics"]
        opened = {row.slot: vault.open(bytes(row.sealed), place_of(row)) for row in rows}
        assert opened["analytics"] in keys
        channel = Channel.objects.get()
        assert vault.open(bytes(channel.sealed), place_of(channel)) == _CHANNEL
        assert channel.fingerprint == vault.fingerprint(_CHANNEL)
        assert all(row.fingerprint == vault.fingerprint(opened[row.slot]) for row in rows)
        version = next(row.version for row in rows if row.slot == "analytics")
        assert AuditEntry.objects.filter(action="connection.replace_key").count() == version - 1

    return look


def all_or_nothing() -> None:
    """After a killed erase: asked for and finished to the last row and file, or never begun."""
    finish_interrupted(SETTINGS, datetime.now(UTC))
    if Connection.objects.filter(state="connected").exists():
        assert SealedKey.objects.count() == 2
        assert len(list(SETTINGS.lake.glob("usage/*/day=*/day.parquet"))) > 0
        return
    for kind in (Connection, SealedKey, Run, Stream, HandOver):
        assert not kind.objects.exists(), kind
    assert not list(SETTINGS.lake.glob("*/connection=*"))
    assert AuditEntry.objects.filter(action="connection.erase").count() == 1


def main(rounds: int, seed: int, *keys: str) -> None:
    chance = random.Random(seed)
    given = {Secret(key) for key in keys}
    done = {"rotations": 0, "replacements": 0, "erasures": 0}
    died = dict(done)
    require(channelled)
    lasts = [took(rotating), took(replacing(keys[1]))]
    kept = Path(f"{SETTINGS.home}.kept")
    for number in range(rounds):
        name, work, last = [("rotations", rotating, lasts[0]), ("replacements", replacing(keys[number % 2]), lasts[1])][
            number // 2 % 2
        ]
        done[name] += 1
        died[name] += killed(work, chance.uniform(0, 1.2 * last))
        require(whole(given))
    shutil.copytree(SETTINGS.home, kept)
    last = took(erasing)
    for _ in range(max(2, rounds // 4)):
        shutil.rmtree(SETTINGS.home)
        shutil.copytree(kept, SETTINGS.home)
        done["erasures"] += 1
        died["erasures"] += killed(erasing, chance.uniform(0, 1.2 * last))
        require(all_or_nothing)
    shutil.rmtree(SETTINGS.home)
    kept.rename(SETTINGS.home)
    print(json.dumps({"kills": sum(done.values()), **done, "before_the_end": died, "violations": 0}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
