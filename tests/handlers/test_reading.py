import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.reading import GREETINGS, NO, THANKS, YES, clean, is_no, is_yes, number, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("\uff13", 3),
        (" 3. ", 3),
        ("3、", 3),
        ("3号", 3),
        ("第3个", 3),
        ("选3", 3),
        ("选择 3", 3),
        ("\u2462", 3),
        ("三", 3),
        ("两", 2),
        ("〇", 0),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十三", 23),
        ("一百零五", 105),
        ("二百", 200),
        ("一二三", 123),
        ("12 ", 12),
        ("", None),
        ("三楼", None),
        ("3-4", None),
        ("13800000000", None),  # a telephone number chooses nothing
        ("修路", None),
    ],
)
def test_a_number_is_read_in_every_script(text: str, value: int | None) -> None:
    assert number(text) == value


@given(st.integers(0, 999))
def test_chinese_numerals_are_read_as_they_are_said(value: int) -> None:
    assert number(_said(value)) == value


def _said(value: int) -> str:
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    said = digits[hundreds] + "百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (digits[ones] if ones else "")


@given(st.integers(0, 999_999_999))
def test_digits_of_any_width_are_the_same_number(value: int) -> None:
    wide = str(value).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert number(str(value)) == number(wide) == value


@given(st.text())
def test_whatever_is_typed_is_a_number_or_none_and_never_a_fault(text: str) -> None:
    value = number(text)
    assert value is None or value >= 0


def test_no_word_means_two_things() -> None:
    meanings = (YES, NO, GREETINGS, THANKS)
    assert sum(map(len, meanings)) == len(frozenset().union(*meanings))


@pytest.mark.parametrize("text", ["好", "好的。", " 可以\uff01", "OK", "\uff2f\uff2b", "是", "没问题"])
def test_yes_is_understood(text: str) -> None:
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("text", ["不是", "不用了", "没有。", "No!", "不对"])
def test_no_is_understood(text: str) -> None:
    assert is_no(text)
    assert not is_yes(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("修\x00路\x08", "修路"),
        ("\u202e路修\u202c", "路修"),
        ("\ufeff修路", "修路"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("a\ud800b", "a\ufffdb"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("\t缩进", "缩进"),
        ("  ", ""),
    ],
)
def test_what_nobody_sees_is_taken_out_and_nothing_else(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(st.characters(codec=None)))
def test_a_clean_text_can_be_stored_anywhere_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text())
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_a_long_text_is_no_word_and_no_number() -> None:
    assert number("3" + " " * 500) is None
    assert not is_yes("是" + "。" * 500)
    assert plain("\uff21" * 500) == "\uff21" * 500


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("退 订", "退订"),
        ("退\u3000订", "退订"),
        ("退\u200b订", "退订"),
        ("退訂", "退订"),
        ("訂閱", "订阅"),
        ("我的 建 議！", "我的建议"),
        ("“退订”", "退订"),
        ("【“退订”。】", "退订"),
        ("退订～！！", "退订"),
        ("退订……", "退订"),
        ("谢谢🌹🌹", "谢谢"),
        ("第 12 号公告", "第12号公告"),
        ("Thank  you!", "thank  you"),
        ("/menu", "/menu"),
        ("附议（推荐）", "附议(推荐)"),
        ("退订后怎么再订", "退订后怎么再订"),
        ("“", "“"),
        ("👍", ""),
    ],
)
def test_a_word_is_the_same_however_it_is_typed(text: str, word: str) -> None:
    assert plain(text) == word


@pytest.mark.parametrize("text", ["2！", "“2”", "选 2", "選2", "2、", "2️⃣", "兩"])
def test_a_number_is_read_however_it_is_typed(text: str) -> None:
    assert number(text) == 2


@pytest.mark.parametrize("text", ["沒有", "不 用", "“没有”", "不对！！"])
def test_no_is_understood_however_it_is_typed(text: str) -> None:
    assert is_no(text)
