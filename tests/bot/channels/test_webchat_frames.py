"""Cleaning what comes over the socket."""

import json
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat_frames import (
    FRAME_LIMIT,
    TEXT_LIMIT,
    Frame,
    Refused,
    clean_name,
    clean_payload,
    clean_text,
    clean_value,
    id_of,
    parsed,
    refusal_of,
    written,
)

_ANYTHING = st.text(st.characters(), max_size=200)  # lone surrogates and controls included
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | _ANYTHING, st.lists, max_leaves=5)


def _taken(text: str) -> str | None:
    try:
        return clean_text(text)
    except Refused:
        return None


@given(_ANYTHING)
def test_a_text_that_is_taken_can_be_stored_and_shown(text: str) -> None:
    taken = _taken(text)
    if taken is not None:
        taken.encode()
        assert not [c for c in taken if unicodedata.category(c) == "Cc" and c not in "\n\t"]


@given(_ANYTHING)
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    taken = _taken(text)
    if taken is not None:
        assert clean_text(taken) == taken


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50))
def test_what_people_can_see_stays_as_it_is(text: str) -> None:
    if text.strip():
        assert clean_text(text) == text


@given(st.text())
def test_any_text_is_a_frame_or_refused(text: str) -> None:
    with suppress(Refused):
        assert isinstance(parsed(text), dict)


@given(_JSON)
def test_any_id_payload_and_name_is_clean_or_empty(value: object) -> None:
    assert set(id_of({"id": value})) <= set("-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert len(clean_payload(value)) <= 64
    name = clean_name(value)
    assert len(name) <= 100
    assert not set(name) & set("/\\\n\t\0\u202e")


@given(_ANYTHING)
def test_a_button_carries_its_value_or_is_refused(value: str) -> None:
    try:
        assert clean_value(value) == value
    except Refused:
        return
    value.encode()
    assert value
    assert "\0" not in value


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("路.jpg", "路.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\照片\\路.jpg", "路.jpg"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("x" * 200 + ".pdf", "x" * 96 + ".pdf"),
        ("a\nb\tc.pdf", "a b c.pdf"),
        ("<b>.pdf", "<b>.pdf"),
    ],
)
def test_a_name_keeps_its_end_and_loses_its_tricks(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize("character", ["\U0001f468", '"', "\\", "\n", "修", "\x1f"])
def test_the_longest_text_fits_a_frame_in_any_writing(character: str) -> None:
    frame: Frame = {"type": "text", "id": "a" * 64, "text": character * TEXT_LIMIT}
    assert len(json.dumps(frame, ensure_ascii=False).encode()) <= FRAME_LIMIT


def test_a_refusal_tells_when_to_try_again_only_where_that_helps() -> None:
    sentences = {"too_fast": "太快", "empty": "空"}
    assert refusal_of(Refused("empty"), sentences, "a") == {"type": "refused", "id": "a", "reason": "空"}
    assert refusal_of(Refused("too_fast", 1.26), sentences)["retry_after"] == 1.3


def test_frames_are_written_as_people_read_them() -> None:
    assert written({"text": "修路"}) == '{"text":"修路"}'
