"""A mutator with a seed: texts and pages broken in the ways that break parsers. The same seed makes the same inputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

TOKENS: tuple[bytes, ...] = (
    b"null", b"true", b"false", b"-1", b"-0", b"0", b"3.0", b"3.7", b"1e309", b"1E5", b"1000000000", b"1000000001",
    b"9223372036854775808", b"9" * 5_000, b"NaN", b"-Infinity", b"Infinity", b'""', b"{}", b"[]", b"[" * 2_000,
    b'{"a":' * 500, b'{"message_count":1,"message_count":2}', b'"\\ud800"', b'"\\u0000"', b"\\", b'"', b"'", b",", b":",
    b"}", b"]", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xe2\x80\xae", b"\xe2\x80\x8b",
    b"\n", b"\r\n", b"\t", b" ", b"2031-01-01", b"2026-11-31", b"0000-00-00", b"9999-12-31", b"at least 3 days ago",
    b"at least 99 days ago", b"sk-ant-", b"sk-ant-api01-", b"\xe2\x80\xa6", b"\xd0\xb0", b"Wed, 21 Oct 2026 07:28:00 GMT",
    b"Thu, 01 Jan 1970 00:00:00 -0000", b"inf", b"-inf", b"1e400", b"0x10", b"1_000", b"\xd9\xa3", b"+5", b"soon",
)  # fmt: skip
"""What parsers have stumbled over, here or elsewhere."""

_LONGEST = 64 * 1024


class Mutator:
    """Breaks one of its examples a little more, one to five times."""

    def __init__(self, seed: int, examples: Sequence[bytes]) -> None:
        self._chance = random.Random(seed)
        self._examples = examples
        self._ways: tuple[Callable[[bytes], bytes], ...] = (
            self._flip, self._cut_out, self._repeat, self._insert, self._insert, self._overwrite, self._number,
            self._truncate, self._splice, self._noise,
        )  # fmt: skip

    def next(self) -> bytes:
        body = self._chance.choice(self._examples)
        for _ in range(self._chance.choice((1, 1, 1, 2, 3, 5))):
            body = self._chance.choice(self._ways)(body)
        return body[:_LONGEST]

    def _at(self, body: bytes) -> int:
        return self._chance.randrange(len(body) + 1)

    def _two(self, body: bytes, longest: int = 200) -> tuple[int, int]:
        start = self._at(body)
        return start, min(len(body), start + self._chance.randrange(longest))

    def _flip(self, body: bytes) -> bytes:
        at = self._at(body)
        return body[:at] + bytes(byte ^ 1 << self._chance.randrange(8) for byte in body[at : at + 1]) + body[at + 1 :]

    def _cut_out(self, body: bytes) -> bytes:
        start, end = self._two(body)
        return body[:start] + body[end:]

    def _repeat(self, body: bytes) -> bytes:
        start, end = self._two(body)
        return body[:end] + body[start:end] * self._chance.choice((1, 2, 20)) + body[end:]

    def _insert(self, body: bytes) -> bytes:
        at = self._at(body)
        return body[:at] + self._chance.choice(TOKENS) + body[at:]

    def _overwrite(self, body: bytes) -> bytes:
        start, end = self._two(body, 20)
        return body[:start] + self._chance.choice(TOKENS) + body[end:]

    def _number(self, body: bytes) -> bytes:
        """Another value where a value stands: between a colon and what follows it."""
        start = body.find(b":", self._at(body))
        ends = [at for mark in (b",", b"}") if (at := body.find(mark, start)) > 0]
        return body[: start + 1] + self._chance.choice(TOKENS) + body[min(ends) :] if start > 0 and ends else body

    def _truncate(self, body: bytes) -> bytes:
        return body[: self._at(body)]

    def _splice(self, body: bytes) -> bytes:
        other = self._chance.choice(self._examples)
        return body[: self._at(body)] + other[self._at(other) :]

    def _noise(self, body: bytes) -> bytes:
        at = self._at(body)
        return body[:at] + self._chance.randbytes(self._chance.randrange(1, 9)) + body[at:]
