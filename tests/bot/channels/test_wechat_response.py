"""What travels in a response: as much as fits, in order, and how to get the rest."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels import wechat_texts as texts
from bot.channels.wechat_response import TEXT_LIMIT, capabilities, fitting, shown, written
from handlers.rendering import parts
from storage.responses import Response
from storage.waiting import Carried

PASSIVE = capabilities(active=False)
ADDRESS = "https://minsheng.a-township-with-a-rather-long-name.a-county.gov.example/behind/a/path"


def link(message_id: int) -> str:
    return f"{ADDRESS}/wechat/files/{message_id}/{'0' * 32}"


def carried(*said: str) -> list[Carried]:
    return [Carried(number, text, None, "") for number, text in enumerate(said, 1)]


def length(text: str) -> int:
    return len(text.encode())


# Texts as the channel lets them be: what is longer was cut into several before.
texts_of_ours = st.builds(
    lambda piece, times: parts(piece * times, PASSIVE)[0],
    st.text(st.sampled_from("村口路灯坏了。😀a \n"), min_size=1, max_size=40),
    st.integers(1, 200),
)
names = st.just("") | st.text(st.sampled_from("路灯😀a.报表"), min_size=1, max_size=200).map(lambda name: name + ".pdf")
queues = st.lists(
    st.builds(lambda text, file: Carried(1_000_000, text, None, file), texts_of_ours, names), max_size=12
).map(lambda ones: [Carried(one.message_id + at, one.text, None, one.file) for at, one in enumerate(ones)])
languages = st.sampled_from(["zh", "en"])

FULL = parts("村" * 2000, PASSIVE)[0]


def responses(waiting: Sequence[Carried], language: str) -> list[Response]:
    """All of them, one response after the other."""
    answered: list[Response] = []
    while waiting:
        count = fitting(waiting, link)
        answered.append(Response(list(waiting[:count]), len(waiting) - count, language))
        waiting = waiting[count:]
    return answered


@given(queues, languages)
@example([Carried(10**9, FULL, None, "😀" * 200 + ".pdf"), *carried(FULL, FULL)], "zh")
@example([Carried(10**9, FULL, None, "😀" * 200 + ".pdf"), *carried(FULL, FULL)], "en")
@example(carried(*["好"] * 500), "zh")
def test_everything_arrives_in_order_and_never_too_much_at_once(waiting: list[Carried], language: str) -> None:
    answered = responses(waiting, language)
    for one in answered:
        assert one.messages
        text = written(one, link)
        assert length(text) <= TEXT_LIMIT
        hint = texts.more(one.left, by_word=one.by_word).said(language) if one.left else ""
        said = [shown(each, link) for each in one.messages]
        assert text == "\n\n".join(filter(None, [*said, hint]))
    assert [each for one in answered for each in one.messages] == waiting


@given(queues)
def test_a_response_is_full_before_there_is_another(waiting: list[Carried]) -> None:
    answered = responses(waiting, "zh")
    for one, after in pairwise(answered):
        together = [shown(each, link) for each in [*one.messages, after.messages[0]]]
        assert length("\n\n".join(together)) > TEXT_LIMIT - 60


def test_nothing_waits() -> None:
    assert fitting([], link) == 0
    assert written(Response([], 0, "zh"), link) == ""


@pytest.mark.parametrize(
    ("language", "left", "hint"),
    [
        ("zh", 2, "还有 2 条消息，回复 1 查看。"),
        ("zh", 1, "还有 1 条消息，回复 1 查看。"),
        ("en", 2, "2 more: reply 1 to read on."),
        ("en", 1, "1 more: reply 1 to read on."),
        ("zh", 0, ""),
        ("en", 0, ""),
    ],
)
def test_what_is_left_is_told_in_the_readers_language(language: str, left: int, hint: str) -> None:
    assert written(Response(carried("好的", "再见"), left, language), link) == "\n\n".join(
        filter(None, ["好的", "再见", hint])
    )


def test_only_the_hint_where_all_else_was_blanked_since() -> None:
    assert written(Response([], 2, "zh"), link) == "还有 2 条消息，回复 1 查看。"


def test_a_file_is_a_link_of_its_name() -> None:
    assert shown(Carried(7, "名单来了", None, "名单.pdf"), link) == f"名单来了\n名单.pdf：{link(7)}"
    assert shown(Carried(7, "", None, "名单.pdf"), link) == f"名单.pdf：{link(7)}"


def test_of_a_long_name_the_end_is_shown() -> None:
    named = shown(Carried(7, "", None, "二" * 100 + "〇二六年代表名单.xlsx"), link)
    name, address = named.split("：")
    assert len(name) == 40
    assert name.endswith("〇二六年代表名单.xlsx")
    assert address == link(7)


# --- what was written while the account could push, and travels in a response after all: it was verified once


def test_choices_that_were_buttons_are_lines() -> None:
    menu = Carried(1, "满意吗？", [["a1", "1 满意"], ["a2", "2 不满意"]], "")
    assert shown(menu, link) == "满意吗？\n1 满意\n2 不满意"
    listed = Carried(1, "选一个：\n1 很长很长的一个选项很长很长的一个选项", [["a1", "1"]], "")
    assert shown(listed, link) == listed.text


def test_of_what_is_too_long_the_end_is_left_out_and_not_all() -> None:
    longest = parts("村口的路灯坏了。" * 500, capabilities(active=True))[0]
    menu = [[str(number), f"{number} 选项"] for number in range(1, 13)]
    waiting = [Carried(1, longest, menu, "名单.pdf"), *carried("好的")]
    assert fitting(waiting, link) == 1
    text = written(Response(waiting[:1], 1, "zh"), link)
    assert TEXT_LIMIT - 60 < length(text) <= TEXT_LIMIT
    assert text.startswith("村口的路灯坏了。")
    assert text.endswith("。\n\n还有 1 条消息，回复 1 查看。")


# --- what the channel can show


def test_what_can_be_shown() -> None:
    active, passive = capabilities(active=True), capabilities(active=False)
    assert (active.pushes, active.windows, active.buttons, active.text_limit) == (True, True, True, TEXT_LIMIT)
    assert (passive.pushes, passive.windows, passive.buttons) == (False, False, False)
    assert active.limit_in_bytes
    assert passive.limit_in_bytes
