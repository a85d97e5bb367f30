"""Faults of values and texts: everything that may stand where a count, an id or an address should be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from uptake.fake.answers import Answer, Asked
from uptake.fake.fault import Fault, Memory, Next, Play
from uptake.fake.fault_lines import is_usage
from uptake.fake.fault_rows import CANARY, Row, each, rows_changed

_TOKEN = re.compile(rb'"@@(.*?)@@"')
ODD_EMAILS: tuple[Any, ...] = (
    "аda@halden.example",  # a Cyrillic a
    "zoë@bücher.example",
    "not an address",
    "",
    None,
    7,
    "x" * 400 + "@halden.example",
)
_LATE = timedelta(days=20)


def _written(change: Callable[[bytes], bytes]) -> Play:
    """A change to the bytes of every page of usage."""

    def play(asked: Asked, following: Next, _memory: Memory) -> Answer:
        given = following()
        return replace(given, body=change(given.body)) if is_usage(asked) and given.status == 200 else given

    return play


def _token(token: str, every: int = 3) -> Play:
    """A value as no encoder would write it, where the chat messages are; {} stands for the true one."""

    def mark(row: Row) -> None:
        row["chat_metrics"]["message_count"] = f"@@{token.format(row['chat_metrics']['message_count'])}@@"

    marked = each(mark, every)

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        given = marked(asked, following, memory)
        return replace(
            given, body=_TOKEN.sub(lambda found: json.loads(b'"' + found.group(1) + b'"').encode(), given.body)
        )

    return play


def _zeros(body: bytes) -> bytes:
    return body.replace(b'"message_count":0', b'"message_count":-0')


def _user(**changed: Any) -> Callable[[Row], None]:
    return lambda row: row["user"].update(changed)


def _user_text(field: str, raw: bytes) -> Play:
    """Raw bytes within the first row's text."""
    marked = each(_user(**{field: "@@@"}), every=100_000)

    def play(asked: Asked, following: Next, memory: Memory) -> Answer:
        given = marked(asked, following, memory)
        return replace(given, body=given.body.replace(b"@@@", raw, 1))

    return play


def _odd_emails(rows: list[Row]) -> list[Row]:
    for number, row in enumerate(rows):
        email = row["user"]["email_address"]
        odd = (email.upper(), f"  {email} ", email.replace("@", "+claude@"), *ODD_EMAILS)
        row["user"]["email_address"] = odd[number % len(odd)]
    return rows


def _renamed(row: Row) -> None:
    row["chat_metrics"]["messages_total"] = row["chat_metrics"].pop("message_count")


def _without_messages(row: Row) -> None:
    del row["chat_metrics"]["message_count"]


def _surface(row: Row) -> None:
    row["robotics_metrics"] = {"message_count": 3, "last_prompt": CANARY, "deep": {"prompt": [CANARY]}}


def _twice(body: bytes) -> bytes:
    """Every third row names its chat messages twice, first with a wrong count."""
    parts = body.split(b'"chat_metrics":{')
    marked = [b'"message_count":77,' + part if number % 3 == 1 else part for number, part in enumerate(parts)]
    return b'"chat_metrics":{'.join(marked)


def _raised(row: Row) -> None:
    count = row["chat_metrics"]["message_count"]
    row["chat_metrics"]["message_count"] = count + -(-count * 3 // 100)


def _late_day(asked: Asked, following: Next, _memory: Memory) -> Answer:
    """Of days twenty and more days old, the second half of the rows has not come yet."""
    given = following()
    if not is_usage(asked) or given.status != 200 or asked.day is None or asked.at.date() - asked.day < _LATE:
        return given
    page = given.value()
    return given.with_value(page | {"data": page["data"][::2]})


_COUNTS = (
    ("null", "null"),
    ("empty-text", '""'),
    ("digits-text", '"12"'),
    ("whole-decimal", "{}.0"),
    ("decimal", "3.7"),
    ("bool", "true"),
    ("minus-one", "-1"),
    ("beyond-a-billion", "1000000000000"),
    ("beyond-64-bit", "9223372036854775808"),
    ("5000-digits", "9" * 5_000),
    ("not-a-number", "NaN"),
    ("infinity", "Infinity"),
    ("1e309", "1e309"),
)

VALUES: tuple[Fault, ...] = (
    Fault("renamed-field", "a count has another name in all rows", each(_renamed, 1), "F40"),
    Fault("missing-in-one", "a count is missing in one row", each(_without_messages, 100_000), "F41"),
    Fault("column-vanishes", "a count is missing in all rows", each(_without_messages, 1), "F41"),
    *(Fault(f"value-{name}", f"a count of {token[:12]}", _token(token), "F42") for name, token in _COUNTS),
    Fault("value-minus-zero", "zeros written as -0", _written(_zeros), "F42"),
    Fault("value-object", "an object where a count should be", _token('{{"n": 1}}'), "F43"),
    Fault("value-list", "a list where a count should be", _token("[1, 2]"), "F43"),
    Fault("value-prompt", "somebody's prompt where a count should be", _token(f'"{CANARY}"'), "F43"),
    Fault("duplicate-keys", "a count stands twice in a row", _written(_twice), "F44"),
    Fault("million-rows", "a page of a million rows", _written(lambda _: b'{"data":[' + b"{}," * 999_999 + b"{}]}"), "F45"),
    Fault("bom", "a byte order mark before the JSON", _written(lambda body: b"\xef\xbb\xbf" + body), "F46"),
    Fault("utf-16", "JSON in UTF-16", _written(lambda body: body.decode().encode("utf-16")), "F46"),
    Fault("bad-utf-8", "bytes that are no UTF-8 in an address", _user_text("email_address", b"\xff\xfe@x.example"), "F46"),
    Fault("half-character", "half a character in an address", _user_text("email_address", b"\\ud83d@x.example"), "F46"),
    Fault("nul", "a NUL in an address", _user_text("email_address", b"a\\u0000b@x.example"), "F46"),
    Fault("id-null", "one row's id is null", each(_user(id=None), 100_000), "F47"),
    Fault("id-empty", "one row's id is empty", each(_user(id=""), 100_000), "F47"),
    Fault("id-10k", "one row's id has 10,000 letters", each(_user(id="u" * 10_000), 100_000), "F47"),
    Fault("id-number", "one row's id is a number", each(_user(id=7), 100_000), "F47"),
    Fault("ids-null", "the ids of a tenth of the rows are null", each(_user(id=None), 10), "F47"),
    Fault("odd-emails", "addresses of every kind: upper case, plus, look-alike, none", rows_changed(_odd_emails), "F48"),
    Fault("new-surface", "a surface nobody knows yet", each(_surface, 1), "F49"),
    Fault("revised-up", "every count of chat messages 3 % higher", each(_raised, 1), "F50"),
    Fault("late-day", "half of the rows of older days come late", _late_day, "F52"),
)  # fmt: skip
