"""Faults on the way: answers that break off, drip, never come, lie about their length, or lead elsewhere."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache

from uptake.fake.answers import Answer, Asked, Send, error
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_usage

_EVER = 1_000_000
_UNPACKED = 200 << 20


def _sent(how: Send, times: int = _EVER) -> Play:
    """The first answers about usage travel badly."""

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        given = following()
        return replace(given, send=how) if is_usage(asked) and memory.seen("usage") <= times else given

    return play


def _second_page_breaks(asked: Asked, following: Next, memory: Memory) -> Answer:
    """Each day's second page breaks off once."""
    given = following()
    hit = is_usage(asked) and asked.one("page") and memory.seen(f"{asked.day}") == 1
    return replace(given, send="reset-midway") if hit else given


def _redirected(to: str) -> Play:
    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        return replace(error(400, ""), status=302, headers={"Location": to}) if is_usage(asked) else following()

    return play


@cache
def _bomb() -> bytes:
    """A page of 200 MB in 200 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b'{"data":[')]
    parts += [packer.compress(b" " * (1 << 20)) for _ in range(_UNPACKED >> 20)]
    return b"".join([*parts, packer.compress(b'],"next_page":null}'), packer.flush()])


def _packed_bomb(asked: Asked, following: Next, _memory: Memory) -> Answer:
    given = following()
    return replace(given, body=_bomb(), headers={"Content-Encoding": "gzip"}) if is_usage(asked) else given


TRAVEL: tuple[Fault, ...] = (
    Fault("reset-always", "the connection breaks before every answer", _sent("reset"), "F02"),
    Fault("reset", "the connection breaks at two answers", _sent("reset", 2)),
    Fault("reset-midway", "each day's second page breaks off once", _second_page_breaks, "F03", 12),
    Fault("cut", "two answers end in the middle", _sent("cut", 2)),
    Fault("drip-always", "every answer about usage drips byte by byte", _sent("drip"), "F05"),
    Fault("drip", "one answer drips byte by byte", _sent("drip", 1)),
    Fault("stalled-always", "no answer about usage ever comes", _sent("stall"), "F06"),
    Fault("stalled", "one answer never comes", _sent("stall", 1)),
    Fault("redirect", "usage is sent elsewhere", _redirected("http://127.0.0.1:1/"), "F08"),
    Fault("redirect-here", "usage is sent to another path of the same server", _redirected("/elsewhere"), "F08"),
    Fault("redirect-host", "usage is sent to another host", _redirected("https://elsewhere.example/v1"), "F08"),
    Fault("redirect-metadata", "usage is sent to 169.254.169.254", _redirected("http://169.254.169.254/latest"), "F08"),
    Fault("gzip-bomb", "200 kB that unpack to 200 MB", _packed_bomb, "F10"),
    Fault("trailer", "bytes that nobody announced follow every answer", _sent("trailer"), "F11"),
    Fault("two-lengths", "answers with two lengths", _sent("two-lengths"), "F11"),
    Fault("hang-up", "the line is closed after every answer, without a word", _sent("hang-up"), "F12"),
)
