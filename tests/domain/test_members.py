"""Members: names and e-mails come out clean whatever came in, and a status follows from what an invite says."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptake.domain.members import (
    MAX_EMAIL,
    MAX_ID,
    MAX_NAME,
    clean_email,
    clean_id,
    clean_text,
    invite_status,
    removals_allowed,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada  ", "Ada"),
        ("Ame\u0301lie", "Am\u00e9lie"),  # NFC
        ("\u202eecilA\u202c", "ecilA"),  # right-to-left override
        ("\u2066Ada\u2069", "Ada"),  # isolates
        ("A\u200bd\u200da\ufeff", "Ada"),  # zero-width, BOM
        ("A\u00add\u2060a", "Ada"),  # soft hyphen, word joiner
        ("\x00A\x1bd\x7fa\x9f", "Ada"),  # control characters, C1 included
        ("Ada\r\nLovelace\tKing", "Ada  Lovelace King"),
        ("Ada\u2028\u2029", "Ada"),  # line and paragraph separators
        ("Ada\ue000", "Ada"),  # private use
        ("Ada\ud800", "Ada"),  # lone surrogate
        ("\U000e0041Ada", "Ada"),  # tag characters
        ("\u00a0Ada\u3000", "Ada"),
        ("林 さくら", "林 さくら"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),  # inert here; the export guards spreadsheets
        ("", ""),
        ("\u200b \u200b", ""),
    ],
)
def test_a_name_loses_what_is_no_part_of_a_name(text: str, clean: str) -> None:
    assert clean_text(text, MAX_NAME) == clean


@pytest.mark.parametrize("text", ["x" * 300, "é" * 300, "x" * 255 + " " * 10 + "y", "é" * 255 + " " + "y"])
def test_a_long_name_is_cut_and_still_trimmed(text: str) -> None:
    assert 0 < len(clean_text(text, MAX_NAME)) <= MAX_NAME
    assert clean_text(text, MAX_NAME) == clean_text(text, MAX_NAME).strip()


@given(st.text(st.characters(codec=None), max_size=80), st.integers(1, 40))
def test_clean_text_is_clean_and_cleaning_again_changes_nothing(text: str, longest: int) -> None:
    clean = clean_text(text, longest)
    assert len(clean) <= longest
    assert clean == clean.strip()
    assert not [char for char in clean if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]
    assert unicodedata.is_normalized("NFC", clean)
    assert clean_text(clean, longest) == clean


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.L@Example.COM \n", "ada.l@example.com"),
        ("Ada+Claude@example.com", "ada+claude@example.com"),  # plus-parts tell people apart
        ("a\u200bda@example.com", "ada@example.com"),
        ("\u202aada@example.com\u202c", "ada@example.com"),
        ("JOSE\u0301@example.com", "jos\u00e9@example.com"),
        ("аda@example.com", "аda@example.com"),  # a Cyrillic look-alike stays another person
        ("ada@b\u00fccher.example", "ada@b\u00fccher.example"),
        ("", None),
        ("   ", None),
        ("ada", None),
        ("@example.com", None),
        ("ada@", None),
        ("ada lovelace@example.com", None),
        ("ada\u00a0l@example.com", None),
        ("ada\u2003l@example.com", None),
        ("ada@exa\tmple.com", None),
        ("a" * (MAX_EMAIL - 12) + "@example.com", "a" * (MAX_EMAIL - 12) + "@example.com"),
        ("a" * (MAX_EMAIL - 11) + "@example.com", None),
        ("a@" + "b" * 10_000, None),
    ],
)
def test_an_email_is_trimmed_lowered_and_cleaned_or_none(text: str, email: str | None) -> None:
    assert clean_email(text) == email


@given(st.text(st.characters(codec=None), max_size=40), st.text(st.characters(codec=None), max_size=40))
def test_cleaning_an_email_again_changes_nothing(name: str, host: str) -> None:
    email = clean_email(f"{name}@{host}")
    assert email is None or clean_email(email) == email


@pytest.mark.parametrize("text", ["user_01AbCdEf", "x", "x" * MAX_ID, "b0a3f6c2-0000-4000-8000-000000000001", "a/b..c"])
def test_a_plain_word_is_an_id_as_it_is(text: str) -> None:
    assert clean_id(text) == text


@pytest.mark.parametrize(
    "text", ["", " ", "user 1", "user\n1", "usér", "x" * (MAX_ID + 1), "user\x00", "user\u200b", "\x7f"]
)
def test_what_is_no_plain_word_is_no_id(text: str) -> None:
    assert clean_id(text) is None


@pytest.mark.parametrize(
    ("status", "expires_in", "means"),
    [
        ("pending", timedelta(days=1), "invited"),
        ("pending", timedelta(seconds=1), "invited"),
        ("pending", timedelta(0), "invite_expired"),
        ("pending", timedelta(days=-1), "invite_expired"),
        ("pending", None, "invited"),
        ("expired", timedelta(days=1), "invite_expired"),
        ("deleted", None, "invite_expired"),
        ("accepted", None, None),
        ("accepted", timedelta(days=-1), None),
        ("something new", None, None),
    ],
)
def test_what_an_invite_means_now(status: str, expires_in: timedelta | None, means: str | None) -> None:
    assert invite_status(status, None if expires_in is None else NOW + expires_in, NOW) == means


@pytest.mark.parametrize(
    ("members", "allowed"), [(0, 5), (1, 5), (49, 5), (50, 5), (59, 5), (60, 6), (100, 10), (109, 10), (60_000, 6_000)]
)
def test_the_larger_of_five_or_a_tenth_may_leave_at_once(members: int, allowed: int) -> None:
    assert removals_allowed(members) == allowed
