"""Random lives of an installation against a small model: whatever happens in whatever order, nothing false is held."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import QuerySet
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

import proof
from faults.conftest import Clock, Flat
from faults.machine import Company, Life
from uptake import config
from uptake.fake import FakeClaude

PARTS = 10
"""The full size in parts, for as many processes as there are."""


@contextmanager
def _lives(folder: Path) -> Iterator[type[Life]]:
    """Lives in a folder, one after the other, each with an empty home, empty records and a server of its own."""
    company = Company()
    with ExitStack() as ending:

        def open_flat() -> Flat:
            ending.close()
            for model in apps.get_app_config("records").get_models():
                QuerySet(model).delete()  # the audit's own manager never deletes
            company.start_anew()
            clock = Clock()
            fake = ending.enter_context(FakeClaude(company, requests_per_minute=None, clock=clock))
            home = ending.enter_context(tempfile.TemporaryDirectory(dir=folder))
            environ = {"UPTAKE_HOME": home, "UPTAKE_CLAUDE_URL": fake.url, "UPTAKE_REQUESTS_PER_MINUTE": "60000"}
            flat = Flat(
                config.load(environ | {"UPTAKE_BACKFILL_DAYS": "7", "UPTAKE_RESERVE_MB": "0"}), fake, company, clock
            )
            flat.connect()
            return flat

        class Here(Life):
            pass

        Here.open_flat = staticmethod(open_flat)
        yield Here


def _live(folder: Path, size: proof.Sizes, *, random: bool) -> None:
    begun = time.process_time()
    with _lives(folder) as life:
        run_state_machine_as_test(
            life,
            settings=settings(
                max_examples=size.lives,
                stateful_step_count=size.steps,
                deadline=None,
                database=None,
                derandomize=not random,
                phases=tuple(Phase) if random else (Phase.generate,),
                print_blob=True,
                verbosity=Verbosity.normal,
                suppress_health_check=list(HealthCheck),
            ),
        )
        seconds = time.process_time() - begun
        proof.figures(
            "random lives", lives=size.lives, steps=life.steps, syncs=life.syncs, violations=0, cpu_s=round(seconds)
        )
        assert life.syncs >= size.lives


def test_random_lives(tmp_path: Path, db: None) -> None:
    _live(tmp_path, proof.EVERYDAY, random=False)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_random_lives_at_full_size(part: int, tmp_path: Path, db: None) -> None:
    _live(tmp_path, replace(proof.FULL, lives=proof.FULL.lives // PARTS), random=True)
