"""Texts of any length are kept whole and can be read whole, and none of them floods a chat."""

from typing import Any

import pytest
from sqlalchemy import select

from handlers.rendering import IN_CHAT, WHOLE
from handlers.texts import everywhere, questions
from handlers.texts import proposals as told
from handlers.texts.words import SHOWN
from storage.database import reading
from storage.proposals import LONGEST_TEXT
from storage.tables import accounts, attachments, messages
from storage.tables import texts as written
from tests.conversing import Person, Town, joined

LONG = ("柳树湾的路坏了，请打 13812345678。" * 10_000)[:LONGEST_TEXT]


def files(town: Town, account: str) -> list[dict[str, Any]]:
    """The recipes of the files that were sent to an account, oldest first."""
    with reading(town.engine) as unit:
        sent = (
            select(attachments.c.recipe)
            .join(messages, messages.c.id == attachments.c.message_id)
            .join(accounts, accounts.c.id == messages.c.account_id)
            .where(accounts.c.external_id == account, attachments.c.recipe.is_not(None))
        )
        return list(unit.read(sent.order_by(attachments.c.id)).scalars())


def bodies(town: Town) -> list[str]:
    with reading(town.engine) as unit:
        return list(unit.read(select(written.c.body).order_by(written.c.id)).scalars())


def test_what_is_as_long_as_a_channel_takes_is_kept_whole_and_said_in_a_line(town: Town, anyone: Person) -> None:
    anyone.suggests(LONG)
    anyone.says("我的建议", "补充说明", LONG)
    assert bodies(town) == [LONG, LONG]
    assert all(len(text) < IN_CHAT for text, _ in anyone.told_lately(20))


def test_what_is_longer_is_refused_with_a_sentence(resident: Person) -> None:
    assert questions.too_long(LONGEST_TEXT).zh in joined(resident.says("提建议", LONG + "路"))


def test_what_is_added_in_passing_is_not_added_beyond_measure(town: Town, resident: Person) -> None:
    resident.says(LONG)
    assert questions.too_long(LONGEST_TEXT).zh in joined(resident.says("还有路灯"))
    resident.says("1", "没有", "提交")
    assert bodies(town) == [LONG]


def test_a_long_text_is_no_word(resident: Person) -> None:
    assert everywhere.ALL_RIGHT.zh not in joined(resident.says("是" + "。" * 500))


def test_staff_see_the_beginning_and_have_all_of_it_as_a_file(town: Town, resident: Person, staff: Person) -> None:
    resident.suggests(LONG)
    staff.says("取消", "台账", "按编号", "1")
    assert LONG[: SHOWN - 1] in staff.screen()
    assert f"（全文共 {len(LONG)} 字）" in staff.screen()
    assert len(staff.screen()) < 2 * SHOWN
    assert joined(staff.says("看全文")).startswith(told.WHOLE_SENT.zh)
    assert "要做什么？" in staff.screen()
    [recipe] = files(town, "staff")
    assert (recipe["kind"], recipe["arguments"]) == (
        "proposal",
        {"number": 1, "neighbours": False, "language": "zh"},
    )


def test_nothing_more_is_offered_where_a_card_says_it_all(resident: Person, staff: Person) -> None:
    resident.suggests("柳树湾修路")
    staff.says("取消", "台账", "按编号", "1")
    assert "看全文" not in staff.screen()
    resident.says("我的建议")
    assert "看全文" not in resident.screen()


def test_a_long_remark_is_had_as_a_file_too(town: Town, resident: Person, staff: Person) -> None:
    resident.suggests("柳树湾修路")
    resident.says("我的建议", "补充说明", "三百米，" * 40)
    resident.says("我的建议")
    assert joined(resident.says("看全文")) == told.WHOLE_SENT.zh
    assert [one["arguments"]["number"] for one in files(town, "resident")] == [1]
    staff.says("取消", "台账", "按编号", "1")
    assert "看全文" in staff.screen()


def test_neighbours_have_it_without_numbers_and_history(town: Town, resident: Person) -> None:
    resident.suggests(LONG)
    with town.store() as store:
        store.proposals.correct(1, cleared_at=town.now)
    neighbour = town.person("neighbour")
    neighbour.says("取消", "邻居的建议", "柳树湾", "1")
    assert "138****78" in neighbour.screen()
    assert joined(neighbour.says("看全文")) == told.WHOLE_SENT.zh
    [recipe] = files(town, "neighbour")
    assert recipe["arguments"] == {"number": 1, "neighbours": True, "language": "zh"}


@pytest.mark.parametrize("channel", ["tap", "plain"])
def test_a_long_answer_comes_as_a_file_with_its_beginning_and_its_end(town: Town, staff: Person, channel: str) -> None:
    author = town.person("author", channel)
    author.says("取消")
    author.suggests("柳树湾修路")
    author.reads()
    staff.says("取消", "台账", "按编号", "1", "回复作者", LONG)
    said = author.reads()
    assert said[0] == "", "the file"
    assert len("".join(said)) < IN_CHAT
    assert joined(said[1:]).startswith("人大办公室回复您的 1号建议")
    assert WHOLE in joined(said)
    assert [one["arguments"]["text"] for one in files(town, "author")] == [told.told_answer(1, LONG).zh]


def test_a_long_question_keeps_its_options_and_what_it_asks(town: Town, resident: Person, staff: Person) -> None:
    staff.says("取消")
    resident.says("设置", "我的网格", "柳树湾", "人工", LONG, "1")
    told_staff = staff.reads()
    assert told_staff[0] == ""
    assert "请直接回复，会转给居民。" in joined(told_staff)
    assert "1 已用其他方式联系" in staff.screen()
    assert LONG in files(town, "staff")[0]["arguments"]["text"]


def test_a_message_is_read_whole_before_it_is_moved(resident: Person, staff: Person) -> None:
    resident.suggests("柳树湾修路")
    message = "三百米，" * 30
    resident.says("我的建议", "补充说明", message)
    staff.says("取消", "台账", "按编号", "1", "看全部留言", "2")
    assert message in staff.screen()
