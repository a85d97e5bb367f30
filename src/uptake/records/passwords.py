"""How passwords are kept: argon2id, two at a time, so that many sign-ins at once do not take all memory and processors."""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

_TURNS = BoundedSemaphore(2)


class Argon2id(Argon2PasswordHasher):
    """32 MiB and four rounds: about a tenth of a second. Hashes of other costs are made anew at the next sign-in."""

    time_cost = 4
    memory_cost = 32 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _TURNS:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _TURNS:
            return super().verify(password, encoded)
