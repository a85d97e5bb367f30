"""A pasted key: what pasting adds is taken off, what is no key is refused, and no message quotes any of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.claude.keys import clean
from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

KEY = "sk-ant-api01-Zq8RfW_x3-TuLiPgarden-77xQ"


@pytest.mark.parametrize(
    "pasted",
    [
        KEY,
        f"  {KEY}\n",
        f'"{KEY}"',
        f"'{KEY}'",
        f"`{KEY}`",
        f"“{KEY}”",
        f"« {KEY} »",
        f"\ufeff{KEY}",
        f"{KEY}\u200b\r\n",
        f"\u202a{KEY}\u202c",
        KEY.replace("-Tu", "-\u00adTu"),
        f"\u00a0{KEY}\u00a0",
        f"\t'{KEY}' ",
    ],
)
def test_what_pasting_adds_is_taken_off(pasted: str) -> None:
    key = clean(Secret(pasted), "Analytics key")
    assert key.secret.expose() == KEY
    assert (key.kind, key.last_four) == ("enterprise", "77xQ")
    assert KEY not in repr(key)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sk-ant-admin01-abcdefghijklmnop", "console"),
        ("sk-ant-admin02-abcdefghijklmnop", "console"),
        ("sk-ant-api01-abcdefghijklmnop", "enterprise"),
        ("sk-ant-api03-abcdefghijklmnop", "unknown"),
        ("sk-ant-oat01-abcdefghijklmnop", "unknown"),
    ],
)
def test_the_prefix_tells_the_kind(key: str, kind: str) -> None:
    assert clean(Secret(key), "Admin key").kind == kind


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk-ant-admin01-abcdefghijklmnop", "Claude Console organisation"),
        ("sk-ant-api01-abcdefghijklmnop", "Claude Enterprise key"),
        ("sk-ant-api03-abcdefghijklmnop", "for calling Claude's models"),
        ("sk-ant-oat01-abcdefghijklmnop", "Claude Code"),
        ("sk-ant-sid01-abcdefghijklmnop", "browser session"),
        ("sk-ant-new01-abcdefghijklmnop", "do not know"),
    ],
)
def test_the_prefix_says_in_words_what_was_pasted(key: str, words: str) -> None:
    assert words in clean(Secret(key), "Admin key").looks


REFUSALS = [
    ("", "is empty"),
    (" \n\t", "is empty"),
    ('""', "is empty"),
    ("\u200b\ufeff", "is empty"),
    ("sk-ant-api01-Zq8…77xQ", "shortened display"),
    ("sk-ant-api01-...77xQ", "shortened display"),
    ("sk-ant-api01-***********77xQ", "shortened display"),
    ("sk-ant-api01-•••••••77xQ", "shortened display"),
    (KEY[:20] + " " + KEY[20:], "spaces or line breaks"),
    (KEY[:20] + "\n" + KEY[20:], "spaces or line breaks"),
    (KEY[:20] + "\u2003" + KEY[20:], "spaces or line breaks"),
    (KEY + "\r\n" + KEY, "spaces or line breaks"),
    (KEY.replace("a", "а"), "characters that no Claude key has"),  # Cyrillic
    (KEY.replace("-", "–"), "characters that no Claude key has"),  # dashes of a word processor
    (KEY + "\x00", "characters that no Claude key has"),
    (KEY + "\x1b[0m", "characters that no Claude key has"),
    (KEY[:20] + '"' + KEY[20:], "characters that no Claude key has"),
    (KEY + "é", "characters that no Claude key has"),
    (KEY[3:], "does not start with sk-ant-"),
    ("Bearer-" + KEY, "does not start with sk-ant-"),
    (KEY.upper(), "does not start with sk-ant-"),
    ("sk-proj-abcdefghijklmnopqrstuvwxyz", "does not start with sk-ant-"),
    ("sk-ant-api01-Zq8Rf", "too short"),
    ("sk-ant-api01-" + "x" * 500, "longer than any"),
    ("sk-ant-api01-" + "x" * 1_000_000, "longer than any"),
]


@pytest.mark.parametrize(("pasted", "why"), REFUSALS, ids=lambda value: repr(value)[:30])
def test_what_is_no_key_is_refused_with_the_reason_and_nothing_of_it(pasted: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        clean(Secret(pasted), "Admin key")
    assert why in refusal.value.message
    assert "Nothing was stored" in refusal.value.message
    assert refusal.value.hint
    assert not shared(pasted, f"{refusal.value!r} {refusal.value.__cause__!r}")


# No small letters: a refusal has words of its own, and a key that happens to hold one of them is not quoted by it.
_PASTED = st.text(st.characters(exclude_categories=["Cs", "Ll"]), max_size=60)


@given(_PASTED.map(lambda text: "sk-ant-" + text) | _PASTED)
def test_any_text_is_a_header_safe_key_or_refused_without_a_quotation(pasted: str) -> None:
    try:
        key = clean(Secret(pasted), "Admin key")
    except Refused as refusal:
        assert not shared(pasted, str(refusal))
    else:
        assert key.secret.expose().isascii()
        assert key.secret.expose().replace("-", "").replace("_", "").isalnum()
        assert len(key.last_four) == 4


def shared(pasted: str, message: str) -> str:
    """A piece of at least five characters that both have; the words every key starts with are no secret."""
    secret = pasted.replace("sk-ant-", "\n").strip()
    pieces = {secret[at : at + 5] for at in range(len(secret) - 4)}
    return next((piece for piece in pieces if piece in message), "")
