import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import Capabilities
from handlers.rendering import BUTTON_COLUMNS, ENDS, IN_CHAT, WHOLE, in_chat, parts, shown

TELEGRAM = Capabilities(buttons=True, text_limit=4096)
WECHAT = Capabilities(buttons=False, text_limit=2048, limit_in_bytes=True)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
THUMB = "\U0001f44d\U0001f3fd"
CHINA = "\U0001f1e8\U0001f1f3"
KEYCAP = "1\ufe0f\u20e3"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
ACCENT = "e\u0301"
CHARACTERS = (FAMILY, THUMB, CHINA, KEYCAP, SCOTLAND, ACCENT)


def length(text: str, channel: Capabilities) -> int:
    return len(text.encode()) if channel.limit_in_bytes else len(text)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(
    st.text(st.sampled_from("修路灯\U0001f44da e，.\uff0c。\n\uff01"), max_size=400),
    st.integers(8, 60),
    st.booleans(),
)
def test_parts_fit_and_lose_nothing_but_white_space_at_the_cuts(text: str, limit: int, in_bytes: bool) -> None:
    channel = Capabilities(buttons=False, text_limit=limit, limit_in_bytes=in_bytes)
    found = parts(text, channel)
    assert all(length(part, channel) <= limit for part in found)
    assert without_space("".join(found)) == without_space(text)
    assert all(found) or found == [""]


@given(st.text(max_size=60), st.integers(100, 300))
def test_what_fits_stays_as_it_is(text: str, limit: int) -> None:
    assert parts(text, Capabilities(buttons=True, text_limit=limit)) == [text]


@given(st.lists(st.sampled_from([*CHARACTERS, "修"]), min_size=1, max_size=40), st.integers(16, 40), st.booleans())
def test_what_is_seen_as_one_character_is_never_torn(characters: list[str], limit: int, in_bytes: bool) -> None:
    # The longest of them takes seven code points or 28 bytes.
    channel = Capabilities(buttons=False, text_limit=limit * (4 if in_bytes else 1), limit_in_bytes=in_bytes)
    rest = characters
    for part in parts("".join(characters), channel):
        taken = 0
        while length("".join(rest[:taken]), channel) < length(part, channel):
            taken += 1
        assert part == "".join(rest[:taken])
        rest = rest[taken:]
    assert rest == []


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize(("channel", "unit"), [(TELEGRAM, "路"), (WECHAT, "a"), (WECHAT, "路")])
def test_at_the_border_of_a_platform_there_is_one_part_and_beyond_it_two(
    channel: Capabilities, unit: str, extra: int
) -> None:
    most = channel.text_limit // length(unit, channel)
    found = parts(unit * (most + extra), channel)
    assert [len(part) for part in found] == ([most, 1] if extra > 0 else [most + extra])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("第一段说修路。\n\n第二段说路灯的事", "第一段说修路。"),
        ("先说修路这件事。再说路灯的事情吧", "先说修路这件事。"),
        ("please mend the road now", "please mend the"),
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text: str, first: str) -> None:
    assert parts(text, Capabilities(buttons=False, text_limit=15))[0] == first


def test_one_endless_character_is_cut_all_the_same() -> None:
    found = parts("e" + "\u0301" * 500, Capabilities(buttons=False, text_limit=100))
    assert [len(part) for part in found] == [100] * 5 + [1]


def test_an_odd_letter_of_flags_does_not_shift_the_others() -> None:
    found = parts("a" + CHINA * 5, Capabilities(buttons=False, text_limit=4))
    assert found == ["a" + CHINA, *[CHINA * 2] * 2]


# --- what is too long for a chat

WEB = Capabilities(buttons=True, text_limit=200_000, numbers_buttons=True)


@pytest.mark.parametrize("channel", [TELEGRAM, WEB, WECHAT])
@pytest.mark.parametrize("unit", ["a", "路", FAMILY])
def test_a_text_is_said_up_to_a_length_and_beyond_it_a_file(channel: Capabilities, unit: str) -> None:
    longest = unit * (IN_CHAT // length(unit, channel))
    assert in_chat(longest, channel) == (longest, None)
    longer = longest + unit
    brief, file = in_chat(longer, channel)
    assert file is not None
    assert (file.kind, file.media_type, file.arguments) == ("text", "text/plain", {"text": longer})
    assert len(brief) <= 2 * ENDS + len(WHOLE) + 20
    assert "".join(brief.split("\n")[::2]).replace(unit, "") == "", "nothing is torn"


def test_the_beginning_and_the_end_are_whole_sentences() -> None:
    brief, _ = in_chat("".join(f"第{at}句话。" for at in range(3_000)), TELEGRAM)
    beginning, mark, end = brief.split("\n")
    assert (beginning[:5], beginning[-1], mark) == ("第0句话。", "。", f"…… {WHOLE} ……")
    assert end.startswith("第")
    assert end.endswith("第2999句话。")


def test_buttons_stand_by_themselves_and_are_numbered() -> None:
    assert shown("要吗\uff1f", ["是", "不是"], TELEGRAM) == ("要吗\uff1f", ["1 是", "2 不是"])


def test_without_buttons_the_options_are_lines() -> None:
    assert shown("要吗\uff1f", ["是", "不是"], WECHAT) == ("要吗\uff1f\n1 是\n2 不是", [])


def test_without_options_a_text_is_only_a_text() -> None:
    assert shown("您好", [], TELEGRAM) == shown("您好", [], WECHAT) == ("您好", [])


@given(st.lists(st.text(st.sampled_from("路a灯b"), min_size=1, max_size=40), min_size=1, max_size=12))
def test_what_no_button_can_show_stands_in_the_text(labels: list[str]) -> None:
    text, buttons = shown("哪一条\uff1f", labels, TELEGRAM)
    assert len(buttons) == len(labels)
    for position, (label, button) in enumerate(zip(labels, buttons, strict=True), 1):
        assert columns(button) <= BUTTON_COLUMNS
        whole = f"{position} {label}"
        assert button == whole or (button == str(position) and whole in text.split("\n"))


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
