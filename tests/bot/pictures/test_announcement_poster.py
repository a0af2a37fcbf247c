from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.pictures.announcement_poster import FOOT, AnnouncementPoster, announcement_poster
from bot.pictures.canvas import MARGIN, SIZE, Colour
from bot.pictures.heading import BAND
from bot.qr import code_rows
from handlers.texts.phrase import Phrase
from tests.bot.pictures.looking import only, picture, share
from tests.bot.pictures.test_project_card import TEXTS

POSTER = AnnouncementPoster(
    congress="云溪镇人民代表大会（演示）",
    kind="征集公告",
    title="2027年民生实事项目建议征集公告",
    text="各位居民：\n\n　　修路、装灯、饮水，您身边的事都可以提。",
    day=date(2026, 9, 4),
    address="https://minsheng.example/board/1/29",
    invitation=Phrase("扫码看全文", "Scan to read it all"),
)
FOOT_TOP = SIZE[1] - FOOT
BODY = (0, BAND, SIZE[0], FOOT_TOP)


def code_in(image: Image.Image) -> list[list[bool]]:
    """The modules of the code in the foot, as a camera finds them."""
    dark = only(image.crop((0, FOOT_TOP, MARGIN + 290, SIZE[1])), Colour.INK)
    box = dark.getbbox()
    assert box
    code = dark.crop(box)
    # The finder pattern in the corner is seven modules wide.
    module = next(at for at in range(code.width) if not code.getpixel((at, 0))) // 7
    small = code.resize((code.width // module, code.height // module), Image.Resampling.NEAREST)
    pixels = small.tobytes()
    return [[pixel == 255 for pixel in pixels[at : at + small.width]] for at in range(0, len(pixels), small.width)]


@pytest.mark.parametrize("host", ["a.example", "minsheng.example.gov", "a" * 60 + ".example", "a" * 200 + ".example"])
def test_the_code_says_the_address_and_nothing_else(host: str) -> None:
    address = f"https://{host}/board/1/29"
    image = picture(announcement_poster(replace(POSTER, address=address)))
    assert code_in(image) == code_rows(address)


def test_the_code_keeps_its_white_margin() -> None:
    image = picture(announcement_poster(POSTER))
    white = only(image.crop((0, FOOT_TOP, MARGIN + 290, SIZE[1])), Colour.PAPER).getbbox()
    dark = only(image.crop((0, FOOT_TOP, MARGIN + 290, SIZE[1])), Colour.INK).getbbox()
    assert white
    assert dark
    module = (dark[2] - dark[0]) // len(code_rows(POSTER.address))
    assert all(dark[side] - white[side] >= 4 * module for side in (0, 1))
    assert all(white[side] - dark[side] >= 4 * module for side in (2, 3))


CHANGES: list[dict[str, Any]] = [
    {"congress": "石桥镇人大"},
    {"kind": "接待日通知"},
    {"title": "2027年民生实事项目建议征集公示"},
    {"text": "各位居民：\n\n　　修路、装灯、喝水，您身边的事都可以提。"},
    {"day": date(2026, 9, 5)},
    {"address": "https://minsheng.example/board/1/30"},
    {"invitation": Phrase("扫码打开民声")},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_whatever_a_poster_is_told_can_be_seen(change: dict[str, Any]) -> None:
    assert announcement_poster(replace(POSTER, **change)) != announcement_poster(POSTER)


def test_the_same_poster_is_the_same_bytes_and_speaks_both_languages() -> None:
    assert announcement_poster(POSTER) == announcement_poster(replace(POSTER))
    assert announcement_poster(POSTER, "en") != announcement_poster(POSTER)


def test_the_shorter_a_title_the_larger_it_is() -> None:
    inked = [
        share(picture(announcement_poster(replace(POSTER, title="公告" * count))).crop(BODY), Colour.RED) / count
        for count in (2, 15, 25)
    ]
    assert inked[0] > inked[1] > inked[2] > 0


@pytest.mark.parametrize("text", ["很长的正文。" * 500, "一行\n" * 500, "w " * 400, "很长" * 60 + "\n完"])
def test_a_text_that_is_longer_than_the_room_ends_before_the_foot(text: str) -> None:
    image = picture(announcement_poster(replace(POSTER, text=text)))
    assert image.crop((0, FOOT_TOP - 16, SIZE[0], FOOT_TOP)).getextrema() == ((255, 255),) * 3
    assert code_in(image) == code_rows(POSTER.address)


@pytest.mark.parametrize("address", ["", "x" * 5000])
def test_an_address_that_no_code_can_hold_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        announcement_poster(replace(POSTER, address=address))


@settings(max_examples=40, deadline=None)
@given(
    poster=st.builds(
        AnnouncementPoster,
        congress=TEXTS,
        kind=TEXTS,
        title=TEXTS,
        text=TEXTS | st.lists(TEXTS, max_size=30).map("\n".join) | st.just("👍" * 400),
        day=st.dates(),
        address=st.integers(1, 10**12).map("https://minsheng.example/board/1/{}".format),
        invitation=st.builds(Phrase, TEXTS),
    ),
    language=st.sampled_from(["zh", "en"]),
)
def test_no_value_breaks_a_poster_or_leaves_its_margins(poster: AnnouncementPoster, language: str) -> None:
    image = picture(announcement_poster(poster, language))
    assert code_in(image) == code_rows(poster.address)
    for side in ((0, BAND, MARGIN - 8, FOOT_TOP), (SIZE[0] - MARGIN + 8, BAND, SIZE[0], FOOT_TOP)):
        assert image.crop(side).getextrema() == ((255, 255),) * 3
    right = image.crop((SIZE[0] - MARGIN + 8, FOOT_TOP, *SIZE))
    assert len(right.getcolors(16) or []) == 1
