"""What the questions of reports read, whatever people write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.note_questions import per_cent
from handlers.texts import note_questions as texts
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import begins, owes, report, watched
from tests.settlement import Settlement

WRITTEN = st.sampled_from(
    [
        "{}",
        "{}%",
        "{} %",
        "{}％",
        "百分之{}",
        "大概{}",
        "大约{}%左右",
        "完成{}%",
        "完成了{}%",
        "已经{}%",
        "{}个百分点",
        "{}%。",
    ]
)


def wide(text: str) -> str:
    return text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


@given(st.integers(0, 99_999), WRITTEN, st.booleans())
def test_a_figure_is_read_however_it_is_dressed(value: int, written: str, is_wide: bool) -> None:
    text = written.format(value)
    assert per_cent(wide(text) if is_wide else text) == value


@given(st.integers(1, 9))
def test_tenths_are_tens(tenths: int) -> None:
    numeral = "一二三四五六七八九"[tenths - 1]
    assert per_cent(f"{numeral}成") == per_cent(f"{numeral}十") == per_cent(f"百分之{numeral}十") == tenths * 10
    assert per_cent(f"{numeral}成半") == tenths * 10 + 5


@given(st.text(max_size=60))
def test_any_text_is_a_figure_or_none(text: str) -> None:
    value = per_cent(text)
    assert value is None or value >= 0
    if value is not None and unicodedata.normalize("NFKC", text).isascii():
        assert any(character.isdigit() for character in unicodedata.normalize("NFKC", text)) or "half" in text


@pytest.fixture
def watcher(town: Town, place: Settlement, deputy: Person) -> Person:
    """李强, a deputy, who owes a report of the first project, of which half was done."""
    deputy.says("取消")
    number = watched(town, place)
    owes(town, place, number)
    with town.store() as store:
        store.projects.report(number, 50)
    return deputy


def test_a_picture_or_a_voice_is_no_figure(watcher: Person) -> None:
    begins(watcher, "按计划进行")
    assert last(watcher.shows()).startswith(texts.PER_CENT_WANTED.zh)
    assert last(watcher.speaks()).startswith(texts.PER_CENT_WANTED.zh)


def test_a_reason_may_be_spoken_and_is_not_shown_instead(town: Town, watcher: Person) -> None:
    begins(watcher, "比计划慢", "30")
    assert "上次报的是 50%" in last(watcher.shows())
    assert "您看到了什么" in joined(watcher.speaks())
    watcher.says("塌方了", "好了", "跳过", "没有", "不满意", "提交")
    assert report(town, 1).text.endswith("进度变少的原因：（语音留言）")


def test_too_many_problems_end_by_themselves(town: Town, watcher: Person) -> None:
    begins(watcher, "按计划进行", "60", "路基做好了", "没有", "跳过", "有问题")
    for at in range(8):
        watcher.says(f"第{at}处裂缝", "一般", "还有一个")
    assert "您满意吗" in joined(watcher.says("第 9 处裂缝", "一般"))
    watcher.says("满意", "提交")
    assert "9 个问题已交给承办单位" in joined(text for text, _ in watcher.told_lately())
    assert report(town, 1).progress == 60


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("不严重", "一般"),
        ("不太重", "一般"),
        ("小问题", "一般"),
        ("严重", "较重"),
        ("比较严重", "较重"),
        ("很严重。", "较重"),
        ("挺重的", "较重"),
        ("很急", "紧急"),
        ("特别严重", "紧急"),
        ("危险", "紧急"),
    ],
)
def test_how_bad_a_problem_is_may_be_said_in_ones_own_words(watcher: Person, said: str, severity: str) -> None:
    begins(watcher, "按计划进行", "60", "路基做好了", "没有", "跳过", "有问题", "护栏断了")
    assert "还有吗" in joined(watcher.says(said))
    assert f"护栏断了（{severity}）" in joined(watcher.says("没有了", "满意"))


@pytest.mark.parametrize(
    "said", ["王建国，专家张三、专家 李四", "王建国、专家：张三、专家: 李四", "王建国 专家张三 专家李四"]
)
def test_experts_are_named_however_they_are_written(town: Town, watcher: Person, said: str) -> None:
    begins(watcher, "我们几个人一起来的")
    assert "已记下：王建国、张三、李四" in joined(watcher.says(said))
    watcher.says("就这些人", "我带队", "按计划进行", "60", "路基做好了", "没有", "跳过", "没有问题", "满意", "提交")
    parts = [(one.part.value, one.name) for one in report(town, 1).people]
    assert parts == [("came", "王建国"), ("expert", "张三"), ("expert", "李四")]


def test_what_is_called_the_same_is_offered_once_to_be_changed(watcher: Person) -> None:
    begins(watcher, "我们几个人一起来的", "王建国", "就这些人", "我带队", "按计划进行", "60")
    assert watcher.sees("修改").count("进展") == 1
    watcher.says("进展")
    assert "您看到了什么" in joined(watcher.says("比计划慢"))


def test_a_place_in_words_is_told_how_to_be_sent(watcher: Person) -> None:
    begins(watcher, "按计划进行", "60", "路基做好了", "没有")
    assert "位置要用“位置”来发，写字不行" in joined(watcher.says("在村口"))


def test_the_other_writing_of_inspection_is_the_same_word(watcher: Person) -> None:
    assert watcher.sees("督察") == watcher.sees("督查")
    assert "要写哪个项目" in joined(watcher.says("写督察"))
