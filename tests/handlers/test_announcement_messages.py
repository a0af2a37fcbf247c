"""What readers see of an announcement, as their channel can show it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.announcement_messages import BY_MASS, AnnouncementMessages, preview, said
from handlers.messages import LEAST, Capabilities
from handlers.reading import named_announcement, tapped_announcement
from storage.announcement_progress import Progress
from storage.announcements import Announcement, Content
from storage.domain.announcements import Correction, Kind, State
from storage.domain.audience import Audience
from storage.feeding import Reader
from tests.conversing import BUTTONS, NOW, TEXT_ONLY

CONGRESS = "柳河镇人大"
FILE = ("a" * 64, "通知.pdf", "application/pdf")


def one(correction: Correction | None = None, **content: object) -> Announcement:
    whole = Content(Kind.OTHER, "停水通知", "明天停水。", Audience(everybody=True))
    return Announcement(
        number=12,
        congress_id=1,
        state=State.SENDING,
        version=1,
        author=1,
        created_at=NOW,
        corrects=None,
        correction=correction,
        send_at=NOW,
        started_at=NOW,
        ended_at=None,
        content=replace(whole, **content),  # type: ignore[arg-type]  # as each test has it
        writer=1,
        reach=None,
    )


def test_title_text_link_and_signature_stand_one_below_the_other() -> None:
    text, choices = preview(one(link="https://example.org/a", button="suggest"), CONGRESS, BUTTONS)
    assert text == "【停水通知】\n明天停水。\nhttps://example.org/a\n—— 柳河镇人大"
    assert choices == [["a12.read", "阅读全文"], ["a12.go", "我要提建议"]]


def test_without_buttons_a_line_says_how_to_go_on() -> None:
    text, choices = preview(one(), CONGRESS, TEXT_ONLY)
    assert text.endswith("回复“公告12”阅读全文、办理。")
    assert choices is None
    assert named_announcement("公告12") == 12


def test_files_have_a_button_where_there_are_several() -> None:
    for files, count in (((FILE,), 1), ((FILE, FILE), 2)):
        _, choices = preview(one(files=files), CONGRESS, BUTTONS)
        assert len(choices or ()) == count
        assert all(tapped_announcement(value) for value, _ in choices or ())


@pytest.mark.parametrize(("how", "mark"), [(Correction.REPLACE, "【更正】"), (Correction.RECALL, "【撤回】")])
def test_a_correction_says_so_first(how: Correction, mark: str) -> None:
    text, choices = preview(one(how, button="suggest"), CONGRESS, BUTTONS)
    assert text.startswith(f"{mark}【停水通知】")
    assert len(choices or ()) == (1 if how is Correction.RECALL else 2)


def test_what_looks_like_markup_stands_as_it_was_typed() -> None:
    text, _ = preview(one(text="<b>1</b> *2* _3_ [4](http://5) {没有}"), CONGRESS, BUTTONS)
    assert "<b>1</b> *2* _3_ [4](http://5) {没有}" in text


def test_variables_have_safe_defaults() -> None:
    text = "{姓名}，{网格}，{代表}"
    shown, _ = preview(one(text=text), CONGRESS, BUTTONS)
    assert "居民朋友，本网格，本网格代表" in shown
    shown, _ = preview(one(text=text), CONGRESS, BUTTONS, reader=Reader("张三", "杨柳村 第一网格", "李强"))
    assert "张三，杨柳村 第一网格，李强" in shown


def test_who_calls_themselves_a_variable_is_called_that() -> None:
    assert "{代表}你好" in preview(one(text="{姓名}你好"), CONGRESS, BUTTONS, reader=Reader(name="{代表}"))[0]


def test_only_what_has_variables_is_said_to_each() -> None:
    words = AnnouncementMessages({"tap": BUTTONS}, {"tap": 1.0})
    assert not words.wording(one(), CONGRESS, "tap", "zh").is_personal
    assert words.wording(one(title="{姓名}"), CONGRESS, "tap", "zh").is_personal
    assert words.wording(one(), CONGRESS, "unknown", "zh").choices is None


def test_english_readers_have_english_buttons() -> None:
    _, choices = preview(one(button="nearby"), CONGRESS, BUTTONS, "en")
    assert choices == [["a12.read", "Read it"], ["a12.go", "Projects near me"]]


@given(st.text(max_size=3_000), st.integers(500, 5_000), st.booleans())
def test_it_is_one_message_on_every_channel(text: str, limit: int, in_bytes: bool) -> None:  # drawn
    shows = Capabilities(buttons=False, text_limit=limit, limit_in_bytes=in_bytes)
    shown = said(one(text=text, link="https://example.org/a"), CONGRESS, shows, "zh", Reader())
    assert (len(shown.encode()) if in_bytes else len(shown)) <= limit
    for words in ("【停水通知】", "https://example.org/a", "—— 柳河镇人大", "公告12"):
        assert words in shown


def test_of_a_long_text_the_beginning_is_said() -> None:
    shown = said(one(text="明天停水。" * 500), CONGRESS, LEAST, "zh", Reader())
    assert shown.count("明天停水。") > 100
    assert "……\n" in shown


def test_its_author_hears_how_far_it_is() -> None:
    words = AnnouncementMessages({"tap": BUTTONS}, {"tap": 30.0})
    failed = {"refused 400": 2, "refused 413": 1, "stopped": 4, "window_closed": 1}
    so_far = Progress(12, State.SENDING, 100, {"tap": 3_600}, 5, failed, {"muted": 1, "left": 1})
    said_so = words.progress(one(), so_far, "zh")
    assert said_so == (
        "公告 12【停水通知】\n正在发送：已发 100、待发 3600、等对方下次来 5、平台拒收 3、已停发 4、"
        "其他原因 1、不用发 2，大约还要 2 分钟。"
    )
    assert "about 2 minutes left" in words.progress(one(), so_far, "en")
    assert "还要" not in words.progress(one(), replace(so_far, state=State.PAUSED), "zh")
    assert "还要" not in words.progress(one(), replace(so_far, left={"gone": 5}), "zh")


@given(st.text(max_size=3_000), st.integers(0, 400), st.booleans())
def test_one_call_to_many_takes_what_fits_and_tells_where_all_of_it_stands(
    text: str, long: int, on_board: bool
) -> None:  # drawn
    words = AnnouncementMessages({}, {}, "https://minsheng.example.org")
    link = f"https://example.org/{'a' * (long - 20)}" if long > 20 else ""
    shown = words.to_all(one(text=text, link=link, on_board=on_board), CONGRESS)
    assert len(shown) <= BY_MASS.text_limit
    assert ("全文和图片、附件：https://minsheng.example.org/board/" in shown) == on_board
    for part in ("【停水通知】", link, "—— 柳河镇人大", "公告12"):
        assert part in shown


def test_without_an_address_no_page_is_told() -> None:
    assert "/board/" not in AnnouncementMessages({}, {}).to_all(one(), CONGRESS)


def test_its_author_hears_what_waits_for_the_administrator_and_what_was_in_vain() -> None:
    words = AnnouncementMessages({"tap": BUTTONS}, {"tap": 30.0})
    so_far = Progress(12, State.SENDING, 100, {}, 7, massed=30, asked=20, not_massed={"err(40002)": 7})
    told = words.progress(one(), so_far, "zh")
    assert "群发中 30（20 人的已提交，要管理员30分钟内在手机微信上确认）" in told
    assert "群发没发出 7（管理员没有在30分钟内确认）" in told
    assert "7 not massed (no administrator confirmed it within 30 minutes)" in words.progress(one(), so_far, "en")
    assert so_far.audience == 137
