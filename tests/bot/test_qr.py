from io import BytesIO

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.fonts import BOLD, font
from bot.qr import DOTS_PER_INCH, PAGE, poster_png, qr_png

LINK = "https://t.me/yunxi_demo_bot?start=cell-990101100201003"


def picture(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def code_in(image: Image.Image) -> list[list[bool]]:
    """The modules of the only thing in `image` that is quite black, as a reader's camera finds them."""
    black = image.convert("L").point(lambda shade: 255 if shade == 0 else 0)
    box = black.getbbox()
    assert box
    code = black.crop(box)
    assert code.width == code.height
    # The finder pattern in the corner is seven modules wide.
    module = next(x for x in range(code.width) if not code.getpixel((x, 0))) // 7
    small = code.resize((code.width // module, code.height // module), Image.Resampling.NEAREST)
    pixels = small.tobytes()
    return [[pixel == 255 for pixel in pixels[at : at + small.width]] for at in range(0, len(pixels), small.width)]


def modules(link: str) -> list[list[bool]]:
    return [[bool(module) for module in row] for row in segno.make_qr(link, error="q").matrix]


def test_the_code_says_the_link_and_nothing_else() -> None:
    image = picture(qr_png(LINK))
    assert code_in(image) == modules(LINK)
    assert image.width == image.height >= 600


def test_the_code_keeps_its_white_margin() -> None:
    image = picture(qr_png(LINK))
    margin = 4 * image.width // (len(modules(LINK)) + 8)
    for side in ((0, 0, image.width, margin), (0, 0, margin, image.height)):
        assert image.crop(side).getextrema() == ((255, 255),) * 3


@settings(max_examples=20, deadline=None)  # long links take their time
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=200))
def test_any_link_becomes_a_code(link: str) -> None:
    assert code_in(picture(qr_png(link))) == modules(link)


@pytest.mark.parametrize("link", ["", "x" * 5000])
def test_a_link_that_no_code_can_hold_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        qr_png(link)
    with pytest.raises(ValueError, match=r"."):
        poster_png(link, "云溪镇", "扫一扫")


def test_a_poster_is_a_page_of_a4_with_the_code_on_it() -> None:
    png = poster_png(LINK, "云溪镇(演示) 杨柳村 第三网格", "扫一扫,给云溪镇提一条建议")
    image = picture(png)
    assert image.size == PAGE
    assert Image.open(BytesIO(png)).info["dpi"] == pytest.approx((DOTS_PER_INCH, DOTS_PER_INCH), abs=0.1)
    assert [round(side / DOTS_PER_INCH * 25.4) for side in PAGE] == [210, 297]
    assert code_in(image) == modules(LINK)


def written(png: bytes) -> list[bool]:
    """Whether anything is written above the code, and below it."""
    image = picture(png)
    return [
        image.crop((0, top, PAGE[0], bottom)).getextrema() != ((255, 255),) * 3
        for top, bottom in ((30, 390), (1320, 1540))
    ]


def test_a_poster_names_the_place_and_says_what_it_is_for() -> None:
    assert written(poster_png(LINK, "杨柳村", "扫一扫")) == [True, True]
    assert written(poster_png(LINK, "杨柳村", "")) == [True, False]
    assert written(poster_png(LINK, " ", "扫一扫")) == [False, True]


@pytest.mark.parametrize("title", ["村", "某某自治县人民代表大会常务委员会驻" * 6, "A" * 200, "一" + ",。" * 40])
def test_a_name_of_any_length_stays_on_the_page_and_off_the_code(title: str) -> None:
    image = picture(poster_png(LINK, title, title))
    assert code_in(image) == modules(LINK)
    for edge in ((0, 40, 60, PAGE[1] - 40), (PAGE[0] - 60, 40, PAGE[0], PAGE[1] - 40)):
        assert image.crop(edge).getextrema() == ((255, 255),) * 3


def test_the_font_writes_simplified_chinese() -> None:
    assert font(40, BOLD).getname()[0] == "Noto Sans CJK SC"
    assert font(40, BOLD).getlength("云溪镇") == 120
