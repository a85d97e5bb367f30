"""A Secret shows itself in no accidental way: only expose() gives it out."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import msgspec
import pytest

from uptake.domain.secret import STARS, Secret

TEXT = "sk-ant-api01-tulip-tulip-tulip-9876"
SECRET = Secret(TEXT)


@dataclass(frozen=True)
class Holder:
    key: Secret


def test_expose_alone_gives_it_out() -> None:
    assert SECRET.expose() == TEXT


@pytest.mark.parametrize(
    "shown",
    [
        str(SECRET),
        repr(SECRET),
        f"{SECRET}",
        f"{SECRET!r}",
        f"{SECRET!s:>40}",
        f"{SECRET:>60}",
        format(SECRET, "x"),
        "%s" % SECRET,  # noqa: UP031
        "%r" % SECRET,  # noqa: UP031
        "{0} {0!r} {0!a}".format(SECRET),  # noqa: UP032
        str([SECRET]),
        str({"key": SECRET}),
        str({SECRET: 1}),
        repr(Holder(SECRET)),
        pprint.pformat([Holder(SECRET)]),
        str(ValueError(SECRET)),
        json.dumps({"key": SECRET}, default=str),
    ],
)
def test_every_text_of_it_is_stars(shown: str) -> None:
    assert STARS in shown
    assert "tulip" not in shown


@pytest.mark.parametrize(
    "attempt",
    [
        vars,
        dict,
        list,
        bytes,
        len,
        json.dumps,
        msgspec.json.encode,
        msgspec.msgpack.encode,
        msgspec.to_builtins,
        pickle.dumps,
        lambda secret: pickle.dumps([secret], protocol=0),
        copy.copy,
        copy.deepcopy,
        lambda secret: asdict(Holder(secret)),
        lambda secret: "%d" % secret,  # noqa: UP031
        lambda secret: secret + "",
        lambda secret: "" + secret,
    ],
)
def test_every_other_way_out_is_refused_without_showing_it(attempt: Callable[[Secret], object]) -> None:
    with pytest.raises((TypeError, AttributeError)) as refusal:
        attempt(SECRET)
    assert "tulip" not in "".join(traceback.format_exception(refusal.value))


def test_a_log_line_shows_stars() -> None:
    stream = io.StringIO()
    logger = logging.Logger("alone")
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("key %s and %r", SECRET, SECRET)
    assert stream.getvalue() == "key *** and ***\n"


def test_it_has_no_dictionary_and_takes_no_further_names() -> None:
    assert not hasattr(SECRET, "__dict__")
    with pytest.raises(AttributeError):
        SECRET.other = 1  # type: ignore[attr-defined]


def test_equal_texts_are_equal_secrets_and_no_text_is_one() -> None:
    assert Secret(TEXT) == SECRET
    assert hash(Secret(TEXT)) == hash(SECRET)
    assert Secret("other") != SECRET
    assert SECRET != TEXT
    assert hash(SECRET) != hash(TEXT)
