import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fonts import font
from bot.pictures.wrapping import one_line, plain, wrapped

FACE = font(40)
WIDTH = 400  # ten Chinese characters


def test_chinese_breaks_behind_any_character_but_before_no_closing_mark() -> None:
    assert wrapped("杨柳村至中心小学道路硬化与护栏", FACE, WIDTH, 3) == ["杨柳村至中心小学道路", "硬化与护栏"]
    assert wrapped("杨柳村至中心小学道路，硬化", FACE, WIDTH, 3) == ["杨柳村至中心小学道", "路，硬化"]


def test_words_with_spaces_around_stay_whole_unless_one_is_too_long() -> None:
    assert wrapped("Road from Willow village", FACE, WIDTH, 3) == ["Road from Willow", "village"]
    assert len(wrapped("A" * 30, FACE, WIDTH, 3)) == 2


def test_what_does_not_fit_ends_in_dots() -> None:
    lines = wrapped("很长的标题" * 40, FACE, WIDTH, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert one_line("很长的标题" * 3, FACE, WIDTH) == "很长的标题很长的标…"
    assert one_line("短标题", FACE, WIDTH) == "短标题"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("修路🚧和桥👩‍👩‍👧‍👦", "修路和桥"),
        ("𠮷镇", "𠮷镇"),
        ("\U0002e9f5镇", "□镇"),
        ("一\n二\t 三\u3000四", "一 二 三 四"),
        ("甲\u202e乙\u0000丙\ud800丁\ue000", "甲乙丙丁"),
        ("cafe\u0301", "café"),
        ("①《路》・ー★Ω", "①《路》・ー★Ω"),
        ("", ""),
    ],
)
def test_only_what_the_font_has_is_written(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(text=st.text(max_size=200), width=st.integers(60, 1000), most=st.integers(1, 4))
def test_no_line_is_wider_or_one_too_many(text: str, width: int, most: int) -> None:
    lines = wrapped(text, FACE, width, most)
    assert len(lines) <= most
    assert all(line and FACE.getlength(line) <= width for line in lines)


@given(text=st.text("路桥a b，。", max_size=40))
def test_nothing_is_lost_where_there_is_room(text: str) -> None:
    lines = wrapped(text, FACE, WIDTH, 40)
    assert "".join(lines).replace(" ", "") == plain(text).replace(" ", "")
